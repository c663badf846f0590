// A show as somebody counts it with pencil and paper: from the facts of the journal, one after the other,
// always from the single holds, waiters and orders and never with running counters. It shares no code
// with the ledger and believes nothing: each fact is checked against the promises before it is noted.

import Inventory
import LiveSession

/// A promise that was broken, in a sentence.
struct Violation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

struct NaiveShow {
    struct Item {
        let sku: String
        var price: Int
        var limit: Int?
        var onHand: Int
        var isRemoved = false
    }

    enum HoldState { case open, released, expired, ordered }

    struct NaiveHold {
        let owner: Int
        let item: Int
        var units: Int
        let price: Int
        /// The flash sale it was granted in; 0 is none.
        let sale: Int
        var endsAt: Int64
        var extensions: Int
        var state = HoldState.open
    }

    struct Waiter: Equatable {
        let person: Int
        var wants: Int
        var offered = 0
        var offerPrice = 0
        var offerEndsAt: Int64 = 0
        /// Units kept until the open offer, which has another price, is accepted.
        var aside = 0
        /// The flash sale in which it joined, and that of the offer; 0 is none.
        var joinedIn = 0
        var offeredIn = 0
    }

    enum OrderState: String { case placed, paid, cancelled, refundDue = "refund_due" }

    struct NaiveOrder {
        let owner: Int
        let holds: [Int]
        let payBy: Int64
        var state = OrderState.placed
        var ranOut = false
    }

    struct Sale {
        let item: Int
        let price: Int
        let startsAt: Int64
        let endsAt: Int64
        let quantity: Int?
        let perBuyer: Int
        var isRunning = false
        var regularPrice = 0
    }

    var items: [Item] = []
    /// By number; hold 1 is the first.
    var holds: [NaiveHold] = []
    var queues: [[Waiter]] = []
    var orders: [String: NaiveOrder] = [:]
    var orderIDs: [String] = []
    var sales: [Int: Sale] = [:]
    /// Until when people may not come in, and not claim; `.max` until that is lifted.
    var banned: [Int: Int64] = [:]
    var restricted: [Int: Int64] = [:]
    /// What each variant is called in orders.
    var titles: [Int: String] = [:]
    var status = "scheduled"
    /// When the last fact was noted.
    private(set) var lastNoted: Int64 = 0
    var seq = 0
    var claims: [Int: Claim] = [:]
    var answeredSeqs: Set<Int> = []
    var usedKeys: Set<KeyDigest> = []
    var settings: [String: Int]

    /// What each variant's units were available for, oldest first: the states since the last look.
    private(set) var availableSeen: [Int: [Int]] = [:]

    init(_ settings: ShowSettings) {
        self.settings = [
            "hold_seconds": settings.stock.holdSeconds,
            "flash_hold_seconds": settings.flashHoldSeconds,
            "waitlist_offer_seconds": settings.stock.offerSeconds,
            "payment_seconds": settings.stock.paymentSeconds,
            "hold_extension_seconds": settings.stock.extensionSeconds,
            "hold_extensions": settings.stock.extensions,
            "limit_per_buyer": settings.stock.limitPerBuyer,
            "active_holds": settings.stock.activeHolds,
            "waitlist_max": settings.stock.waitlistMax,
            "replay_sales": settings.replaySales ? 1 : 0,
        ]
    }

    func setting(_ name: String) -> Int { settings[name] ?? 0 }
    func item(_ sku: String) -> Int? { items.firstIndex { $0.sku == sku && !$0.isRemoved } }

    // MARK: Counting

    func held(_ item: Int) -> Int {
        var units = 0
        for hold in holds where hold.item == item && hold.state == .open { units += hold.units }
        for waiter in queues[item] { units += waiter.offered + waiter.aside }
        for id in orderIDs where orders[id]?.state == .placed { units += self.units(id, item) }
        return units
    }

    func sold(_ item: Int) -> Int {
        orderIDs.filter { orders[$0]?.state == .paid }.reduce(0) { $0 + units($1, item) }
    }

    func available(_ item: Int) -> Int { items[item].onHand - held(item) - sold(item) }

    private func units(_ order: String, _ item: Int) -> Int {
        (orders[order]?.holds ?? []).map { holds[$0 - 1] }.filter { $0.item == item }
            .reduce(0) { $0 + $1.units }
    }

    /// What of an item counts against a person's limit.
    func counted(_ person: Int, _ item: Int) -> Int {
        var units = 0
        for hold in holds where hold.owner == person && hold.item == item && hold.state == .open {
            units += hold.units
        }
        for waiter in queues[item] where waiter.person == person { units += waiter.wants }
        for id in orderIDs {
            guard let order = orders[id], order.owner == person else { continue }
            if order.state == .placed || order.state == .paid { units += self.units(id, item) }
        }
        return units
    }

