// Holds become orders, orders are paid or their units go on; a late payment never oversells.

import Inventory
import Testing

struct OrderTests {
    @Test func `an order takes its holds at the price of the claims`() throws {
        let shop = try Shop(onHand: 5, price: 500)
        let cup = try shop.ledger.addVariant(sku: "CUP", onHand: 5, price: 200, limit: nil)
        let mugs = try shop.held(ana, 2)
        let cups = try shop.held(ana, 3, of: cup)
        try shop.ledger.setPrice(shop.mug, 999)

        let order = try shop.order([mugs.id, cups.id], by: ana, discount: 100).get()
        #expect(order.state == .placed && order.participant == ana && order.paidAt == nil)
        #expect(order.lines.map(\.total) == [1000, 600] && order.total == 1500)
        #expect(order.lines.map(\.hold) == [mugs.id, cups.id])
        #expect(order.placedAt == shop.now)
        #expect(order.payBy == shop.now.adding(seconds: shop.rules.paymentSeconds))
        #expect(shop.state(mugs.id) == .ordered && shop.state(cups.id) == .ordered)
        #expect(shop.counters == Counters(available: 3, held: 2, sold: 0))
        #expect(shop.ledger.orders(of: ana) == [order] && shop.ledger.openHolds(of: ana).isEmpty)
    }

    @Test func `two holds of one variant make two lines and need both units`() throws {
        let shop = try Shop(onHand: 2)
        let first = try shop.held(ana)
        let second = try shop.held(ana)
        let order = try shop.order([first.id, second.id], by: ana).get()
        #expect(order.lines.count == 2)
        #expect(try shop.pay(order.id).refusal == nil)
        #expect(shop.counters == Counters(available: 0, held: 0, sold: 2))
    }

