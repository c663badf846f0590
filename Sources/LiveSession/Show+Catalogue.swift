// Products: added, changed, imported, pinned, queued; their prices and stock corrected.

public import Inventory
import OrderedCollections

extension Show {
    public mutating func addProduct(
        _ draft: ProductDraft
    ) throws(LedgerDefect) -> Result<Product, ShowRefusal> {
        if let id = draft.id, products[id] != nil {
            return .failure(.invalidState("product \(id) exists; use product.update"))
        }
        if let refusal = refusal(ofNew: draft) { return .failure(refusal) }
        let product = try put(draft, id: draft.id ?? freeProductID())
        effects.events.append(.productAdded(product.id))
        return .success(product)
    }

    public mutating func updateProduct(
        _ draft: ProductDraft
    ) throws(LedgerDefect) -> Result<Product, ShowRefusal> {
        guard let id = draft.id, products[id] != nil else {
            return .failure(.unknown("product"))
        }
        for variant in draft.variants {
            if let known = ledger.variant(sku: variant.sku) {
                guard productOfVariant[known.index] == id else {
                    return .failure(skuTaken(variant.sku))
                }
                if variant.onHand != nil {
                    return .failure(
                        .badRequest(
                            field: "on_hand",
                            "\(variant.sku) exists; use stock.adjust or stock.set"))
                }
            } else if variant.price == nil || variant.onHand == nil {
                return .failure(
                    .badRequest(field: "variants", "new \(variant.sku) needs price and on_hand"))
            }
        }
        if let refusal = tooManyVariants(adding: draft) ?? pricedByFlashSale(draft) {
            return .failure(refusal)
        }
        let changed = try put(draft, id: id)
        effects.events.append(.productUpdated(id))
        return .success(changed)
    }

    public mutating func removeProduct(_ id: String) throws(LedgerDefect) -> ShowRefusal? {
        guard let product = products[id] else { return .unknown("product") }
        guard product.variants.allSatisfy({ ledger.level($0.id).held == 0 }) else {
            return .invalidState("units of \(id) are held")
        }
        // Its sales first: their end needs the variant.
        for sale in flashSales where product.variants.contains(where: { $0.id == sale.variant }) {
            try end(sale)
        }
        for variant in product.variants { _ = try ledger.remove(variant.id) }
        try settle()
        let wasQueued = queue.contains(id)
        if pins.contains(where: { $0.product == id }) { effects.events.append(.unpinned(id)) }
        try record(.productRemoved(id))
        if wasQueued { effects.events.append(.queueChanged(queue)) }
        effects.events.append(.productRemoved(id))
        return nil
    }

    // MARK: Pins and queue

