// Rules about Swift code: where the compiler's checks may be left, where threads are made, and what
// pure code must not reach for.

enum CodeRules {
    private static let unsafeFolders = [
        "Sources/Lanes", "Sources/Store", "Sources/Terminal", "Sources/WebSocketTransport", "Tests",
    ]
    private static let unsafeFiles = ["Sources/LiveShopClient/Socket.swift"]

    private static let pureFolders = [
        "Sources/Inventory", "Sources/LiveSession", "Sources/WireProtocol",
        "Sources/LiveShopServer/Engine", "Sources/LiveShopServer/Catalogue",
        "Sources/LiveShopClient/ShowView",
    ]

    private static func usesUnsafe(_ line: String) -> String? {
        if line.contains("@unchecked Sendable") { return "@unchecked Sendable" }
        if line.contains("nonisolated(unsafe)") { return "nonisolated(unsafe)" }
        return words(line).first { word in
            word == "Unmanaged" || word == "OpaquePointer" || word == "unsafeBitCast"
                || word.hasPrefix("Unsafe") && word.hasSuffix("Pointer")
        }
    }

    static let all: [Rule] = [
        Rule.code(
            "memory and sendability are checked by the compiler outside the adapters",
            in: { file in
                !unsafeFolders.contains { file.isIn($0) } && !unsafeFiles.contains(file.path)
            }
        ) { line in usesUnsafe(line).map { "\($0) belongs into an adapter" } },

        Rule.code(
            "threads are made in Lanes and in the client's loop only",
            in: { file in
                file.isIn("Sources") && !file.isIn("Sources/Lanes")
                    && file.path != "Sources/LiveShopClient/ClientLoop.swift"
            }
        ) { line in
            words(line).first { $0.hasPrefix("pthread_") || $0 == "Thread" }
                .map { "\($0) belongs into Lanes" }
        },

        Rule.code(
            "locks are Lanes.Lock: the thread sanitizer reports Synchronization.Mutex falsely",
            in: { _ in true }
        ) { line in words(line).contains("Mutex") ? "use Lanes.Lock, not Mutex" : nil },

        Rule.code(
            "pure code has no clock, no waiting and no randomness of its own",
            in: { file in pureFolders.contains { file.isIn($0) } }
        ) { line in
            let impure: Set = [
                "await", "async", "SystemRandomNumberGenerator", "ContinuousClock",
                "SuspendingClock", "shuffled", "randomElement", "Task",
            ]
            return words(line).first { impure.contains($0) }.map { "\($0) is not pure" }
        },
    ]

    /// The identifiers and keywords of a line.
    static func words(_ line: String) -> [String] {
        line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
    }
}
