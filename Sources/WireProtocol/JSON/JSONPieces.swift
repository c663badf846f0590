// The pieces that JSON is made of, each written from where it is told; it gives the place after it. Who calls
// makes the room, and eight bytes more: the end of a text is stored as a whole word, whatever it is worth.

enum JSONPieces {
    static let integerLengthMax = 20

    static func keyLength(_ name: StaticString) -> Int { name.utf8CodeUnitCount + 3 }

    @inline(__always)
    static func write(
        key name: StaticString, to room: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        room[unchecked: start] = UInt8(ascii: "\"")
        let end = copy(name, to: &room, at: start + 1)
        room[unchecked: end] = UInt8(ascii: "\"")
        room[unchecked: end + 1] = UInt8(ascii: ":")
        return end + 2
    }

    /// Writes a string as if it ended before the first byte that may need an escape; `plain` gets how
    /// much that is.
    @inline(__always)
    static func write(
        plainOf text: Span<UInt8>, _ plain: inout Int, to room: inout MutableSpan<UInt8>,
        at start: Int
    ) -> Int {
        room[unchecked: start] = UInt8(ascii: "\"")
        plain = copyPlain(text, to: &room, at: start + 1)
        let end = start + 1 + plain
        room[unchecked: end] = UInt8(ascii: "\"")
        return end + 1
    }

    @inline(__always)
    static func write(
        _ letter: Unicode.Scalar, _ number: Int, to room: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        room[unchecked: start] = UInt8(ascii: "\"")
        room[unchecked: start + 1] = UInt8(ascii: letter)
        let end = write(digitsOf: Int64(number), to: &room, at: start + 2)
        room[unchecked: end] = UInt8(ascii: "\"")
        return end + 1
    }

    @inline(__always)
    static func write(
        _ time: [3 of UInt64], to room: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        room[unchecked: start] = UInt8(ascii: "\"")
        for place in time.indices { store(time[place], in: &room, at: start + 1 + 8 * place) }
        let end = start + 1 + RFC3339.length
        room[unchecked: end] = UInt8(ascii: "\"")
        return end + 1
    }

    /// Writes plain text where there is room for it; the place after it.
    @inline(__always)
    static func copy(
        _ text: StaticString, to room: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        text.withUTF8Buffer { copy($0.span, to: &room, at: start) }
        return start + text.utf8CodeUnitCount
    }

    @inline(__always)
    static func copy(
        _ text: Span<UInt8>, to room: inout MutableSpan<UInt8>, at start: Int
    ) {
        let last = text.count - EightBytes.count
        if last < 0 { return store(EightBytes(ofShort: text).word, in: &room, at: start) }
        var done = 0
        while done < last {
            store(EightBytes(of: text, uncheckedAt: done).word, in: &room, at: start + done)
            done += EightBytes.count
        }
        // The last eight, some of which may be there already.
        store(EightBytes(of: text, uncheckedAt: last).word, in: &room, at: start + last)
    }

    @inline(__always)
    static func store(
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
        let rest = text.count - plain
        if rest < EightBytes.count {
            let short = EightBytes(ofShort: text.extracting(plain..<text.count))
            if !mayNeedEscape(short, rest) {
                store(short.word, in: &room, at: start + plain)
                return text.count
            }
        }
        while plain < text.count, !mayNeedEscape(text[unchecked: plain]) {
            room[unchecked: start + plain] = text[unchecked: plain]
            plain += 1
        }
        return plain
    }

    /// Writes a number; the place after it.
    static func write(
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

    /// Whether one of the first `count` does; every letter beyond ASCII counts.
    @inline(__always)
    private static func mayNeedEscape(
        _ eight: EightBytes, _ count: Int = EightBytes.count
    ) -> Bool {
        eight.plainCount(bound: 0x20, UInt8(ascii: "\""), UInt8(ascii: "\\")) < count
            || eight.contains(0x7F)
    }

    /// The eight digits of 32 bits, all at once: each half-byte moves to a byte of its own, and those
    /// above nine get the distance from `9` to `a` on top.
    static func hexDigits(_ word: UInt64) -> UInt64 {
        var spread = word
        spread = (spread << 16 | spread) & 0x0000_FFFF_0000_FFFF
        spread = (spread << 8 | spread) & 0x00FF_00FF_00FF_00FF
        spread = (spread << 4 | spread) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).bigEndian
    }

    static func hexDigit(_ value: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
