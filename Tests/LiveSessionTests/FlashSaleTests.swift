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
