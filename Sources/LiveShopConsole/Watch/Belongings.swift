// What a viewer has: holds with the time they last, places on waitlists, offers, orders. Taken from
// hello, which tells it whole, and from the notices to her; Belongings never asks. Pure.

import WireProtocol

struct Belongings: Equatable, Sendable {
    struct Hold: Equatable, Sendable {
        var id: String
        var sku: String
        var quantity: Int64
        /// Minor units.
        var unitPrice: Int64
        /// Milliseconds by the server's clock.
        var expiresAt: Int64
    }

    struct Place: Equatable, Sendable {
        var sku: String
        var quantity: Int64
        /// Nil when the server has not said it since the queue moved.
        var place: Int64?
        var offer: Hold?
    }

    struct Order: Equatable, Sendable {
        var id: String
        var status: String
        var total: Int64
        var payBy: Int64?
    }

    private(set) var holds: [Hold] = []
    private(set) var places: [Place] = []
    private(set) var orders: [Order] = []

    /// The order that `/pay` without a name means: the newest that waits for payment.
    var unpaid: [Order] { orders.filter { $0.status == "placed" } }

    /// Holds that a word means: an id, or all of a SKU.
    func holds(_ word: String) -> [Hold] { holds.filter { $0.id == word || $0.sku == word } }

    /// Takes over `you` of a reply to hello.
    mutating func take(you: JSONNode, _ document: JSONDocument) {
        holds = list("holds", you, document).compactMap { hold($0, document) }
        places = list("waitlist", you, document).compactMap { place($0, document) }
        orders = list("orders", you, document).compactMap { order($0, document) }
    }

    mutating func take(_ fact: ServerFact, _ document: JSONDocument) {
        let data = fact.data
        switch fact.type {
        case "hold.created", "hold.extended", "hold.expiring":
            guard let hold = hold(data, document) else { return }
            set(hold)
        case "hold.expired", "hold.released":
            guard let id = text("hold", data, document) else { return }
            holds.removeAll { $0.id == id }
        case "waitlist.joined":
            guard let place = place(data, document) else { return }
            places.removeAll { $0.sku == place.sku }
            places.append(place)
        case "waitlist.offered":
            guard let sku = text("sku", data, document), let offer = hold(data, document) else {
                return
            }
            if !places.contains(where: { $0.sku == sku }) {
                places.append(Place(sku: sku, quantity: offer.quantity, place: 1))
            }
            for index in places.indices where places[index].sku == sku {
                places[index].offer = offer
            }
        case "waitlist.passed":
            guard let sku = text("sku", data, document) else { return }
            places.removeAll { $0.sku == sku }
        case "order.placed", "order.paid", "order.cancelled", "order.refund_due",
            "order.refunded":
            guard let order = document.member(data, "order").flatMap({ order($0, document) })
            else { return }
            orders.removeAll { $0.id == order.id }
            orders.append(order)
        default: break
        }
    }

    /// Takes over what the reply to an own request tells sooner than the notices, or alone.
    mutating func take(reply: JSONNode, to type: String, _ document: JSONDocument) {
        switch type {
        case "claim.create", "waitlist.accept":
            if let hold = document.member(reply, "hold").flatMap({ hold($0, document) }) {
                set(hold)
                // An accepted offer is a hold; units that are still missing are in `waitlist`.
                if type == "waitlist.accept" { places.removeAll { $0.sku == hold.sku } }
            }
            if let place = document.member(reply, "waitlist").flatMap({ place($0, document) }) {
                places.removeAll { $0.sku == place.sku }
                places.append(place)
            }
        case "order.place", "order.pay", "order.cancel":
            guard let order = document.member(reply, "order").flatMap({ order($0, document) })
            else { return }
            orders.removeAll { $0.id == order.id }
            orders.append(order)
        default: break
        }
    }

    /// Holds that have become an order.
    mutating func ordered(_ ids: [String]) { holds.removeAll { ids.contains($0.id) } }

    /// A waitlist that was left.
    mutating func left(_ sku: String) { places.removeAll { $0.sku == sku } }

    /// Forgets holds whose time is over, such as those that another connection has ordered.
    mutating func forget(before now: Int64) { holds.removeAll { $0.expiresAt <= now } }

    private mutating func set(_ hold: Hold) {
        holds.removeAll { $0.id == hold.id }
        holds.append(hold)
    }

    // MARK: Reading

    /// A hold; an offer has the same shape without an id.
    private func hold(_ node: JSONNode, _ document: JSONDocument) -> Hold? {
        guard let quantity = integer("quantity", node, document),
            let price = integer("unit_price", node, document),
            let end = ShowFigures.time("expires_at", node, document)
        else { return nil }
        return Hold(
            id: text("hold", node, document) ?? "", sku: text("sku", node, document) ?? "",
            quantity: quantity, unitPrice: price, expiresAt: end)
    }

    private func place(_ node: JSONNode, _ document: JSONDocument) -> Place? {
        guard let sku = text("sku", node, document),
            let quantity = integer("quantity", node, document)
        else { return nil }
        let offer = document.member(node, "offer").flatMap { hold($0, document) }
        return Place(
            sku: sku, quantity: quantity, place: integer("place", node, document), offer: offer)
    }

    private func order(_ node: JSONNode, _ document: JSONDocument) -> Order? {
        guard let id = text("order", node, document), let status = text("status", node, document),
            let total = integer("total", node, document)
        else { return nil }
        return Order(
            id: id, status: status, total: total,
            payBy: ShowFigures.time("pay_by", node, document))
    }

    private func text(_ name: StaticString, _ node: JSONNode, _ document: JSONDocument) -> String? {
        document.member(node, name).flatMap(document.string)
    }

    private func integer(
        _ name: StaticString, _ node: JSONNode, _ document: JSONDocument
    ) -> Int64? {
        document.member(node, name).flatMap(document.integer)
    }

    private func list(
        _ name: StaticString, _ node: JSONNode, _ document: JSONDocument
    ) -> [JSONNode] {
        document.member(node, name).map { Array(document.elements($0)) } ?? []
    }
}
