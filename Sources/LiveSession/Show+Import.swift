// A whole catalogue taken into a show: once, and again when the shop's has changed.

public import Inventory
import OrderedCollections

extension Show {
    /// What an import brought, and what somebody should know about it.
    public struct ImportSummary: Sendable {
        public var products = 0
        public var variants = 0
        /// Variants that existed; their stock was left alone.
        public var updated = 0
        /// Units of the variants that are new.
        public var units = 0
        /// Variants that existed under another SKU, which they keep.
        public var keptSKUs: [(sku: String, instead: String)] = []
        /// Variants of the catalogue's products that are not in the catalogue; they stay.
        public var missing: [(product: String, sku: String)] = []
    }

    /// Takes a whole catalogue: new SKUs are added, known ones get title, price and options and keep
    /// their stock. A variant is known by its product and its options, too. All or nothing.
    public mutating func importCatalogue(
        _ drafts: [ProductDraft]
    ) throws(LedgerDefect) -> Result<ImportSummary, ShowRefusal> {
        var summary = ImportSummary()
        var drafts = drafts
        keepSKUs(of: &drafts, &summary)
        if let refusal = refusal(ofImport: drafts) { return .failure(refusal) }
        let announceEach = drafts.count <= ShowLimits.announcedProductsMax
        for draft in drafts {
            let known = home(of: draft)
            let product = try take(draft, id: known, &summary)
            if announceEach {
                effects.events.append(
                    known == nil ? .productAdded(product.id) : .productUpdated(product.id))
            }
        }
        let named = Set(drafts.flatMap { $0.variants.map(\.sku) })
        for id in Set(drafts.compactMap(home(of:))) {
            for variant in products[id]?.variants ?? [] where !named.contains(variant.sku) {
                summary.missing.append((id, variant.sku))
            }
        }
        summary.missing.sort { ($0.product, $0.sku) < ($1.product, $1.sku) }
        if !announceEach {
            effects.events.append(.catalogueChanged(productsTotal: products.count))
        }
        return .success(summary)
    }

    /// The product that a draft is about: the one with its id, else the one that has its first known SKU.
    private func home(of draft: ProductDraft) -> String? {
        if let id = draft.id, products[id] != nil { return id }
        for wanted in draft.variants {
            if let variant = ledger.variant(sku: wanted.sku) {
                return productOfVariant[variant.index]
            }
        }
        return nil
    }

    /// A variant whose options one variant of the product has is that variant, whatever SKU the catalogue
    /// gives it. Another one of the catalogue that has its SKU gets a new one.
    private func keepSKUs(of drafts: inout [ProductDraft], _ summary: inout ImportSummary) {
        var taken = Set<String>()
        var kept: [(draft: Int, variant: Int, sku: String)] = []
        for index in drafts.indices {
            for (place, sku) in knownByOptions(drafts[index]) {
                if drafts[index].variants[place].sku != sku {
                    kept.append((index, place, sku))
                    taken.insert(sku)
                }
            }
        }
        if kept.isEmpty { return }
        var named = taken.union(drafts.flatMap { $0.variants.map(\.sku) })
        for (index, place, sku) in kept {
            summary.keptSKUs.append((sku, drafts[index].variants[place].sku))
            drafts[index].variants[place].sku = sku
        }
        let places = Set(kept.map { [$0.draft, $0.variant] })
        for index in drafts.indices {
            for place in drafts[index].variants.indices where !places.contains([index, place]) {
                let sku = drafts[index].variants[place].sku
                guard taken.contains(sku) else { continue }
                let free = freeSKU(like: sku, beside: named)
                named.insert(free)
                drafts[index].variants[place].sku = free
                summary.keptSKUs.append((free, sku))
            }
        }
    }

    /// The variants of a draft that have the options of just one variant of their product, and its SKU.
    private func knownByOptions(_ draft: ProductDraft) -> [(place: Int, sku: String)] {
        guard let id = home(of: draft), let product = products[id] else { return [] }
        func values(_ options: [Product.Option]?) -> [String] { (options ?? []).map(\.value) }
        let known = Dictionary(grouping: product.variants) { values($0.options) }
        let wanted = Dictionary(grouping: draft.variants.indices) {
            values(draft.variants[$0].options)
        }
        var found: [(place: Int, sku: String)] = []
        for (values, places) in wanted where places.count == 1 {
            // Without options it has to be the only one.
            if values.isEmpty, product.variants.count > 1 || draft.variants.count > 1 { continue }
            if let same = known[values], same.count == 1 { found.append((places[0], same[0].sku)) }
        }
        return found.sorted { $0.place < $1.place }
    }

    private func freeSKU(like sku: String, beside taken: Set<String>) -> String {
        var number = 2
        while true {
            let ending = "-\(number)"
            let free = String(sku.unicodeScalars.prefix(64 - ending.utf8.count)) + ending
            if !taken.contains(free), ledger.variant(sku: free) == nil { return free }
            number += 1
        }
    }

    private func refusal(ofImport drafts: [ProductDraft]) -> ShowRefusal? {
        var adding = 0
        for draft in drafts {
            for variant in draft.variants where ledger.variant(sku: variant.sku) == nil {
                adding += 1
            }
        }
        guard liveVariants + adding <= ShowLimits.variantsMax else {
            return .limit(ShowLimits.variantsMax, "variants in a show")
        }
        for draft in drafts {
            if let refusal = pricedByFlashSale(draft) { return refusal }
        }
        return nil
    }

    /// Adds a product of a catalogue, or changes the one it is.
    private mutating func take(
        _ draft: ProductDraft, id: String?, _ summary: inout ImportSummary
    ) throws(LedgerDefect) -> Product {
        summary.products += 1
        summary.variants += draft.variants.count
        var own = draft
        own.variants.removeAll()
        for wanted in draft.variants {
            guard let variant = ledger.variant(sku: wanted.sku) else {
                summary.units += wanted.onHand ?? 0
                own.variants.append(wanted)
                continue
            }
            summary.updated += 1
            let home = productOfVariant[variant.index]
            if home == id {
                own.variants.append(wanted)
            } else {
                // A SKU that lives in another product stays there; only its own fields change.
                _ = try put(ProductDraft(variants: [wanted]), id: home)
            }
        }
        return try put(own, id: id ?? draft.id ?? freeProductID())
    }
}
