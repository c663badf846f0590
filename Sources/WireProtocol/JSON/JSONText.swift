// Small readers of checked JSON text, shared by the parser and the document: escapes, names, hex digits.
// They are only ever given ranges that the parser has accepted; out of range they still do not trap.

enum JSONText {
    /// The text of a string entry, escapes decoded.
    static func decoded(_ entry: JSONTapeEntry, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        if !entry.flag { return bytes[Int(entry.start)..<Int(entry.end)] }
        var text: [UInt8] = []
        text.reserveCapacity(Int(entry.end - entry.start))
        append(entry, in: bytes, to: &text)
        return text[...]
    }

    /// Appends the text of a string entry, escapes decoded.
    static func append(_ entry: JSONTapeEntry, in bytes: [UInt8], to text: inout [UInt8]) {
        let end = Int(entry.end)
        if !entry.flag {
            text.append(contentsOf: bytes[Int(entry.start)..<end])
            return
        }
        var index = Int(entry.start)
        while index < end {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\"), index + 1 < end {
                append(escaped(in: bytes, at: &index), to: &text)
            } else {
                text.append(byte)
                index += 1
            }
        }
    }

    /// The scalar that an escape stands for; the index moves behind it.
    private static func escaped(in bytes: [UInt8], at index: inout Int) -> UInt32 {
        let letter = bytes[index + 1]
        index += 2
        switch letter {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"):
            var scalar = hexadecimal(in: bytes, at: index) ?? 0xFFFD
            index += 4
            if 0xD800...0xDBFF ~= scalar {
                let low = hexadecimal(in: bytes, at: index + 2) ?? 0xDC00
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low & 0x3FF)
                index += 6
            }
            return scalar
        default: return UInt32(letter)
        }
    }

    private static func append(_ scalar: UInt32, to text: inout [UInt8]) {
        func byte(_ value: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value) }
        switch scalar {
        case 0..<0x80: text.append(byte(scalar))
        case 0..<0x800:
            text.append(0xC0 | byte(scalar >> 6))
            text.append(0x80 | byte(scalar & 0x3F))
        case 0..<0x10000:
            text.append(0xE0 | byte(scalar >> 12))
            text.append(0x80 | byte(scalar >> 6 & 0x3F))
            text.append(0x80 | byte(scalar & 0x3F))
        default:
            text.append(0xF0 | byte(scalar >> 18 & 0x07))
            text.append(0x80 | byte(scalar >> 12 & 0x3F))
            text.append(0x80 | byte(scalar >> 6 & 0x3F))
            text.append(0x80 | byte(scalar & 0x3F))
        }
    }

    /// Whether a string with escapes has exactly this text, which has no letters beyond ASCII; most are
    /// told apart by the first letter, and nothing is decoded that need not be.
    static func matchesEscaped(
        _ entry: JSONTapeEntry, in bytes: [UInt8], _ word: StaticString
    ) -> Bool {
        word.withUTF8Buffer { word in
            let (start, end) = (Int(entry.start), Int(entry.end))
            // An escape takes two to six bytes for each letter.
            guard end - start > word.count, end - start <= 6 * word.count else { return false }
            var index = start
            for letter in word {
                guard index < end else { return false }
                if bytes[index] == UInt8(ascii: "\\"), index + 1 < end {
                    if escaped(in: bytes, at: &index) != UInt32(letter) { return false }
                } else {
                    if bytes[index] != letter { return false }
                    index += 1
                }
            }
            return index == end
        }
    }

    /// Whether the same bytes stand in two places of a text, which the caller knows to be in it.
    static func areEqual(
        _ text: Span<UInt8>, _ first: Int, _ second: Int, count: Int
    ) -> Bool {
        var done = 0
        while done <= count - EightBytes.count {
            let one = EightBytes(of: text, uncheckedAt: first + done)
            let other = EightBytes(of: text, uncheckedAt: second + done)
            if one.word != other.word { return false }
            done += EightBytes.count
        }
        while done < count {
            if text[unchecked: first + done] != text[unchecked: second + done] { return false }
            done += 1
        }
        return true
    }

    /// Four hex digits; nil for anything else.
    static func hexadecimal(in bytes: [UInt8], at index: Int) -> UInt32? {
        guard index >= 0, index + 4 <= bytes.count else { return nil }
        let text = bytes.span
        var unit: UInt32 = 0
        for place in index..<(index + 4) {
            let byte = text[unchecked: place]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// Whether the bytes are exactly the word.
    static func matches(
        _ bytes: [UInt8], from start: Int, to stop: Int, _ word: StaticString
    ) -> Bool {
        word.withUTF8Buffer { buffer in
            guard stop - start == buffer.count, start >= 0, stop <= bytes.count else {
                return false
            }
            let text = bytes.span
            for offset in 0..<buffer.count where text[unchecked: start + offset] != buffer[offset] {
                return false
            }
            return true
        }
    }
}
