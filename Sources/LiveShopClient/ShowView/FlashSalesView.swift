// The flash sales that count down or run.

import WireProtocol

public struct FlashSaleView: Equatable, Sendable {
    public internal(set) var id: String
    public internal(set) var sku: String
    /// In minor units.
    public internal(set) var price: Int64?
    /// Milliseconds since 1970.
    public internal(set) var startsAt: Int64?
    public internal(set) var endsAt: Int64?
    /// Units that one buyer may have; 0 is no limit.
    public internal(set) var perBuyer: Int64?
    /// Units that the price is for; nil is all.
    public internal(set) var quantity: Int64?
    /// Its price is in force; before that it counts down.
    public internal(set) var isRunning: Bool

    init?(_ node: JSONNode, _ document: JSONDocument, isRunning: Bool) {
        guard let sku = document.text("sku", of: node) else { return nil }
        id = document.text("flash", of: node) ?? ""
        self.sku = sku
        price = document.integer("price", of: node)
        startsAt = document.time("starts_at", of: node)
        endsAt = document.time("ends_at", of: node)
        perBuyer = document.integer("per_buyer", of: node)
        quantity = document.integer("quantity", of: node)
        self.isRunning = isRunning
    }
}

public struct FlashSalesView: Equatable, Sendable {
    /// By SKU, of which there is one sale at a time.
    public internal(set) var sales: [String: FlashSaleView] = [:]

    /// When the running sale of a SKU ends.
    public func runningEnd(of sku: String) -> Int64? {
        sales[sku].flatMap { $0.isRunning ? $0.endsAt : nil }
    }

    mutating func take(snapshot: JSONNode, _ document: JSONDocument) {
        sales = [:]
        for node in document.list("flash", of: snapshot) {
            let isRunning = document.flag("running", of: node) ?? false
            set(FlashSaleView(node, document, isRunning: isRunning))
        }
    }

    /// The price of a sale that starts is the SKU's from then on, and no event of its own says so; that
    /// of its end does.
    mutating func take(
        _ fact: ServerFact, _ document: JSONDocument, in catalogue: inout CatalogueView
    ) {
        switch fact.type {
        case "flash.scheduled": set(FlashSaleView(fact.data, document, isRunning: false))
        case "flash.started":
            guard let sale = FlashSaleView(fact.data, document, isRunning: true) else { return }
            set(sale)
            catalogue.set(price: sale.price, of: sale.sku)
        case "flash.ended":
            if let sku = document.text("sku", of: fact.data) { sales[sku] = nil }
        default: break
        }
    }

    private mutating func set(_ sale: FlashSaleView?) {
        if let sale { sales[sale.sku] = sale }
    }
}
