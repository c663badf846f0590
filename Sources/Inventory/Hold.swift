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
    /// The special price its units are in; 0 is none.
    @Compact var special: Int
    /// The participant's hold before this one, or one further back: those between have ended.
    var earlier: HoldID?
    public internal(set) var state: State
}

/// Units of a hold that were given back, and those that stay in it.
public struct HoldRelease: Hashable, Sendable {
    public let released: Units
    public let remaining: Units
}

/// What became of holds a buyer paid for, or will. Its units are held while it is `placed` and sold
/// when it is `paid`.
public struct Order: Hashable, Sendable {
    public enum State: UInt8, Sendable { case placed, paid, cancelled, refundDue, refunded }

    /// Why an order was cancelled. Only one that ran out may come back by a late payment.
    public enum CancelReason: UInt8, Sendable {
        /// Cancelled before reasons were recorded: treated as if its buyer had cancelled it.
        case unknown
        case buyer, ranOut, shop
    }

    public struct Line: Hashable, Sendable {
        public let hold: HoldID
        public let variant: VariantID
        @Compact public internal(set) var quantity: Units
        /// Its place among the ledger's `lineTexts`: a text for each order would be most of its memory.
        @Compact var text: Int
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
    /// Means something once it was cancelled.
    public internal(set) var cancelReason = CancelReason.unknown

    public var total: Money { max(0, lines.reduce(0) { $0 + $1.total } - discount) }
}
