// Short files that break one rule each, and files that look as if they did.

/// A file made up for a test.
struct Sample: Sendable, CustomStringConvertible {
    let path: String
    let text: String
    /// The line that breaks a rule; 0 for a good sample.
    let badLine: Int

    var file: SourceFile { SourceFile(path: path, text: text) }
    var description: String { "\(path): \(text.prefix(60))" }

    private static func bad(_ path: String, _ line: String) -> Sample {
        Sample(path: path, text: "// What it is for.\n\(line)\n", badLine: 2)
    }

    private static func good(_ path: String, _ text: String) -> Sample {
        Sample(path: path, text: "// What it is for.\n\(text)\n", badLine: 0)
    }

    static let bad: [Sample] = [
        bad("Sources/Inventory/A.swift", "import Foundation"),
        bad("Sources/Inventory/A.swift", "public import LiveSession"),
        bad("Sources/LiveSession/A.swift", "import WireProtocol"),
        bad("Sources/LiveSession/A.swift", "@preconcurrency import Glibc"),
        bad("Sources/WireProtocol/A.swift", "import struct Inventory.Units"),
        bad("Sources/LiveShopServer/Engine/A.swift", "internal import Store"),
        bad("Sources/LiveShopServer/Catalogue/A.swift", "import Foundation"),
        bad("Sources/LiveShopClient/ShowView/A.swift", "import Glibc"),
        bad("Sources/LiveShopClient/ShowView/A.swift", "let now = ContinuousClock.now"),
        bad("Sources/Lanes/A.swift", "import Store"),
        bad("Sources/Store/A.swift", "import WebSocketTransport"),
        bad("Sources/Store/A.swift", "import Inventory"),
        bad("Sources/WebSocketTransport/A.swift", "import Store"),
        bad("Sources/LiveShopServer/A.swift", "import CSQLite"),
        bad("Sources/Terminal/A.swift", "import LiveShopClient"),
        bad("Sources/LiveShopConsole/A.swift", "import CEditline"),
        bad("Sources/LiveShopServer/A.swift", "import CLibwebsockets"),
        bad("Sources/liveshop/A.swift", "import CEpoll"),
        bad("Sources/liveshop/A.swift", "import Yams"),
        bad("Sources/LiveShopLoadTest/A.swift", "import Yams"),
        bad("Sources/LiveShopConsole/A.swift", "import LiveShopServer"),
        bad("Sources/LiveShopConsole/Chat/A.swift", "let rows = FlashSaleVerbs.rows"),
        bad("Sources/LiveShopServer/A.swift", "final class A: @unchecked Sendable {}"),
        bad("Sources/LiveSession/A.swift", "let a: UnsafeMutableRawBufferPointer? = nil"),
        bad("Sources/LiveShopServer/A.swift", "let a = Unmanaged.passRetained(b)"),
        bad("Sources/LiveShopServer/A.swift", "nonisolated(unsafe) var count = 0"),
        bad("Sources/LiveShopServer/A.swift", "pthread_create(&thread, nil, run, nil)"),
        bad("Sources/LiveShopClient/A.swift", "Thread.detachNewThread {}"),
        bad("Sources/LiveShopServer/A.swift", "let count = Mutex(0)"),
        bad("Sources/LiveShopServer/Engine/A.swift", "await commit()"),
        bad("Sources/Inventory/A.swift", "let winner = names.randomElement()"),
        bad("Sources/Store/A.swift", "// TO" + "DO: the rest"),
        bad("scripts/run", "# FIX" + "ME"),
        bad("README.md", "See ../" + "shared/spec/protocol.md."),
        Sample(path: "Sources/Store/A.swift", text: "import Glibc\n\nlet a = 1\n", badLine: 1),
        Sample(path: "Sources/Store/A.swift", text: "", badLine: 1),
        Sample(path: "scripts/run", text: "#!/usr/bin/env bash\nset -e\n", badLine: 1),
        Sample(
            path: "Sources/Store/A.swift",
            text: "// Long.\n" + String(repeating: "let a = 1\n", count: 600), badLine: 601),
    ]

    static let good: [Sample] = [
        good("Sources/LiveSession/A.swift", "public import Inventory\nimport DequeModule"),
        good("Sources/Inventory/A.swift", "// import Foundation\nlet text = \"import Glibc\""),
        good("Sources/Inventory/A.swift", "/* import Glibc\n import Store */\nlet important = 1"),
        good("Sources/Inventory/A.swift", "let a = \"\"\"\n  import Glibc \"quoted\"\n  \"\"\""),
        good("Sources/Inventory/A.swift", "let a = \"\\\"import\\\" await \" // await"),
        good("Sources/Store/A.swift", "import CSQLite\nlet a: UnsafeRawPointer? = nil"),
        good("Sources/LiveShopLoadTest/ScenarioFile/A.swift", "import Yams"),
        good("Sources/LiveShopConsole/FlashSale/A.swift", "let rows = FlashSaleVerbs.rows"),
        good("Sources/LiveShopConsole/Chat/A.swift", "let form = VerbRow.Hint.free"),
        good("Sources/LiveShopConsole/A.swift", "let rows = ChatVerbs.rows"),
        good("Sources/Lanes/A.swift", "pthread_mutex_lock(mutex)"),
        good("Sources/LiveShopServer/A.swift", "// No Mutex here, and no @unchecked Sendable."),
        good("Sources/LiveShopServer/A.swift", "let threadsMax = pthreads"),
        good("Sources/WireProtocol/A.swift", "let todo = list // the todos of a host"),
        Sample(path: "scripts/run", text: "#!/usr/bin/env bash\n# Runs it.\n", badLine: 0),
        Sample(path: "Sources/Store/A.swift", text: "import Glibc\n\n/// A row.\n", badLine: 0),
        Sample(
            path: "Sources/Store/A.swift",
            text: "// Long.\n" + String(repeating: "let a = 1\n", count: 599), badLine: 0),
    ]
}
