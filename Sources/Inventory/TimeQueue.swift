// What comes up next, when most things are put in in the order in which they come up: holds of one
// length end in the order of their granting. Those stand in a plain line; only what is out of order
// goes into a heap, whose every insertion wanders through memory.

public import HeapModule

/// A priority queue, fast for elements that come in ascending order.
public struct TimeQueue<Element: Comparable & Sendable>: Sendable {
    @usableFromInline var line = SegmentedQueue<Element>()
    @usableFromInline var heap = Heap<Element>()

    @inlinable public init() {}

    /// The smallest element.
    @inlinable public var next: Element? {
        guard let first = line.first else { return heap.min }
        guard let other = heap.min, other < first else { return first }
        return other
    }

    @inlinable public mutating func insert(_ element: Element) {
        if let last = line.last, element < last {
            heap.insert(element)
        } else {
            line.append(element)
        }
    }

    @inlinable public mutating func removeNext() {
        if let first = line.first, heap.min.map({ !($0 < first) }) ?? true {
            line.removeFirst()
        } else {
            _ = heap.popMin()
        }
    }
}

/// First in, first out; grows and shrinks by whole segments, so that it never copies what it holds.
@usableFromInline struct SegmentedQueue<Element: Sendable>: Sendable {
    @inlinable static var segmentSize: Int { 1024 }

    @usableFromInline var segments: [[Element]] = []
    /// Where the first element is: in which segment, and where in it.
    @usableFromInline var segment = 0
    @usableFromInline var position = 0
    @usableFromInline var last: Element?

    @inlinable init() {}

    @inlinable var first: Element? {
        segment < segments.count && position < segments[segment].count
            ? segments[segment][position] : nil
    }

    @inlinable mutating func append(_ element: Element) {
        if segments.last.map({ $0.count == Self.segmentSize }) ?? true {
            var fresh: [Element] = []
            fresh.reserveCapacity(Self.segmentSize)
            segments.append(fresh)
        }
        segments[segments.count - 1].append(element)
        last = element
    }

    @inlinable mutating func removeFirst() {
        position += 1
        if position == segments[segment].count, segment == segments.count - 1 {
            segments.removeAll(keepingCapacity: true)
            segment = 0
            position = 0
            last = nil
        } else if position == Self.segmentSize {
            segments[segment] = []
            segment += 1
            position = 0
            // The emptied places in front are taken out now and then, a few pointers at a time.
            if segment == Self.segmentSize {
                segments.removeFirst(segment)
                segment = 0
            }
        }
    }
}
