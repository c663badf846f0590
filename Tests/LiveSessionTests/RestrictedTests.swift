// Restricted people: they watch and chat, keep what they hold, and get no more units by any way.

import Inventory
import LiveSession
import Testing

struct RestrictedTests {
    private func restrict(
        _ who: ParticipantID, _ isOn: Bool = true, in stage: Stage
    ) throws {
        let refusal = try stage.run { show, now in
            try show.take(
                isOn ? .restrict(until: nil) : .unrestrict, against: who, by: stage.host,
                actorRole: .host, reason: "", at: now
            )
        }
        #expect(refusal == nil)
    }

    @Test func `a restriction takes offers and places away, and leaves holds`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 2)
        let kept = try stage.claim(stage.ben, of: mug)
        let anas = try stage.claim(stage.ana, of: mug)
        try stage.claim(stage.ben, 2, of: mug)
        try stage.claim(stage.cleo, of: mug)
        _ = try stage.run { try $0.release(#require(anas.hold), by: stage.ana, at: $1) }.get()
        #expect(stage.show.ledger.offer(of: mug, to: stage.ben)?.quantity == 1)
        try restrict(stage.ben, in: stage)
        #expect(stage.show.ledger.offer(of: mug, to: stage.cleo)?.quantity == 1)
        #expect(stage.show.ledger.waiting(of: stage.ben).isEmpty)
        #expect(stage.show.ledger.hold(try #require(kept.hold))?.state == .open)
        #expect(throws: ShowRefusal.self) { try stage.tryClaim(stage.ben, of: mug).get() }
        // The hold may be used as before.
        _ = try stage.run { try $0.extend(#require(kept.hold), by: stage.ben, at: $1) }.get()
        let order = try stage.order([#require(kept.hold)], by: stage.ben)
        _ = try stage.run { try $0.pay(order.id, by: stage.ben, at: $1) }.get()
        // A place that was taken away is not found again.
        try restrict(stage.ben, false, in: stage)
        #expect(stage.show.ledger.waiting(of: stage.ben).isEmpty)
        try stage.claim(stage.ben, of: mug)
    }

    @Test func `an offer from before the rule is not accepted by somebody restricted`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1)
        let anas = try stage.claim(stage.ana, of: mug)
        try stage.claim(stage.ben, of: mug)
        // As a journal of an earlier version has it: restricted, and still waiting.
        try stage.run { show, _ in
            try show.apply(
                .measureTaken(.restrict(until: nil), against: stage.ben, by: stage.host, reason: "")
            )
        }
        _ = try stage.run { try $0.release(#require(anas.hold), by: stage.ana, at: $1) }.get()
        guard case .failure(.restricted) = try stage.tryAccept(stage.ben, of: mug) else {
            Issue.record("the offer was accepted")
            return
        }
    }

    @Test(arguments: [Measure.ban(until: nil), .restrict(until: nil)])
    func `an order that ran out does not come back for them`(measure: Measure) throws {
        let stage = try Stage()
        let mug = try stage.product("mug")
        let claim = try stage.claim(stage.ana, of: mug)
        let order = try stage.order([#require(claim.hold)], by: stage.ana)
        try stage.pass(seconds: 600)
        let refusal = try stage.run { show, now in
            try show.take(
                measure, against: stage.ana, by: stage.host, actorRole: .host, reason: "", at: now)
        }
        #expect(refusal == nil)
        #expect(throws: ShowRefusal.self) {
            try stage.run { try $0.pay(order.id, by: stage.ana, at: $1) }.get()
        }
        let paid = try stage.run { try $0.pay(order.id, by: nil, at: $1) }.get()
        #expect(paid.state == .refundDue)
    }
}
