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
        fill(name.utf8CodeUnitCount + 3) { room, start in
            room[unchecked: start] = UInt8(ascii: "\"")
            let end = Self.copy(name, to: &room, at: start + 1)
            room[unchecked: end] = UInt8(ascii: "\"")
            room[unchecked: end + 1] = UInt8(ascii: ":")
            return end + 2
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
            room[unchecked: start] = UInt8(ascii: "\"")
            plain = Self.copyPlain(text, to: &room, at: start + 1)
            let end = start + 1 + plain
            room[unchecked: end] = UInt8(ascii: "\"")
            return end + 1
        }
        if plain == text.count { return }
        count -= 1
        escape(text.extracting(plain..<text.count))
        append(UInt8(ascii: "\""))
    }

    /// A letter and a number, as things are named on the wire: `"h12"`.
    public mutating func string(_ letter: Unicode.Scalar, _ number: Int) {
        fill(Self.integerLengthMax + 3) { room, start in
            room[unchecked: start] = UInt8(ascii: "\"")
            room[unchecked: start + 1] = UInt8(ascii: letter)
            let end = Self.write(digitsOf: Int64(number), to: &room, at: start + 2)
            room[unchecked: end] = UInt8(ascii: "\"")
            return end + 1
        }
    }

    /// The 16 hexadecimal digits of each of the words, as one string.
    public mutating func string(hex words: [4 of UInt64]) {
        fill(16 * words.count + 2) { room, start in
            room[unchecked: start] = UInt8(ascii: "\"")
            var at = start + 1
            for place in words.indices {
                let (high, low) = (words[place] >> 32, words[place] & 0xFFFF_FFFF)
                Self.store(Self.hexDigits(high), in: &room, at: at)
                Self.store(Self.hexDigits(low), in: &room, at: at + 8)
                at += 16
            }
            room[unchecked: at] = UInt8(ascii: "\"")
            return at + 1
        }
    }

    public mutating func integer(_ value: Int64) {
        fill(Self.integerLengthMax) { room, start in
            Self.write(digitsOf: value, to: &room, at: start)
        }
    }

    public mutating func integer(_ value: Int) { integer(Int64(value)) }

    public mutating func bool(_ value: Bool) { word(value ? "true" : "false") }

    public mutating func null() { word("null") }

    /// A value that is JSON already.
    public mutating func raw(_ value: [UInt8]) { raw(value[...]) }

    public mutating func raw(_ value: ArraySlice<UInt8>) {
        fill(value.count) { room, start in
            Self.copy(value.span, to: &room, at: start)
            return start + value.count
        }
    }

    /// A time as a string, `2026-11-21T19:02:03.123Z`; `milliseconds` since 1970, see `RFC3339`.
    public mutating func time(_ milliseconds: Int64) {
        fill(RFC3339.length + 2) { room, start in
            let end = start + 1 + RFC3339.length
            room[unchecked: start] = UInt8(ascii: "\"")
            RFC3339.write(milliseconds, to: &room, at: start + 1)
            room[unchecked: end] = UInt8(ascii: "\"")
            return end + 1
        }
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
        fill(text.utf8CodeUnitCount) { room, start in Self.copy(text, to: &room, at: start) }
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
        if storage.count - count <= length { grow(by: length + 1) }
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

    /// Writes plain text where there is room for it; the place after it.
    @inline(__always)
    private static func copy(
        _ text: StaticString, to room: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        text.withUTF8Buffer { copy($0.span, to: &room, at: start) }
        return start + text.utf8CodeUnitCount
    }

    @inline(__always)
    private static func copy(
        _ text: Span<UInt8>, to room: inout MutableSpan<UInt8>, at start: Int
    ) {
        var done = 0
        while done <= text.count - EightBytes.count {
            store(EightBytes(of: text, uncheckedAt: done).word, in: &room, at: start + done)
            done += EightBytes.count
        }
        while done < text.count {
            room[unchecked: start + done] = text[unchecked: done]
            done += 1
        }
    }

    @inline(__always)
    private static func store(
        _ word: UInt64, in room: inout MutableSpan<UInt8>, at place: Int
    ) {
        var bytes = room.mutableBytes
        bytes.storeBytes(of: word, toByteOffset: place, as: UInt64.self)
    }

    /// Copies what stands before the first byte that may need an escape; gives how much that is.
    private static func copyPlain(
        _ text: Span<UInt8>, to room: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        var plain = 0
        while plain <= text.count - EightBytes.count {
            let eight = EightBytes(of: text, uncheckedAt: plain)
            if mayNeedEscape(eight) { break }
            store(eight.word, in: &room, at: start + plain)
            plain += EightBytes.count
        }
        while plain < text.count, !mayNeedEscape(text[unchecked: plain]) {
            room[unchecked: start + plain] = text[unchecked: plain]
            plain += 1
        }
        return plain
    }

    private static let integerLengthMax = 20

    /// Writes a number; the place after it.
    private static func write(
        digitsOf value: Int64, to room: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        var first = start
        if value < 0 {
            room[unchecked: first] = UInt8(ascii: "-")
            first += 1
        }
        var rest = value.magnitude
        var length = 1
        var bound: UInt64 = 10
        while length < integerLengthMax - 1, rest >= bound {
            length += 1
            bound &*= 10
        }
        let end = first + length
        var place = end
        repeat {
            place -= 1
            room[unchecked: place] = UInt8(ascii: "0") | UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while place > first
        return end
    }

    /// 0xE2 begins U+2028 and U+2029, among many harmless characters.
    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
            || byte == 0xE2
    }

    /// Whether one of them does; every letter beyond ASCII counts.
    private static func mayNeedEscape(_ eight: EightBytes) -> Bool {
        eight.plainCount(bound: 0x20, UInt8(ascii: "\""), UInt8(ascii: "\\")) < EightBytes.count
            || eight.contains(0x7F)
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

    /// The eight digits of 32 bits, all at once: each half-byte moves to a byte of its own, and those
    /// above nine get the distance from `9` to `a` on top.
    private static func hexDigits(_ word: UInt64) -> UInt64 {
        var spread = word
        spread = (spread << 16 | spread) & 0x0000_FFFF_0000_FFFF
        spread = (spread << 8 | spread) & 0x00FF_00FF_00FF_00FF
        spread = (spread << 4 | spread) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).bigEndian
    }

    private static func hexDigit(_ value: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
