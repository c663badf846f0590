// Who waits is served in order, in the same step as whatever freed the units.

import Inventory
import Testing

struct WaitlistTests {
    /// Ten wait for one each behind a hold of five.
    private func tenWaiting() throws -> (Shop, Hold) {
        let shop = try Shop(onHand: 5)
        let hold = try shop.held(dan, 5)
        for index in 10..<20 { try shop.decided(ParticipantID(index)) }
        _ = shop.ledger.drainEvents()
        return (shop, hold)
    }

    @Test func `five units that return are offered to the first five of ten`() throws {
        let (shop, hold) = try tenWaiting()
        #expect(try shop.release(hold.id, by: dan).refusal == nil)
        for index in 10..<20 {
            let offer = shop.offer(ParticipantID(index))
            #expect(offer?.quantity == (index < 15 ? 1 : nil))
            if let offer {
                #expect(offer.unitPrice == 500)
                #expect(offer.expiresAt == shop.now.adding(seconds: shop.rules.offerSeconds))
            }
            #expect(shop.place(ParticipantID(index)) == index - 9)
        }
        #expect(shop.counters == Counters(available: 0, held: 5, sold: 0))
    }

    @Test func `an expired hold is offered in the same step`() throws {
        let (shop, hold) = try tenWaiting()
        try shop.pass(seconds: shop.rules.holdSeconds)
        let facts = shop.ledger.drainEvents()
        #expect(facts.first == .holdExpired(hold.id))
        #expect(facts.count == 6)
        #expect(shop.counters == Counters(available: 0, held: 5, sold: 0))
    }

    @Test func `the head is offered a part, and more units join its open offer`() throws {
        let shop = try Shop(onHand: 3)
        let holds = try (0..<3).map { _ in try shop.held(dan) }
        try shop.decided(ana, 2)
        try shop.decided(ben)

        #expect(try shop.release(holds[0].id, by: dan).refusal == nil)
        let opened = try #require(shop.offer(ana))
        #expect(opened.quantity == 1)

        shop.now = shop.now.adding(seconds: 20)
        try shop.ledger.setPrice(shop.mug, 900)
        #expect(try shop.release(holds[1].id, by: dan).refusal == nil)
        let joined = try #require(shop.offer(ana))
        #expect(joined.quantity == 2)
        #expect(joined.expiresAt == opened.expiresAt && joined.unitPrice == opened.unitPrice)

        #expect(try shop.release(holds[2].id, by: dan).refusal == nil)
        #expect(shop.offer(ana)?.quantity == 2)
        #expect(shop.offer(ben)?.quantity == 1 && shop.offer(ben)?.unitPrice == 900)
    }

    @Test func `an offer that is left goes on to the next`() throws {
        let shop = try Shop(onHand: 1)
        let hold = try shop.held(dan)
        try shop.decided(ana, 2)
        try shop.decided(ben)
        #expect(try shop.release(hold.id, by: dan).refusal == nil)
        #expect(try shop.leave(ana) == nil)
        #expect(shop.queue == [ben])
        #expect(shop.offer(ben)?.quantity == 1)
        #expect(shop.place(ben) == 1)
        #expect(try shop.leave(ana) == .notWaiting)
    }

    @Test func `an offer that expires removes the entry and goes on to the next`() throws {
        let shop = try Shop(onHand: 1)
        let hold = try shop.held(dan)
        try shop.decided(ana, 2)
        try shop.decided(ben)
        #expect(try shop.release(hold.id, by: dan).refusal == nil)
        let offer = try #require(shop.offer(ana))

        try shop.pass(milliseconds: shop.rules.offerSeconds * 1000 - 1)
        #expect(shop.offer(ana) == offer)
        try shop.pass(milliseconds: 1)
        #expect(shop.entry(ana) == nil)
        #expect(shop.ledger.waiting(of: ana).isEmpty)
        #expect(shop.offer(ben)?.expiresAt == shop.now.adding(seconds: shop.rules.offerSeconds))
        try shop.pass(seconds: shop.rules.offerSeconds)
        #expect(shop.queue.isEmpty)
        #expect(shop.counters == Counters(available: 1, held: 0, sold: 0))
    }

    @Test func `an accepted offer is a hold with its full time at the price of the offer`() throws {
        let shop = try Shop(onHand: 1)
        let hold = try shop.held(dan)
        try shop.decided(ana)
        #expect(try shop.release(hold.id, by: dan).refusal == nil)
        try shop.ledger.setPrice(shop.mug, 900)
        try shop.pass(seconds: 200)

        let claim = try shop.accept(ana, seeing: 500).get()
        let accepted = try #require(claim.hold.flatMap(shop.ledger.hold))
        #expect(claim.granted == 1 && claim.joined == 0 && claim.waiting == 0 && claim.place == 0)
        #expect(accepted.unitPrice == 500)
        #expect(accepted.expiresAt == shop.now.adding(seconds: shop.rules.holdSeconds))
        #expect(shop.queue.isEmpty && shop.ledger.waiting(of: ana).isEmpty)
        #expect(shop.counters == Counters(available: 0, held: 1, sold: 0))
        // The end of the offer is nobody's end any more.
        try shop.pass(seconds: 150)
        #expect(shop.state(accepted.id) == .open)
    }

    @Test func `an offer above the price seen is refused and stays open`() throws {
        let shop = try Shop(onHand: 1)
        let hold = try shop.held(dan)
        try shop.decided(ana)
        #expect(try shop.release(hold.id, by: dan).refusal == nil)
        #expect(try shop.accept(ana, seeing: 499).refusal == .priceChanged(price: 500))
        #expect(shop.offer(ana)?.quantity == 1)
    }

    @Test func `the rest of an accepted entry keeps its place`() throws {
        let shop = try Shop(onHand: 2)
        let first = try shop.held(dan)
        let second = try shop.held(dan)
        try shop.decided(ana, 3)
        try shop.decided(ben)
        #expect(try shop.release(first.id, by: dan).refusal == nil)
        let claim = try shop.accept(ana).get()
        #expect(claim.granted == 1 && claim.waiting == 2 && claim.place == 1)
        #expect(shop.queue == [ana, ben])

        #expect(try shop.release(second.id, by: dan).refusal == nil)
        #expect(shop.offer(ana)?.quantity == 1 && shop.offer(ben) == nil)
    }

    @Test func `only an open offer is accepted, and once`() throws {
        let shop = try Shop(onHand: 1)
        let hold = try shop.held(dan)
        #expect(try shop.accept(ana).refusal == .notWaiting)
        try shop.decided(ana)
        #expect(try shop.accept(ana).refusal == .noOffer)
        #expect(try shop.release(hold.id, by: dan).refusal == nil)
        #expect(try shop.accept(ana).refusal == nil)
        #expect(try shop.accept(ana).refusal == .notWaiting)
    }

    @Test func `an offer whose time has come is not accepted`() throws {
        let shop = try Shop(onHand: 1)
        let hold = try shop.held(dan)
        try shop.decided(ana)
        #expect(try shop.release(hold.id, by: dan).refusal == nil)
        shop.now = try #require(shop.offer(ana)).expiresAt
        #expect(try shop.accept(ana).refusal == .noOffer)
    }

    @Test func `whoever was there later passes nobody`() throws {
        let shop = try Shop(onHand: 1)
        let hold = try shop.held(dan)
        try shop.decided(ana)
        #expect(try shop.release(hold.id, by: dan).refusal == nil)
        #expect(try shop.claim(ben, waitlist: false).refusal == .soldOut)
        #expect(try shop.decided(ben).place == 2)
    }
}