    @Test func `an order is refused whole when one hold is not open`() throws {
        let shop = try Shop(onHand: 3)
        let good = try shop.held(ana)
        let released = try shop.held(ana)
        #expect(try shop.release(released.id, by: ana).refusal == nil)
        #expect(
            try shop.order([good.id, released.id], by: ana).refusal == .holdNotOpen(.released))
        #expect(shop.state(good.id) == .open && shop.ledger.orderCount == 0)
    }

    @Test func `an order needs one to a hundred holds, each once`() throws {
        let shop = try Shop(onHand: 200)
        shop.rules.activeHolds = 0
        let holds = try (0...InventoryLimits.orderHoldsMax).map { _ in try shop.held(ana).id }
        #expect(try shop.order([], by: ana).refusal == .outOfRange("holds"))
        #expect(try shop.order(holds, by: ana).refusal == .outOfRange("holds"))
        #expect(try shop.order([holds[0], holds[0]], by: ana).refusal == .outOfRange("holds"))
        #expect(shop.ledger.openHolds(of: ana).count == holds.count)
        #expect(try shop.order(Array(holds.dropFirst()), by: ana).refusal == nil)
    }

    @Test func `an order of nothing to pay is paid at once`() throws {
        let shop = try Shop(onHand: 2, price: 500)
        let order = try shop.order([shop.held(ana).id], by: ana, discount: 900).get()
        #expect(order.total == 0 && order.state == .paid && order.paidAt == shop.now)
        #expect(shop.counters == Counters(available: 1, held: 0, sold: 1))
    }

    @Test func `a paid order is sold`() throws {
        let shop = try Shop(onHand: 3)
        let order = try shop.ordered(ana, 2)
        let paid = try shop.pay(order.id).get()
        #expect(paid.state == .paid && paid.paidAt == shop.now)
        #expect(shop.counters == Counters(available: 1, held: 0, sold: 2))
        #expect(try shop.pay(order.id).refusal == .orderState(.paid))
        #expect(try shop.cancel(order.id, by: ana).refusal == .orderState(.paid))
        try shop.pass(seconds: shop.rules.paymentSeconds)
        #expect(shop.ledger.order(order.id)?.state == .paid)
    }

    @Test func `the order of another is as unknown as none`() throws {
        let shop = try Shop()
        let order = try shop.ordered(ana)
        #expect(try shop.cancel(order.id, by: ben).refusal == .unknownOrder)
        let none = OrderID(high: 9, low: 9)
        #expect(try shop.cancel(none, by: ana).refusal == .unknownOrder)
        #expect(try shop.pay(none).refusal == .unknownOrder)
        #expect(try shop.refund(none, restock: true).refusal == .unknownOrder)
    }

    @Test func `a cancelled order's units go to who waits`() throws {
        let shop = try Shop(onHand: 1)
        let order = try shop.ordered(ana)
        try shop.decided(ben)
        #expect(try shop.cancel(order.id, by: ana).get().state == .cancelled)
        #expect(shop.offer(ben)?.quantity == 1)
        #expect(try shop.cancel(order.id, by: ana).refusal == .orderState(.cancelled))
    }

    @Test func `staff cancel anybody's order`() throws {
        let shop = try Shop()
        let order = try shop.ordered(ana)
        #expect(try shop.cancel(order.id, by: nil).get().state == .cancelled)
        #expect(shop.counters == Counters(available: 3, held: 0, sold: 0))
    }

    @Test func `an unpaid order lapses when its time is up, and its units go on`() throws {
        let shop = try Shop(onHand: 1)
        let order = try shop.ordered(ana)
        try shop.decided(ben)
        try shop.pass(milliseconds: shop.rules.paymentSeconds * 1000 - 1)
        #expect(shop.ledger.order(order.id)?.state == .placed)
        try shop.pass(milliseconds: 1)
        #expect(shop.ledger.order(order.id)?.state == .cancelled)
        #expect(shop.offer(ben)?.quantity == 1)
    }

    @Test func `a late payment is honoured when the units are free`() throws {
        let shop = try Shop(onHand: 2, limit: 2)
        let order = try shop.ordered(ana, 2)
        try shop.pass(seconds: shop.rules.paymentSeconds)
        #expect(try shop.pay(order.id).get().state == .paid)
        #expect(shop.counters == Counters(available: 0, held: 0, sold: 2))
        #expect(shop.ledger.countedUnits(of: ana, shop.mug) == 2)
    }

    @Test func `a late payment is owed back when the units went on`() throws {
        let shop = try Shop(onHand: 2)
        let order = try shop.ordered(ana, 2)
        try shop.decided(ben)
        try shop.pass(seconds: shop.rules.paymentSeconds)
        #expect(shop.offer(ben)?.quantity == 1)
        #expect(try shop.pay(order.id).get().state == .refundDue)
        #expect(shop.counters == Counters(available: 1, held: 1, sold: 0))
        #expect(try shop.pay(order.id).refusal == .orderState(.refundDue))

        // Nothing was sold, so nothing comes back.
        #expect(try shop.refund(order.id, restock: true).get().state == .refunded)
        #expect(shop.counters == Counters(available: 1, held: 1, sold: 0))
        #expect(shop.ledger.countedUnits(of: ana, shop.mug) == 0)
    }

    @Test func `a late payment for two lines of one variant needs the units of both`() throws {
        let shop = try Shop(onHand: 2)
        let holds = [try shop.held(ana).id, try shop.held(ana).id]
        let order = try shop.order(holds, by: ana).get()
        try shop.pass(seconds: shop.rules.paymentSeconds)
        try shop.held(ben)
        #expect(try shop.pay(order.id).get().state == .refundDue)
    }

    @Test func `a late payment for a removed variant is owed back`() throws {
        let shop = try Shop(onHand: 2)
        let order = try shop.ordered(ana)
        try shop.pass(seconds: shop.rules.paymentSeconds)
        #expect(try shop.ledger.remove(shop.mug) == nil)
        #expect(try shop.pay(order.id).get().state == .refundDue)
    }

    @Test func `a refund with restock gives the units to who waits`() throws {
        let shop = try Shop(onHand: 2)
        let order = try shop.ordered(ana, 2)
        #expect(try shop.pay(order.id).refusal == nil)
        try shop.decided(ben)
        #expect(try shop.refund(order.id, restock: true).get().state == .refunded)
        #expect(shop.counters == Counters(available: 1, held: 1, sold: 0))
        #expect(shop.offer(ben)?.quantity == 1)
        #expect(try shop.refund(order.id, restock: true).refusal == .orderState(.refunded))
    }

    @Test func `a refund without restock leaves the units sold`() throws {
        let shop = try Shop(onHand: 2)
        let order = try shop.ordered(ana, 2)
        #expect(try shop.pay(order.id).refusal == nil)
        try shop.decided(ben)
        #expect(try shop.refund(order.id, restock: false).get().state == .refunded)
        #expect(shop.counters == Counters(available: 0, held: 0, sold: 2))
        #expect(shop.offer(ben) == nil)
    }

    @Test func `only what was paid is refunded`() throws {
        let shop = try Shop()
        let order = try shop.ordered(ana)
        #expect(try shop.refund(order.id, restock: true).refusal == .orderState(.placed))
        #expect(try shop.cancel(order.id, by: ana).refusal == nil)
        #expect(try shop.refund(order.id, restock: true).refusal == .orderState(.cancelled))
    }

    @Test func `a refund serves the waitlists in the order of the lines`() throws {
        let shop = try Shop(onHand: 1)
        let others = try (0..<12).map { index in
            try shop.ledger.addVariant(sku: "S\(index)", onHand: 1, price: 100, limit: nil)
        }
        shop.rules.activeHolds = 0
        let variants = [shop.mug] + others
        let holds = try variants.map { try shop.held(ana, of: $0).id }
        let order = try shop.order(holds, by: ana).get()
        #expect(try shop.pay(order.id).refusal == nil)
        for variant in variants { try shop.decided(ben, of: variant) }
        _ = shop.ledger.drainEvents()

        #expect(try shop.refund(order.id, restock: true).refusal == nil)
        let offered = shop.ledger.drainEvents().compactMap { event -> VariantID? in
            if case .offered(let variant, _, _) = event { variant } else { nil }
        }
        #expect(offered == variants)
    }
}
