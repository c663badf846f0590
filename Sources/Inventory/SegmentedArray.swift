/// An append-only array that never moves what it holds: it grows by whole segments. An `Array` of a
/// million holds is copied when it grows, and a sale stands still for tens of milliseconds; this one
/// only ever allocates one more segment. Used for everything whose number grows during a sale.
public struct SegmentedArray<Element> {
    private static var segmentBits: Int { 10 }
    private static var segmentSize: Int { 1 << segmentBits }

    private var segments: [[Element]] = []
    public private(set) var count = 0

    public init() {}

    public mutating func append(_ element: Element) {
        if count & (Self.segmentSize - 1) == 0 {
            var segment: [Element] = []
            segment.reserveCapacity(Self.segmentSize)
            segments.append(segment)
        }
        segments[count >> Self.segmentBits].append(element)
        count += 1
    }

    public var indices: Range<Int> { 0..<count }

    public subscript(index: Int) -> Element {
        get { segments[index >> Self.segmentBits][index & (Self.segmentSize - 1)] }
        _modify { yield &segments[index >> Self.segmentBits][index & (Self.segmentSize - 1)] }
    }
}

extension SegmentedArray: Sendable where Element: Sendable {}
