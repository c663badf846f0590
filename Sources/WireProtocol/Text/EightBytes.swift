/// Eight bytes of a text, looked at together: most texts are plain, and that is told in a few steps for
/// all eight (the arithmetic of "bytes less than n", as in Warren's Hacker's Delight).
struct EightBytes {
    static let count = 8

    let word: UInt64

    /// The bytes from a place on, of which the caller knows that there are eight.
    @inline(__always)
    init(of text: Span<UInt8>, uncheckedAt place: Int) {
        word = text.bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: place, as: UInt64.self)
    }

    /// A text of less than eight bytes; zeros stand for those that are missing.
    @inline(__always)
    init(ofShort text: Span<UInt8>) {
        let count = text.count
        if count >= 4 {
            // The last four may overlap the first four, where they are the same.
            let last =
                UInt64(Self.four(of: text, uncheckedAt: count - 4)) << UInt64(8 * (count - 4))
            word = UInt64(Self.four(of: text, uncheckedAt: 0)) | last
        } else if count > 0 {
            let (middle, last) = (count / 2, count - 1)
            word =
                UInt64(text[unchecked: 0]) | UInt64(text[unchecked: middle]) << UInt64(8 * middle)
                | UInt64(text[unchecked: last]) << UInt64(8 * last)
        } else {
            word = 0
        }
    }

    @inline(__always)
    private static func four(of text: Span<UInt8>, uncheckedAt place: Int) -> UInt32 {
        text.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt32.self)
    }

    /// How many bytes come before the first that is not ASCII, is less than `bound` (at most 128), or is
    /// one of the others; eight when there is none.
    @inline(__always)
    func plainCount(bound: UInt8, _ one: UInt8, _ other: UInt8) -> Int {
        // Each term has the high bit of a byte set where it is meant, and above that perhaps elsewhere:
        // the lowest one is right.
        let found = word | less(than: bound) | equal(to: one) | equal(to: other)
        return (found & Self.highBits).trailingZeroBitCount / 8
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool { equal(to: byte) & Self.highBits != 0 }

    @inline(__always)
    private func equal(to byte: UInt8) -> UInt64 {
        let difference = word ^ Self.all(byte)
        return (difference &- Self.all(1)) & ~difference
    }

    @inline(__always)
    private func less(than bound: UInt8) -> UInt64 { (word &- Self.all(bound)) & ~word }

    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    private static func all(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }
}
