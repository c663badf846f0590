// Small readers of checked JSON text, shared by the parser and the document: escapes, names, hex digits.
// They are only ever given ranges that the parser has accepted; out of range they still do not trap.

enum JSONText {
    /// The text of a string entry, escapes decoded.
    static func decoded(_ entry: JSONTapeEntry, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        let raw = bytes[Int(entry.start)..<Int(entry.end)]
        return entry.flag ? unescaped(raw, in: bytes)[...] : raw
    }

    private static func unescaped(_ raw: ArraySlice<UInt8>, in bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            let byte = raw[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < raw.endIndex else {
                text.append(byte)
                index += 1
                continue
            }
            let letter = raw[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = hexadecimal(in: bytes, at: index) ?? 0xFFFD
                index += 4
                if 0xD800...0xDBFF ~= scalar {
                    let low = hexadecimal(in: bytes, at: index + 2) ?? 0xDC00
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low & 0x3FF)
                    index += 6
                }
                text.append(contentsOf: Character(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
            default: text.append(letter)
            }
        }
        return text
    }

    /// Four hex digits; nil for anything else.
    static func hexadecimal(in bytes: [UInt8], at index: Int) -> UInt32? {
        guard index >= 0, index + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for byte in bytes[index..<(index + 4)] {
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
