// What the ledger should do, written as plainly as possible: everything in arrays, every counter added
// up anew each time. It shares no code with the ledger, answers in the words of `RandomSale`, and keeps
// a log of what happened by itself. Rules: docs/PROTOCOL.md, claims and stock.

struct NaiveShop {
    struct Rules {
        var hold = 600
        var offer = 300
        var payment = 600
        var extra = 60
        var extensions = 10
        var limit = 0
        var openHolds = 10
        var queue = 10_000
    }

    struct SKU {
        var name: String
        var onHand: Int
        var price: Int
        var limit: Int?
        var removed = false
    }

    struct Hold {
        var who: Int
        var sku: Int
        var quantity: Int
        var price: Int
        var ends: Int64
        var extensions: Int
        /// The special price it was granted at; 0 is none.
        var special = 0
        var state = "open"
    }

    struct Waiting {
        var who: Int
        var sku: Int
        var wants: Int
        var offered = 0
        var price = 0
        var ends: Int64 = 0
        /// The special price in whose time it joined, and that of the offer.
        var joinedIn = 0
        var offeredIn = 0
        /// Kept until the open offer, which has another price, is accepted.
        var aside = 0
    }

    struct Order {
        var id: UInt64
        var who: Int
        var holds: [Int]
        var discount: Int
        var payBy: Int64
        var paidAt: Int64?
        var state = "placed"
        var reason = ""
        var soldUnits = false
    }

    var rules = Rules()
    var now: Int64 = 0
    var skus: [SKU] = []
    var holds: [Hold] = []
    /// Of all SKUs, in the order in which they joined.
    var waiting: [Waiting] = []
    var orders: [Order] = []
    var specials: [Special] = []
    var log: [String] = []

    // MARK: Adding up

    func lines(_ order: Order) -> [Hold] { order.holds.map { holds[$0 - 1] } }

    func held(_ sku: Int) -> Int {
        var sum = 0
        for hold in holds where hold.sku == sku && hold.state == "open" { sum += hold.quantity }
        for entry in waiting where entry.sku == sku { sum += entry.offered + entry.aside }
        for order in orders where order.state == "placed" {
            for line in lines(order) where line.sku == sku { sum += line.quantity }
        }
        return sum
    }

    func sold(_ sku: Int) -> Int {
        var sum = 0
        for order in orders where order.soldUnits {
            for line in lines(order) where line.sku == sku { sum += line.quantity }
        }
        return sum
    }

    func available(_ sku: Int) -> Int { skus[sku].onHand - held(sku) - sold(sku) }

    func counted(_ who: Int, _ sku: Int) -> Int {
        var sum = 0
        for hold in holds where hold.who == who && hold.sku == sku && hold.state == "open" {
            sum += hold.quantity
        }
        for entry in waiting where entry.who == who && entry.sku == sku { sum += entry.wants }
        for order in orders where order.who == who && ["placed", "paid"].contains(order.state) {
            for line in lines(order) where line.sku == sku { sum += line.quantity }
        }
        return sum
    }

    func open(_ who: Int) -> Int {
        var sum = 0
        for hold in holds where hold.who == who && hold.state == "open" { sum += hold.quantity }
        for entry in waiting where entry.who == who { sum += entry.wants }
        for order in orders where order.who == who && order.state == "placed" {
            for line in lines(order) { sum += line.quantity }
        }
        return sum
    }

    func total(_ order: Order) -> Int {
        max(0, lines(order).reduce(0) { $0 + $1.quantity * $1.price } - order.discount)
    }

    func exists(_ sku: Int) -> Bool { sku < skus.count && !skus[sku].removed }

    func index(_ who: Int, _ sku: Int) -> Int? {
        waiting.firstIndex { $0.who == who && $0.sku == sku }
    }

    func place(_ who: Int, _ sku: Int) -> Int {
        guard let index = index(who, sku) else { return 0 }
        return waiting[...index].filter { $0.sku == sku }.count
    }

    func openHolds(_ who: Int) -> Int {
        holds.filter { $0.who == who && $0.state == "open" }.count
    }

    // MARK: Claims

    mutating func claim(
        _ who: Int, _ sku: Int, _ quantity: Int, seen: Int?, partial: Bool, wait: Bool
    ) -> String {
        guard exists(sku) else { return "unknownVariant" }
        let price = skus[sku].price
        if let seen, seen < price { return "priceChanged(price: \(price))" }
        if partial, wait, let index = index(who, sku) {
            return "waits for \(waiting[index].wants) at \(place(who, sku))"
        }
        if let refusal = overLimit(who, sku, quantity) { return refusal }
        let special = special(of: sku)
        let stock = available(sku)
        let free = min(stock, special.flatMap(remaining) ?? stock)
        if free == 0, !partial || !wait { return "soldOut" }
        if free < quantity, !partial { return "insufficientStock(available: \(free))" }
        let queueIsFull = waiting.filter { $0.sku == sku }.count >= rules.queue
        if free == 0, queueIsFull { return "waitlistFull" }
        let gets = min(free, quantity)
        if gets > 0, rules.openHolds > 0, openHolds(who) >= rules.openHolds {
            return "tooManyHolds(limit: \(rules.openHolds))"
        }
        let joins = wait && !queueIsFull && free == stock ? quantity - gets : 0
        if joins > 0 {
            waiting.append(
                Waiting(who: who, sku: sku, wants: joins, joinedIn: special?.number ?? 0))
        }
        let place = joins > 0 ? place(who, sku) : 0
        return grant(who, sku, gets, price, special?.number ?? 0)
            + " joined \(joins) place \(place)"
    }

