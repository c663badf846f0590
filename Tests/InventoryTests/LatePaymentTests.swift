// Payments for orders that are cancelled: what comes back, what is owed back, what is refused.

import Inventory
import Testing

struct LatePaymentTests {
    /// An order of Ana's that ran out.
    private func lapsed(_ units: Units, in shop: Shop) throws -> Order {
        let order = try shop.ordered(ana, units)
        try shop.pass(seconds: shop.rules.paymentSeconds)
        #expect(shop.ledger.order(order.id)?.cancelReason == .ranOut)
        return order
    }

    @Test(arguments: [ana, nil])
    func `an order that somebody cancelled never comes back`(by: ParticipantID?) throws {
        let shop = try Shop()
        let order = try shop.ordered(ana)
        #expect(try shop.cancel(order.id, by: by).refusal == nil)
        #expect(try shop.pay(order.id, .request).refusal == .orderState(.cancelled))
        #expect(shop.ledger.order(order.id)?.state == .cancelled)
        #expect(try shop.pay(order.id, .outside).get().state == .refundDue)
        #expect(shop.counters == Counters(available: 3, held: 0, sold: 0))
    }

    @Test func `an order that ran out is paid late by a request, too`() throws {
        let shop = try Shop()
        let order = try lapsed(2, in: shop)
        #expect(try shop.pay(order.id, .request).get().state == .paid)
    }

    @Test func `what cannot be paid late is refused to a request, and stays`() throws {
        let shop = try Shop(onHand: 1)
        let order = try lapsed(1, in: shop)
        try shop.held(ben)
        #expect(try shop.pay(order.id, .request).refusal == .orderState(.cancelled))
        #expect(try shop.pay(order.id, .outside).get().state == .refundDue)
    }

    @Test func `a late payment passes no limit, whatever was bought meanwhile`() throws {
        let shop = try Shop(onHand: 10, limit: 2)
        let first = try lapsed(2, in: shop)
        let second = try lapsed(2, in: shop)
        #expect(try shop.pay(first.id).get().state == .paid)
        #expect(try shop.pay(second.id).get().state == .refundDue)
        #expect(shop.counters.sold == 2)
    }

    @Test func `units that the buyer holds or waits for count against a late payment`() throws {
        let shop = try Shop(onHand: 3, limit: 2)
        let order = try lapsed(1, in: shop)
        let hold = try shop.held(ana, 2)
        #expect(try shop.pay(order.id, .request).refusal == .orderState(.cancelled))
        #expect(try shop.release(hold.id, by: ana).refusal == nil)
        #expect(try shop.pay(order.id, .request).get().state == .paid)
    }

    @Test func `a late payment is bounded by the limit of today`() throws {
        let shop = try Shop(onHand: 3)
        let order = try lapsed(2, in: shop)
        try shop.ledger.setLimit(shop.mug, 1)
        #expect(try shop.pay(order.id).get().state == .refundDue)
    }

    @Test func `one variant over its limit keeps a whole order from coming back`() throws {
        let shop = try Shop(onHand: 5)
        let cup = try shop.ledger.addVariant(sku: "CUP", onHand: 5, price: 100, limit: 1)
        let holds = [try shop.held(ana).id, try shop.held(ana, of: cup).id]
        let order = try shop.order(holds, by: ana).get()
        try shop.pass(seconds: shop.rules.paymentSeconds)
        try shop.held(ana, of: cup)
        #expect(try shop.pay(order.id).get().state == .refundDue)
        #expect(shop.counters == Counters(available: 5, held: 0, sold: 0))
    }

    @Test func `a price that has risen is owed back, one that has fallen is paid`() throws {
        let shop = try Shop(onHand: 5, price: 500)
        let dear = try lapsed(1, in: shop)
        let cheap = try lapsed(1, in: shop)
        try shop.ledger.setPrice(shop.mug, 501)
        #expect(try shop.pay(dear.id).get().state == .refundDue)
        try shop.ledger.setPrice(shop.mug, 499)
        #expect(try shop.pay(cheap.id).get().state == .paid)
        #expect(shop.ledger.order(cheap.id)?.total == 500)
    }

    @Test func `the buyer must be one whose claims are open`() throws {
        let shop = try Shop()
        let order = try lapsed(1, in: shop)
        #expect(try shop.pay(order.id, .request, mayClaim: false).refusal != nil)
        #expect(try shop.pay(order.id, .outside, mayClaim: false).get().state == .refundDue)
    }

    @Test func `a variant that is not sold any more takes no late payment`() throws {
        let shop = try Shop()
        let order = try lapsed(1, in: shop)
        shop.ledger.quarantine(shop.mug)
        #expect(try shop.pay(order.id).get().state == .refundDue)
    }

    @Test func `a late payment keeps to the special price in force, and its bounds`() throws {
        let shop = try Shop(onHand: 9, price: 1000)
        shop.rules.activeHolds = 0
        let orders = try (0..<3).map { _ in try shop.ordered(ana) }
        try shop.pass(seconds: shop.rules.paymentSeconds)
        try shop.beginSpecial(500, perBuyer: 1, quantity: 3)
        try shop.held(ana)
        #expect(try shop.pay(orders[0].id).get().state == .refundDue)
        let special = try #require(shop.ledger.special(of: shop.mug))
        try shop.endSpecial(special)
        #expect(try shop.pay(orders[1].id).get().state == .paid)
    }

    @Test func `an order of the special price that ran out comes back into it`() throws {
        let shop = try Shop(onHand: 9, price: 1000)
        try shop.beginSpecial(500, perBuyer: 1, quantity: 2)
        let order = try lapsed(1, in: shop)
        #expect(shop.ledger.unitsLeft(ofSpecial: shop.mug) == 2)
        #expect(try shop.pay(order.id).get().state == .paid)
        #expect(shop.ledger.unitsLeft(ofSpecial: shop.mug) == 1)
        #expect(try shop.claim(ana).refusal == .limitReached(limit: 1, remaining: 0))
    }
}
