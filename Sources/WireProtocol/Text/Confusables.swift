// What letters look like to a reader, from a table that scripts/make-confusables writes: Unicode's
// compatible forms, case folding and skeletons (UTS 39), and some likenesses of our own. The table is text
// and is searched where it stands, so that nothing has to be made of it first.

enum Confusables {
    private static let recordBytes = 6
    private static let sequenceLength = 4

    /// Appends what the letter looks like, in small letters; false when the table has nothing on it.
    static func append(_ scalar: Unicode.Scalar, to folded: inout [Unicode.Scalar]) -> Bool {
        let target =
            high.withUTF8Buffer { find(scalar.value, in: $0.span) }
            ?? low.withUTF8Buffer { find(scalar.value, in: $0.span) }
        guard let target else { return false }
        if let letter = Unicode.Scalar(target) {
            folded.append(letter)
            return true
        }
        // Surrogates stand for looks of several letters.
        let first = Int(target - 0xD800) * sequenceLength
        sequences.withUTF8Buffer { sequences in
            for place in first..<(first + sequenceLength) {
                let value = number(sequences.span, at: 3 * place)
                if value > 0, let letter = Unicode.Scalar(value) { folded.append(letter) }
            }
        }
        return true
    }

    private static func find(_ value: UInt32, in records: Span<UInt8>) -> UInt32? {
        var (first, end) = (0, records.count / recordBytes)
        while first < end {
            let middle = (first + end) / 2
            let found = number(records, at: recordBytes * middle)
            if found == value { return number(records, at: recordBytes * middle + 3) }
            if found < value { first = middle + 1 } else { end = middle }
        }
        return nil
    }

    /// Eighteen bits from three letters; 0 beyond the end.
    private static func number(_ text: Span<UInt8>, at place: Int) -> UInt32 {
        guard place + 3 <= text.count else { return 0 }
        return digit(text[place]) << 12 | digit(text[place + 1]) << 6 | digit(text[place + 2])
    }

    private static func digit(_ byte: UInt8) -> UInt32 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        default: 63
        }
    }
}
