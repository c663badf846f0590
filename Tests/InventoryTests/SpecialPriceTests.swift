// Special prices: whose units are in one, what those who wait are offered, and when units leave it again.

import Inventory
import Testing

struct SpecialPriceTests {
    private func left(_ shop: Shop) -> Units? { shop.ledger.unitsLeft(ofSpecial: shop.mug) }

    @Test func `a claim gets what is left of a special price, and does not wait for more`() throws {
        let shop = try Shop(onHand: 9, price: 1000)
        try shop.beginSpecial(500, quantity: 2)
        let claim = try shop.decided(ana, 3)
        #expect((claim.granted, claim.joined, claim.unitPrice) == (2, 0, 500))
        #expect(left(shop) == 0)
    }

    @Test func `its limit per buyer counts what the buyer holds and waits for`() throws {
        let shop = try Shop(onHand: 1, price: 1000)
        try shop.beginSpecial(500, perBuyer: 2)
        try shop.decided(ana, 2)
        #expect(
            try shop.claim(ana, waitlist: false).refusal == .limitReached(limit: 2, remaining: 0))
        #expect(try shop.claim(ben, 3).refusal == .limitReached(limit: 2, remaining: 2))
    }

    @Test func `what ended unpaid counts neither for its buyer nor for the whole`() throws {
        let shop = try Shop(onHand: 9, price: 1000)
        try shop.beginSpecial(500, perBuyer: 1, quantity: 5)
        let released = try shop.held(ana)
        #expect(try shop.release(released.id, by: ana).refusal == nil)
        try shop.held(ana)
        try shop.pass(seconds: shop.rules.holdSeconds)
        let cancelled = try shop.ordered(ana)
        #expect(try shop.cancel(cancelled.id, by: ana).refusal == nil)
        _ = try shop.ordered(ana)
        try shop.pass(seconds: shop.rules.paymentSeconds)
        #expect(left(shop) == 5)
        let paid = try shop.ordered(ana)
        #expect(try shop.pay(paid.id).refusal == nil)
        #expect(left(shop) == 4)
        #expect(try shop.claim(ana).refusal == .limitReached(limit: 1, remaining: 0))
        #expect(try shop.refund(paid.id, restock: false).refusal == nil)
        #expect(left(shop) == 5)
        try shop.held(ana)
    }

    @Test func `a place in the waitlist that was left does not count`() throws {
        let shop = try Shop(onHand: 1, price: 1000)
        try shop.beginSpecial(500, perBuyer: 1)
        try shop.held(dan)
        try shop.decided(ana)
        #expect(try shop.leave(ana) == nil)
        #expect(try shop.decided(ana).joined == 1)
    }

    @Test func `freed units are offered at the special price as far as it reaches`() throws {
        let shop = try Shop(onHand: 1, price: 1000)
        try shop.held(dan)
        for who in [ana, ben, cleo] { try shop.decided(who, 5) }
        try shop.beginSpecial(100, perBuyer: 1, quantity: 2)
        #expect(try shop.adjust(by: 15) == nil)
        #expect([ana, ben, cleo].map { shop.offer($0)?.unitPrice } == [100, 100, 1000])
        #expect([ana, ben, cleo].map { shop.offer($0)?.quantity } == [1, 1, 5])
        #expect(left(shop) == 0)
        #expect(shop.counters == Counters(available: 0, held: 16, sold: 0))
    }

    @Test func `the rest of a place is offered when the cheaper offer is accepted`() throws {
        let shop = try Shop(onHand: 1, price: 1000)
        try shop.held(dan)
        try shop.decided(ana, 5)
        try shop.decided(ben)
        try shop.beginSpecial(100, perBuyer: 1)
        #expect(try shop.adjust(by: 5) == nil)
        #expect(shop.entry(ana)?.setAside == 4)
        // What is set aside is hers: nobody is offered it, and nobody can claim it.
        #expect(shop.offer(ben) == nil)
        #expect(try shop.claim(cleo, waitlist: false).refusal == .soldOut)
        let claim = try shop.accept(ana).get()
        #expect((claim.granted, claim.unitPrice, claim.waiting) == (1, 100, 4))
        #expect(shop.offer(ana)?.quantity == 4)
        #expect(shop.offer(ana)?.unitPrice == 1000)
        #expect(shop.offer(ana)?.expiresAt == shop.now.adding(seconds: shop.rules.offerSeconds))
        #expect(try shop.accept(ana).get().granted == 4)
        #expect(shop.queue == [ben])
    }

    @Test func `what is set aside goes on with an offer that is not accepted`() throws {
        let shop = try Shop(onHand: 1, price: 1000)
        try shop.held(dan)
        try shop.decided(ana, 3)
        try shop.decided(ben, 3)
        try shop.beginSpecial(100, perBuyer: 1, quantity: 1)
        #expect(try shop.adjust(by: 3) == nil)
        #expect(left(shop) == 0)
        try shop.pass(seconds: shop.rules.offerSeconds)
        #expect(shop.queue == [ben])
        #expect(shop.offer(ben)?.unitPrice == 100)
        #expect(shop.entry(ben)?.setAside == 2)
        #expect(try shop.leave(ben) == nil)
        #expect(left(shop) == 1)
        #expect(shop.counters == Counters(available: 3, held: 1, sold: 0))
    }

    @Test func `an open offer at the regular price stays one`() throws {
        let shop = try Shop(onHand: 1, price: 1000)
        try shop.held(dan)
        try shop.decided(ana, 3)
        #expect(try shop.adjust(by: 1) == nil)
        try shop.beginSpecial(100, perBuyer: 1)
        #expect(try shop.adjust(by: 2) == nil)
        #expect(shop.offer(ana)?.quantity == 1)
        #expect(shop.offer(ana)?.unitPrice == 1000)
        #expect(shop.entry(ana)?.setAside == 2)
        #expect(try shop.accept(ana).get().unitPrice == 1000)
        #expect(shop.offer(ana)?.unitPrice == 100)
        #expect(shop.offer(ana)?.quantity == 1)
        #expect(try shop.accept(ana).get().unitPrice == 100)
        #expect(shop.offer(ana)?.unitPrice == 1000)
        #expect(try shop.accept(ana).get().waiting == 0)
        #expect(shop.counters == Counters(available: 0, held: 4, sold: 0))
    }

    @Test func `freed units join an open offer of the same price`() throws {
        let shop = try Shop(onHand: 1, price: 1000)
        try shop.held(dan)
        try shop.decided(ana, 3)
        try shop.beginSpecial(100)
        #expect(try shop.adjust(by: 1) == nil)
        #expect(try shop.adjust(by: 2) == nil)
        #expect(shop.offer(ana)?.quantity == 3)
        #expect(shop.offer(ana)?.unitPrice == 100)
    }

    @Test func `when the special price is over, those who waited in it wait at the regular one`()
        throws
    {
        let shop = try Shop(onHand: 1, price: 1000)
        try shop.held(dan)
        let special = try shop.beginSpecial(100)
        try shop.decided(ana, 2)
        #expect(try shop.adjust(by: 1) == nil)
        try shop.endSpecial(special)
        // An offer keeps its price.
        #expect(shop.offer(ana)?.unitPrice == 100)
        #expect(try shop.adjust(by: 1) == nil)
        #expect(try shop.accept(ana).get().unitPrice == 100)
        #expect(shop.offer(ana)?.unitPrice == 1000)
    }

    @Test func `an accepted offer counts once`() throws {
        let shop = try Shop(onHand: 1, price: 1000)
        try shop.held(dan)
        try shop.decided(ana, 2)
        try shop.beginSpecial(100, perBuyer: 2, quantity: 4)
        #expect(try shop.adjust(by: 2) == nil)
        #expect(left(shop) == 2)
        let claim = try shop.accept(ana).get()
        #expect(left(shop) == 2)
        #expect(try shop.release(#require(claim.hold), by: ana).refusal == nil)
        #expect(left(shop) == 4)
    }
}
