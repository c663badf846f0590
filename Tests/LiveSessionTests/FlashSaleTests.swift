// Flash sales and what else happens to their product. Found by the simulator.

import Inventory
import LiveSession
import Testing

struct FlashSaleTests {
    private func start(_ variant: VariantID, in stage: Stage) throws {
        _ = try stage.run { show, now in
            try show.startFlashSale(
                FlashSaleDraft(
                    variant: variant, price: 400, countdownSeconds: 0, durationSeconds: 10), at: now
            )
        }.get()
        stage.clear()
    }

    @Test func `the end tells the price that returns, for those who came during the sale`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", price: 500)
        try start(mug, in: stage)
        try stage.pass(seconds: 10)
        #expect(stage.show.price(of: mug) == 500)
        #expect(stage.eventNames == ["price of MUG 400 -> 500", "flash ended f1"])
    }

    @Test func `a sale that never began changes no price`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", price: 500)
        _ = try stage.run { try $0.startFlashSale(.init(variant: mug, price: 400), at: $1) }.get()
        stage.clear()
        _ = try stage.run { try $0.stopFlashSale(1, at: $1) }.get()
        #expect(stage.eventNames == ["flash ended f1"])
    }

    @Test(arguments: [0, 1, 50, 1000])
    func `a flash sale cuts a price by 1 to 90 %`(regular: Money) throws {
        let stage = try Stage()
        let mug = try stage.product("mug", price: regular)
        let right = (0...regular).filter { price in
            let result = try? stage.run {
                try $0.startFlashSale(.init(variant: mug, price: price), at: $1)
            }
            guard case .success(let sale)? = result else { return false }
            _ = try? stage.run { try $0.stopFlashSale(sale.number, at: $1) }
            return true
        }
        switch regular {
        case 0, 1: #expect(right.isEmpty)
        case 50: #expect(right == Array(5...49))
        default: #expect(right == Array(100...990))
        }
    }

    @Test func `the end of a show ends its sales, the running and the announced`() throws {
        var settings = ShowSettings()
        settings.replaySales = true
        let stage = try Stage(settings: settings)
        let mug = try stage.product("mug", price: 500)
        let cup = try stage.product("cup", price: 500)
        try start(mug, in: stage)
        _ = try stage.run { try $0.startFlashSale(.init(variant: cup, price: 400), at: $1) }.get()
        stage.clear()
        #expect(try stage.run { try $0.end(at: $1) } == nil)
        #expect(
            stage.eventNames == [
                "price of MUG 400 -> 500", "flash ended f1", "flash ended f2", "ended",
            ])
        #expect(try stage.claim(stage.ana, of: mug).unitPrice == 500)
        try stage.pass(seconds: 30)
        #expect(stage.show.price(of: cup) == 500)
        #expect(try stage.run { try $0.start(at: $1) } == nil)
        #expect(stage.show.flashSales.isEmpty)
    }

    @Test func `sales begin and end in a pause, by the clock on the wall`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", price: 500)
        _ = try stage.run { try $0.startFlashSale(.init(variant: mug, price: 400), at: $1) }.get()
        #expect(try stage.run { try $0.pause(at: $1) } == nil)
        try stage.pass(seconds: 10)
        #expect(stage.show.price(of: mug) == 400)
        try stage.pass(seconds: 60)
        #expect(stage.show.price(of: mug) == 500)
    }

    @Test func `a product is updated in its sale with either of its prices, and no other`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", price: 500)
        try start(mug, in: stage)
        for price in [400, 500] {
            let draft = ProductDraft(
                id: "mug", title: "At \(price)", variants: [.init(sku: "MUG", price: price)])
            _ = try stage.run { show, _ in try show.updateProduct(draft) }.get()
            #expect(stage.show.price(of: mug) == 400)
        }
        let other = ProductDraft(id: "mug", variants: [.init(sku: "MUG", price: 300)])
        #expect(throws: ShowRefusal.self) {
            try stage.run { show, _ in try show.updateProduct(other) }.get()
        }
        #expect(try stage.run { show, _ in try show.setPrice(mug, 300) } != nil)
        try stage.pass(seconds: 10)
        #expect(stage.show.price(of: mug) == 500)
    }

    @Test func `an offer takes the last unit of a sale, which ends at once`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1, price: 500)
        try stage.claim(stage.ana, of: mug)
        try stage.claim(stage.ben, 3, of: mug)
        _ = try stage.run {
            try $0.startFlashSale(
                .init(variant: mug, price: 400, countdownSeconds: 0, quantity: 1), at: $1)
        }.get()
        stage.clear()
        #expect(try stage.run { try $0.adjustStock(mug, by: 3, at: $1) } == nil)
        #expect(
            stage.eventNames == ["price of MUG 400 -> 500", "flash ended f1", "restocked MUG"])
        let claim = try stage.accept(stage.ben, of: mug)
        #expect((claim.granted, claim.unitPrice, claim.extensions) == (1, 400, 0))
        #expect(claim.expiresAt == stage.now.adding(seconds: 300))
        let rest = try stage.accept(stage.ben, of: mug)
        #expect((rest.granted, rest.unitPrice, rest.extensions) == (2, 500, 10))
        #expect(try picture(of: stage.replayed()) == picture(of: stage.show))
    }

    @Test func `removing a product ends its sale, and its time comes to nothing`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", price: 500)
        try start(mug, in: stage)
        #expect(try stage.run { show, _ in try show.removeProduct("mug") } == nil)
        #expect(
            stage.eventNames == ["price of MUG 400 -> 500", "flash ended f1", "removed mug"])
        try stage.pass(seconds: 11)
        #expect(stage.show.flashSales.isEmpty)
    }
}