    /// Something that must not be true when a batch is done.
    func contradiction(at now: Int64) -> String? {
        if let banned = bannedWithSomething(at: now) {
            return "participant \(banned) is banned and still has something"
        }
        for waiter in queues.joined() {
            if restricted[waiter.person] ?? now > now {
                return "participant \(waiter.person) is restricted and waits"
            }
            if waiter.aside > 0, waiter.offered == 0 {
                return "units are set aside for participant \(waiter.person), who has no offer"
            }
        }
        for (number, sale) in sales where sale.isRunning && remaining(number, sale) == 0 {
            return "flash sale f\(number) goes on with no units left"
        }
        if status == "ended", let number = sales.keys.min() {
            return "flash sale f\(number) goes on after the end of the show"
        }
        return nil
    }

    /// Somebody who was banned and whose holds or places were not given back.
    private func bannedWithSomething(at now: Int64) -> Int? {
        banned.filter { $0.value > now }.keys.sorted().first { person in
            holds.contains { $0.owner == person && $0.state == .open }
                || queues.contains { $0.contains { $0.person == person } }
        }
    }

    /// What is overdue: what, and since when.
    func overdue(at now: Int64) -> (what: String, since: Int64)? {
        for (place, hold) in holds.enumerated() where hold.state == .open && hold.endsAt <= now {
            return ("hold h\(place + 1)", hold.endsAt)
        }
        for (item, queue) in queues.enumerated() {
            for waiter in queue where waiter.offered > 0 && waiter.offerEndsAt <= now {
                return ("offer of \(items[item].sku)", waiter.offerEndsAt)
            }
        }
        for id in orderIDs {
            if let order = orders[id], order.state == .placed, order.payBy <= now {
                return ("order \(id)", order.payBy)
            }
        }
        return nil
    }

    func mayNotBuy(_ person: Int, at now: Int64) -> Bool {
        max(restricted[person] ?? now, banned[person] ?? now) > now
    }

    /// Forgets which states of availability were seen.
    mutating func startLooking() {
        availableSeen = [:]
        for item in items.indices { availableSeen[item] = [available(item)] }
    }

    // MARK: Facts

    mutating func note(_ fact: ShowFact, at now: Int64) throws(Violation) {
        lastNoted = now
        switch fact {
        case .statusChanged(let new, _): status = new.rawValue
        case .settingSet(let name, .integer(let value)): settings[name] = value
        case .stock(let event): try note(event, at: now)
        case .claimed(let claim, let idempotency):
            try use(idempotency.key)
            try take(seq: claim.seq)
            try note(claim, at: now)
        case .answered(let seq, let idempotency, _):
            try use(idempotency.key)
            if seq != self.seq { try take(seq: seq) }
            answeredSeqs.insert(seq)
        case .flashScheduled(let sale):
            let item = sale.variant.index
            guard !sales.values.contains(where: { $0.item == item }) else {
                throw Violation("two flash sales of \(items[item].sku)")
            }
            sales[sale.number] = Sale(
                item: item, price: sale.price, startsAt: sale.startsAt.milliseconds,
                endsAt: sale.endsAt.milliseconds, quantity: sale.quantity,
                perBuyer: sale.perBuyer)
        case .flashStarted(let number, let regularPrice):
            guard let sale = sales[number], sale.startsAt <= now else {
                throw Violation("flash sale f\(number) began before its time")
            }
            sales[number]?.isRunning = true
            sales[number]?.regularPrice = regularPrice
        case .flashEnded(let number):
            sales[number] = nil
        case .measureTaken(let measure, let target, _, _): note(measure, target.index)
        case .productPut(let product):
            for variant in product.variants {
                titles[variant.id.index] =
                    product.variants.count > 1
                    ? "\(product.title) – \(variant.title)" : product.title
            }
        default: break
        }
        for item in items.indices {
            let available = available(item)
            guard available >= 0 else {
                throw Violation(
                    "oversold: \(items[item].sku) has \(items[item].onHand) on hand, "
                        + "\(held(item)) held, \(sold(item)) sold after \(fact)")
            }
            if availableSeen[item]?.last != available {
                availableSeen[item, default: []].append(available)
            }
        }
    }

    private mutating func note(_ measure: Measure, _ person: Int) {
        switch measure {
        case .ban(let until): banned[person] = until?.milliseconds ?? .max
        case .unban: banned[person] = nil
        case .restrict(let until): restricted[person] = until?.milliseconds ?? .max
        case .unrestrict: restricted[person] = nil
        case .timeout, .untimeout: break
        }
    }

    private mutating func use(_ key: KeyDigest) throws(Violation) {
        guard usedKeys.insert(key).inserted else {
            throw Violation("an idempotency key had two effects")
        }
    }

    private mutating func take(seq: Int) throws(Violation) {
        guard seq > self.seq else { throw Violation("seq \(seq) follows \(self.seq)") }
        self.seq = seq
    }

    func require(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(sentence()) }
    }

    func openHold(_ number: Int, _ what: String) throws(Violation) -> NaiveHold {
        guard number >= 1, number <= holds.count else {
            throw Violation("hold h\(number) was \(what) but never was")
        }
        let hold = holds[number - 1]
        guard hold.state == .open else {
            throw Violation("hold h\(number) was \(what) after it was \(hold.state)")
        }
        return hold
    }
}
