// What counts against a buyer: pieces of one SKU, and open holds.

import Inventory
import Testing

struct LimitTests {
    @Test func `the unit over the limit is refused with what remains`() throws {
        let shop = try Shop(onHand: 10, limit: 2)
        try shop.held(ana)
        #expect(try shop.claim(ana, 2).refusal == .limitReached(limit: 2, remaining: 1))
        try shop.held(ana)
        #expect(try shop.claim(ana).refusal == .limitReached(limit: 2, remaining: 0))
        try shop.held(ben, 2)
    }

    @Test func `the show's limit holds where the variant has none`() throws {
        let shop = try Shop(onHand: 10)
        shop.rules.limitPerBuyer = 1
        #expect(try shop.claim(ana, 2).refusal == .limitReached(limit: 1, remaining: 1))
        try shop.ledger.setLimit(shop.mug, 3)
        try shop.held(ana, 3)
        try shop.ledger.setLimit(shop.mug, 0)
        try shop.held(ana, 4)
        try shop.ledger.setLimit(shop.mug, nil)
        #expect(try shop.claim(ana).refusal == .limitReached(limit: 1, remaining: 0))
    }

    @Test func `units waited for count`() throws {
        let shop = try Shop(onHand: 1, limit: 3)
        try shop.decided(ana, 3)
        #expect(shop.ledger.countedUnits(of: ana, shop.mug) == 3)
        #expect(
            try shop.claim(ana, waitlist: false).refusal == .limitReached(limit: 3, remaining: 0))
    }

    @Test func `units offered count`() throws {
        let shop = try Shop(onHand: 1, limit: 3)
        try shop.held(ben)
        try shop.decided(ana, 3)
        #expect(try shop.adjust(by: 9) == nil)
        #expect(shop.offer(ana)?.quantity == 3)
        #expect(
            try shop.claim(ana, waitlist: false).refusal == .limitReached(limit: 3, remaining: 0))
        #expect(try shop.accept(ana).refusal == nil)
        #expect(shop.ledger.countedUnits(of: ana, shop.mug) == 3)
    }

    @Test func `ordered and paid units count`() throws {
        let shop = try Shop(onHand: 5, limit: 2)
        let order = try shop.ordered(ana, 2)
        #expect(try shop.claim(ana).refusal == .limitReached(limit: 2, remaining: 0))
        #expect(try shop.pay(order.id).refusal == nil)
        #expect(try shop.claim(ana).refusal == .limitReached(limit: 2, remaining: 0))
    }

    @Test func `released and expired units do not count`() throws {
        let shop = try Shop(onHand: 5, limit: 2)
        #expect(try shop.release(shop.held(ana, 2).id, by: ana).refusal == nil)
        try shop.held(ana, 2)
        try shop.pass(seconds: shop.rules.holdSeconds)
        try shop.held(ana, 2)
    }

    @Test func `units of a place that was left do not count`() throws {
        let shop = try Shop(onHand: 1, limit: 2)
        try shop.held(ben)
        try shop.decided(ana, 2)
        #expect(try shop.leave(ana) == nil)
        #expect(try shop.decided(ana, 2).joined == 2)
    }

    @Test func `cancelled and refunded units do not count`() throws {
        let shop = try Shop(onHand: 5, limit: 2)
        let cancelled = try shop.ordered(ana, 2)
        #expect(try shop.cancel(cancelled.id, by: ana).refusal == nil)
        let paid = try shop.ordered(ana, 2)
        #expect(try shop.pay(paid.id).refusal == nil)
        #expect(try shop.refund(paid.id, restock: false).refusal == nil)
        #expect(shop.ledger.countedUnits(of: ana, shop.mug) == 0)
        try shop.held(ana, 2)
    }

    @Test func `a limit is of one variant`() throws {
        let shop = try Shop(onHand: 5, limit: 1)
        let cup = try shop.ledger.addVariant(sku: "CUP", onHand: 5, price: 100, limit: 1)
        try shop.held(ana)
        try shop.held(ana, of: cup)
    }

    @Test func `open units are held, ordered, offered or waited for, of all variants`() throws {
        let shop = try Shop(onHand: 3)
        let cup = try shop.ledger.addVariant(sku: "CUP", onHand: 2, price: 100, limit: nil)
        let bens = try shop.held(ben)
        let paid = try shop.ordered(ana)
        try shop.held(ana, 2, of: cup)
        try shop.decided(ana, 3)
        #expect(shop.ledger.openUnits(of: ana) == 6)
        #expect(try shop.release(bens.id, by: ben).refusal == nil)
        #expect(shop.offer(ana)?.quantity == 1)
        #expect(shop.ledger.openUnits(of: ana) == 6)
        #expect(try shop.pay(paid.id).refusal == nil)
        #expect(shop.ledger.openUnits(of: ana) == 5)
        try shop.pass(seconds: 3600)
        #expect(shop.ledger.openUnits(of: ana) == 0)
        #expect(shop.ledger.openUnits(of: ben) == 0)
    }

    @Test func `one open hold too many is refused`() throws {
        let shop = try Shop(onHand: 10)
        shop.rules.activeHolds = 2
        let first = try shop.held(ana)
        try shop.held(ana)
        #expect(try shop.claim(ana).refusal == .tooManyHolds(limit: 2))
        #expect(shop.counters.held == 2)
        // Orders are not open holds.
        #expect(try shop.order([first.id], by: ana).refusal == nil)
        try shop.held(ana)
    }

    @Test func `an offer is not accepted over the open holds, and stays`() throws {
        let shop = try Shop(onHand: 3)
        shop.rules.activeHolds = 1
        let hold = try shop.held(ana, 2)
        let bens = try shop.held(ben)
        try shop.decided(ana)
        #expect(try shop.release(bens.id, by: ben).refusal == nil)
        #expect(try shop.accept(ana).refusal == .tooManyHolds(limit: 1))
        #expect(shop.offer(ana)?.quantity == 1)
        #expect(try shop.release(hold.id, by: ana).refusal == nil)
        #expect(try shop.accept(ana).refusal == nil)
    }

    @Test func `whoever may hold no more may still wait`() throws {
        let shop = try Shop(onHand: 1)
        shop.rules.activeHolds = 1
        try shop.held(ana)
        #expect(try shop.decided(ana).joined == 1)
    }

    @Test func `no limit of open holds is none`() throws {
        let shop = try Shop(onHand: 50)
        shop.rules.activeHolds = 0
        for _ in 0..<50 { try shop.held(ana) }
    }
}
