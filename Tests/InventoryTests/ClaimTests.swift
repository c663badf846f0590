// What a claim gets: units, a place, both, or a reason why not (docs/PROTOCOL.md, claims and stock).

import Inventory
import Testing

struct ClaimTests {
    @Test func `a claim on available stock is held at the price in force`() throws {
        let shop = try Shop(onHand: 3, price: 500)
        let claim = try shop.decided(ana, 2)

        let id = try #require(claim.hold)
        let hold = try #require(shop.ledger.hold(id))
        #expect(claim.granted == 2 && claim.joined == 0 && claim.waiting == 0 && claim.place == 0)
        #expect(hold.participant == ana && hold.variant == shop.mug)
        #expect(hold.quantity == 2 && hold.unitPrice == 500 && hold.state == .open)
        #expect(hold.expiresAt == shop.now.adding(seconds: shop.rules.holdSeconds))
        #expect(hold.extensionsLeft == shop.rules.extensions)
        #expect(shop.counters == Counters(available: 1, held: 2, sold: 0))
        #expect(shop.ledger.openHolds(of: ana).map(\.id) == [id])
    }

    @Test func `a hundred units go to the first hundred of five thousand claims`() throws {
        let shop = try Shop(onHand: 100)
        for index in 0..<5000 {
            let claim = try shop.decided(ParticipantID(index))
            #expect((claim.granted, claim.joined) == (index < 100 ? (1, 0) : (0, 1)))
            if index >= 100 { #expect(claim.place == index - 99) }
        }
        #expect(shop.counters == Counters(available: 0, held: 100, sold: 0))
    }

    @Test func `a claim for more than there is takes what there is and waits for the rest`() throws
    {
        let shop = try Shop(onHand: 3)
        let claim = try shop.decided(ana, 5)
        #expect(claim.granted == 3 && claim.joined == 2 && claim.waiting == 2 && claim.place == 1)
        #expect(shop.counters == Counters(available: 0, held: 3, sold: 0))
        #expect(shop.entry(ana)?.quantity == 2)
        #expect(shop.ledger.waiting(of: ana) == [shop.mug])
    }

    @Test func `a claim on sold-out stock joins the end of the waitlist`() throws {
        let shop = try Shop(onHand: 1)
        try shop.held(ana)
        #expect(try shop.decided(ben, 2).place == 1)
        let claim = try shop.decided(cleo, 3)
        #expect(claim.granted == 0 && claim.hold == nil)
        #expect(claim.joined == 3 && claim.waiting == 3 && claim.place == 2)
        #expect(shop.queue == [ben, cleo])
    }

    @Test func `a claim that will not wait takes what there is`() throws {
        let shop = try Shop(onHand: 3)
        let claim = try shop.decided(ana, 5, waitlist: false)
        #expect(claim.granted == 3 && claim.joined == 0 && claim.place == 0)
        #expect(shop.queue.isEmpty)
    }

    @Test func `a claim that will not wait is refused when nothing is left`() throws {
        let shop = try Shop(onHand: 1)
        try shop.held(ana)
        #expect(try shop.claim(ben, waitlist: false).refusal == .soldOut)
    }

    @Test func `a claim for all or nothing is refused with what is available`() throws {
        let shop = try Shop(onHand: 3)
        _ = shop.ledger.drainEvents()
        let refusal = try shop.claim(ana, 5, partial: false).refusal
        #expect(refusal == .insufficientStock(available: 3))
        #expect(shop.counters == Counters(available: 3, held: 0, sold: 0))
        #expect(shop.ledger.drainEvents().isEmpty)
    }

    @Test func `a claim for all or nothing never waits`() throws {
        let shop = try Shop(onHand: 1)
        try shop.held(ana)
        #expect(try shop.claim(ben, partial: false).refusal == .soldOut)
        #expect(shop.queue.isEmpty)
    }

    @Test func `a claim for all or nothing is held when there is enough`() throws {
        let shop = try Shop(onHand: 3)
        #expect(try shop.decided(ana, 3, partial: false).granted == 3)
    }

    @Test func `a price above the one seen is refused, naming the price`() throws {
        let shop = try Shop(price: 500)
        #expect(try shop.claim(ana, seeing: 499).refusal == .priceChanged(price: 500))
        #expect(shop.counters.held == 0)
    }

    @Test func `the price seen is the price of the hold`() throws {
        let shop = try Shop(price: 500)
        let id = try #require(try shop.decided(ana, seeing: 500).hold)
        #expect(shop.ledger.hold(id)?.unitPrice == 500)
    }

    @Test func `a price below the one seen is the price of the hold`() throws {
        let shop = try Shop(price: 500)
        let id = try #require(try shop.decided(ana, seeing: 700).hold)
        #expect(shop.ledger.hold(id)?.unitPrice == 500)
    }

    @Test func `a hold keeps its price when the price changes`() throws {
        let shop = try Shop(price: 500)
        let hold = try shop.held(ana)
        try shop.ledger.setPrice(shop.mug, 900)
        #expect(shop.ledger.hold(hold.id)?.unitPrice == 500)
        #expect(try shop.held(ben).unitPrice == 900)
    }

    @Test func `a second claim by a holder is a second hold`() throws {
        let shop = try Shop(onHand: 3)
        let first = try shop.held(ana)
        let second = try shop.held(ana)
        #expect(first.id != second.id)
        #expect(shop.ledger.openHolds(of: ana).count == 2)
    }

    @Test func `a claim while waiting returns the entry and changes nothing`() throws {
        let shop = try Shop(onHand: 1, limit: 5)
        try shop.held(dan)
        try shop.decided(ben)
        try shop.decided(ana, 5)
        _ = shop.ledger.drainEvents()

        // Five more would be over the limit: the answer is the entry all the same.
        guard case .success(.alreadyWaiting(let entry, let place)) = try shop.claim(ana, 5) else {
            Issue.record("not waiting")
            return
        }
        #expect(entry.participant == ana && entry.quantity == 5 && entry.offer == nil)
        #expect(place == 2)
        #expect(shop.queue == [ben, ana])
        #expect(shop.ledger.drainEvents().isEmpty)
    }

    @Test func `a claim that will not wait makes no second entry`() throws {
        let shop = try Shop(onHand: 1)
        try shop.held(ben)
        try shop.decided(ana, 2)
        #expect(try shop.claim(ana, waitlist: false).refusal == .soldOut)
        #expect(try shop.claim(ana, partial: false).refusal == .soldOut)
        #expect(shop.entry(ana)?.quantity == 2 && shop.queue == [ana])
    }

    @Test func `a full waitlist refuses`() throws {
        let shop = try Shop(onHand: 1)
        shop.rules.waitlistMax = 1
        try shop.held(ana)
        try shop.decided(ben)
        #expect(try shop.claim(cleo).refusal == .waitlistFull)
        #expect(try shop.leave(ben) == nil)
        #expect(try shop.decided(cleo).place == 1)
    }

    @Test func `a full waitlist leaves a partial claim what there is`() throws {
        let shop = try Shop(onHand: 1)
        shop.rules.waitlistMax = 0
        let claim = try shop.decided(ana, 3)
        #expect(claim.granted == 1 && claim.joined == 0)
    }

    @Test func `a quantity that is none is refused`() throws {
        let shop = try Shop(onHand: 3, limit: 5)
        for quantity in [0, -1, Int.min, InventoryLimits.claimQuantityMax + 1, Int.max] {
            #expect(try shop.claim(ana, quantity).refusal == .outOfRange("quantity"))
        }
        #expect(shop.counters == Counters(available: 3, held: 0, sold: 0))
    }

    @Test func `a variant that does not exist is unknown`() throws {
        let shop = try Shop()
        for index in [-1, 1, Int.max] {
            let nothing = VariantID(index)
            #expect(try shop.claim(ana, of: nothing).refusal == .unknownVariant)
            #expect(try shop.accept(ana, of: nothing).refusal == .unknownVariant)
            #expect(
                try shop.ledger.leaveWaitlist(
                    of: nothing, by: ana, rules: shop.rules, at: shop.now) == .unknownVariant)
        }
    }

    @Test func `a quarantined variant sells and offers nothing`() throws {
        let shop = try Shop(onHand: 2)
        try shop.held(ana, 2)
        try shop.decided(ben, 2)
        let anas = shop.ledger.openHolds(of: ana)[0].id
        try #require(try shop.adjust(by: 1) == nil)
        shop.ledger.quarantine(shop.mug)

        #expect(try shop.claim(cleo).refusal == .quarantined)
        #expect(try shop.accept(ben).refusal == .quarantined)
        #expect(try shop.release(anas, by: ana).refusal == nil)
        #expect(shop.offer(ben)?.quantity == 1)
    }
}
