// The moving figures of a show: who watches, what is on screen and how much of it is left, how fast it
// sells. Taken from snapshot, events and notices; the status lines are made of it. Pure.

import WireProtocol

struct ShowFigures: Equatable, Sendable {
    struct Stock: Equatable, Sendable {
        var available: Int64
        /// Known once a notice has named it.
        var onHand: Int64?
        /// In minor units.
        var price: Int64?
    }

    struct Pin: Equatable, Sendable {
        var product: String
        var sku: String?
    }

    private(set) var status = ""
    private(set) var viewers: Int64?
    private(set) var pins: [Pin] = []
    private(set) var queue: [String] = []
    private(set) var titles: [String: String] = [:]
    private(set) var skus: [String: [String]] = [:]
    private(set) var stock: [String: Stock] = [:]
    private(set) var claims = ClaimRate()
    /// By SKU, the end of a running flash sale in milliseconds.
    private(set) var flashEnds: [String: Int64] = [:]
    /// Milliseconds by the server's clock.
    private var startedAt: Int64?
    private var endedAt: Int64?
    /// How far the server's clock is ahead of this machine's.
    private var lead: Int64 = 0

    /// The server's time at a reading of this machine's wall clock.
    func serverTime(at now: Int64) -> Int64 { now &+ lead }

    /// Milliseconds since the show began, or that it took; nil before it begins.
    func liveTime(at now: Int64) -> Int64? {
        startedAt.map { max(0, (endedAt ?? serverTime(at: now)) &- $0) }
    }

    /// What is left of a pin, of all its SKUs when it names none.
    func stock(of pin: Pin) -> Stock? {
        let all = (pin.sku.map { [$0] } ?? skus[pin.product] ?? []).compactMap { stock[$0] }
        guard let first = all.first else { return nil }
        let onHand =
            all.allSatisfy { $0.onHand != nil } ? all.reduce(0) { $0 &+ ($1.onHand ?? 0) } : nil
        return Stock(
            available: all.reduce(0) { $0 &+ $1.available }, onHand: onHand, price: first.price)
    }

    func title(of product: String) -> String { titles[product] ?? product }

    // MARK: Taking over

    mutating func takeClock(_ node: JSONNode, _ document: JSONDocument, at now: Int64) {
        guard let time = ShowFigures.time("server_time", node, document) else { return }
        lead = time &- now
    }

    mutating func take(snapshot: JSONNode, _ document: JSONDocument) {
        if let show = document.member(snapshot, "show") {
            status = text("status", show, document) ?? ""
            startedAt = ShowFigures.time("started_at", show, document)
            endedAt = ShowFigures.time("ended_at", show, document)
        }
        pins = list("pinned", snapshot, document).compactMap { pin($0, document) }
        queue = list("queue", snapshot, document).compactMap(document.string)
        titles = [:]
        skus = [:]
        stock = [:]
        flashEnds = [:]
        for product in list("products", snapshot, document) { take(product: product, document) }
        for sale in list("flash", snapshot, document)
        where document.member(sale, "running").flatMap(document.bool) == true {
            takeFlash(sale, document)
        }
        viewers = document.member(snapshot, "viewers").flatMap(document.integer)
    }