    /// Shows a product, or one variant of it. The oldest pin gives way when there is no room.
    public mutating func pin(
        product id: String, sku: String?, seconds: Int?, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Pin, ShowRefusal> {
        guard products[id] != nil else { return .failure(.unknown("product")) }
        if let refusal = hiddenWhenEnded("pin") { return .failure(refusal) }
        let others = pins.filter { $0.product != id }
        for old in others.prefix(max(0, others.count + 1 - settings.pins)) {
            try unpin(old)
        }
        let pin = Pin(product: id, sku: sku, until: seconds.map { now.adding(seconds: $0) })
        try record(.pinned(pin))
        effects.events.append(.pinned(pin))
        return .success(pin)
    }

    /// Takes a product off the screen; without one, all.
    public mutating func unpin(product id: String?) throws(LedgerDefect) -> ShowRefusal? {
        let gone = pins.filter { id == nil || $0.product == id }
        guard !gone.isEmpty else { return .invalidState("nothing is pinned") }
        for pin in gone { try unpin(pin) }
        return nil
    }

    public mutating func setQueue(_ ids: [String]) throws(LedgerDefect) -> ShowRefusal? {
        guard Set(ids).count == ids.count else {
            return .badRequest(field: "products", "names a product twice")
        }
        guard ids.allSatisfy({ products[$0] != nil }) else { return .unknown("product") }
        try record(.queueSet(ids))
        effects.events.append(.queueChanged(ids))
        return nil
    }

    /// Pins the head of the queue.
    public mutating func pinNext(at now: Timestamp) throws(LedgerDefect) -> Result<Pin, ShowRefusal>
    {
        guard let head = queue.first else { return .failure(.invalidState("the queue is empty")) }
        if let refusal = hiddenWhenEnded("pin") { return .failure(refusal) }
        try record(.queueSet(Array(queue.dropFirst())))
        effects.events.append(.queueChanged(queue))
        return try pin(product: head, sku: nil, seconds: nil, at: now)
    }

    mutating func unpin(_ pin: Pin) throws(LedgerDefect) {
        try record(.unpinned(pin.product))
        effects.events.append(.unpinned(pin.product))
    }

    private func hiddenWhenEnded(_ step: String) -> ShowRefusal? {
        status == .ended ? .ended : nil
    }

    // MARK: Stock and prices

    public mutating func adjustStock(
        _ variant: VariantID, by delta: Units, at now: Timestamp
    ) throws(LedgerDefect) -> ShowRefusal? {
        let before = ledger.level(variant).onHand
        if let refusal = try ledger.adjust(variant, by: delta, rules: rules, at: now) {
            return .stock(refusal)
        }
        try stockCorrected(variant, from: before)
        return nil
    }

    public mutating func setStock(
        _ variant: VariantID, onHand: Units, expected: Units?, at now: Timestamp
    ) throws(LedgerDefect) -> ShowRefusal? {
        let before = ledger.level(variant).onHand
        if let refusal = try ledger.set(
            variant, onHand: onHand, expected: expected, rules: rules, at: now)
        {
            return .stock(refusal)
        }
        try stockCorrected(variant, from: before)
        return nil
    }

    public mutating func setPrice(
        _ variant: VariantID, _ price: Money
    ) throws(LedgerDefect) -> ShowRefusal? {
        if flashSale(of: variant) != nil {
            return .invalidState("a flash sale of this sku has the price; stop it first")
        }
        let prior = ledger.level(variant).price
        try ledger.setPrice(variant, price)
        try settle()
        effects.events.append(
            .priceChanged(sku: ledger.sku(of: variant), price: price, priorPrice: prior))
        return nil
    }

    private mutating func stockCorrected(
        _ variant: VariantID, from before: Units
    ) throws(LedgerDefect) {
        try settle()
        let level = ledger.level(variant)
        guard level.onHand > before else { return }
        soldOuts.forget(variant)
        effects.events.append(.restocked(sku: level.sku))
    }

    // MARK: Writing products

    /// Adds the product or changes what the draft gives, variants included.
    mutating func put(
        _ draft: ProductDraft, id: String
    ) throws(LedgerDefect) -> Product {
        var product =
            products[id]
            ?? Product(
                id: id, title: draft.title ?? id, description: "", media: [], sponsored: false,
                firstPaid: nil, variants: [])
        if let title = draft.title { product.title = title }
        if let description = draft.description { product.description = description }
        if let media = draft.media { product.media = media }
        if let sponsored = draft.sponsored { product.sponsored = sponsored }
        if let firstPaid = draft.firstPaid { product.firstPaid = firstPaid }
        for wanted in draft.variants {
            if let place = product.variants.firstIndex(where: { $0.sku == wanted.sku }) {
                let known = product.variants[place].id
                if let title = wanted.title { product.variants[place].title = title }
                if let options = wanted.options { product.variants[place].options = options }
                if let price = wanted.price, price != ledger.level(known).price,
                    flashSale(of: known) == nil
                {
                    try ledger.setPrice(known, price)
                }
                if let limit = wanted.limit { try ledger.setLimit(known, limit) }
                if let shopSKU = wanted.shopSKU { product.variants[place].shopSKU = shopSKU }
            } else {
                let added = try ledger.addVariant(
                    sku: wanted.sku, onHand: wanted.onHand ?? 0, price: wanted.price ?? 0,
                    limit: wanted.limit)
                product.variants.append(
                    Product.Variant(
                        id: added, sku: wanted.sku, title: wanted.title ?? wanted.sku,
                        options: wanted.options ?? [], shopSKU: wanted.shopSKU))
                availableSeen.append(ledger.level(added).available)
            }
        }
        // The variants' facts first: a product names variants that exist.
        try settle()
        try record(.productPut(product))
        return product
    }

    private func refusal(ofNew draft: ProductDraft) -> ShowRefusal? {
        guard draft.title != nil else { return .badRequest(field: "title", "is missing") }
        guard !draft.variants.isEmpty else {
            return .badRequest(field: "variants", "needs one at least")
        }
        for variant in draft.variants {
            if ledger.variant(sku: variant.sku) != nil { return skuTaken(variant.sku) }
            if variant.price == nil || variant.onHand == nil {
                return .badRequest(field: "variants", "\(variant.sku) needs price and on_hand")
            }
        }
        return tooManyVariants(adding: draft)
    }

    private func skuTaken(_ sku: String) -> ShowRefusal {
        .badRequest(field: "sku", "\(sku) belongs to another product of this show")
    }

    /// A flash sale sets a price and takes it back; nobody else does meanwhile. Its own price and the
    /// one that returns change nothing.
    func pricedByFlashSale(_ draft: ProductDraft) -> ShowRefusal? {
        if flashSales.isEmpty { return nil }
        for wanted in draft.variants {
            guard let price = wanted.price, let variant = ledger.variant(sku: wanted.sku),
                let sale = flashSale(of: variant), price != ledger.level(variant).price,
                !sale.isRunning || price != sale.regularPrice
            else { continue }
            return .invalidState("a flash sale of \(wanted.sku) has the price; stop it first")
        }
        return nil
    }

    var liveVariants: Int { products.values.reduce(0) { $0 + $1.variants.count } }

    private func tooManyVariants(adding draft: ProductDraft) -> ShowRefusal? {
        let added = draft.variants.filter { ledger.variant(sku: $0.sku) == nil }.count
        guard liveVariants + added > ShowLimits.variantsMax else { return nil }
        return .limit(ShowLimits.variantsMax, "variants in a show")
    }

    func freeProductID() -> String {
        var number = products.count + 1
        while products["p\(number)"] != nil { number += 1 }
        return "p\(number)"
    }
}
