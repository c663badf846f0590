// The small value types that everything in the ledger is counted and named with. They are plain
// numbers inside one show: a participant, a variant and a hold are indexes, so that the hot path needs
// no dictionary; their names on the wire (subject, SKU, "h12") are given elsewhere.

/// A number of pieces of one SKU.
public typealias Units = Int

/// An amount in the minor unit of the show's currency (cents, yen, fils).
public typealias Money = Int

/// A number kept in 32 bits: a claim and its hold stay in memory as long as their show. What does not fit
/// becomes the nearest that does, which is beyond every limit, so that a damaged fact is found to be one.
@propertyWrapper public struct Compact: Hashable, Sendable {
    @usableFromInline var stored: Int32

    @inlinable public init(wrappedValue: Int) { stored = Int32(clamping: wrappedValue) }

    @inlinable public var wrappedValue: Int {
        get { Int(stored) }
        set { stored = Int32(clamping: newValue) }
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z on the server's clock.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static let never = Timestamp(milliseconds: .max)

    public func adding(seconds: Int) -> Timestamp {
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .never : adding(milliseconds: milliseconds)
    }

    /// The time after; what runs over is never.
    public func adding(milliseconds: Int) -> Timestamp {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(Int64(milliseconds))
        return overflow ? .never : Timestamp(milliseconds: sum)
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
}

/// A person in one show: 0, 1, 2 … in the order in which the show met them.
public struct ParticipantID: Hashable, Sendable {
    @Compact public var index: Int
    public init(_ index: Int) { self.index = index }
}

/// A unit of stock in one show: 0, 1, 2 … in the order of import. A removed one is never reused.
public struct VariantID: Hashable, Sendable {
    @Compact public var index: Int
    public init(_ index: Int) { self.index = index }
}

/// A hold of one show: 1, 2, 3 … in the order in which they were granted. On the wire `h1`.
public struct HoldID: Hashable, Sendable, CustomStringConvertible {
    @Compact public var number: Int
    public init(_ number: Int) { self.number = number }

    static let numberMax = Int(Int32.max)

    /// Reads the wire form; nil when it cannot be one.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "h"), text.utf8.count <= 18,
            let number = Int(text.dropFirst()), (1...Self.numberMax).contains(number),
            text == "h\(number)"
        else { return nil }
        self.number = number
    }

    public var description: String { "h\(number)" }
}

/// An order: 128 random bits, so that nobody guesses the order of another. On the wire 32 hex digits
/// after `o_`.
public struct OrderID: Hashable, Sendable, CustomStringConvertible {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the wire form; nil when it cannot be one.
    public init?(_ text: String) {
        guard text.utf8.count == 34, text.hasPrefix("o_"),
            let high = UInt64(text.dropFirst(2).prefix(16), radix: 16),
            let low = UInt64(text.dropFirst(18), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
        if description != text { return nil }
    }

    public var description: String { "o_" + Self.hex(high) + Self.hex(low) }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension OrderID: Digest {}