    mutating func take(_ fact: ServerFact, _ document: JSONDocument) {
        let data = fact.data
        let time = fact.time.flatMap(RFC3339.milliseconds)
        switch fact.type {
        case "show.started", "show.resumed", "show.paused", "show.ended":
            status = text("status", data, document) ?? status
            if fact.type == "show.started", startedAt == nil { startedAt = time }
            endedAt = fact.type == "show.ended" ? time : nil
        case "product.added", "product.updated":
            if let product = document.member(data, "product") {
                take(product: product, document)
            }
        case "product.removed":
            guard let id = text("product", data, document) else { return }
            for sku in skus[id] ?? [] { stock[sku] = nil }
            skus[id] = nil
        case "product.pinned":
            guard let pin = pin(data, document) else { return }
            pins.removeAll { $0.product == pin.product }
            pins.append(pin)
        case "product.unpinned":
            let product = text("product", data, document)
            pins.removeAll { $0.product == product }
        case "queue.changed":
            queue = list("products", data, document).compactMap(document.string)
        case "price.changed":
            guard let sku = text("sku", data, document) else { return }
            stock[sku]?.price = document.member(data, "price").flatMap(document.integer)
        case "flash.started":
            takeFlash(data, document)
        case "flash.ended":
            if let sku = text("sku", data, document) { flashEnds[sku] = nil }
        case "stock.changed":
            takeStock(data, document)
        case "viewers.count":
            viewers = document.member(data, "viewers").flatMap(document.integer) ?? viewers
        case "claim.held":
            for total in list("totals", data, document) {
                guard let sku = text("sku", total, document),
                    let count = document.member(total, "claims").flatMap(document.integer)
                else { continue }
                claims.take(sku, total: count, at: time ?? 0)
            }
        default: break
        }
    }

    private mutating func take(product: JSONNode, _ document: JSONDocument) {
        guard let id = text("id", product, document) else { return }
        titles[id] = text("title", product, document)
        var all: [String] = []
        for variant in list("variants", product, document) {
            guard let sku = text("sku", variant, document) else { continue }
            all.append(sku)
            let available = document.member(variant, "available").flatMap(document.integer)
            stock[sku] = Stock(
                available: available ?? 0, onHand: stock[sku]?.onHand,
                price: document.member(variant, "price").flatMap(document.integer))
        }
        skus[id] = all
    }

    private mutating func takeStock(_ data: JSONNode, _ document: JSONDocument) {
        guard let sku = text("sku", data, document),
            let available = document.member(data, "available").flatMap(document.integer)
        else { return }
        stock[sku, default: Stock(available: 0)].available = available
        stock[sku]?.onHand = document.member(data, "on_hand").flatMap(document.integer)
    }

    private mutating func takeFlash(_ sale: JSONNode, _ document: JSONDocument) {
        guard let sku = text("sku", sale, document) else { return }
        flashEnds[sku] = ShowFigures.time("ends_at", sale, document)
    }

    private func pin(_ node: JSONNode, _ document: JSONDocument) -> Pin? {
        text("product", node, document).map {
            Pin(product: $0, sku: text("sku", node, document))
        }
    }

    private func text(
        _ name: StaticString, _ node: JSONNode, _ document: JSONDocument
    ) -> String? {
        document.member(node, name).flatMap(document.string)
    }

    private func list(
        _ name: StaticString, _ node: JSONNode, _ document: JSONDocument
    ) -> [JSONNode] {
        document.member(node, name).map { Array(document.elements($0)) } ?? []
    }

    static func time(
        _ name: StaticString, _ node: JSONNode, _ document: JSONDocument
    ) -> Int64? {
        document.member(node, name).flatMap(document.string).flatMap(RFC3339.milliseconds)
    }
}

/// Claims of the last minute, counted from the running totals of `claim.held`.
struct ClaimRate: Equatable, Sendable {
    private struct Step: Equatable, Sendable {
        var time: Int64
        var claims: Int64
    }

    private static let spanMilliseconds: Int64 = 60_000
    private var totals: [String: Int64] = [:]
    private var steps: [Step] = []

    /// The first total of a SKU only tells where counting begins, unless it says 1.
    mutating func take(_ sku: String, total: Int64, at time: Int64) {
        let before = totals.updateValue(total, forKey: sku)
        let claims = total &- (before ?? (total == 1 ? 0 : total))
        steps.removeAll { $0.time &+ ClaimRate.spanMilliseconds <= time }
        guard claims > 0 else { return }
        if let last = steps.last, last.time / 1000 == time / 1000 {
            steps[steps.count - 1].claims = last.claims &+ claims
        } else {
            steps.append(Step(time: time, claims: claims))
        }
    }

    /// - Parameter time: by the server's clock.
    func perMinute(at time: Int64) -> Int64 {
        steps.reduce(0) { sum, step in
            step.time &+ ClaimRate.spanMilliseconds > time ? sum &+ step.claims : sum
        }
    }
}
