// One shop with one SKU, a clock that is a number, and helpers that make a test one line per step.
// Used by all tests of single rules; the random test has a driver of its own.

import Inventory
import Testing

let ana = ParticipantID(0)
let ben = ParticipantID(1)
let cleo = ParticipantID(2)
let dan = ParticipantID(3)

final class Shop {
    var ledger: StockLedger
    var rules = StockRules()
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    let mug: VariantID
    private var seq = 0
    private var ordersPlaced: UInt64 = 0
    private var specials = 0

    init(onHand: Units = 3, price: Money = 500, limit: Units? = nil) throws {
        var ledger = StockLedger()
        mug = try ledger.addVariant(sku: "MUG", onHand: onHand, price: price, limit: limit)
        self.ledger = ledger
    }

    // MARK: Claims

    func claim(
        _ who: ParticipantID, _ quantity: Units = 1, of variant: VariantID? = nil,
        seeing price: Money? = nil, partial: Bool = true, waitlist: Bool = true
    ) throws -> Result<ClaimDecision, StockRefusal> {
        seq += 1
        return try ledger.claim(
            ClaimRequest(
                participant: who, variant: variant ?? mug, quantity: quantity, unitPrice: price,
                partial: partial, waitlist: waitlist),
            seq: seq, rules: rules, at: now)
    }

    /// A claim that must change something.
    @discardableResult
    func decided(
        _ who: ParticipantID, _ quantity: Units = 1, of variant: VariantID? = nil,
        seeing price: Money? = nil, partial: Bool = true, waitlist: Bool = true,
        at location: SourceLocation = #_sourceLocation
    ) throws -> Claim {
        let outcome = try claim(
            who, quantity, of: variant, seeing: price, partial: partial, waitlist: waitlist)
        guard case .success(.decided(let claim)) = outcome else {
            throw Unexpected("claim: \(outcome)", location)
        }
        return claim
    }

    /// A claim that must be granted in full.
    @discardableResult
    func held(
        _ who: ParticipantID, _ quantity: Units = 1, of variant: VariantID? = nil,
        at location: SourceLocation = #_sourceLocation
    ) throws -> Hold {
        let claim = try decided(who, quantity, of: variant, at: location)
        guard let id = claim.hold, let hold = ledger.hold(id), claim.granted == quantity else {
            throw Unexpected("not held: \(claim)", location)
        }
        return hold
    }

    func accept(
        _ who: ParticipantID, seeing price: Money? = nil, of variant: VariantID? = nil
    ) throws -> Result<Claim, StockRefusal> {
        seq += 1
        return try ledger.acceptOffer(
            of: variant ?? mug, by: who, unitPrice: price, seq: seq, rules: rules, at: now)
    }

    func leave(_ who: ParticipantID) throws -> StockRefusal? {
        try ledger.leaveWaitlist(of: mug, by: who, rules: rules, at: now)
    }

    // MARK: Holds and time

    func release(_ hold: HoldID, by who: ParticipantID) throws -> Result<Units, StockRefusal> {
        try ledger.release(hold, by: who, rules: rules, at: now).map(\.released)
    }

    func extend(_ hold: HoldID, by who: ParticipantID) throws -> Result<Hold, StockRefusal> {
        try ledger.extend(hold, by: who, rules: rules, at: now)
    }

    /// Lets time pass, and ends what ends by itself.
    func pass(seconds: Int) throws { try pass(milliseconds: seconds * 1000) }

    func pass(milliseconds: Int) throws {
        now = now.adding(milliseconds: milliseconds)
        try ledger.expire(at: now, rules: rules)
    }

    // MARK: Orders

    func order(
        _ holds: [HoldID], by who: ParticipantID, discount: Money = 0
    ) throws -> Result<Order, StockRefusal> {
        seq += 1
        ordersPlaced += 1
        return try ledger.placeOrder(
            OrderID(high: 0, low: ordersPlaced), of: holds.map { OrderPlacement.Line($0) },
            by: who, discount: discount, seq: seq, rules: rules, at: now)
    }

    /// Claims and orders, which must both work.
    func ordered(
        _ who: ParticipantID, _ quantity: Units = 1, at location: SourceLocation = #_sourceLocation
    ) throws -> Order {
        try order([held(who, quantity, at: location).id], by: who).get()
    }

    /// A payment, by default one that comes from outside.
    func pay(
        _ order: OrderID, _ way: PaymentWay = .outside, mayClaim: Bool = true
    ) throws -> Result<Order, StockRefusal> {
        try ledger.pay(order, way, mayClaim: mayClaim, rules: rules, at: now)
    }

    func cancel(_ order: OrderID, by who: ParticipantID?) throws -> Result<Order, StockRefusal> {
        try ledger.cancel(order, by: who, rules: rules, at: now)
    }

    func refund(_ order: OrderID, restock: Bool) throws -> Result<Order, StockRefusal> {
        try ledger.refund(order, restock: restock, rules: rules, at: now)
    }

    // MARK: Special prices

    /// Puts a price in force as a flash sale does.
    @discardableResult
    func beginSpecial(
        _ price: Money, perBuyer: Units = 0, quantity: Units? = nil
    ) throws -> SpecialPrice {
        specials += 1
        let special = SpecialPrice(
            number: specials, variant: mug, price: price, regularPrice: ledger.level(mug).price,
            perBuyer: perBuyer, quantity: quantity)
        ledger.begin(special)
        try ledger.setPrice(mug, price)
        return special
    }

    func endSpecial(_ special: SpecialPrice) throws {
        try ledger.setPrice(mug, special.regularPrice)
        ledger.endSpecial(special.number)
    }

    // MARK: Stock

    func adjust(by delta: Units) throws -> StockRefusal? {
        try ledger.adjust(mug, by: delta, rules: rules, at: now)
    }

    func set(onHand: Units, expected: Units? = nil) throws -> StockRefusal? {
        try ledger.set(mug, onHand: onHand, expected: expected, rules: rules, at: now)
    }

    // MARK: Reading

    var counters: Counters { Counters(ledger.level(mug)) }

    /// Who waits, head first.
    var queue: [ParticipantID] { ledger.level(mug).waitlist.inOrder.map(\.participant) }

    func entry(_ who: ParticipantID) -> WaitlistEntry? {
        ledger.level(mug).waitlist.entry(of: who)
    }

    func offer(_ who: ParticipantID) -> Offer? { entry(who)?.offer }

    func place(_ who: ParticipantID) -> Int? { ledger.level(mug).waitlist.place(of: who) }

    func state(_ hold: HoldID) -> Hold.State? { ledger.hold(hold)?.state }
}

/// What is seen of a SKU's stock.
struct Counters: Hashable, CustomStringConvertible {
    var available: Units
    var held: Units
    var sold: Units

    init(available: Units, held: Units, sold: Units) {
        self.available = available
        self.held = held
        self.sold = sold
    }

    init(_ level: StockLevel) {
        self.init(available: level.available, held: level.held, sold: level.sold)
    }

    var description: String { "available \(available) held \(held) sold \(sold)" }
}

/// A step of a test that had to work did not.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ location: SourceLocation) {
        description = "\(what) (line \(location.line))"
    }
}

extension Result where Failure == StockRefusal {
    /// Why not; nil when it worked.
    var refusal: StockRefusal? {
        if case .failure(let refusal) = self { refusal } else { nil }
    }
}
