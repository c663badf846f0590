// What one buyer has, as the server told it: holds, orders, places on waitlists, offers. Pure. Filled
// from replies, personal notices and the `you` of hello; the sum over all buyers is held against the
// stock that the server announces.

import WireProtocol

struct Belongings: Equatable, Sendable {
    struct Hold: Equatable, Sendable {
        var id: String
        var sku: String
        var units: Int
    }

    struct Order: Equatable, Sendable {
        var id: String
        var status: String
        var lines: [Line]
        /// First paid, first served: its units are nobody's until it is paid.
        var isFirstPaid: Bool

        struct Line: Equatable, Sendable {
            var sku: String
            var units: Int
        }

        /// Whether its units are counted as held or sold.
        var bindsUnits: Bool { status == "paid" || (status == "placed" && !isFirstPaid) }
    }

    struct Wait: Equatable, Sendable {
        var sku: String
        var units: Int
        var place: Int
        /// Units of an open offer.
        var offered: Int
    }

    /// By their ids.
    private(set) var holds: [String: Hold] = [:]
    private(set) var orders: [String: Order] = [:]
    private(set) var waits: [Wait] = []
    /// Something this buyer had of a SKU ended or was offered, so places may have moved.
    private(set) var hasMoved = false
    /// SKUs whose waitlist came to this buyer: there was an offer, or the entry is gone.
    private(set) var served: Set<String> = []

    /// Units of a SKU that the server must count as held or sold for this buyer.
    func units(of sku: String) -> Int {
        var units: [String: Int] = [:]
        add(to: &units)
        return units[sku] ?? 0
    }

    /// Adds the units of each SKU that the server must count as held or sold for this buyer.
    func add(to units: inout [String: Int]) {
        for hold in holds.values { units[hold.sku, default: 0] += hold.units }
        for order in orders.values where order.bindsUnits {
            for line in order.lines { units[line.sku, default: 0] += line.units }
        }
        for wait in waits where wait.offered > 0 { units[wait.sku, default: 0] += wait.offered }
    }

    func wait(for sku: String) -> Wait? { waits.first { $0.sku == sku } }

    // MARK: Replies

    /// The reply to `claim.create` or `waitlist.accept`. A hold whose time is over by `now`
    /// (milliseconds since 1970; a repeated answer may be old) is not taken up.
    mutating func take(claim document: JSONDocument, now: Int64) {
        let root = document.root
        if let node = document.member(root, "hold"), let hold = Belongings.hold(node, document) {
            let ends = document.member(node, "expires_at").flatMap(document.string)
                .flatMap(RFC3339.milliseconds)
            if ends.map({ $0 > now }) ?? true { upsert(hold) }
        }
        if let node = document.member(root, "order"),
            var order = Belongings.order(node, document)
        {
            order.isFirstPaid = true
            upsert(order)
        }
        if let node = document.member(root, "waitlist") { join(node, document) }
    }

    /// The reply to `waitlist.accept`, besides what `take(claim:)` does: the offer is used up.
    mutating func accepted(_ sku: String, _ document: JSONDocument) {
        hasMoved = true
        if document.member(document.root, "waitlist") == nil {
            waits.removeAll { $0.sku == sku }
        } else if let index = waits.firstIndex(where: { $0.sku == sku }) {
            waits[index].offered = 0
        }
    }

    /// The reply to `order.place` for these holds, or to `order.pay`.
    mutating func take(order document: JSONDocument, for ordered: [String] = []) {
        for id in ordered { holds[id] = nil }
        guard let node = document.member(document.root, "order"),
            let order = Belongings.order(node, document)
        else { return }
        upsert(order)
    }

    /// The `you` of hello, which is everything.
    mutating func replace(by you: JSONNode, _ document: JSONDocument) {
        let waiting = Set(waits.map(\.sku))
        let held = Set(holds.keys)
        holds = [:]
        orders = [:]
        waits = []
        for node in Belongings.elements(you, "holds", document) {
            if let hold = Belongings.hold(node, document) { upsert(hold) }
        }
        for node in Belongings.elements(you, "orders", document) {
            if let order = Belongings.order(node, document) { upsert(order) }
        }
        for node in Belongings.elements(you, "waitlist", document) { join(node, document) }
        served.formUnion(waiting.subtracting(waits.map(\.sku)))
        for wait in waits where wait.offered > 0 { served.insert(wait.sku) }
        if !served.isEmpty || !held.isSubset(of: holds.keys) { hasMoved = true }
    }

