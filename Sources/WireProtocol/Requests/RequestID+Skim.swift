// The id of a request that is not parsed: over the request limit only the reply's address is looked for,
// in the first bytes of the line, without memory and without a judgement of the rest.

extension RequestID {
    /// How far into a line the id is looked for.
    public static let skimmedBytesMax = 1024

    /// The top-level `id` of what may be a request; nil when none of the right form is found soon. An id
    /// with an escape in it is not looked at.
    public init?(skimming bytes: [UInt8], in range: Range<Int>) {
        let end = min(range.upperBound, range.lowerBound + Self.skimmedBytesMax)
        var skim = IDSkim(bytes: bytes, position: range.lowerBound, end: end)
        guard let id = skim.id() else { return nil }
        self = id
    }
}

private struct IDSkim {
    let bytes: [UInt8]
    var position: Int
    let end: Int

    mutating func id() -> RequestID? {
        guard take("{") else { return nil }
        while let name = text() {
            guard take(":") else { return nil }
            skipBlanks()
            if bytes[name].elementsEqual("id".utf8) { return value() }
            guard skipValue(), take(",") else { return nil }
        }
        return nil
    }

    private mutating func value() -> RequestID? {
        guard position < end else { return nil }
        if bytes[position] == UInt8(ascii: "\"") {
            guard let range = text(), !bytes[range].contains(UInt8(ascii: "\\")),
                let text = String(validating: bytes[range], as: UTF8.self),
                WireLimits.requestIDCharacters.contains(text.unicodeScalars.count)
            else { return nil }
            return .string(text)
        }
        let digits = bytes[position..<end].prefix(17).prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty,
            digits.first != UInt8(ascii: "0"), digits.count <= 16, digits.endIndex < end,
            isEndOfValue(bytes[digits.endIndex])
        else { return nil }
        let number = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        return 1...WireLimits.integerMax ~= number ? .integer(number) : nil
    }

    private func isEndOfValue(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || Self.isBlank(byte)
    }

    /// The inside of the string that begins here.
    private mutating func text() -> Range<Int>? {
        guard take("\"") else { return nil }
        let start = position
        while position < end {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return start..<position - 1 }
            if byte == UInt8(ascii: "\\") { position += 1 }
        }
        return nil
    }

    /// Passes a value of any kind; false when it does not end soon.
    private mutating func skipValue() -> Bool {
        var depth = 0
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""): guard text() != nil else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return true }
                depth -= 1
                position += 1
            case UInt8(ascii: ",") where depth == 0: return true
            default: position += 1
            }
        }
        return false
    }

    /// Passes blanks and this character; false when another one is there.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < end, Self.isBlank(bytes[position]) { position += 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }
}
