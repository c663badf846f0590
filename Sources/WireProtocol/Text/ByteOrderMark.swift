// Some editors begin a file in UTF-8 with a byte-order mark. It is no part of the text: everything that
// reads a person's file drops it.

public enum ByteOrderMark {
    private static let utf8: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The bytes after the mark, if there is one.
    public static func dropped(from bytes: [UInt8]) -> ArraySlice<UInt8> {
        dropped(from: bytes[...])
    }

    public static func dropped(from bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        bytes.starts(with: utf8) ? bytes.dropFirst(utf8.count) : bytes
    }
}
