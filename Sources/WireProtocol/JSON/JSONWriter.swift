// Writes JSON into one growing buffer: replies, events, canonical contents, HTTP bodies, exports. Commas
// are put where they belong; nothing is checked beyond that, so the caller opens and closes in order.
// A server writes half a kilobyte per claim through here: room is made once per call (`makeRoom`) and
// then filled without looking again. A writer is meant to be used again, `removeAll` keeps the memory.

public struct JSONWriter: Sendable {
    /// Longer than what was written: the rest is room.
    private var storage: [UInt8]
    /// How many bytes were written.
    public private(set) var count = 0
    private var needsComma = false

    public init(capacity: Int = 0) { storage = Array(repeating: 0, count: capacity) }

    public var isEmpty: Bool { count == 0 }

    /// What was written so far, copied.
    public var bytes: [UInt8] { Array(storage[..<count]) }

    /// What was written after the first `start` bytes, copied.
    public func bytes(from start: Int) -> [UInt8] { Array(storage[start..<count]) }

    /// The same in place, for the length of the call.
    var written: ArraySlice<UInt8> { storage[..<count] }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() {
        count = 0
        needsComma = false
    }

    // MARK: - Structure

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Ends one of several objects in a message (or lines in an export): the next begins afresh.
    public mutating func newline() {
        append(0x0A)
        needsComma = false
    }

    /// The name of the next value; it must not need escapes.
    public mutating func key(_ name: StaticString) {
        let at = makeRoom(name.utf8CodeUnitCount + 4)
        storage[at] = UInt8(ascii: "\"")
        count = at + 1
        append(name)
        storage[count] = UInt8(ascii: "\"")
        storage[count + 1] = UInt8(ascii: ":")
        count += 2
        needsComma = false
    }

