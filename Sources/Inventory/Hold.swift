/// A granted claim with a deadline. It is open, and ends exactly once: ordered, released or expired.
public struct Hold: Hashable, Sendable {
    public enum State: UInt8, Sendable { case open, ordered, released, expired }

    public internal(set) var expiresAt: Timestamp
    public let unitPrice: Money
    public let id: HoldID
    public let participant: ParticipantID
    public let variant: VariantID
    @Compact public internal(set) var quantity: Units
    @Compact public internal(set) var extensionsLeft: Int
    /// The participant's hold before this one, or one further back: those between have ended.
    var earlier: HoldID?
    public internal(set) var state: State
}

/// What became of holds a buyer paid for, or will. Its units are held while it is `placed` and sold
/// when it is `paid`.
public struct Order: Hashable, Sendable {
    public enum State: UInt8, Sendable { case placed, paid, cancelled, refundDue, refunded }

    public struct Line: Hashable, Sendable {
        public let hold: HoldID
        public let variant: VariantID
        public let quantity: Units
        public let unitPrice: Money

        public var total: Money { quantity * unitPrice }
    }

    public let id: OrderID
    public let seq: Int
    public let participant: ParticipantID
    public let lines: [Line]
    public let discount: Money
    public let placedAt: Timestamp
    public let payBy: Timestamp
    public internal(set) var state: State
    public internal(set) var paidAt: Timestamp?
    /// Whether its units count as sold: they do from payment until a refund that restocks.
    public internal(set) var takesUnits = false

    public var total: Money { max(0, lines.reduce(0) { $0 + $1.total } - discount) }
}
