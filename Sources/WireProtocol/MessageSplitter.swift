/// The objects of one message: lines separated by `\n`, without the blanks around them, blank ones
/// skipped. A raw newline cannot stand inside a JSON string, so no object of a conforming peer is cut.
/// Gives the range of each line; a message that gives none is `bad_json`.
public struct MessageSplitter: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    public init(_ bytes: [UInt8], in range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D
    }

    public init(_ bytes: [UInt8]) { self.init(bytes, in: 0..<bytes.count) }

    public mutating func next() -> Range<Int>? {
        while position < end {
            var start = position
            while start < end, Self.isBlank(bytes[start]) { start += 1 }
            var stop = lineEnd(from: start)
            position = stop + 1
            while stop > start, Self.isBlank(bytes[stop - 1]) { stop -= 1 }
            if stop > start { return start..<stop }
        }
        return nil
    }

    /// Where the line ends: the next newline, or the end of the message.
    private func lineEnd(from start: Int) -> Int {
        let text = bytes.span
        let newline = UInt8(ascii: "\n")
        var stop = start
        while stop <= end - EightBytes.count,
            !EightBytes(of: text, uncheckedAt: stop).contains(newline)
        {
            stop += EightBytes.count
        }
        while stop < end, text[unchecked: stop] != newline { stop += 1 }
        return stop
    }
}
