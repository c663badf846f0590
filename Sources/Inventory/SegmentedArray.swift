/// An append-only array that never moves what it holds: it grows by whole segments. An `Array` of a
/// million holds is copied when it grows, and a sale stands still for tens of milliseconds; this one
/// only ever allocates one more segment. Used for everything whose number grows during a sale.
public struct SegmentedArray<Element> {
    @inlinable static var segmentBits: Int { 10 }
    @inlinable static var segmentSize: Int { 1 << segmentBits }

    @usableFromInline var segments: [[Element]] = []
    @usableFromInline var storedCount = 0
    @inlinable public var count: Int { storedCount }

    @inlinable public init() {}

    @inlinable public mutating func append(_ element: Element) {
        if storedCount & (Self.segmentSize - 1) == 0 {
            var segment: [Element] = []
            segment.reserveCapacity(Self.segmentSize)
            segments.append(segment)
        }
        segments[storedCount >> Self.segmentBits].append(element)
        storedCount += 1
    }

    @inlinable public var indices: Range<Int> { 0..<count }

    @inlinable public subscript(index: Int) -> Element {
        get { segments[index >> Self.segmentBits][index & (Self.segmentSize - 1)] }
        _modify { yield &segments[index >> Self.segmentBits][index & (Self.segmentSize - 1)] }
    }
}

extension SegmentedArray: Sendable where Element: Sendable {}
