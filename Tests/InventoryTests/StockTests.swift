// The shop's side: counting again, raising, lowering, removing.

import Inventory
import Testing

struct StockTests {
    @Test func `a variant is found by its SKU`() throws {
        let shop = try Shop(onHand: 7, price: 300, limit: 2)
        #expect(shop.ledger.variant(sku: "MUG") == shop.mug)
        #expect(shop.ledger.variant(sku: "mug") == nil)
        let level = shop.ledger.level(shop.mug)
        #expect(level.sku == "MUG" && level.onHand == 7 && level.price == 300 && level.limit == 2)
    }

    @Test func `an SKU is added once`() throws {
        let shop = try Shop()
        #expect(throws: LedgerDefect.self) {
            try shop.ledger.addVariant(sku: "MUG", onHand: 1, price: 1, limit: nil)
        }
    }

    @Test func `a variant is not added with less than nothing`() throws {
        let shop = try Shop()
        #expect(throws: LedgerDefect.self) {
            try shop.ledger.addVariant(sku: "CUP", onHand: -1, price: 1, limit: nil)
        }
    }

    @Test func `raised stock goes to who waits first`() throws {
        let shop = try Shop(onHand: 1)
        try shop.held(dan)
        try shop.decided(ana, 2)
        try shop.decided(ben)
        #expect(try shop.adjust(by: 5) == nil)
        #expect(shop.offer(ana)?.quantity == 2 && shop.offer(ben)?.quantity == 1)
        #expect(shop.counters == Counters(available: 2, held: 4, sold: 0))
        #expect(shop.ledger.level(shop.mug).onHand == 6)
    }

    @Test func `stock is lowered to what is held and sold, not below`() throws {
        let shop = try Shop(onHand: 10)
        try shop.held(ana, 2)
        let order = try shop.ordered(ben, 3)
        #expect(try shop.pay(order.id).refusal == nil)
        #expect(try shop.adjust(by: -6) == .belowHeld(minimum: 5))
        #expect(try shop.set(onHand: 4) == .belowHeld(minimum: 5))
        #expect(try shop.adjust(by: -5) == nil)
        #expect(shop.counters == Counters(available: 0, held: 2, sold: 3))
    }

    @Test func `stock is set only when it is what was expected`() throws {
        let shop = try Shop(onHand: 10)
        #expect(try shop.set(onHand: 20, expected: 9) == .stockChanged(onHand: 10))
        #expect(shop.ledger.level(shop.mug).onHand == 10)
        #expect(try shop.set(onHand: 20, expected: 10) == nil)
        #expect(try shop.set(onHand: 5) == nil)
        #expect(shop.ledger.level(shop.mug).onHand == 5)
    }

    @Test func `stock has a highest number`() throws {
        let shop = try Shop(onHand: 10)
        for delta in [InventoryLimits.onHandMax, Int.max] {
            guard case .outOfRange = try shop.adjust(by: delta) else {
                Issue.record("\(delta) was accepted")
                return
            }
        }
        #expect(try shop.set(onHand: InventoryLimits.onHandMax + 1) == .outOfRange("on_hand"))
        #expect(try shop.adjust(by: .min) == .belowHeld(minimum: 0))
        #expect(try shop.set(onHand: .min) == .belowHeld(minimum: 0))
        #expect(try shop.set(onHand: InventoryLimits.onHandMax) == nil)
    }

    @Test func `a variant with units held is not removed`() throws {
        let shop = try Shop(onHand: 1)
        let hold = try shop.held(ana)
        #expect(try shop.ledger.remove(shop.mug) == .unitsHeld)
        #expect(try shop.release(hold.id, by: ana).refusal == nil)
        #expect(try shop.ledger.remove(shop.mug) == nil)
    }

    @Test func `a removed variant is unknown, and its SKU may come again`() throws {
        let shop = try Shop()
        #expect(try shop.ledger.remove(shop.mug) == nil)
        #expect(shop.ledger.variant(sku: "MUG") == nil)
        #expect(try shop.claim(ana).refusal == .unknownVariant)
        #expect(try shop.adjust(by: 1) == .unknownVariant)
        #expect(try shop.set(onHand: 1) == .unknownVariant)
        #expect(try shop.ledger.remove(shop.mug) == .unknownVariant)
        let again = try shop.ledger.addVariant(sku: "MUG", onHand: 1, price: 1, limit: nil)
        #expect(again != shop.mug)
        try shop.held(ana, of: again)
    }

    @Test func `who waits for a removed variant waits no more`() throws {
        let shop = try Shop(onHand: 0)
        try shop.decided(ana, 2)
        try shop.decided(ben)
        _ = shop.ledger.drainEvents()
        #expect(try shop.ledger.remove(shop.mug) == nil)
        #expect(
            shop.ledger.drainEvents() == [
                .waitlistLeft(shop.mug, ana), .waitlistLeft(shop.mug, ben),
                .variantRemoved(shop.mug),
            ])
        #expect(shop.ledger.waiting(of: ana).isEmpty)
        #expect(shop.ledger.countedUnits(of: ana, shop.mug) == 0)
    }

    @Test func `a paid order of a removed variant is refunded all the same`() throws {
        let shop = try Shop(onHand: 1)
        let order = try shop.ordered(ana)
        #expect(try shop.pay(order.id).refusal == nil)
        #expect(try shop.ledger.remove(shop.mug) == nil)
        #expect(try shop.refund(order.id, restock: true).get().state == .refunded)
    }
}