    private mutating func grant(
        _ who: Int, _ sku: Int, _ units: Int, _ price: Int, _ special: Int
    ) -> String {
        if units == 0 { return "no hold" }
        let ends = now + Int64(rules.hold) * 1000
        holds.append(
            Hold(
                who: who, sku: sku, quantity: units, price: price, ends: ends,
                extensions: rules.extensions, special: special))
        return "h\(holds.count): \(units) at \(price) until \(ends)"
    }

    mutating func accept(_ who: Int, _ sku: Int, seen: Int?) -> String {
        guard exists(sku) else { return "unknownVariant" }
        guard let index = index(who, sku) else { return "notWaiting" }
        let entry = waiting[index]
        if entry.offered == 0 || entry.ends <= now { return "noOffer" }
        if let seen, seen < entry.price { return "priceChanged(price: \(entry.price))" }
        if rules.openHolds > 0, openHolds(who) >= rules.openHolds {
            return "tooManyHolds(limit: \(rules.openHolds))"
        }
        waiting[index].wants -= entry.offered
        waiting[index].offered = 0
        if waiting[index].wants == 0 { waiting.remove(at: index) }
        let place = place(who, sku)
        let answer = grant(who, sku, entry.offered, entry.price, entry.offeredIn)
        if entry.aside > 0 { offerAside(index) }
        return answer + " joined 0 place \(place)"
    }

    mutating func leave(_ who: Int, _ sku: Int) -> String {
        guard exists(sku) else { return "unknownVariant" }
        guard let index = index(who, sku) else { return "notWaiting" }
        waiting.remove(at: index)
        log.append("left \(sku) by \(who)")
        serve(sku)
        return "done"
    }

    mutating func serve(_ sku: Int) {
        while available(sku) > 0,
            let index = waiting.firstIndex(where: {
                $0.sku == sku && $0.offered + $0.aside < $0.wants
            })
        {
            let entry = waiting[index]
            let most = min(available(sku), entry.wants - entry.offered - entry.aside)
            let terms = terms(sku, entry.who, most)
            if entry.offered == 0 {
                open(index, terms)
            } else if entry.offeredIn == terms.special {
                waiting[index].offered += terms.units
                tellOffer(index, terms.units)
            } else {
                waiting[index].aside += most
                log.append("set aside \(most) of \(sku) for \(entry.who)")
            }
        }
    }

    // MARK: Holds

    private func whyNotOpen(_ number: Int, _ who: Int) -> String? {
        guard number >= 1, number <= holds.count, holds[number - 1].who == who else {
            return "unknownHold"
        }
        let hold = holds[number - 1]
        if hold.state == "expired" || hold.state == "open" && hold.ends <= now {
            return "holdExpired"
        }
        return hold.state == "open" ? nil : "holdNotOpen(\(hold.state))"
    }