    // MARK: Notices

    /// A personal notice; other types change nothing.
    mutating func take(_ type: String, _ data: JSONNode, _ document: JSONDocument) {
        switch type {
        case "hold.created":
            if let hold = Belongings.hold(data, document) { upsert(hold) }
        case "hold.released" where Belongings.number(data, "remaining", document) ?? 0 > 0:
            if let hold = Belongings.hold(data, document) { upsert(hold) }
            hasMoved = true
        case "hold.expired", "hold.released":
            guard let id = Belongings.identifier(data, "hold", document) else { return }
            holds[id] = nil
            hasMoved = true
        case "waitlist.joined":
            join(data, document)
        case "waitlist.offered":
            guard let sku = Belongings.text(data, "sku", document),
                let units = Belongings.number(data, "quantity", document)
            else { return }
            hasMoved = true
            served.insert(sku)
            if let index = waits.firstIndex(where: { $0.sku == sku }) {
                waits[index].offered = units
            } else {
                waits.append(Wait(sku: sku, units: units, place: 1, offered: units))
            }
        case "waitlist.passed":
            guard let sku = Belongings.text(data, "sku", document) else { return }
            waits.removeAll { $0.sku == sku }
            hasMoved = true
            served.insert(sku)
        case "order.paid", "order.cancelled", "order.refund_due", "order.refunded":
            guard let id = Belongings.identifier(data, "order", document), orders[id] != nil
            else { return }
            orders[id]?.status = String(type.dropFirst("order.".count))
            if type != "order.paid" { hasMoved = true }
        default:
            break
        }
    }

    // MARK: Steps

    private mutating func upsert(_ hold: Hold) { holds[hold.id] = hold }

    private mutating func upsert(_ order: Order) { orders[order.id] = order }

    private mutating func join(_ node: JSONNode, _ document: JSONDocument) {
        guard let sku = Belongings.text(node, "sku", document),
            let units = Belongings.number(node, "quantity", document)
        else { return }
        let offer = document.member(node, "offer")
        let offered = offer.flatMap { Belongings.number($0, "quantity", document) }
        let wait = Wait(
            sku: sku, units: units, place: Belongings.number(node, "place", document) ?? 0,
            offered: offered ?? waits.first { $0.sku == sku }?.offered ?? 0)
        waits.removeAll { $0.sku == sku }
        waits.append(wait)
    }

    static func hold(_ node: JSONNode, _ document: JSONDocument) -> Hold? {
        guard let id = text(node, "hold", document), let sku = text(node, "sku", document),
            let units = number(node, "quantity", document)
        else { return nil }
        return Hold(id: id, sku: sku, units: units)
    }

    private static func order(_ node: JSONNode, _ document: JSONDocument) -> Order? {
        guard let id = text(node, "order", document) else { return nil }
        let lines = elements(node, "lines", document).compactMap { line in
            text(line, "sku", document).flatMap { sku in
                number(line, "quantity", document).map { Order.Line(sku: sku, units: $0) }
            }
        }
        return Order(
            id: id, status: text(node, "status", document) ?? "placed", lines: lines,
            isFirstPaid: false)
    }

    /// `"hold":"h1"` or `"hold":{"hold":"h1",…}`.
    private static func identifier(
        _ node: JSONNode, _ name: StaticString, _ document: JSONDocument
    ) -> String? {
        guard let member = document.member(node, name) else { return nil }
        return document.string(member) ?? text(member, name, document)
    }

    private static func elements(
        _ node: JSONNode, _ name: StaticString, _ document: JSONDocument
    ) -> [JSONNode] {
        document.member(node, name).map { Array(document.elements($0)) } ?? []
    }

    static func text(_ node: JSONNode, _ name: StaticString, _ document: JSONDocument) -> String? {
        document.member(node, name).flatMap(document.string)
    }

    static func number(_ node: JSONNode, _ name: StaticString, _ document: JSONDocument) -> Int? {
        document.member(node, name).flatMap(document.integer).flatMap { Int(exactly: $0) }
    }
}
