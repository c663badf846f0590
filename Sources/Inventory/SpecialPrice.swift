// A price below the regular one, for a while: what a flash sale is to the ledger. It has so many units and
// so many for each buyer. The owner of the ledger begins and ends it, when facts of its own say so, and sets
// the variant's price with it; the ledger counts whose units are in it, and prices offers.

public struct SpecialPrice: Sendable {
    /// Names it in holds and offers; 1 or more.
    public let number: Int
    public let variant: VariantID
    public let price: Money
    /// The price of the units that it does not reach, and of all when it is over.
    public let regularPrice: Money
    /// Units per buyer; 0 is no limit.
    public let perBuyer: Units
    /// Units it has; nil is all there are.
    public let quantity: Units?
    /// Units in it now: in open holds and offers, and in placed and paid orders. What ended unpaid and
    /// what was refunded is in it no more.
    public private(set) var taken: Units = 0
    private var units: [ParticipantID: Units] = [:]

    public init(
        number: Int, variant: VariantID, price: Money, regularPrice: Money, perBuyer: Units = 0,
        quantity: Units? = nil
    ) {
        self.number = number
        self.variant = variant
        self.price = price
        self.regularPrice = regularPrice
        self.perBuyer = perBuyer
        self.quantity = quantity
    }

    /// Units it still has; nil when it has all there are.
    public var remaining: Units? { quantity.map { max(0, $0 - taken) } }

    /// The participant's units that are in it.
    public func units(of participant: ParticipantID) -> Units { units[participant] ?? 0 }

    /// How many of `wanted` units it still has for the participant.
    func reach(for participant: ParticipantID, wanted: Units) -> Units {
        let own = perBuyer > 0 ? max(0, perBuyer - units(of: participant)) : wanted
        return min(wanted, own, remaining ?? wanted)
    }

    mutating func count(_ delta: Units, of participant: ParticipantID) {
        taken += delta
        units[participant, default: 0] += delta
    }
}

extension StockLedger {
    /// Puts a special price in force. One per variant at a time.
    public mutating func begin(_ special: SpecialPrice) { specials.append(special) }

    public mutating func endSpecial(_ number: Int) { specials.removeAll { $0.number == number } }

    /// The special price of the variant, if one is in force.
    public func special(of variant: VariantID) -> SpecialPrice? {
        place(ofSpecial: variant).map { specials[$0] }
    }

    /// Units that a special price in force still has; nil when nothing but the stock bounds a claim.
    public func unitsLeft(ofSpecial variant: VariantID) -> Units? {
        place(ofSpecial: variant).flatMap { specials[$0].remaining }
    }

    func place(ofSpecial variant: VariantID) -> Int? {
        specials.isEmpty ? nil : specials.firstIndex { $0.variant == variant }
    }

    /// Counts units of a hold or an offer in the special price they belong to, if it is still in force;
    /// 0 is none.
    mutating func count(
        _ delta: Units, inSpecial number: Int, of participant: ParticipantID
    ) {
        guard number > 0, let place = specials.firstIndex(where: { $0.number == number }) else {
            return
        }
        specials[place].count(delta, of: participant)
    }

    /// The participant's units that count against a special price's limit per buyer: those in it, and
    /// those that a claim of its time waits for.
    func counted(in special: SpecialPrice, of participant: ParticipantID) -> Units {
        let entry = levels[special.variant.index].waitlist.entry(of: participant)
        let waiting = entry?.special == special.number ? entry?.unoffered : nil
        return special.units(of: participant) + (waiting ?? 0)
    }

    /// What units can be offered at: at the special price as far as it reaches, the rest at the regular
    /// one. 0 is no special price.
    func terms(
        _ variant: VariantID, for participant: ParticipantID, upTo units: Units
    ) -> (units: Units, price: Money, special: Int) {
        guard let place = place(ofSpecial: variant) else {
            return (units, levels[variant.index].price, 0)
        }
        let reached = specials[place].reach(for: participant, wanted: units)
        return reached > 0
            ? (reached, specials[place].price, specials[place].number)
            : (units, specials[place].regularPrice, 0)
    }
}
