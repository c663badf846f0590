// The text of a buyer's chat message: a few words, and at the end when it was meant to be sent, so that
// whoever receives it knows how long it took. Pure.

import LiveShopClient

enum ChatMark {
    private static let words = [
        "lovely", "the", "blue", "one", "please", "show", "it", "again", "how", "big", "is", "wow",
        "hello", "from", "Lisbon", "my", "sister", "has", "so", "nice", "what", "a", "glaze",
        "colour", "looks", "great", "and", "light",
    ]

    /// `due` in monotonic nanoseconds; only this machine can read it.
    static func text(due: Int64, seed: UInt64, _ random: inout SeededRandom) -> String {
        let count = 3 + Int(random.next() % 6)
        var text = ""
        for _ in 0..<count {
            text += words[Int(random.next() % UInt64(words.count))]
            text += " "
        }
        return text + "~\(String(due / 1000, radix: 36)).\(String(seed, radix: 36))"
    }

    /// When a message of a run with this seed was due; nil for every other text.
    static func due(in text: String, seed: UInt64) -> Int64? {
        guard let mark = text.lastIndex(of: "~") else { return nil }
        let parts = text[text.index(after: mark)...].split(separator: ".")
        guard parts.count == 2, UInt64(parts[1], radix: 36) == seed,
            let microseconds = Int64(parts[0], radix: 36), microseconds > 0
        else { return nil }
        let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
        return overflow ? nil : nanoseconds
    }
}
