/// The counters of one SKU. At every commit on hand = available + held + sold, and none is negative.
public struct StockLevel: Sendable {
    public let sku: String
    public internal(set) var price: Money
    /// Pieces per buyer; nil leaves it to the show's rule, 0 is no limit.
    public internal(set) var limit: Units?
    public internal(set) var onHand: Units
    /// In open holds, open offers and placed orders, and set aside for those who wait.
    public internal(set) var held: Units = 0
    /// In paid orders.
    public internal(set) var sold: Units = 0
    public internal(set) var waitlist = Waitlist()
    public internal(set) var isRemoved = false
    /// Set when the counters were found to be wrong: nothing of it is sold any more.
    public internal(set) var isQuarantined = false

    @inlinable public var available: Units { onHand - held - sold }

    /// Whether the counters are as they must be. Asked for every claim: inlined, or a whole level would be
    /// copied to be asked.
    @inline(__always)
    var isSound: Bool { held >= 0 && sold >= 0 && available >= 0 && waitlist.reserved <= held }

    /// The sentence that says what is wrong with the counters, if anything.
    public var brokenInvariant: String? {
        if isSound { return nil }
        if held < 0 { return "held is \(held)" }
        if sold < 0 { return "sold is \(sold)" }
        if available < 0 { return "held \(held) and sold \(sold) exceed on hand \(onHand)" }
        return "offered \(waitlist.reserved) exceeds held \(held)"
    }
}

/// We were wrong: a decision or a stored fact does not fit the ledger. Nothing may be sold on top.
public struct LedgerDefect: Error, Hashable, Sendable, CustomStringConvertible {
    public let variant: VariantID?
    public let description: String

    /// `variant` is the one that must not be sold any more, if it is one that is wrong.
    public init(_ variant: VariantID?, _ description: String) {
        self.variant = variant
        self.description = description
    }
}
