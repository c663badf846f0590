// Writes JSON into one growing buffer: replies, events, canonical contents, HTTP bodies, exports. Commas
// are put where they belong; nothing is checked beyond that, so the caller opens and closes in order.
// A server writes half a kilobyte per claim through here: room is made once per call (`fill`) and then
// filled without looking again. A writer is meant to be used again, `removeAll` keeps the memory.

public struct JSONWriter: Sendable {
    /// Longer than what was written: the rest is room.
    private var storage: [UInt8]
    /// How many bytes were written.
    public private(set) var count = 0
    private var needsComma = false
    /// The two times that were written last, the older first: the answers of a batch tell the same two
    /// again and again. An array, so that a writer is small enough to be handed around.
    private var times: [WrittenTime] = []
    /// The hash that was written last: in a flash sale all requests have the same content.
    private var hashes: [WrittenHash] = []

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

    /// An object that is a member.
    public mutating func beginObject(_ name: StaticString) {
        fill(JSONPieces.keyLength(name) + 1) { room, start in
            let start = JSONPieces.write(key: name, to: &room, at: start)
            room[unchecked: start] = UInt8(ascii: "{")
            return start + 1
        }
        needsComma = false
    }

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
        fill(JSONPieces.keyLength(name)) { room, start in
            JSONPieces.write(key: name, to: &room, at: start)
        }
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
        var plain = 0
        fill(text.count + 2) { room, start in
            JSONPieces.write(plainOf: text, &plain, to: &room, at: start)
        }
        if plain < text.count { escapeRest(of: text, from: plain) }
    }

    /// A letter and a number, as things are named on the wire: `"h12"`.
    public mutating func string(_ letter: Unicode.Scalar, _ number: Int) {
        fill(JSONPieces.integerLengthMax + 3) { room, start in
            JSONPieces.write(letter, number, to: &room, at: start)
        }
    }

    /// The 16 hexadecimal digits of each of the words, as one string.
    public mutating func string(hex words: [4 of UInt64]) {
        let text = text(ofHash: words)
        fill(8 * text.count + 2) { room, start in
            room[unchecked: start] = UInt8(ascii: "\"")
            for place in text.indices {
                JSONPieces.store(text[place], in: &room, at: start + 1 + 8 * place)
            }
            let end = start + 1 + 8 * text.count
            room[unchecked: end] = UInt8(ascii: "\"")
            return end + 1
        }
    }

    public mutating func integer(_ value: Int64) {
        fill(JSONPieces.integerLengthMax) { room, start in
            JSONPieces.write(digitsOf: value, to: &room, at: start)
        }
    }

    public mutating func integer(_ value: Int) { integer(Int64(value)) }

    public mutating func bool(_ value: Bool) { word(value ? "true" : "false") }

    public mutating func null() { word("null") }

    /// A value that is JSON already.
    public mutating func raw(_ value: [UInt8]) { raw(value[...]) }

    public mutating func raw(_ value: ArraySlice<UInt8>) {
        fill(value.count) { room, start in
            JSONPieces.copy(value.span, to: &room, at: start)
            return start + value.count
        }
    }

    /// A time as a string, `2026-11-21T19:02:03.123Z`; `milliseconds` since 1970, see `RFC3339`.
    public mutating func time(_ milliseconds: Int64) {
        let text = text(ofTime: milliseconds)
        fill(RFC3339.length + 2) { room, start in JSONPieces.write(text, to: &room, at: start) }
    }

    // MARK: - Members

    // Name and value at once: most of what is written are these.

    public mutating func member(_ name: StaticString, _ value: String) {
        let text = value.utf8.span
        var plain = 0
        fill(JSONPieces.keyLength(name) + text.count + 2) { room, start in
            let start = JSONPieces.write(key: name, to: &room, at: start)
            return JSONPieces.write(plainOf: text, &plain, to: &room, at: start)
        }
        if plain < text.count { escapeRest(of: text, from: plain) }
    }

    /// A member whose value is known to need no escapes.
    public mutating func member(_ name: StaticString, plain value: StaticString) {
        fill(JSONPieces.keyLength(name) + value.utf8CodeUnitCount + 2) { room, start in
            let start = JSONPieces.write(key: name, to: &room, at: start)
            room[unchecked: start] = UInt8(ascii: "\"")
            let end = JSONPieces.copy(value, to: &room, at: start + 1)
            room[unchecked: end] = UInt8(ascii: "\"")
            return end + 1
        }
    }

    /// A member that names a thing by a letter and a number.
    public mutating func member(
        _ name: StaticString, _ letter: Unicode.Scalar, _ number: Int
    ) {
        fill(JSONPieces.keyLength(name) + JSONPieces.integerLengthMax + 3) { room, start in
            let start = JSONPieces.write(key: name, to: &room, at: start)
            return JSONPieces.write(letter, number, to: &room, at: start)
        }
    }

    public mutating func member(_ name: StaticString, hex words: [4 of UInt64]) {
        key(name)
        string(hex: words)
    }

    public mutating func member(_ name: StaticString, _ value: Int64) {
        fill(JSONPieces.keyLength(name) + JSONPieces.integerLengthMax) { room, start in
            let start = JSONPieces.write(key: name, to: &room, at: start)
            return JSONPieces.write(digitsOf: value, to: &room, at: start)
        }
    }

    public mutating func member(_ name: StaticString, _ value: Int) {
        member(name, Int64(value))
    }

    public mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// A member that holds a time, see `time(_:)`.
    public mutating func member(_ name: StaticString, time milliseconds: Int64) {
        let text = text(ofTime: milliseconds)
        fill(JSONPieces.keyLength(name) + RFC3339.length + 2) { room, start in
            let start = JSONPieces.write(key: name, to: &room, at: start)
            return JSONPieces.write(text, to: &room, at: start)
        }
    }

    // MARK: - Steps

    private mutating func open(_ bracket: UInt8) {
        fill(1) { room, start in
            room[unchecked: start] = bracket
            return start + 1
        }
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        append(bracket)
        needsComma = true
    }

    private mutating func word(_ text: StaticString) {
        fill(text.utf8CodeUnitCount) { room, start in JSONPieces.copy(text, to: &room, at: start) }
    }

    private mutating func append(_ byte: UInt8) {
        if count == storage.count { grow(by: 1) }
        storage[count] = byte
        count += 1
    }

    /// Makes room for at most so many bytes, separates the next value from the last one, and has `body`
    /// write it from where it is told; `body` gives the place after it.
    @inline(__always)
    private mutating func fill(
        _ length: Int, _ body: (inout MutableSpan<UInt8>, Int) -> Int
    ) {
        let most = length + 1 + EightBytes.count
        if storage.count - count < most { grow(by: most) }
        var start = count
        let needsComma = needsComma
        var room = storage.mutableSpan
        if needsComma {
            room[unchecked: start] = UInt8(ascii: ",")
            start += 1
        }
        count = body(&room, start)
        self.needsComma = true
    }

    @inline(never)
    private mutating func grow(by length: Int) {
        let more = max(length, storage.count, 64)
        storage.append(contentsOf: repeatElement(0, count: more))
    }

    /// The text of a time, eight bytes to a word.
    private mutating func text(ofTime milliseconds: Int64) -> [3 of UInt64] {
        for known in times where known.milliseconds == milliseconds { return known.text }
        if times.count == 2 { times.removeFirst() }
        let new = WrittenTime(milliseconds)
        times.append(new)
        return new.text
    }

    private mutating func text(ofHash words: [4 of UInt64]) -> [8 of UInt64] {
        if let known = hashes.first, known.isOf(words) { return known.text }
        let new = WrittenHash(words)
        hashes = [new]
        return new.text
    }

    /// Goes on with a string that was written up to a byte that may need an escape.
    private mutating func escapeRest(of text: Span<UInt8>, from start: Int) {
        count -= 1
        escape(text.extracting(start..<text.count))
        append(UInt8(ascii: "\""))
    }

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
            append(JSONPieces.hexDigit(UInt64(unit >> shift & 0xF)))
        }
    }
}

/// A hash and how it is written.
private struct WrittenHash: Sendable {
    private let words: [4 of UInt64]
    private(set) var text: [8 of UInt64] = [0, 0, 0, 0, 0, 0, 0, 0]

    init(_ words: [4 of UInt64]) {
        self.words = words
        for place in words.indices {
            text[2 * place] = JSONPieces.hexDigits(words[place] >> 32)
            text[2 * place + 1] = JSONPieces.hexDigits(words[place] & 0xFFFF_FFFF)
        }
    }

    func isOf(_ other: [4 of UInt64]) -> Bool {
        words[0] == other[0] && words[1] == other[1] && words[2] == other[2]
            && words[3] == other[3]
    }
}

/// A time and how it is written.
private struct WrittenTime: Sendable {
    let milliseconds: Int64
    private(set) var text: [3 of UInt64] = [0, 0, 0]

    init(_ milliseconds: Int64) {
        self.milliseconds = milliseconds
        let bytes = RFC3339.bytes(milliseconds)
        let span = bytes.span
        for place in text.indices {
            text[place] = EightBytes(of: span, uncheckedAt: EightBytes.count * place).word
        }
    }
}
