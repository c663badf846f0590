// Small things that script mode and the interactive consoles share: keys, verbs from a file, which facts a
// watch level shows.

import Glibc
import LiveShopClient
import WireProtocol

/// Idempotency keys of one session: nobody else's, and each once.
struct KeySource {
    private let session: String
    private var count = 0

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        session = String(random.next(), radix: 36)
    }

    mutating func next() -> String {
        count += 1
        return "console-\(session)-\(count)"
    }
}

/// Milliseconds since 1970 by this machine's clock.
func wallMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// Facts that came and that no `wait` has used: what a script waits for may come before it waits.
struct SeenFacts {
    private static let max = 1_000
    /// Newest last.
    private var facts: [(type: String, sku: String?)] = []

    mutating func add(_ fact: ServerFact, _ document: JSONDocument) {
        if facts.count >= SeenFacts.max { facts.removeFirst(facts.count / 2) }
        facts.append((fact.type, document.text("sku", of: fact.data)))
    }

    /// The oldest fact that is waited for; it is used up.
    mutating func take(_ awaited: AwaitedFact) -> (type: String, sku: String?)? {
        let index = facts.firstIndex { awaited.matches(type: $0.type, sku: $0.sku) }
        return index.map { facts.remove(at: $0) }
    }
}

enum VerbFile {
    static let linesMax = 10_000

    /// The lines of a file of verbs, all of them UTF-8.
    static func lines(_ path: String) throws(VerbError) -> [String] {
        let name = printable(path, limit: 200)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw VerbError(message: "cannot read \(name): \(String(cString: strerror(errno)))")
        }
        var reader = LineReader(descriptor: descriptor, closes: true)
        var lines: [String] = []
        while true {
            switch reader.next(milliseconds: 1_000) {
            case .line(let line): lines.append(line)
            case .end: return lines
            case .nothing: throw VerbError(message: "cannot read \(name): nothing comes")
            case .unreadable:
                throw VerbError(message: "\(name): line \(lines.count + 1) is not UTF-8")
            }
            guard lines.count <= linesMax else {
                throw VerbError(message: "\(name) has more than \(linesMax) lines")
            }
        }
    }
}

extension WatchLevel {
    private static let counters: Set<String> = [
        "stock.changed", "viewers.count", "waitlist.length", "reactions.totals", "poll.progress",
    ]

    /// Whether the console prints facts of this type. Counters are never printed: they stand in the
    /// status line.
    func shows(_ type: String) -> Bool {
        let kind = type.prefix { $0 != "." }
        switch self {
        case .off: return type == "server.restarting"
        case .chat: return ["chat", "server", "show"].contains(kind)
        case .claims:
            return ["claim", "flash", "server", "show"].contains(kind)
                || ["product.sold_out", "product.restocked"].contains(type)
        case .all: return !WatchLevel.counters.contains(type)
        }
    }
}
