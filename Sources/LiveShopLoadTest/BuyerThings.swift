// What one buyer has, as the server told it: holds, orders, places on waitlists, offers. LiveShopClient reads
// the messages; this keeps only what the verdict needs, since there are thousands of buyers. The sum over
// all of them is held against the stock that the server announces. Pure.

import LiveShopClient
import WireProtocol

struct BuyerHold: Equatable, Sendable {
    var sku: String
    var units: Int
}

struct BuyerOrder: Equatable, Sendable {
    struct Line: Equatable, Sendable {
        var sku: String
        var units: Int
    }

    var status: String
    var lines: [Line]
    /// First paid, first served: its units are nobody's until it is paid.
    var isFirstPaid: Bool

    init(_ order: OrderView, isFirstPaid: Bool = false) {
        status = order.status
        lines = order.lines.map { Line(sku: $0.sku, units: Int($0.quantity)) }
        self.isFirstPaid = isFirstPaid
    }

    /// Whether its units are counted as held or sold.
    var bindsUnits: Bool { status == "paid" || (status == "placed" && !isFirstPaid) }
}

struct BuyerWait: Equatable, Sendable {
    var sku: String
    var units: Int
    /// Units of an open offer.
    var offered: Int
}

struct BuyerThings: Equatable, Sendable {
    /// By their ids.
    private(set) var holds: [String: BuyerHold] = [:]
    private(set) var orders: [String: BuyerOrder] = [:]
    private(set) var waits: [BuyerWait] = []
    /// Something this buyer had of a SKU ended or was offered, so places may have moved.
    private(set) var hasMoved = false
    /// SKUs whose waitlist came to this buyer: there was an offer, or the entry is gone.
    private(set) var served: Set<String> = []

    /// Adds the units of each SKU that the server must count as held or sold for this buyer.
    func add(to units: inout [String: Int]) {
        for hold in holds.values { units[hold.sku, default: 0] += hold.units }
        for order in orders.values where order.bindsUnits {
            for line in order.lines { units[line.sku, default: 0] += line.units }
        }
        for wait in waits where wait.offered > 0 { units[wait.sku, default: 0] += wait.offered }
    }

    // MARK: Replies

    /// The reply to `claim.create` or `waitlist.accept`. A hold whose time is over by `now`
    /// (milliseconds since 1970; a repeated answer may be old) is not taken up.
    mutating func take(_ answer: ClaimAnswer, now: Int64) {
        if let hold = answer.hold, hold.expiresAt.map({ $0 > now }) ?? true { set(hold) }
        if let order = answer.order { orders[order.id] = BuyerOrder(order, isFirstPaid: true) }
        if let wait = answer.wait { join(wait) }
    }

    /// The reply to `waitlist.accept`, besides what `take(_:now:)` does: the offer is used up.
    mutating func accepted(_ sku: String, _ answer: ClaimAnswer) {
        hasMoved = true
        if answer.wait == nil {
            waits.removeAll { $0.sku == sku }
        } else if let index = waits.firstIndex(where: { $0.sku == sku }) {
            waits[index].offered = 0
        }
    }

    /// The reply to `order.place` for these holds, or to `order.pay`.
    mutating func take(_ order: OrderView?, for ordered: [String] = []) {
        for id in ordered { holds[id] = nil }
        if let order { orders[order.id] = BuyerOrder(order) }
    }

    /// The `you` of hello, which is everything except paid and cancelled orders beyond the newest: those
    /// are what they were.
    mutating func replace(by you: JSONNode, _ document: JSONDocument) {
        let waiting = Set(waits.map(\.sku))
        let held = Set(holds.keys)
        holds = [:]
        waits = []
        for node in document.list("holds", of: you) {
            if let hold = HoldView(node, document) { set(hold) }
        }
        for node in document.list("orders", of: you) {
            if let order = OrderView(node, document) { orders[order.id] = BuyerOrder(order) }
        }
        for node in document.list("waitlist", of: you) {
            if let wait = WaitView(node, document) { join(wait) }
        }
        served.formUnion(waiting.subtracting(waits.map(\.sku)))
        for wait in waits where wait.offered > 0 { served.insert(wait.sku) }
        if !served.isEmpty || !held.isSubset(of: holds.keys) { hasMoved = true }
    }

    // MARK: Notices

    mutating func take(_ news: OwnNews) {
        switch news {
        case .held(let hold): set(hold)
        case .reduced(let hold):
            set(hold)
            hasMoved = true
        case .holdEnded(let id):
            holds[id] = nil
            hasMoved = true
        case .waiting(let wait): join(wait)
        case .offered(let sku, let offer):
            let units = Int(offer.quantity)
            hasMoved = true
            served.insert(sku)
            if let index = waits.firstIndex(where: { $0.sku == sku }) {
                waits[index].offered = units
            } else {
                waits.append(BuyerWait(sku: sku, units: units, offered: units))
            }
        case .passed(let sku):
            waits.removeAll { $0.sku == sku }
            hasMoved = true
            served.insert(sku)
        case .order(let order):
            guard orders[order.id] != nil else { return }
            orders[order.id]?.status = order.status
            if order.status != "placed", order.status != "paid" { hasMoved = true }
        }
    }

    // MARK: Steps

    private mutating func set(_ hold: HoldView) {
        holds[hold.id] = BuyerHold(sku: hold.sku, units: Int(hold.quantity))
    }

    private mutating func join(_ wait: WaitView) {
        let offered = waits.first { $0.sku == wait.sku }?.offered ?? 0
        waits.removeAll { $0.sku == wait.sku }
        waits.append(
            BuyerWait(
                sku: wait.sku, units: Int(wait.quantity),
                offered: wait.offer.map { Int($0.quantity) } ?? offered))
    }
}