    /// The name of the next value, escaped where needed.
    public mutating func key(string name: String) {
        string(name)
        append(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: - Values

    /// A string; quotes, backslashes, control characters and U+2028/2029 are escaped.
    public mutating func string(_ value: String) {
        let text = value.utf8.span
        var at = makeRoom(text.count + 3)
        var plain = 0
        do {
            var span = storage.mutableSpan
            span[unchecked: at] = UInt8(ascii: "\"")
            at += 1
            while plain < text.count {
                let byte = text[unchecked: plain]
                if Self.mayNeedEscape(byte) { break }
                span[unchecked: at] = byte
                at &+= 1
                plain += 1
            }
        }
        count = at
        if plain < text.count { escape(text.extracting(plain..<text.count)) }
        append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A letter and a number, as things are named on the wire: `"h12"`.
    public mutating func string(_ letter: Unicode.Scalar, _ number: Int) {
        let at = makeRoom(Self.integerLengthMax + 4)
        storage[at] = UInt8(ascii: "\"")
        storage[at + 1] = UInt8(ascii: letter)
        count = at + 2
        digits(of: Int64(number))
        append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// The 16 hexadecimal digits of each of the words, as one string.
    public mutating func string(hex words: [4 of UInt64]) {
        let at = makeRoom(16 * words.count + 3)
        var span = storage.mutableSpan
        span[unchecked: at] = UInt8(ascii: "\"")
        for place in words.indices {
            let word = words[place]
            for digit in 0..<16 {
                span[unchecked: at + 1 + 16 * place + digit] =
                    Self.hexDigit(word >> UInt64(60 - 4 * digit) & 0xF)
            }
        }
        let end = at + 1 + 16 * words.count
        span[unchecked: end] = UInt8(ascii: "\"")
        count = end + 1
        needsComma = true
    }

    public mutating func integer(_ value: Int64) {
        count = makeRoom(Self.integerLengthMax + 1)
        digits(of: value)
        needsComma = true
    }

    public mutating func integer(_ value: Int) { integer(Int64(value)) }

    public mutating func bool(_ value: Bool) { word(value ? "true" : "false") }

    public mutating func null() { word("null") }

    /// A value that is JSON already.
    public mutating func raw(_ value: [UInt8]) { raw(value[...]) }

    public mutating func raw(_ value: ArraySlice<UInt8>) {
        let at = makeRoom(value.count + 1)
        count = at + value.count
        storage.replaceSubrange(at..<count, with: value)
        needsComma = true
    }

    /// A time as a string, `2026-11-21T19:02:03.123Z`; `milliseconds` since 1970, see `RFC3339`.
    public mutating func time(_ milliseconds: Int64) {
        let at = makeRoom(RFC3339.length + 3)
        var span = storage.mutableSpan
        span[unchecked: at] = UInt8(ascii: "\"")
        RFC3339.write(milliseconds, to: &span, at: at + 1)
        span[unchecked: at + 1 + RFC3339.length] = UInt8(ascii: "\"")
        count = at + RFC3339.length + 2
        needsComma = true
    }

    // MARK: - Members

    public mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    /// A member that names a thing by a letter and a number.
    public mutating func member(
        _ name: StaticString, _ letter: Unicode.Scalar, _ number: Int
    ) {
        key(name)
        string(letter, number)
    }

    public mutating func member(_ name: StaticString, hex words: [4 of UInt64]) {
        key(name)
        string(hex: words)
    }

    public mutating func member(_ name: StaticString, _ value: Int64) {
        key(name)
        integer(value)
    }

    public mutating func member(_ name: StaticString, _ value: Int) {
        key(name)
        integer(value)
    }

    public mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// A member that holds a time, see `time(_:)`.
    public mutating func member(_ name: StaticString, time milliseconds: Int64) {
        key(name)
        time(milliseconds)
    }

    // MARK: - Steps

    private mutating func open(_ bracket: UInt8) {
        let at = makeRoom(2)
        storage[at] = bracket
        count = at + 1
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        append(bracket)
        needsComma = true
    }

    private mutating func word(_ text: StaticString) {
        count = makeRoom(text.utf8CodeUnitCount + 1)
        append(text)
        needsComma = true
    }

    /// Writes plain text where there is room for it.
    @inline(__always)
    private mutating func append(_ text: StaticString) {
        var at = count
        count += text.utf8CodeUnitCount
        var span = storage.mutableSpan
        text.withUTF8Buffer {
            for byte in $0 {
                span[unchecked: at] = byte
                at &+= 1
            }
        }
    }

    private mutating func append(_ byte: UInt8) {
        if count == storage.count { grow(by: 1) }
        storage[count] = byte
        count += 1
    }

    /// Sees to it that so many bytes can be written and separates the next value from the last one, the
    /// comma being one of them. Gives the place where to go on.
    @inline(__always)
    private mutating func makeRoom(_ length: Int) -> Int {
        if storage.count - count < length { grow(by: length) }
        guard needsComma else { return count }
        storage[count] = UInt8(ascii: ",")
        return count + 1
    }

    @inline(never)
    private mutating func grow(by length: Int) {
        let more = max(length, storage.count, 64)
        storage.append(contentsOf: repeatElement(0, count: more))
    }

    private static let integerLengthMax = 20

    /// Writes a number where there is room for the longest.
    private mutating func digits(of value: Int64) {
        var at = count
        if value < 0 {
            storage[at] = UInt8(ascii: "-")
            at += 1
        }
        var rest = value.magnitude
        var length = 1
        var bound: UInt64 = 10
        while length < Self.integerLengthMax - 1, rest >= bound {
            length += 1
            bound &*= 10
        }
        count = at + length
        var place = at + length
        var span = storage.mutableSpan
        repeat {
            place -= 1
            span[unchecked: place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while place > at
    }

    /// 0xE2 begins U+2028 and U+2029, among many harmless characters.
    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
            || byte == 0xE2
    }

    /// Writes the rest of a string, with escapes.
    private mutating func escape(_ text: Span<UInt8>) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): escape(as: byte)
            case 0x0A: escape(as: UInt8(ascii: "n"))
            case 0x0D: escape(as: UInt8(ascii: "r"))
            case 0x09: escape(as: UInt8(ascii: "t"))
            case 0..<0x20, 0x7F: unicodeEscape(UInt16(byte))
            case 0xE2
            where index + 1 < text.count && text[index] == 0x80
                && text[index + 1] & 0xFE == 0xA8:
                unicodeEscape(0x2000 | UInt16(text[index + 1] & 0x3F))
                index += 2
            default: append(byte)
            }
        }
    }

    private mutating func escape(as letter: UInt8) {
        append(UInt8(ascii: "\\"))
        append(letter)
    }

    private mutating func unicodeEscape(_ unit: UInt16) {
        escape(as: UInt8(ascii: "u"))
        for shift in [12, 8, 4, 0] as [UInt16] {
            append(Self.hexDigit(UInt64(unit >> shift & 0xF)))
        }
    }

    private static func hexDigit(_ value: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