    mutating func release(_ number: Int, _ who: Int, _ quantity: Int?) -> String {
        if let refusal = whyNotOpen(number, who) { return refusal }
        let all = holds[number - 1].quantity
        let given = quantity ?? all
        if given > all { return #"outOfRange("quantity")"# }
        if given == all {
            holds[number - 1].state = "released"
            log.append("released h\(number)")
        } else {
            holds[number - 1].quantity -= given
            log.append("released \(given) of h\(number)")
        }
        serve(holds[number - 1].sku)
        return "\(given) of \(all)"
    }

    mutating func extend(_ number: Int, _ who: Int) -> String {
        if let refusal = whyNotOpen(number, who) { return refusal }
        if holds[number - 1].extensions == 0 { return "noExtensionsLeft" }
        holds[number - 1].extensions -= 1
        holds[number - 1].ends += Int64(rules.extra) * 1000
        log.append("extended h\(number) until \(holds[number - 1].ends)")
        return "done"
    }

    mutating func releaseEverything(_ who: Int) {
        for entry in waiting where entry.who == who { _ = leave(who, entry.sku) }
        for number in holds.indices.map({ $0 + 1 })
        where holds[number - 1].who == who && holds[number - 1].state == "open" {
            holds[number - 1].state = "released"
            log.append("released h\(number)")
            serve(holds[number - 1].sku)
        }
    }

    // MARK: Orders

    mutating func order(_ id: UInt64, _ numbers: [Int], _ who: Int, discount: Int) -> String {
        if numbers.isEmpty || Set(numbers).count < numbers.count { return #"outOfRange("holds")"# }
        for number in numbers {
            if let refusal = whyNotOpen(number, who) { return refusal }
        }
        for number in numbers { holds[number - 1].state = "ordered" }
        let payBy = now + Int64(rules.payment) * 1000
        orders.append(Order(id: id, who: who, holds: numbers, discount: discount, payBy: payBy))
        log.append("placed \(id)")
        if total(orders[orders.count - 1]) == 0 { sell(orders.count - 1) }
        return orders[orders.count - 1].state
    }

    private mutating func sell(_ index: Int) {
        orders[index].state = "paid"
        orders[index].paidAt = now
        orders[index].soldUnits = true
        log.append("paid \(orders[index].id)")
    }

    mutating func pay(_ id: UInt64, fromOutside: Bool, mayClaim: Bool) -> String {
        guard let index = orders.firstIndex(where: { $0.id == id }) else { return "unknownOrder" }
        switch orders[index].state {
        case "placed":
            sell(index)
        case "cancelled":
            if mayClaim, orders[index].reason == "ran out", wouldBeGranted(orders[index]) {
                sell(index)
            } else if !fromOutside {
                return "orderState(cancelled)"
            } else {
                orders[index].state = "refundDue"
                log.append("refund due \(id)")
            }
        case let state:
            return "orderState(\(state))"
        }
        return orders[index].state
    }

    mutating func cancel(_ id: UInt64, _ who: Int?) -> String {
        guard let index = orders.firstIndex(where: { $0.id == id }),
            who == nil || who == orders[index].who
        else { return "unknownOrder" }
        if orders[index].state != "placed" { return "orderState(\(orders[index].state))" }
        lapse(index, who == nil ? "shop" : "buyer")
        return "cancelled"
    }

    private mutating func lapse(_ index: Int, _ reason: String) {
        orders[index].state = "cancelled"
        orders[index].reason = reason
        log.append("\(reason): cancelled \(orders[index].id)")
        for line in lines(orders[index]) { serve(line.sku) }
    }

    mutating func refund(_ id: UInt64, restock: Bool) -> String {
        guard let index = orders.firstIndex(where: { $0.id == id }) else { return "unknownOrder" }
        guard ["paid", "refundDue"].contains(orders[index].state) else {
            return "orderState(\(orders[index].state))"
        }
        orders[index].state = "refunded"
        if restock { orders[index].soldUnits = false }
        log.append("refunded \(id)")
        if restock { for line in lines(orders[index]) { serve(line.sku) } }
        return "refunded"
    }

    // MARK: Stock

    mutating func adjust(_ sku: Int, _ delta: Int) -> String {
        guard exists(sku) else { return "unknownVariant" }
        return set(sku, skus[sku].onHand + delta, expected: nil)
    }

    mutating func set(_ sku: Int, _ onHand: Int, expected: Int?) -> String {
        guard exists(sku) else { return "unknownVariant" }
        if let expected, expected != skus[sku].onHand {
            return "stockChanged(onHand: \(skus[sku].onHand))"
        }
        let least = held(sku) + sold(sku)
        if onHand < least { return "belowHeld(minimum: \(least))" }
        skus[sku].onHand = onHand
        log.append("on hand \(sku) \(onHand)")
        serve(sku)
        return "done"
    }

    mutating func remove(_ sku: Int) -> String {
        guard exists(sku) else { return "unknownVariant" }
        if held(sku) > 0 { return "unitsHeld" }
        for entry in waiting where entry.sku == sku { log.append("left \(sku) by \(entry.who)") }
        waiting.removeAll { $0.sku == sku }
        skus[sku].removed = true
        log.append("removed \(sku)")
        return "done"
    }

    // MARK: Time

    /// Ends what is due, one after the other, the earliest first.
    mutating func expire() {
        while let due = earliestDue() {
            switch due.kind {
            case 0:
                holds[due.a - 1].state = "expired"
                log.append("expired h\(due.a)")
                serve(holds[due.a - 1].sku)
            case 1:
                waiting.removeAll { $0.sku == due.a && $0.who == due.b }
                log.append("offer expired \(due.a) of \(due.b)")
                serve(due.a)
            default:
                lapse(due.a, "ran out")
            }
        }
    }

    private typealias Due = (at: Int64, kind: Int, a: Int, b: Int)

    private func earliestDue() -> Due? {
        var due: [Due] = []
        for (index, hold) in holds.enumerated() where hold.state == "open" && hold.ends <= now {
            due.append((hold.ends, 0, index + 1, 0))
        }
        for entry in waiting where entry.offered > 0 && entry.ends <= now {
            due.append((entry.ends, 1, entry.sku, entry.who))
        }
        for (index, order) in orders.enumerated() where order.state == "placed" {
            if order.payBy <= now { due.append((order.payBy, 2, index, 0)) }
        }
        return due.min { ($0.at, $0.kind, $0.a, $0.b) < ($1.at, $1.kind, $1.a, $1.b) }
    }
}
