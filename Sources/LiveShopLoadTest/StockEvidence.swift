// What one worker heard the server say about stock, for Invariants to judge. Pure.

import LiveShopClient
import WireProtocol

struct StockEvidence: Sendable {
    private(set) var stock: [String: StockHistory] = [:]
    /// SKUs that our buyers claimed.
    var claimed: Set<String> = []
    /// SKUs of which units came back.
    private(set) var moved: Set<String> = []
    /// What was available of each SKU when it was first heard of.
    private var atStart: [String: Int] = [:]
    private var pinOffset: Int64?
    private let waitsForPin: Bool

    /// - Parameter waitsForPin: nobody of ours claims before something is pinned.
    init(waitsForPin: Bool) { self.waitsForPin = waitsForPin }

    /// A snapshot or an event has told of products.
    mutating func announce(_ catalogue: CatalogueView) {
        for (sku, level) in catalogue.stock where atStart[sku] == nil {
            atStart[sku] = Int(level.available)
        }
    }

    /// Something to claim was pinned by this event.
    mutating func pinned(at offset: Int64) {
        if claimed.isEmpty { pinOffset = pinOffset ?? offset }
    }

    mutating func restocked(_ sku: String) {
        moved.insert(sku)
        if stock[sku]?.first == nil {
            stock[sku, default: StockHistory()].wasRestockedBefore = true
        }
    }

    /// The data of a `stock.changed`; returns what is wrong with it. `isEarly`: no claim of ours is due
    /// yet.
    mutating func take(
        stockChanged data: JSONNode, _ document: JSONDocument, isEarly: Bool
    ) -> Violation? {
        func number(_ name: StaticString) -> Int? {
            document.integer(name, of: data).flatMap { Int(exactly: $0) }
        }
        guard let sku = document.text("sku", of: data), let available = number("available"),
            let held = number("held"), let sold = number("sold"), let onHand = number("on_hand")
        else { return Violation(.protocolKept, "a stock.changed without its numbers") }
        let statement = StockStatement(
            sku: sku, available: available, held: held, sold: sold, onHand: onHand,
            asOf: document.integer("as_of", of: data) ?? 0)
        let isUnpinned = pinOffset.map { statement.asOf < $0 } ?? claimed.isEmpty
        let isBefore = isEarly || (waitsForPin && isUnpinned)
        stock[sku, default: StockHistory()].take(statement, beforeClaims: isBefore)
        guard !statement.addsUp else { return nil }
        return Violation(
            .stockAddsUp, "\(printable(sku)): \(available) + \(held) + \(sold) is not \(onHand)")
    }

    /// What is known of the claimed SKUs now; `ours`: what our buyers have, `absent`: what those have
    /// who are not there to hear of its end.
    func histories(ours: [String: Int], absent: [String: Int]) -> [String: StockHistory] {
        var now: [String: StockHistory] = [:]
        for sku in claimed {
            var history = stock[sku] ?? StockHistory()
            history.availableAtStart = history.availableAtStart ?? atStart[sku]
            history.oursAtEnd = ours[sku] ?? 0
            history.absentAtEnd = absent[sku] ?? 0
            now[sku] = history
        }
        return now
    }
}
