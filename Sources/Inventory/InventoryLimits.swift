/// The numbers that bound the ledger. What a show may set differently is in `StockRules`.
public enum InventoryLimits {
    /// The most pieces one SKU may have on hand.
    public static let onHandMax: Units = 1_000_000_000
    /// The highest price or amount, in minor units.
    public static let priceMax: Money = 1_000_000_000_000
    /// The most pieces one claim may ask for.
    public static let claimQuantityMax: Units = 999
    /// The most people a show meets, and the most variants and the like that facts may name.
    public static let participantsMax = 100_000_000
    /// The times of facts: from 1970 to the end of the year 9999.
    public static let times =
        Timestamp(
            milliseconds: 0)...Timestamp(
            milliseconds: 253_402_300_799_999)
    /// The most holds one order may take.
    public static let orderHoldsMax = 100
}

/// The settings of a show that the ledger obeys (docs/PROTOCOL.md, settings).
public struct StockRules: Hashable, Sendable {
    public var holdSeconds = 600
    public var offerSeconds = 300
    public var paymentSeconds = 600
    public var warningSeconds = 60
    public var extensionSeconds = 60
    public var extensions = 10
    /// Pieces of one SKU per buyer; 0 is no limit. A variant's own limit wins.
    public var limitPerBuyer: Units = 0
    /// Open holds per participant; 0 is no limit.
    public var activeHolds = 10
    public var waitlistMax = 10_000

    public init() {}
}
