// What the client's own person is and has: name, role and rights; holds with the time they last, places on
// waitlists, offers, orders. Hello tells it whole; notices and replies move it.

import WireProtocol

public struct OwnThings: Equatable, Sendable {
    public internal(set) var participant = ""
    public internal(set) var name = ""
    public internal(set) var role = ""
    public internal(set) var capabilities: [String] = []
    /// A guest's, for the next hello.
    public internal(set) var token: String?
    /// Milliseconds since 1970.
    public internal(set) var mutedUntil: Int64?
    public internal(set) var holds: [HoldView] = []
    public internal(set) var waits: [WaitView] = []
    public internal(set) var orders: [OrderView] = []

    public init() {}

    public var hasNothing: Bool { holds.isEmpty && waits.isEmpty && orders.isEmpty }

    /// Orders that wait for payment, the newest last.
    public var unpaid: [OrderView] { orders.filter { $0.status == "placed" } }

    /// Holds that a word means: an id, or all of a SKU.
    public func holds(_ word: String) -> [HoldView] {
        holds.filter { $0.id == word || $0.sku == word }
    }

    // MARK: Messages

    /// The `you` of a reply to hello, which is everything.
    mutating func take(you: JSONNode, _ document: JSONDocument) {
        participant = document.text("participant", of: you) ?? participant
        name = document.text("name", of: you) ?? name
        role = document.text("role", of: you) ?? role
        capabilities = document.texts("capabilities", of: you)
        token = document.text("token", of: you) ?? token
        mutedUntil = document.time("muted_until", of: you)
        holds = document.list("holds", of: you).compactMap { HoldView($0, document) }
        waits = document.list("waitlist", of: you).compactMap { WaitView($0, document) }
        orders = document.list("orders", of: you).compactMap { OrderView($0, document) }
    }

    mutating func take(_ fact: ServerFact, _ document: JSONDocument) {
        switch fact.type {
        case "participant.timed_out": mutedUntil = document.time("until", of: fact.data)
        case "participant.role_changed": role = document.text("role", of: fact.data) ?? role
        default:
            if let news = OwnNews(fact.type, fact.data, document) { take(news) }
        }
    }

    mutating func take(_ news: OwnNews) {
        switch news {
        case .held(let hold), .reduced(let hold): set(hold)
        case .holdEnded(let id): holds.removeAll { $0.id == id }
        case .waiting(let wait): set(wait)
        case .offered(let sku, let offer):
            if let index = waits.firstIndex(where: { $0.sku == sku }) {
                waits[index].offer = offer
            } else {
                waits.append(WaitView(sku: sku, quantity: offer.quantity, place: 1, offer: offer))
            }
        case .passed(let sku): waits.removeAll { $0.sku == sku }
        case .order(let order): set(order)
        }
    }

    mutating func take(reply: JSONDocument, to type: String, sent: JSONDocument) {
        switch type {
        case "claim.create", "waitlist.accept":
            let answer = ClaimAnswer(reply)
            if let hold = answer.hold {
                set(hold)
                // An accepted offer is a hold; units that are still missing are in `waitlist`.
                if type == "waitlist.accept" { waits.removeAll { $0.sku == hold.sku } }
            }
            if let wait = answer.wait { set(wait) }
            if let order = answer.order { set(order) }
        case "waitlist.leave":
            let sku = sent.text("sku", of: sent.root)
            waits.removeAll { $0.sku == sku }
        case "order.place", "order.pay", "order.cancel":
            if type == "order.place" {
                let ordered = sent.texts("holds", of: sent.root)
                holds.removeAll { ordered.contains($0.id) }
            }
            guard let node = reply.member(reply.root, "order"), let order = OrderView(node, reply)
            else { return }
            set(order)
        default:
            break
        }
    }

    mutating func forgetHolds(before now: Int64) {
        holds.removeAll { hold in hold.expiresAt.map { $0 <= now } ?? false }
    }

    // MARK: Steps

    private mutating func set(_ hold: HoldView) {
        holds.removeAll { $0.id == hold.id }
        holds.append(hold)
    }

    private mutating func set(_ wait: WaitView) {
        waits.removeAll { $0.sku == wait.sku }
        waits.append(wait)
    }

    private mutating func set(_ order: OrderView) {
        orders.removeAll { $0.id == order.id }
        orders.append(order)
    }
}
