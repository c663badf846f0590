// A price for a short time: announced by a countdown, then in force, then gone by itself. Holds taken
// in it keep its price.

public import Inventory

public struct FlashSale: Hashable, Sendable {
    /// 1, 2, 3 … in the show; on the wire `f1`.
    public let number: Int
    public let variant: VariantID
    public let price: Money
    public let startsAt: Timestamp
    public let endsAt: Timestamp
    /// Units per buyer in this sale; 0 is no limit.
    public let perBuyer: Units
    /// Units in this sale; nil is all there are.
    public let quantity: Units?
    /// Whether the countdown is over.
    public internal(set) var isRunning = false
    /// The price that returns.
    var regularPrice: Money = 0

    init(
        number: Int, variant: VariantID, price: Money, startsAt: Timestamp, endsAt: Timestamp,
        perBuyer: Units, quantity: Units?
    ) {
        self.number = number
        self.variant = variant
        self.price = price
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.perBuyer = perBuyer
        self.quantity = quantity
    }

    public var id: String { "f\(number)" }

    /// What it is to the ledger, which counts whose units are in it.
    var special: SpecialPrice {
        SpecialPrice(
            number: number, variant: variant, price: price, regularPrice: regularPrice,
            perBuyer: perBuyer, quantity: quantity)
    }
}

/// A flash sale as a host asks for it.
public struct FlashSaleDraft: Sendable {
    public var variant: VariantID
    public var price: Money
    public var countdownSeconds: Int
    public var durationSeconds: Int
    public var perBuyer: Units
    public var quantity: Units?

    public init(
        variant: VariantID, price: Money, countdownSeconds: Int = 10, durationSeconds: Int = 60,
        perBuyer: Units = 1, quantity: Units? = nil
    ) {
        self.variant = variant
        self.price = price
        self.countdownSeconds = countdownSeconds
        self.durationSeconds = durationSeconds
        self.perBuyer = perBuyer
        self.quantity = quantity
    }
}
