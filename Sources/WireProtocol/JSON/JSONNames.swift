// Finds a text that stands twice: a name among the members of an object, an identifier in a list. Each text
// is decoded once and compared by its bytes, and many go through a table, so that the cost grows with
// the text and not with the square of it.

struct JSONNames {
    /// Up to here comparing all pairs is cheaper than the table.
    private static let pairsMax = 16

    /// The texts one after the other, escapes decoded.
    private var text: [UInt8] = []
    /// Where each ends in `text`.
    private var ends: [Int] = []
    /// Open addressing: one more than the number of a text, or 0.
    private var table: [Int32] = []
    /// How many bytes were looked at to compare texts; tests hold it against the size of the input.
    private(set) var comparedBytes = 0

    mutating func removeAll() {
        text.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    mutating func append(_ entry: JSONTapeEntry, in bytes: [UInt8]) {
        JSONText.append(entry, in: bytes, to: &text)
        ends.append(text.count)
    }

    /// The number of the first text that an earlier one equals.
    mutating func firstRepeated() -> Int? {
        ends.count <= Self.pairsMax ? firstOfPairs() : firstOfTable()
    }

    private mutating func firstOfPairs() -> Int? {
        for number in ends.indices {
            for earlier in 0..<number where isSame(number, earlier) { return number }
        }
        return nil
    }

    private mutating func firstOfTable() -> Int? {
        var size = 64
        while size < 2 * ends.count { size *= 2 }
        table.removeAll(keepingCapacity: true)
        table.append(contentsOf: repeatElement(0, count: size))
        for number in ends.indices {
            var place = hash(number) & (size - 1)
            while table[place] != 0 {
                if isSame(number, Int(table[place]) - 1) { return number }
                place = (place + 1) & (size - 1)
            }
            table[place] = Int32(truncatingIfNeeded: number + 1)
        }
        return nil
    }

    private func range(_ number: Int) -> Range<Int> {
        (number == 0 ? 0 : ends[number - 1])..<ends[number]
    }

    private mutating func isSame(_ one: Int, _ other: Int) -> Bool {
        let (one, other) = (range(one), range(other))
        if one.count != other.count { return false }
        comparedBytes += one.count
        return JSONText.areEqual(text.span, one.lowerBound, other.lowerBound, count: one.count)
    }

    /// Seeded, as the hashes of all collections are, so that nobody can choose texts that collide.
    private func hash(_ number: Int) -> Int {
        let range = range(number)
        let name = text.span.extracting(range)
        var hasher = Hasher()
        var place = 0
        while place <= name.count - EightBytes.count {
            hasher.combine(EightBytes(of: name, uncheckedAt: place).word)
            place += EightBytes.count
        }
        hasher.combine(EightBytes(ofShort: name.extracting(place..<name.count)).word)
        hasher.combine(name.count)
        return hasher.finalize()
    }
}
