// The products of a show with their variants, and what is left of each SKU. A snapshot names at most 500
// products; of a SKU beyond them only the stock is known.

import WireProtocol

public struct CatalogueView: Equatable, Sendable {
    /// By their ids.
    public internal(set) var products: [String: ProductView] = [:]
    /// Product ids by SKU.
    public internal(set) var productOfSKU: [String: String] = [:]
    /// By SKU.
    public internal(set) var stock: [String: StockView] = [:]
    /// How many products there are, more than are named here perhaps.
    public internal(set) var total: Int64?
    /// Titles of products that were removed: the message about it names them.
    var formerTitles: [String: String] = [:]

    /// The title of a product, or its id where the title is not known.
    public func title(of product: String) -> String {
        products[product]?.title ?? formerTitles[product] ?? product
    }

    /// The product that a word means: its id, or one of its SKUs. An unknown word stays as it is; the
    /// server knows the whole catalogue and will say.
    public func product(_ word: String) -> String {
        products[word] != nil ? word : productOfSKU[word] ?? word
    }

    /// In minor units.
    public func price(of sku: String) -> Int64? {
        productOfSKU[sku].flatMap { products[$0] }?.variants.first { $0.sku == sku }?.price
    }

    // MARK: Messages

    mutating func take(snapshot: JSONNode, _ document: JSONDocument) {
        self = CatalogueView()
        total = document.integer("products_total", of: snapshot)
        for product in document.list("products", of: snapshot) { take(product, document) }
    }

    mutating func take(_ fact: ServerFact, _ document: JSONDocument) {
        let data = fact.data
        switch fact.type {
        case "product.added":
            guard let product = document.member(data, "product") else { return }
            if take(product, document) { total = total.map { $0 + 1 } }
        case "product.updated":
            if let product = document.member(data, "product") { take(product, document) }
        case "product.removed":
            guard let id = document.text("product", of: data) else { return }
            formerTitles[id] = products[id]?.title
            remove(id, withStock: true)
            total = total.map { max(0, $0 - 1) }
        case "catalogue.changed":
            total = document.integer("products_total", of: data) ?? total
        case "price.changed":
            guard let sku = document.text("sku", of: data) else { return }
            set(price: document.integer("price", of: data), of: sku)
        case "stock.changed":
            take(stock: data, document)
        default:
            break
        }
    }

    mutating func take(reply: JSONDocument, to type: String, sent: JSONDocument) {
        switch type {
        case "stock.adjust", "stock.set":
            take(stock: reply.root, reply)
        case "product.add":
            // The event that says all of it may come later than the next verb.
            guard let id = reply.text("product", of: reply.root), products[id] == nil,
                let node = sent.member(sent.root, "product")
            else { return }
            insert(ProductView(id: id, node, sent))
        default:
            break
        }
    }

    // MARK: Steps

    /// Returns whether the product is new.
    @discardableResult
    private mutating func take(_ node: JSONNode, _ document: JSONDocument) -> Bool {
        guard let id = document.text("id", of: node) else { return false }
        let isNew = products[id] == nil
        remove(id, withStock: false)
        insert(ProductView(id: id, node, document))
        for variant in document.list("variants", of: node) {
            guard let sku = document.text("sku", of: variant) else { continue }
            stock[sku, default: StockView()].available =
                document.integer("available", of: variant) ?? 0
        }
        return isNew
    }

    private mutating func insert(_ product: ProductView) {
        products[product.id] = product
        for sku in product.skus { productOfSKU[sku] = product.id }
    }

    private mutating func remove(_ id: String, withStock: Bool) {
        for sku in products.removeValue(forKey: id)?.skus ?? [] {
            productOfSKU[sku] = nil
            if withStock { stock[sku] = nil }
        }
    }

    mutating func set(price: Int64?, of sku: String) {
        guard let id = productOfSKU[sku],
            let index = products[id]?.variants.firstIndex(where: { $0.sku == sku })
        else { return }
        products[id]?.variants[index].price = price
    }

    /// The numbers of a notice or of a reply about stock.
    private mutating func take(stock node: JSONNode, _ document: JSONDocument) {
        guard let sku = document.text("sku", of: node) else { return }
        var present = stock[sku] ?? StockView()
        present.available = document.integer("available", of: node) ?? present.available
        present.held = document.integer("held", of: node)
        present.sold = document.integer("sold", of: node)
        present.onHand = document.integer("on_hand", of: node)
        stock[sku] = present
    }
}

public struct ProductView: Equatable, Sendable {
    public internal(set) var id: String
    public internal(set) var title: String
    public internal(set) var variants: [VariantView]

    public var skus: [String] { variants.map(\.sku) }

    init(id: String, _ node: JSONNode, _ document: JSONDocument) {
        self.id = id
        title = document.text("title", of: node) ?? id
        variants = document.list("variants", of: node).compactMap {
            VariantView($0, document)
        }
    }
}

public struct VariantView: Equatable, Sendable {
    public internal(set) var sku: String
    public internal(set) var title: String
    /// By name, such as "Colour".
    public internal(set) var options: [String: String] = [:]
    /// In minor units.
    public internal(set) var price: Int64?
    /// The most units that one buyer may have; 0 is no limit.
    public internal(set) var limit: Int64?

    init?(_ node: JSONNode, _ document: JSONDocument) {
        guard let sku = document.text("sku", of: node) else { return nil }
        self.sku = sku
        title = document.text("title", of: node) ?? ""
        if let list = document.member(node, "options") {
            for (name, value) in document.members(list) {
                if let name = document.string(name) { options[name] = document.string(value) }
            }
        }
        price = document.integer("price", of: node)
        limit = document.integer("limit", of: node)
    }
}

/// The units of a SKU. A snapshot tells what is available; the others are known once a notice or a reply
/// has named them.
public struct StockView: Equatable, Sendable {
    public internal(set) var available: Int64 = 0
    public internal(set) var held: Int64?
    public internal(set) var sold: Int64?
    public internal(set) var onHand: Int64?
}
