// How facts become bytes for the journal and come back: variable-length integers (LEB128, zigzag for
// signed ones), length-prefixed UTF-8, one tag byte per case. Compact, because every claim is one; and
// strict when read, because a damaged file must be told from a program error.

public struct ByteWriter: Sendable {
    /// Longer than what was written: the rest is room.
    private var storage: [UInt8] = []
    private var count = 0

    public init() {}

    public var isEmpty: Bool { count == 0 }

    /// What was written so far, copied.
    public var bytes: [UInt8] { Array(storage[..<count]) }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() { count = 0 }

    public mutating func write(tag: UInt8) {
        makeRoom(1)
        let at = count
        storage[at] = tag
        count = at + 1
    }

    public mutating func write(_ value: Bool) { write(tag: value ? 1 : 0) }

    public mutating func write(_ value: Int) { write(unsigned: Self.zigzag(value)) }

    public mutating func write(unsigned value: UInt64) {
        makeRoom(Self.integerLengthMax)
        var at = count
        var span = storage.mutableSpan
        Self.write(unsigned: value, to: &span, &at)
        count = at
    }

    private static func zigzag(_ value: Int) -> UInt64 {
        UInt64(bitPattern: Int64(value) << 1 ^ Int64(value) >> 63)
    }

    /// Where there is room for it.
    @inline(__always)
    private static func write(
        unsigned value: UInt64, to room: inout MutableSpan<UInt8>, _ at: inout Int
    ) {
        var rest = value
        while rest >= 0x80 {
            room[unchecked: at] = UInt8(truncatingIfNeeded: rest) | 0x80
            at &+= 1
            rest >>= 7
        }
        room[unchecked: at] = UInt8(truncatingIfNeeded: rest)
        at &+= 1
    }

    /// Several integers, one after the other.
    mutating func write<let count: Int>(_ values: [count of Int]) {
        makeRoom(count * Self.integerLengthMax)
        var at = self.count
        var span = storage.mutableSpan
        for place in values.indices {
            Self.write(unsigned: Self.zigzag(values[place]), to: &span, &at)
        }
        self.count = at
    }

    /// Eight bytes each, for values whose bits are all used (hashes, random ids).
    public mutating func write<let count: Int>(fixed values: [count of UInt64]) {
        makeRoom(8 * count)
        let at = self.count
        var span = storage.mutableSpan
        var room = span.mutableBytes
        for place in values.indices {
            room.storeBytes(
                of: values[place].littleEndian, toByteOffset: at + 8 * place, as: UInt64.self)
        }
        self.count = at + 8 * count
    }

    public mutating func write(_ value: Timestamp) { write(Int(value.milliseconds)) }

    public mutating func write(_ text: String) { write(lengthAnd: text.utf8) }

    public mutating func write(_ raw: [UInt8]) { write(lengthAnd: raw) }

    private mutating func write(lengthAnd bytes: some Collection<UInt8>) {
        write(unsigned: UInt64(bytes.count))
        makeRoom(bytes.count)
        storage.replaceSubrange(count..<count + bytes.count, with: bytes)
        count += bytes.count
    }

    @inlinable public mutating func write<T>(_ value: T?, _ body: (inout ByteWriter, T) -> Void) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    @inlinable public mutating func write<C: Collection>(
        list: C, _ body: (inout ByteWriter, C.Element) -> Void
    ) {
        write(unsigned: UInt64(list.count))
        for element in list { body(&self, element) }
    }

    private static let integerLengthMax = 10

    @inline(__always)
    private mutating func makeRoom(_ length: Int) {
        if storage.count - count < length { grow(by: length) }
    }

    @inline(never)
    private mutating func grow(by length: Int) {
        let more = max(length, storage.count, 64)
        storage.append(contentsOf: repeatElement(0, count: more))
    }
}

/// The stored bytes are not what the program writes: damaged, or of a newer version.
public struct DecodingDefect: Error, Hashable, Sendable, CustomStringConvertible {
    public let offset: Int
    public let what: String

    public init(offset: Int, what: String) {
        self.offset = offset
        self.what = what
    }

    public var description: String { "journal: \(what) at byte \(offset)" }
}

public struct ByteReader: Sendable {
    private let bytes: ArraySlice<UInt8>
    public private(set) var position: Int

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    public var isAtEnd: Bool { position == bytes.endIndex }

    public func defect(_ what: String) -> DecodingDefect {
        DecodingDefect(offset: position, what: what)
    }

    public mutating func readTag() throws(DecodingDefect) -> UInt8 {
        guard position < bytes.endIndex else { throw defect("unexpected end") }
        defer { position += 1 }
        return bytes[position]
    }

    public mutating func readBool() throws(DecodingDefect) -> Bool {
        switch try readTag() {
        case 0: return false
        case 1: return true
        case let other: throw defect("\(other) is no truth value")
        }
    }

    public mutating func readUnsigned() throws(DecodingDefect) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, through: 63, by: 7) {
            let byte = try readTag()
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte >= 0x80 { continue }
            // One way to write a number: no zeros at its end, no bits beyond the 64th.
            guard byte > 0 || shift == 0, shift < 63 || byte == 1 else { break }
            return value
        }
        throw defect("an integer is too long")
    }

    public mutating func readInt() throws(DecodingDefect) -> Int {
        let raw = try readUnsigned()
        return Int(truncatingIfNeeded: Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1))
    }

    public mutating func readFixed() throws(DecodingDefect) -> UInt64 {
        guard bytes.endIndex - position >= 8 else { throw defect("unexpected end") }
        defer { position += 8 }
        return (0..<8).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
    }

    public mutating func readTimestamp() throws(DecodingDefect) -> Timestamp {
        let time = Timestamp(milliseconds: Int64(try readInt()))
        guard InventoryLimits.times.contains(time) || time == .never else {
            throw defect("\(time.milliseconds) is no time")
        }
        return time
    }

    public mutating func readBytes() throws(DecodingDefect) -> [UInt8] {
        let count = try readUnsigned()
        guard count <= UInt64(bytes.endIndex - position) else { throw defect("unexpected end") }
        defer { position += Int(count) }
        return Array(bytes[position..<position + Int(count)])
    }

    public mutating func readString() throws(DecodingDefect) -> String {
        guard let text = String(validating: try readBytes(), as: UTF8.self) else {
            throw defect("text is not UTF-8")
        }
        return text
    }

    public mutating func readOptional<T>(
        _ body: (inout ByteReader) throws(DecodingDefect) -> T
    ) throws(DecodingDefect) -> T? {
        try readBool() ? try body(&self) : nil
    }

    public mutating func readList<T>(
        _ body: (inout ByteReader) throws(DecodingDefect) -> T
    ) throws(DecodingDefect) -> [T] {
        let count = try readUnsigned()
        // Every element takes a byte at least: a damaged count cannot ask for endless memory.
        guard count <= UInt64(bytes.endIndex - position) else { throw defect("unexpected end") }
        var list: [T] = []
        list.reserveCapacity(Int(count))
        for _ in 0..<count { list.append(try body(&self)) }
        return list
    }
}
