// The strict scanner behind JSONDocument: RFC 8259, valid UTF-8, no duplicate names, no lone
// surrogates, nothing after the value, at most 32 levels. It fills a tape of values and copies no text.
// Every index is checked against `end`, so no input can trap; it never recurses deeper than the limit.

/// One value (or member name) on the tape: 16 bytes.
struct JSONTapeEntry {
    var kind: JSONKind
    /// Strings: has escapes. Numbers: is an integer. Booleans: the value.
    var flag: Bool
    /// First byte; of strings the one after the quote.
    var start: Int32
    /// One past the last byte; of strings the closing quote.
    var end: Int32
    /// The tape index after this value and everything inside it.
    var next: Int32
}

struct JSONParser {
    let bytes: [UInt8]
    let begin: Int
    let end: Int
    var position: Int
    var tape: [JSONTapeEntry] = []
    private(set) var names = JSONNames()

    init(_ bytes: [UInt8], in range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        self.bytes = bytes
        begin = range.lowerBound
        end = range.upperBound
        position = begin
    }

    mutating func document() throws(JSONError) {
        if end > Int(Int32.max) { throw error(.tooLarge, at: begin) }
        skipSpace()
        try value(level: 0)
        skipSpace()
        if position < end { throw error(.trailingData, at: position) }
    }

