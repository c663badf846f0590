// A hold ends exactly once: ordered, released or expired; never early.

import Inventory
import Testing

struct HoldTests {
    @Test func `some units of a hold are given back, the others stay until the same end`() throws {
        let shop = try Shop(onHand: 3, limit: 3)
        let hold = try shop.held(ana, 3)
        try shop.decided(ben, 2)
        let given = try shop.ledger.release(
            hold.id, units: 1, by: ana, rules: shop.rules, at: shop.now
        ).get()
        #expect((given.released, given.remaining) == (1, 2))
        #expect(shop.ledger.hold(hold.id)?.quantity == 2)
        #expect(shop.ledger.hold(hold.id)?.expiresAt == hold.expiresAt)
        #expect(shop.state(hold.id) == .open)
        #expect(shop.offer(ben)?.quantity == 1)
        #expect(shop.ledger.countedUnits(of: ana, shop.mug) == 2)
        #expect(shop.ledger.openUnits(of: ana) == 2)
        for units in [0, 3] {
            let refused = try shop.ledger.release(
                hold.id, units: units, by: ana, rules: shop.rules, at: shop.now)
            #expect(refused.refusal == .outOfRange("quantity"))
        }
        let order = try shop.order([hold.id], by: ana).get()
        #expect(order.lines[0].quantity == 2)
    }

    @Test func `a released hold gives its units back`() throws {
        let shop = try Shop(onHand: 3)
        let hold = try shop.held(ana, 2)
        #expect(try shop.release(hold.id, by: ana) == .success(2))
        #expect(shop.state(hold.id) == .released)
        #expect(shop.counters == Counters(available: 3, held: 0, sold: 0))
        #expect(shop.ledger.openHolds(of: ana).isEmpty)
    }

    /// With one of them always open, so that those which ended stand between it and the older ones.
    @Test func `a buyer's open holds are known in their order, however many have ended`() throws {
        let shop = try Shop(onHand: 1000)
        shop.rules.activeHolds = 0
        shop.rules.limitPerBuyer = 0
        var open: [HoldID] = []
        for number in 0..<500 {
            open.append(try shop.held(ana).id)
            if number % 7 != 0, open.count > 1 {
                let place = (number * 31) % (open.count - 1)
                #expect(try shop.release(open.remove(at: place), by: ana) == .success(1))
            }
            #expect(shop.ledger.openHolds(of: ana).map(\.id) == open)
        }
        for hold in open.reversed() { #expect(try shop.release(hold, by: ana) == .success(1)) }
        #expect(shop.ledger.openHolds(of: ana).isEmpty)
        #expect(shop.counters == Counters(available: 1000, held: 0, sold: 0))
    }

    @Test func `a hold is not released twice`() throws {
        let shop = try Shop()
        let hold = try shop.held(ana)
        #expect(try shop.release(hold.id, by: ana).refusal == nil)
        #expect(try shop.release(hold.id, by: ana).refusal == .holdNotOpen(.released))
        #expect(shop.counters == Counters(available: 3, held: 0, sold: 0))
    }

    @Test func `a hold that expired is not released, extended or ordered`() throws {
        let shop = try Shop()
        let hold = try shop.held(ana)
        try shop.pass(seconds: shop.rules.holdSeconds)
        #expect(try shop.release(hold.id, by: ana).refusal == .holdExpired)
        #expect(try shop.extend(hold.id, by: ana).refusal == .holdExpired)
        #expect(try shop.order([hold.id], by: ana).refusal == .holdExpired)
    }

    @Test func `a hold whose time has come counts as expired before it was ended`() throws {
        let shop = try Shop()
        let hold = try shop.held(ana)
        shop.now = hold.expiresAt
        #expect(try shop.release(hold.id, by: ana).refusal == .holdExpired)
        #expect(try shop.extend(hold.id, by: ana).refusal == .holdExpired)
        #expect(try shop.order([hold.id], by: ana).refusal == .holdExpired)
        #expect(shop.state(hold.id) == .open)
    }

    @Test func `an ordered hold is not released, extended or ordered again`() throws {
        let shop = try Shop()
        let hold = try shop.held(ana)
        #expect(try shop.order([hold.id], by: ana).refusal == nil)
        #expect(try shop.release(hold.id, by: ana).refusal == .holdNotOpen(.ordered))
        #expect(try shop.extend(hold.id, by: ana).refusal == .holdNotOpen(.ordered))
        #expect(try shop.order([hold.id], by: ana).refusal == .holdNotOpen(.ordered))
    }

    @Test func `the hold of another is as unknown as none`() throws {
        let shop = try Shop()
        let hold = try shop.held(ana)
        for id in [hold.id, HoldID(2), HoldID(0), HoldID(-1), HoldID(.max), HoldID(.min)] {
            #expect(try shop.release(id, by: ben).refusal == .unknownHold)
            #expect(try shop.extend(id, by: ben).refusal == .unknownHold)
            #expect(try shop.order([id], by: ben).refusal == .unknownHold)
        }
        #expect(shop.state(hold.id) == .open)
    }

    @Test func `an extension counts from the old end`() throws {
        let shop = try Shop()
        let hold = try shop.held(ana)
        try shop.pass(seconds: 100)
        let extended = try shop.extend(hold.id, by: ana).get()
        let end = hold.expiresAt.adding(seconds: shop.rules.extensionSeconds)
        #expect(extended.expiresAt == end)
        #expect(extended.extensionsLeft == hold.extensionsLeft - 1)

        try shop.pass(milliseconds: Int(end.milliseconds - shop.now.milliseconds) - 1)
        #expect(shop.state(hold.id) == .open)
        try shop.pass(milliseconds: 1)
        #expect(shop.state(hold.id) == .expired)
    }

    @Test func `a hold has as many extensions as the rules gave it`() throws {
        let shop = try Shop()
        shop.rules.extensions = 2
        let hold = try shop.held(ana)
        shop.rules.extensions = 9
        #expect(try shop.extend(hold.id, by: ana).get().extensionsLeft == 1)
        #expect(try shop.extend(hold.id, by: ana).get().extensionsLeft == 0)
        #expect(try shop.extend(hold.id, by: ana).refusal == .noExtensionsLeft)
        #expect(
            shop.ledger.hold(hold.id)?.expiresAt
                == hold.expiresAt.adding(seconds: 2 * shop.rules.extensionSeconds))
    }

