// A parsed JSON text: a tape of values over the original bytes. Requests, tokens, HTTP bodies and
// catalogues are read through it, on the server and in clients. One document is meant to be reused: the
// tape keeps its memory. Reading never fails loudly: a wrong kind or a stale node gives nil.

public enum JSONKind: UInt8, Sendable {
    case object, array, string, number, bool, null
}

/// A handle to one value of a `JSONDocument`; valid until the document parses something else.
public struct JSONNode: Hashable, Sendable {
    /// Stands for a value that is not there.
    static let none = JSONNode(index: .max)

    let index: Int
}

public struct JSONDocument: Sendable {
    /// The text that was given; `rawRange(_:)` points into it.
    public private(set) var bytes: [UInt8] = []
    private var tape: [JSONTapeEntry] = []

    /// A document that has parsed nothing: its root is null.
    public init() {}

    public init(parsing bytes: [UInt8]) throws(JSONError) {
        try parse(bytes, in: 0..<bytes.count)
    }

    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Parses one JSON value (RFC 8259, strict; see `JSONError.Reason` for what is refused). Keeps a
    /// reference to the array and copies nothing. After an error the document is empty.
    public mutating func parse(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) {
        removeAll()
        var parser = JSONParser(bytes, in: range)
        swap(&parser.tape, &tape)
        defer { swap(&parser.tape, &tape) }
        do throws(JSONError) {
            try parser.document()
        } catch {
            parser.tape.removeAll(keepingCapacity: true)
            throw error
        }
        self.bytes = bytes
    }

    /// Forgets the text, so that its array is no longer shared, and keeps the tape's memory.
    public mutating func removeAll() {
        bytes = []
        tape.removeAll(keepingCapacity: true)
    }

    // MARK: - Values

    public var root: JSONNode { JSONNode(index: 0) }

    public func kind(_ node: JSONNode) -> JSONKind { entry(node)?.kind ?? .null }

    /// The text of a string; nil for every other kind.
    public func string(_ node: JSONNode) -> String? {
        guard let entry = entry(node), entry.kind == .string else { return nil }
        return String(decoding: JSONText.decoded(entry, in: bytes), as: UTF8.self)
    }

    /// Whether the value is a string with exactly this text.
    public func isString(_ node: JSONNode, _ text: StaticString) -> Bool {
        guard let entry = entry(node), entry.kind == .string else { return false }
        return isText(entry, text)
    }

    /// A number written as an integer that fits; nil for `1.0`, `1e0`, `-0`, 2^63 and other kinds.
    public func integer(_ node: JSONNode) -> Int64? {
        guard let entry = entry(node), entry.kind == .number, entry.flag else { return nil }
        var index = Int(entry.start)
        let stop = Int(entry.end)
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        // Counted downwards, since the negative side reaches one further.
        var value: Int64 = 0
        if stop - index <= 18 {
            while index < stop {
                value = value &* 10 &- Int64(bytes[index] & 0x0F)
                index += 1
            }
            return isNegative ? value : 0 &- value
        }
        while index < stop {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, under) = product.subtractingReportingOverflow(Int64(bytes[index] & 0x0F))
            if overflow || under { return nil }
            value = next
            index += 1
        }
        if isNegative { return value }
        return value == .min ? nil : 0 - value
    }

    public func bool(_ node: JSONNode) -> Bool? {
        guard let entry = entry(node), entry.kind == .bool else { return nil }
        return entry.flag
    }

    /// Where the value stands in `bytes`, quotes and brackets included.
    public func rawRange(_ node: JSONNode) -> Range<Int> {
        guard let entry = entry(node) else { return 0..<0 }
        let (start, end) = (Int(entry.start), Int(entry.end))
        return entry.kind == .string ? (start - 1)..<(end + 1) : start..<end
    }

    /// The value as it was written, ready to be copied into another text.
    public func rawBytes(_ node: JSONNode) -> ArraySlice<UInt8> { bytes[rawRange(node)] }

    // MARK: - Containers

    /// The member's value; nil when there is none or the node is no object.
    public func member(_ node: JSONNode, _ name: StaticString) -> JSONNode? {
        guard let object = entry(node), object.kind == .object else { return nil }
        var index = node.index + 1
        let last = Int(object.next)
        let tape = self.tape.span
        while index < last {
            let candidate = tape[index]
            // Most names are told apart by their length.
            let mayMatch =
                candidate.flag || Int(candidate.end - candidate.start) == name.utf8CodeUnitCount
            if mayMatch, isText(candidate, name) { return JSONNode(index: index + 1) }
            index = Int(tape[index + 1].next)
        }
        return nil
    }

    /// As `member(_:_:)`, for a name known at run time only.
    public func member(_ node: JSONNode, named name: String) -> JSONNode? {
        for (candidate, value) in members(node)
        where tape[candidate.index].kind == .string
            && JSONText.decoded(tape[candidate.index], in: bytes).elementsEqual(name.utf8)
        {
            return value
        }
        return nil
    }

    /// The members in the order written; `string(_:)` reads a name. Empty when the node is no object.
    public func members(_ node: JSONNode) -> JSONMembers {
        guard let object = entry(node), object.kind == .object else {
            return JSONMembers(tape: [], index: 0, last: 0)
        }
        return JSONMembers(tape: tape, index: node.index + 1, last: Int(object.next))
    }

    /// The elements in order; empty when the node is no array.
    public func elements(_ node: JSONNode) -> JSONElements {
        guard let array = entry(node), array.kind == .array else {
            return JSONElements(tape: [], index: 0, last: 0)
        }
        return JSONElements(tape: tape, index: node.index + 1, last: Int(array.next))
    }

    /// How many names and values stand inside of a value, at any depth.
    func count(within node: JSONNode) -> Int {
        entry(node).map { Int($0.next) - node.index - 1 } ?? 0
    }

    /// The place of the first string that an earlier one in the list equals, byte for byte.
    func firstRepeated(of nodes: [JSONNode]) -> Int? {
        var texts = JSONNames()
        for node in nodes {
            if let entry = entry(node) { texts.append(entry, in: bytes) }
        }
        return texts.firstRepeated()
    }

    private func entry(_ node: JSONNode) -> JSONTapeEntry? {
        node.index < tape.count ? tape[node.index] : nil
    }

    private func isText(_ entry: JSONTapeEntry, _ text: StaticString) -> Bool {
        if entry.flag { return JSONText.matchesEscaped(entry, in: bytes, text) }
        return JSONText.matches(bytes, from: Int(entry.start), to: Int(entry.end), text)
    }
}

/// The members of an object, as pairs of a name and a value.
public struct JSONMembers: Sequence, IteratorProtocol {
    let tape: [JSONTapeEntry]
    var index: Int
    let last: Int

    public mutating func next() -> (name: JSONNode, value: JSONNode)? {
        guard index < last else { return nil }
        defer { index = Int(tape[index + 1].next) }
        return (JSONNode(index: index), JSONNode(index: index + 1))
    }
}

/// The elements of an array.
public struct JSONElements: Sequence, IteratorProtocol {
    let tape: [JSONTapeEntry]
    var index: Int
    let last: Int

    public mutating func next() -> JSONNode? {
        guard index < last else { return nil }
        defer { index = Int(tape[index].next) }
        return JSONNode(index: index)
    }
}
