// swift-tools-version: 6.2
import PackageDescription

// One program, several modules; docs/ARCHITECTURE.md says what each is for and who may import whom
// (Tests/TidyTests checks it).

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let ordered = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "liveshop",
    products: [.executable(name: "liveshop", targets: ["liveshop"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Pure: no Foundation, no clock, no locks, no I/O.
        module("Inventory", [heap]),
        module("LiveSession", ["Inventory", deque, ordered]),
        module("WireProtocol"),

        // Adapters: one folder per technology.
        module("Lanes"),
        module("Store", ["CSQLite"]),
        module("WebSocketTransport", ["CLibwebsockets", "Lanes", "WireProtocol"]),
        .systemLibrary(
            name: "CLibwebsockets", pkgConfig: "libwebsockets",
            providers: [.apt(["libwebsockets-dev"])]),
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        module("Terminal", ["CEditline", "Lanes"]),
        .systemLibrary(
            name: "CEditline", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),

        // Programs.
        module(
            "LiveShopServer",
            [
                "Inventory", "LiveSession", "WireProtocol", "Lanes", "Store", "WebSocketTransport",
                deque, heap, ordered, logging, crypto, jwt, yams,
            ]),
        module("LiveShopClient", ["WireProtocol", "Lanes", "CEpoll"]),
        module("LiveShopConsole", ["LiveShopClient", "WireProtocol", "Terminal", "Lanes"]),
        module(
            "LiveShopLoadTest", ["LiveShopClient", "WireProtocol", "Lanes", histogram, yams]),
        .executableTarget(
            name: "liveshop",
            dependencies: [
                "LiveShopServer", "LiveShopConsole", "LiveShopLoadTest", "LiveShopClient",
                "LiveSession", "WireProtocol", "Terminal", arguments, logging,
            ],
            swiftSettings: strict),

        tests("InventoryTests", ["Inventory"]),
        tests("LiveSessionTests", ["LiveSession", "Inventory"]),
        tests("WireProtocolTests", ["WireProtocol"]),
        tests("LanesTests", ["Lanes"]),
        tests("StoreTests", ["Store"]),
        tests("WebSocketTransportTests", ["WebSocketTransport", "Lanes", "WireProtocol"]),
        tests(
            "LiveShopServerTests",
            ["LiveShopServer", "LiveSession", "Inventory", "WireProtocol", "Store", logging]),
        tests("LiveShopClientTests", ["LiveShopClient", "WireProtocol"]),
        tests("TerminalTests", ["Terminal"]),
        tests(
            "LiveShopConsoleTests",
            ["LiveShopConsole", "LiveShopClient", "WireProtocol", "Terminal"]),
        tests(
            "LiveShopLoadTestTests", ["LiveShopLoadTest", "LiveShopClient", "WireProtocol"]),
        tests(
            "JourneyTests",
            ["LiveShopServer", "LiveSession", "LiveShopClient", "WireProtocol", logging]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "LiveShopServer", "LiveShopClient", "LiveSession", "Inventory", "WireProtocol",
            ],
            exclude: ["Bugs"], swiftSettings: strict),
        tests("TidyTests", []),
    ]
)
