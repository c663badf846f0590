/// The objects of one message: lines separated by `\n`, blank ones skipped. A raw newline cannot stand
/// inside a JSON string, so no object of a conforming peer is cut. Gives the range of each line; a
/// message that gives none is `bad_json`.
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

    public init(_ bytes: [UInt8]) { self.init(bytes, in: 0..<bytes.count) }

    public mutating func next() -> Range<Int>? {
        while position < end {
            let start = position
            var isBlank = true
            while position < end, bytes[position] != 0x0A {
                switch bytes[position] {
                case 0x20, 0x09, 0x0D: break
                default: isBlank = false
                }
                position += 1
            }
            let stop = position
            position += 1
            if !isBlank { return start..<stop }
        }
        return nil
    }
}
