// What a message says about the things of one person: holds, places on waitlists, offers, orders. Read here
// once and for all who keep such things: OwnThings for one client, the load test for thousands.

public import WireProtocol

public struct HoldView: Equatable, Sendable {
    public internal(set) var id: String
    public internal(set) var sku: String
    public internal(set) var quantity: Int64
    /// In minor units.
    public internal(set) var unitPrice: Int64
    /// Milliseconds since 1970; nil when the message does not say.
    public internal(set) var expiresAt: Int64?

    public init?(_ node: JSONNode, _ document: JSONDocument) {
        guard let id = document.text("hold", of: node), let sku = document.text("sku", of: node),
            let quantity = document.integer("quantity", of: node)
        else { return nil }
        self.id = id
        self.sku = sku
        self.quantity = quantity
        unitPrice = document.integer("unit_price", of: node) ?? 0
        expiresAt = document.time("expires_at", of: node)
    }
}

/// Units that are kept for the head of a waitlist.
public struct OfferView: Equatable, Sendable {
    public internal(set) var quantity: Int64
    /// In minor units.
    public internal(set) var unitPrice: Int64
    /// Milliseconds since 1970; nil when the message does not say.
    public internal(set) var expiresAt: Int64?

    init?(_ node: JSONNode, _ document: JSONDocument) {
        guard let quantity = document.integer("quantity", of: node) else { return nil }
        self.quantity = quantity
        unitPrice = document.integer("unit_price", of: node) ?? 0
        expiresAt = document.time("expires_at", of: node)
    }
}

/// An entry on a waitlist.
public struct WaitView: Equatable, Sendable {
    public internal(set) var sku: String
    public internal(set) var quantity: Int64
    /// Nil when the server has not said it since the queue moved.
    public internal(set) var place: Int64?
    public internal(set) var offer: OfferView?

    init(sku: String, quantity: Int64, place: Int64?, offer: OfferView?) {
        self.sku = sku
        self.quantity = quantity
        self.place = place
        self.offer = offer
    }

    public init?(_ node: JSONNode, _ document: JSONDocument) {
        guard let sku = document.text("sku", of: node),
            let quantity = document.integer("quantity", of: node)
        else { return nil }
        self.init(
            sku: sku, quantity: quantity, place: document.integer("place", of: node),
            offer: document.member(node, "offer").flatMap { OfferView($0, document) })
    }
}

public struct OrderView: Equatable, Sendable {
    public struct Line: Equatable, Sendable {
        public internal(set) var sku: String
        public internal(set) var quantity: Int64
    }

    public internal(set) var id: String
    /// As it was written: placed, paid, cancelled, refund_due, refunded.
    public internal(set) var status: String
    public internal(set) var lines: [Line]
    /// In minor units.
    public internal(set) var total: Int64
    /// Milliseconds since 1970, while it waits for payment.
    public internal(set) var payBy: Int64?

    public init?(_ node: JSONNode, _ document: JSONDocument) {
        guard let id = document.text("order", of: node) else { return nil }
        self.id = id
        status = document.text("status", of: node) ?? "placed"
        lines = document.list("lines", of: node).compactMap { line in
            guard let sku = document.text("sku", of: line),
                let quantity = document.integer("quantity", of: line)
            else { return nil }
            return Line(sku: sku, quantity: quantity)
        }
        total = document.integer("total", of: node) ?? 0
        payBy = document.time("pay_by", of: node)
    }
}

/// The answer to `claim.create` or `waitlist.accept`.
public struct ClaimAnswer: Equatable, Sendable {
    public internal(set) var outcome: String
    /// Its place among all decisions of the show.
    public internal(set) var seq: Int64?
    public internal(set) var hold: HoldView?
    public internal(set) var wait: WaitView?
    /// Of a product that is first paid, first served.
    public internal(set) var order: OrderView?

    public init(_ document: JSONDocument) {
        let root = document.root
        outcome = document.text("outcome", of: root) ?? "?"
        seq = document.integer("seq", of: root)
        hold = document.member(root, "hold").flatMap { HoldView($0, document) }
        wait = document.member(root, "waitlist").flatMap { WaitView($0, document) }
        order = document.member(root, "order").flatMap { OrderView($0, document) }
    }
}

/// A notice to one person about the person's things.
public enum OwnNews: Equatable, Sendable {
    /// A hold is new, or lasts longer, or is about to end.
    case held(HoldView)
    /// Some units of a hold were given back; this is the rest.
    case reduced(HoldView)
    case holdEnded(id: String)
    case waiting(WaitView)
    case offered(sku: String, OfferView)
    case passed(sku: String)
    case order(OrderView)

    /// Nil for a notice about something else.
    public init?(_ type: String, _ data: JSONNode, _ document: JSONDocument) {
        switch type {
        case "hold.created", "hold.extended", "hold.expiring":
            guard let hold = HoldView(data, document) else { return nil }
            self = .held(hold)
        case "hold.released" where (document.integer("remaining", of: data) ?? 0) > 0:
            guard let hold = HoldView(data, document) else { return nil }
            self = .reduced(hold)
        case "hold.expired", "hold.released":
            guard let id = document.text("hold", of: data) else { return nil }
            self = .holdEnded(id: id)
        case "waitlist.joined":
            guard let wait = WaitView(data, document) else { return nil }
            self = .waiting(wait)
        case "waitlist.offered":
            guard let sku = document.text("sku", of: data), let offer = OfferView(data, document)
            else { return nil }
            self = .offered(sku: sku, offer)
        case "waitlist.passed":
            guard let sku = document.text("sku", of: data) else { return nil }
            self = .passed(sku: sku)
        case "order.placed", "order.paid", "order.cancelled", "order.refund_due", "order.refunded":
            guard let node = document.member(data, "order"),
                let order = OrderView(node, document)
            else { return nil }
            self = .order(order)
        default:
            return nil
        }
    }
}
