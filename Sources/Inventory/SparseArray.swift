/// An endless array in which every element is `empty` until it is changed. Memory is taken for the
/// neighbourhood of changed elements only: of a million participants few buy, and the first one may be
/// the last who came.
public struct SparseArray<Element> {
    @inlinable static var segmentBits: Int { 6 }
    @inlinable static var segmentSize: Int { 1 << segmentBits }

    @usableFromInline let empty: Element
    /// An empty segment stands for one that was never changed.
    @usableFromInline var segments: [[Element]] = []

    @inlinable public init(repeating empty: Element) { self.empty = empty }

    /// Looks at an element where it is: it may be dear to copy.
    @inlinable public func read<Value>(_ index: Int, _ body: (Element) -> Value) -> Value {
        let segment = index >> Self.segmentBits
        guard segments.indices.contains(segment), !segments[segment].isEmpty else {
            return body(empty)
        }
        return body(segments[segment][index & (Self.segmentSize - 1)])
    }

    /// Writing needs an index of 0 or more; reading any other gives `empty`.
    @inlinable public subscript(index: Int) -> Element {
        get {
            let segment = index >> Self.segmentBits
            guard segments.indices.contains(segment), !segments[segment].isEmpty else {
                return empty
            }
            return segments[segment][index & (Self.segmentSize - 1)]
        }
        _modify {
            let segment = index >> Self.segmentBits
            if segment >= segments.count {
                segments.append(
                    contentsOf: repeatElement([], count: segment + 1 - segments.count))
            }
            if segments[segment].isEmpty {
                segments[segment] = Array(repeating: empty, count: Self.segmentSize)
            }
            yield &segments[segment][index & (Self.segmentSize - 1)]
        }
    }

    /// The indexes of elements that may have been changed, ascending; walks over the memory taken only.
    @inlinable public var takenIndices: some Sequence<Int> {
        segments.indices.lazy.filter { !segments[$0].isEmpty }.flatMap { segment in
            let first = segment << Self.segmentBits
            return first..<first + Self.segmentSize
        }
    }
}

extension SparseArray: Sendable where Element: Sendable {}