    @Test func `a hold never ends early`() throws {
        let shop = try Shop()
        let hold = try shop.held(ana)
        try shop.pass(milliseconds: shop.rules.holdSeconds * 1000 - 1)
        #expect(shop.state(hold.id) == .open)
        #expect(shop.ledger.nextDeadline == hold.expiresAt)
        try shop.pass(milliseconds: 1)
        #expect(shop.state(hold.id) == .expired)
        #expect(shop.counters == Counters(available: 3, held: 0, sold: 0))
        #expect(shop.ledger.nextDeadline == nil)
    }

    @Test func `a hold keeps its end when the rules change`() throws {
        let shop = try Shop()
        let hold = try shop.held(ana)
        shop.rules.holdSeconds = 5
        try shop.pass(seconds: 10)
        #expect(shop.state(hold.id) == .open)
    }

    @Test func `holds end in the order of their ends, extended ones too`() throws {
        let shop = try Shop()
        let first = try shop.held(ana)
        try shop.pass(seconds: 10)
        let second = try shop.held(ben)
        #expect(try shop.extend(first.id, by: ana).refusal == nil)
        _ = shop.ledger.drainEvents()
        try shop.pass(seconds: 2 * shop.rules.holdSeconds)
        #expect(shop.ledger.drainEvents() == [.holdExpired(second.id), .holdExpired(first.id)])
    }

    @Test func `ends are worked off in portions when asked`() throws {
        let shop = try Shop(onHand: 10)
        for index in 0..<10 { try shop.held(ParticipantID(index)) }
        let later = shop.now.adding(seconds: shop.rules.holdSeconds)
        try shop.ledger.expire(at: later, rules: shop.rules, limit: 4)
        #expect(shop.counters.held == 6)
        #expect(shop.ledger.nextDeadline == later)
        try shop.ledger.expire(at: later, rules: shop.rules, limit: 100)
        #expect(shop.counters.held == 0)
    }

    @Test func `all of a banned participant is released, and she is offered nothing`() throws {
        let shop = try Shop(onHand: 4)
        let hold = try shop.held(ana, 2)
        let ordered = try shop.ordered(ana)
        let dans = try shop.held(dan)
        try shop.decided(ana, 2)
        try shop.decided(ben, 3)
        #expect(try shop.release(dans.id, by: dan).refusal == nil)
        _ = shop.ledger.drainEvents()

        try shop.ledger.releaseEverything(of: ana, rules: shop.rules, at: shop.now)
        #expect(shop.state(hold.id) == .released)
        #expect(shop.queue == [ben] && shop.offer(ben)?.quantity == 3)
        #expect(shop.ledger.waiting(of: ana).isEmpty)
        #expect(shop.ledger.order(ordered.id)?.state == .placed)
        for case .offered(_, let who, _) in shop.ledger.drainEvents() {
            #expect(who == ben)
        }
    }

    @Test func `releasing everything of a stranger changes nothing`() throws {
        let shop = try Shop()
        try shop.ledger.releaseEverything(of: dan, rules: shop.rules, at: shop.now)
        try shop.ledger.releaseEverything(
            of: ParticipantID(-1), rules: shop.rules, at: shop.now)
        #expect(shop.counters == Counters(available: 3, held: 0, sold: 0))
    }
}
