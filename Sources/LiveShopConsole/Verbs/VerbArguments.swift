// The words after a verb, and how errors about them are said. Pure; what more than one verb reads (times,
// amounts, counts) is read here.

import LiveShopClient
import WireProtocol

/// Why a line is no verb: the mistake, the right form, a near miss where there is one.
struct VerbError: Error, Equatable, Sendable {
    var message: String
}

struct VerbArguments: Sendable {
    /// Two weeks, the longest that any request takes.
    private static let durationSecondsMax = 1_209_600.0

    let row: VerbRow
    let words: [String]
    /// Which of the words stood in quotes.
    let isQuoted: [Bool]
    /// The line after the verb as it was typed.
    let rest: String

    init(row: VerbRow, split: Words, rest: String) {
        self.row = row
        self.rest = rest
        let after = split.words.dropFirst()
        words = after.map(\.text)
        isQuoted = after.map(\.isQuoted)
    }

    /// The words from a place on, with one blank between them.
    func text(from index: Int) -> String { words.dropFirst(index).joined(separator: " ") }

    func expect(_ counts: ClosedRange<Int>) throws(VerbError) {
        guard counts.contains(words.count) else {
            throw wrong(
                words.count < counts.lowerBound
                    ? "something is missing" : "'\(words[counts.upperBound])' is too much")
        }
    }

    func wrong(_ reason: String) -> VerbError {
        VerbError(message: "\(row.name): \(printable(reason, limit: 200)); write: \(row.form)")
    }

    // MARK: One word

    func amount(_ word: String, _ currency: Currency) throws(VerbError) -> Int64 {
        guard let amount = currency.minorUnits(word) else {
            throw wrong(
                "'\(word)' is not an amount in \(currency.code) such as \(currency.text(1990))")
        }
        return amount
    }

    func wholeSeconds(_ word: String, from least: Double = 1) throws(VerbError) -> Int64 {
        guard let duration = VerbArguments.seconds(word), duration >= least,
            duration == duration.rounded()
        else { throw wrong("'\(word)' is not a time in whole seconds") }
        return Int64(duration)
    }

    func count(_ word: String, in range: ClosedRange<Int64>) throws(VerbError) -> Int64 {
        guard word.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(word),
            range.contains(number)
        else { throw wrong("'\(word)' is not a number that is possible there") }
        return number
    }

    /// "10", "10s", "1.5s", "2m", "1h", "7d", "500ms"; nil for anything else and beyond two weeks.
    static func seconds(_ word: String) -> Double? {
        duration(word).flatMap { $0 <= durationSecondsMax ? $0 : nil }
    }

    private static func duration(_ word: String) -> Double? {
        let units: [(suffix: String, seconds: Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400),
        ]
        let unit = units.first { word.hasSuffix($0.suffix) }
        let digits = word.dropLast(unit?.suffix.count ?? 0)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            let number = Double(digits)
        else { return nil }
        return number * (unit?.seconds ?? 1)
    }

    /// A time with its unit, so that "3 strikes" is no time, however long.
    static func isTime(_ word: String) -> Bool {
        word.last?.isNumber == false && duration(word) != nil
    }
}
