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
    /// Units granted in the sale.
    public internal(set) var taken: Units = 0
    private var units: [ParticipantID: Units] = [:]
    private var holds: [HoldID: Units] = [:]

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

    /// Units the sale still has; nil when it has all there are.
    var remaining: Units? { quantity.map { max(0, $0 - taken) } }

    func units(of participant: ParticipantID) -> Units { units[participant] ?? 0 }

    mutating func count(_ claim: Claim) {
        taken += claim.granted
        units[claim.participant, default: 0] += claim.granted + claim.joined
        if let hold = claim.hold { holds[hold] = claim.granted }
    }

    /// A hold of the sale ended without being ordered: its units do not count against the buyer.
    mutating func uncount(_ hold: HoldID, of participant: ParticipantID) {
        guard let freed = holds.removeValue(forKey: hold) else { return }
        units[participant, default: 0] -= freed
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