    private mutating func value(level: Int) throws(JSONError) {
        guard position < end else { throw error(.unexpectedEnd, at: end) }
        switch bytes[position] {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "{"): try object(level: level + 1)
        case UInt8(ascii: "["): try array(level: level + 1)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "t"): try literal("true", .bool, flag: true)
        case UInt8(ascii: "f"): try literal("false", .bool, flag: false)
        case UInt8(ascii: "n"): try literal("null", .null, flag: false)
        default: throw error(.unexpectedByte, at: position)
        }
    }

    // MARK: - Containers

    private mutating func object(level: Int) throws(JSONError) {
        let index = try open(.object, level: level)
        var names = 0
        var escaped = false
        if !accept(UInt8(ascii: "}")) {
            while true {
                guard position < end else { throw error(.unexpectedEnd, at: end) }
                guard bytes[position] == UInt8(ascii: "\"") else {
                    throw error(.unexpectedByte, at: position)
                }
                let name = tape.count
                try string()
                names += 1
                if tape[name].flag { escaped = true }
                skipSpace()
                try expect(UInt8(ascii: ":"))
                try value(level: level)
                skipSpace()
                if accept(UInt8(ascii: "}")) { break }
                try expect(UInt8(ascii: ","))
            }
        }
        close(index)
        try refuseDuplicates(in: index, names: names, escaped: escaped)
    }

    private mutating func array(level: Int) throws(JSONError) {
        let index = try open(.array, level: level)
        if !accept(UInt8(ascii: "]")) {
            while true {
                try value(level: level)
                skipSpace()
                if accept(UInt8(ascii: "]")) { break }
                try expect(UInt8(ascii: ","))
            }
        }
        close(index)
    }

    private mutating func open(_ kind: JSONKind, level: Int) throws(JSONError) -> Int {
        if level > WireLimits.jsonDepth { throw error(.tooDeep, at: position) }
        let index = tape.count
        append(kind, position, position, flag: false)
        position += 1
        skipSpace()
        return index
    }

    private mutating func close(_ index: Int) {
        tape[index].end = Int32(truncatingIfNeeded: position)
        tape[index].next = Int32(truncatingIfNeeded: tape.count)
    }

    /// Few plain names are compared in pairs; many, and any that have to be decoded, are compared by
    /// `JSONNames`: never quadratic in a big object, and no name is decoded twice.
    private mutating func refuseDuplicates(
        in object: Int, names: Int, escaped: Bool
    ) throws(JSONError) {
        if names < 2 { return }
        if names > 16 || escaped { return try refuseDuplicatesOfMany(in: object) }
        let last = tape.count
        var name = object + 1
        while name < last {
            var other = Int(tape[name + 1].next)
            while other < last {
                if isSamePlainName(tape[name], tape[other]) {
                    throw error(.duplicateName, at: Int(tape[other].start) - 1)
                }
                other = Int(tape[other + 1].next)
            }
            name = Int(tape[name + 1].next)
        }
    }

    private mutating func refuseDuplicatesOfMany(in object: Int) throws(JSONError) {
        names.removeAll()
        var name = object + 1
        while name < tape.count {
            names.append(tape[name], in: bytes)
            name = Int(tape[name + 1].next)
        }
        guard let repeated = names.firstRepeated() else { return }
        name = object + 1
        for _ in 0..<repeated { name = Int(tape[name + 1].next) }
        throw error(.duplicateName, at: Int(tape[name].start) - 1)
    }

    private func isSamePlainName(_ one: JSONTapeEntry, _ other: JSONTapeEntry) -> Bool {
        let count = Int(one.end - one.start)
        if count != Int(other.end - other.start) { return false }
        return JSONText.areEqual(bytes.span, Int(one.start), Int(other.start), count: count)
    }

    // MARK: - Scalars

    private mutating func string() throws(JSONError) {
        let start = position + 1
        var index = start
        var hasEscapes = false
        let bytes = self.bytes
        let text = bytes.span
        while true {
            while index <= end - EightBytes.count {
                let plain = EightBytes(of: text, uncheckedAt: index).plainCount(
                    bound: 0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"))
                index += plain
                if plain < EightBytes.count { break }
            }
            guard index < end else { throw error(.unexpectedEnd, at: end) }
            let byte = text[unchecked: index]
            if byte == UInt8(ascii: "\"") {
                append(.string, start, index, flag: hasEscapes)
                position = index + 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index = try escape(at: index)
            } else if byte >= 0x80 {
                index = try multibyte(at: index)
            } else if byte >= 0x20 {
                index += 1
            } else {
                throw error(.controlCharacter, at: index)
            }
        }
    }

    /// Checks the escape at a backslash; the index after it.
    private func escape(at index: Int) throws(JSONError) -> Int {
        guard index + 1 < end else { throw error(.unexpectedEnd, at: end) }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return index + 2
        case UInt8(ascii: "u"):
            let unit = try hexadecimal(at: index + 2)
            switch unit {
            case 0xD800...0xDBFF:
                guard index + 7 < end, bytes[index + 6] == UInt8(ascii: "\\"),
                    bytes[index + 7] == UInt8(ascii: "u")
                else { throw error(.loneSurrogate, at: index) }
                let second = try hexadecimal(at: index + 8)
                if 0xDC00...0xDFFF ~= second { return index + 12 }
                throw error(.loneSurrogate, at: index)
            case 0xDC00...0xDFFF:
                throw error(.loneSurrogate, at: index)
            default:
                return index + 6
            }
        default:
            throw error(.badEscape, at: index)
        }
    }

    private func hexadecimal(at index: Int) throws(JSONError) -> UInt32 {
        guard index + 4 <= end else { throw error(.unexpectedEnd, at: end) }
        guard let unit = JSONText.hexadecimal(in: bytes, at: index) else {
            throw error(.badEscape, at: index - 2)
        }
        return unit
    }

    /// Checks one character of two to four bytes (Unicode, table 3-7); the index after it.
    private func multibyte(at index: Int) throws(JSONError) -> Int {
        let (count, second): (Int, ClosedRange<UInt8>)
        switch bytes[index] {
        case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default: throw error(.invalidUTF8, at: index)
        }
        guard index + count <= end, second.contains(bytes[index + 1]) else {
            throw error(.invalidUTF8, at: index)
        }
        for next in (index + 2)..<max(index + 2, index + count) where bytes[next] & 0xC0 != 0x80 {
            throw error(.invalidUTF8, at: index)
        }
        return index + count
    }

    private mutating func number() throws(JSONError) {
        let start = position
        var index = start
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let digits = index
        index = skipDigits(from: index)
        if index == digits { throw error(.badNumber, at: start) }
        let isZero = bytes[digits] == UInt8(ascii: "0")
        if isZero && index > digits + 1 { throw error(.badNumber, at: start) }
        var isInteger = !(isNegative && isZero)
        if index < end && bytes[index] == UInt8(ascii: ".") {
            isInteger = false
            let fraction = index + 1
            index = skipDigits(from: fraction)
            if index == fraction { throw error(.badNumber, at: start) }
        }
        if index < end && bytes[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < end
                && (bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-"))
            {
                index += 1
            }
            let exponent = index
            index = skipDigits(from: exponent)
            if index == exponent { throw error(.badNumber, at: start) }
        }
        append(.number, start, index, flag: isInteger)
        position = index
    }

    private func skipDigits(from index: Int) -> Int {
        var index = index
        while index < end, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[index] { index += 1 }
        return index
    }

    private mutating func literal(
        _ word: StaticString, _ kind: JSONKind, flag: Bool
    ) throws(JSONError) {
        let stop = position + word.utf8CodeUnitCount
        guard stop <= end, JSONText.matches(bytes, from: position, to: stop, word) else {
            throw error(.unexpectedByte, at: position)
        }
        append(kind, position, stop, flag: flag)
        position = stop
    }

    // MARK: - Steps

    private mutating func append(_ kind: JSONKind, _ start: Int, _ stop: Int, flag: Bool) {
        tape.append(
            JSONTapeEntry(
                kind: kind, flag: flag, start: Int32(truncatingIfNeeded: start),
                end: Int32(truncatingIfNeeded: stop),
                next: Int32(truncatingIfNeeded: tape.count + 1)))
    }

    private mutating func skipSpace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Takes the byte and the white space after it.
    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard position < end else { throw error(.unexpectedEnd, at: end) }
        guard bytes[position] == byte else { throw error(.unexpectedByte, at: position) }
        position += 1
        skipSpace()
    }

    private func error(_ reason: JSONError.Reason, at index: Int) -> JSONError {
        JSONError(reason, at: index - begin)
    }
}
