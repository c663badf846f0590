// Products: what may be added, changed, removed and imported.

import Inventory
import OrderedCollections
import Testing

@testable import LiveSession

struct CatalogueTests {
    private func draft(
        _ id: String?, title: String? = "Mug", _ variants: ProductDraft.VariantDraft...
    ) -> ProductDraft {
        ProductDraft(id: id, title: title, variants: variants)
    }

    private func add(_ draft: ProductDraft, to stage: Stage) throws -> Result<Product, ShowRefusal>
    {
        try stage.run { show, _ in try show.addProduct(draft) }
    }

    private func update(
        _ draft: ProductDraft, of stage: Stage
    ) throws -> Result<Product, ShowRefusal> {
        try stage.run { show, _ in try show.updateProduct(draft) }
    }

    @Test func `a product without an id gets one that is free`() throws {
        let stage = try Stage()
        _ = try add(draft("p2", .init(sku: "A", price: 1, onHand: 1)), to: stage).get()
        let made = try add(draft(nil, .init(sku: "B", price: 1, onHand: 1)), to: stage).get()
        #expect(made.id == "p3")
        #expect(stage.eventNames == ["added p2", "added p3"])
    }

    @Test func `what is no whole product is not added`() throws {
        let stage = try Stage()
        try stage.product("mug")
        func refused(_ draft: ProductDraft) throws -> String? {
            if case .failure(let refusal) = try add(draft, to: stage) { refusal.kind } else { nil }
        }
        #expect(try refused(draft("mug", .init(sku: "X", price: 1, onHand: 1))) == "invalidState")
        #expect(
            try refused(draft(nil, title: nil, .init(sku: "X", price: 1, onHand: 1)))
                == "badRequest")
        #expect(try refused(draft(nil)) == "badRequest")
        #expect(try refused(draft(nil, .init(sku: "X", onHand: 1))) == "badRequest")
        #expect(try refused(draft(nil, .init(sku: "X", price: 1))) == "badRequest")
        #expect(try refused(draft(nil, .init(sku: "MUG", price: 1, onHand: 1))) == "badRequest")
        #expect(stage.events.isEmpty && stage.show.productCount == 1)
    }

    @Test func `an update changes what it names and leaves the rest`() throws {
        let stage = try Stage()
        _ = try add(
            draft(
                "mug", .init(sku: "M1", title: "Blue", price: 500, onHand: 3, limit: 2),
                .init(sku: "M2", title: "Red", price: 600, onHand: 4)), to: stage
        ).get()
        stage.clear()
        let changed = try update(
            ProductDraft(
                id: "mug", description: "Stoneware",
                variants: [.init(sku: "M2", price: 650), .init(sku: "M3", price: 1, onHand: 9)]),
            of: stage
        ).get()
        #expect(changed.title == "Mug" && changed.description == "Stoneware")
        #expect(changed.variants.map(\.title) == ["Blue", "Red", "M3"])
        let levels = changed.variants.map { stage.show.ledger.level($0.id) }
        #expect(levels.map(\.price) == [500, 650, 1])
        #expect(levels.map(\.onHand) == [3, 4, 9])
        #expect(levels[0].limit == 2)
        #expect(stage.eventNames == ["updated mug"])
    }

    @Test func `an update neither counts stock nor takes another product's variant`() throws {
        let stage = try Stage()
        try stage.product("mug")
        try stage.product("cup")
        func refused(_ draft: ProductDraft) throws -> String? {
            if case .failure(let refusal) = try update(draft, of: stage) {
                refusal.kind
            } else {
                nil
            }
        }
        #expect(try refused(draft("mug", .init(sku: "MUG", onHand: 5))) == "badRequest")
        #expect(try refused(draft("mug", .init(sku: "CUP", price: 5))) == "badRequest")
        #expect(try refused(draft("mug", .init(sku: "NEW", price: 5))) == "badRequest")
        #expect(try refused(draft("pot", .init(sku: "MUG", price: 5))) == "unknown")
        #expect(stage.events.isEmpty)
    }

    @Test func `a flash sale's price cannot be changed from behind`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", price: 1000)
        _ = try stage.run { show, now in
            try show.startFlashSale(
                FlashSaleDraft(variant: mug, price: 800, countdownSeconds: 0), at: now)
        }.get()
        let result = try update(draft("mug", .init(sku: "MUG", price: 900)), of: stage)
        guard case .failure(let refusal) = result else {
            Issue.record("the price was changed")
            return
        }
        #expect(refusal.kind == "invalidState")
        #expect(stage.show.price(of: mug) == 800)
        let same = try update(
            draft("mug", title: "Mug 2", .init(sku: "MUG", price: 800)), of: stage)
        #expect(try same.get().title == "Mug 2")
    }

    @Test func `a product is removed with its pin and its place, unless units are held`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug")
        try stage.product("cup")
        _ = try stage.run { try $0.pin(product: "mug", sku: nil, seconds: nil, at: $1) }.get()
        _ = try stage.run { show, _ in try show.setQueue(["mug", "cup"]) }
        let claim = try stage.claim(stage.ana, of: mug)
        stage.clear()
        #expect(try stage.run { show, _ in try show.removeProduct("mug") }?.kind == "invalidState")
        _ = try stage.run { try $0.release(#require(claim.hold), by: stage.ana, at: $1) }.get()
        stage.clear()
        #expect(try stage.run { show, _ in try show.removeProduct("mug") } == nil)
        #expect(stage.eventNames == ["unpinned mug", "queue cup", "removed mug"])
        #expect(stage.show.product(of: mug) == nil && stage.show.ledger.variant(sku: "MUG") == nil)
        #expect(try stage.run { show, _ in try show.removeProduct("mug") }?.kind == "unknown")
    }

    @Test func `a removed variant's counters leave the store`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug")
        #expect(try stage.show.removeProduct("mug") == nil)
        let effects = stage.show.takeEffects()
        #expect(effects.stock == [mug])
        #expect(!effects.events.contains { Stage.name($0).hasPrefix("sold out") })
    }

    @Test func `who waits for a removed product is told`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 0)
        try stage.claim(stage.ana, of: mug)
        stage.clear()
        #expect(try stage.run { show, _ in try show.removeProduct("mug") } == nil)
        #expect(stage.personal.map(\.0) == [stage.ana])
    }

    // MARK: Import

    private func take(
        _ drafts: [ProductDraft], into stage: Stage
    ) throws -> Result<Show.ImportSummary, ShowRefusal> {
        try stage.run { show, _ in try show.importCatalogue(drafts) }
    }

    @Test func `an import adds what is new and leaves stock alone`() throws {
        let stage = try Stage()
        try stage.product("mug", onHand: 3, price: 500)
        let summary = try take(
            [
                draft("x", title: "New mug", .init(sku: "MUG", price: 700, onHand: 99)),
                draft("cup", title: "Cup", .init(sku: "CUP", price: 1, onHand: 2)),
            ], into: stage
        ).get()
        #expect(summary.products == 2 && summary.variants == 2 && summary.updated == 1)
        #expect(stage.show.product("mug")?.title == "New mug" && stage.show.product("x") == nil)
        let mug = try #require(stage.show.ledger.variant(sku: "MUG"))
        #expect(stage.show.ledger.level(mug).onHand == 3 && stage.show.price(of: mug) == 700)
        #expect(stage.eventNames == ["updated mug", "added cup"])
    }

    private func sized(_ sku: String, _ size: String, shop: String? = nil)
        -> ProductDraft.VariantDraft
    {
        .init(
            sku: sku, options: [.init(name: "Size", value: size)], price: 100, onHand: 7,
            shopSKU: shop)
    }

    private func skus(_ stage: Stage, _ product: String) -> [String: String] {
        let variants = stage.show.product(product)?.variants ?? []
        return Dictionary(
            uniqueKeysWithValues: variants.map { ($0.options.first?.value ?? "", $0.sku) })
    }

    @Test func `a variant with the options of an existing one is that one, whatever its SKU`()
        throws
    {
        let stage = try Stage()
        let first = try take(
            [draft("shirt", sized("A", "S", shop: "a"), sized("B", "M"))], into: stage
        ).get()
        #expect(first.units == 14 && first.keptSKUs.isEmpty && first.missing.isEmpty)
        let again = try take(
            [draft("shirt", sized("A9", "S", shop: "a 9"), sized("B", "M"), sized("C", "L"))],
            into: stage
        ).get()
        #expect(again.units == 7 && again.updated == 2 && again.missing.isEmpty)
        #expect(again.keptSKUs.map(\.sku) == ["A"] && again.keptSKUs.map(\.instead) == ["A9"])
        #expect(skus(stage, "shirt") == ["S": "A", "M": "B", "L": "C"])
        let a = try #require(stage.show.variant(sku: "A"))
        #expect(stage.show.shopSKU(of: a) == "a 9" && stage.show.ledger.level(a).onHand == 7)
    }

    @Test func `SKUs that changed places stay where their options are`() throws {
        let stage = try Stage()
        _ = try take([draft("shirt", sized("A", "S"), sized("B", "M"))], into: stage).get()
        let again = try take([draft("shirt", sized("A", "M"), sized("B", "S"))], into: stage).get()
        #expect(again.updated == 2 && again.keptSKUs.count == 2 && again.units == 0)
        #expect(skus(stage, "shirt") == ["S": "A", "M": "B"])
    }

    @Test func `the SKU of an existing variant on a new one makes a new SKU`() throws {
        let stage = try Stage()
        _ = try take([draft("shirt", sized("A", "S"))], into: stage).get()
        let again = try take(
            [draft("shirt", sized("X", "S"), sized("A", "M")), draft("hat", sized("A", "M"))],
            into: stage
        ).get()
        #expect(again.updated == 1 && again.units == 14)
        #expect(skus(stage, "shirt") == ["S": "A", "M": "A-2"])
        #expect(skus(stage, "hat") == ["M": "A-3"])
        #expect(again.keptSKUs.map(\.sku) == ["A", "A-2", "A-3"])
    }

    @Test func `an existing SKU with other options is updated`() throws {
        let stage = try Stage()
        _ = try take([draft("shirt", sized("A", "S"), sized("B", "M"))], into: stage).get()
        let again = try take([draft("shirt", sized("A", "Small"))], into: stage).get()
        #expect(again.updated == 1 && again.keptSKUs.isEmpty)
        #expect(skus(stage, "shirt") == ["Small": "A", "M": "B"])
        #expect(again.missing.map(\.sku) == ["B"] && again.missing.map(\.product) == ["shirt"])
    }

    @Test func `variants without options are known by their SKUs, unless there is one alone`()
        throws
    {
        let stage = try Stage()
        func plain(_ sku: String) -> ProductDraft.VariantDraft {
            .init(sku: sku, price: 100, onHand: 1)
        }
        _ = try take([draft("two", plain("A"), plain("B")), draft("one", plain("C"))], into: stage)
            .get()
        let again = try take(
            [draft("two", plain("A"), plain("D")), draft("one", plain("E"))], into: stage
        )
        .get()
        #expect(again.keptSKUs.map(\.sku) == ["C"] && again.missing.map(\.sku) == ["B"])
        #expect(stage.show.product("two")?.variants.map(\.sku) == ["A", "B", "D"])
    }

    @Test func `what the shop calls a variant outlives the product, in the journal too`() throws {
        let stage = try Stage()
        _ = try take([draft("shirt", sized("A", "S", shop: "a 1"), sized("B", "M"))], into: stage)
            .get()
        let a = try #require(stage.show.variant(sku: "A"))
        #expect(try stage.run { show, _ in try show.removeProduct("shirt") } == nil)
        for show in [stage.show, try stage.replayed()] {
            #expect(show.shopSKU(of: a) == "a 1")
            #expect(show.shopSKU(of: VariantID(a.index + 1)) == nil)
        }
    }

    @Test func `an import of many products is one event`() throws {
        let stage = try Stage()
        let drafts = (1...101).map {
            draft("p\($0)", .init(sku: "S\($0)", price: 100, onHand: 1))
        }
        _ = try take(Array(drafts.prefix(100)), into: stage).get()
        #expect(stage.events.count == 100)
        stage.clear()
        _ = try take(drafts, into: stage).get()
        #expect(stage.eventNames == ["catalogue of 101"])
    }

    @Test func `a show has ten thousand variants at most, and an import is all or nothing`() throws
    {
        let stage = try Stage()
        let drafts = (1...10_000).map {
            draft("p\($0)", .init(sku: "S\($0)", price: 100, onHand: 1))
        }
        _ = try take(drafts, into: stage).get()
        stage.clear()
        let extra = [
            draft("p1", .init(sku: "S1", price: 5)),
            draft(nil, .init(sku: "T", price: 1, onHand: 1)),
        ]
        guard case .failure(let refusal) = try take(extra, into: stage) else {
            Issue.record("was taken")
            return
        }
        #expect(refusal.kind == "limit" && stage.events.isEmpty)
        let first = try #require(stage.show.ledger.variant(sku: "S1"))
        #expect(stage.show.price(of: first) == 100)
        if case .success = try add(draft(nil, .init(sku: "T", price: 1, onHand: 1)), to: stage) {
            Issue.record("was added")
        }
    }
}
