// What a person has, from notices and replies to the person's own requests.

import Testing
import WireProtocol

@testable import LiveShopClient

private struct Things {
    var own = OwnThings()

    mutating func hear(_ type: String, _ data: String) throws {
        let document = try JSONDocument(parsing: #"{"type":"\#(type)","data":{\#(data)}}"#)
        guard case .notice(let fact) = try #require(ServerMessage(document)) else { return }
        own.take(fact, document)
    }

    mutating func answer(_ type: String, _ reply: String, sent: String = "{}") throws {
        own.take(
            reply: try JSONDocument(parsing: reply), to: type,
            sent: try JSONDocument(parsing: sent))
    }
}

private func hold(_ id: String, _ sku: String, units: Int = 1, until: String = "16:05") -> String {
    #""hold":"\#(id)","sku":"\#(sku)","quantity":\#(units),"unit_price":500,"expires_at":"2026-11-24T\#(until):00.000Z""#
}

@Suite struct OwnThingsTests {
    @Test func `a hold is there until it ends or becomes an order`() throws {
        var things = Things()
        try things.answer(
            "claim.create", #"{"outcome":"held","seq":1,"hold":{\#(hold("h1", "A"))}}"#)
        try things.hear("hold.created", hold("h1", "A"))
        try things.hear("hold.created", hold("h2", "B"))
        try things.hear("hold.extended", hold("h1", "A", until: "17:05"))
        #expect(things.own.holds.map(\.id) == ["h2", "h1"])
        #expect(things.own.holds("A").map(\.id) == ["h1"])
        #expect(things.own.holds("h2").map(\.sku) == ["B"])
        try things.hear("hold.expired", hold("h2", "B"))
        try things.answer(
            "order.place",
            #"{"order":{"order":"o1","status":"placed","total":500,"lines":[{"sku":"A","quantity":1}]}}"#,
            sent: #"{"holds":["h1"]}"#)
        #expect(things.own.holds.isEmpty && things.own.unpaid.map(\.id) == ["o1"])
        try things.hear("order.paid", #""order":{"order":"o1","status":"paid","total":500}"#)
        #expect(things.own.unpaid.isEmpty && things.own.orders.map(\.status) == ["paid"])
    }

    @Test func `holds whose time is over are forgotten`() throws {
        var things = Things()
        try things.hear("hold.created", hold("h1", "A"))
        try things.hear("hold.created", #""hold":"h2","sku":"B","quantity":1"#)
        let end = try #require(things.own.holds[0].expiresAt)
        things.own.forgetHolds(before: end - 1)
        #expect(things.own.holds.count == 2)
        things.own.forgetHolds(before: end)
        #expect(things.own.holds.map(\.id) == ["h2"])
    }

    @Test func `a place on a waitlist becomes an offer, and the offer a hold`() throws {
        var things = Things()
        try things.answer(
            "claim.create",
            #"{"outcome":"waitlisted","seq":2,"waitlist":{"sku":"A","quantity":2,"place":3}}"#)
        #expect(things.own.waits.map(\.place) == [3])
        try things.hear("waitlist.offered", #""sku":"A","quantity":1,"unit_price":500"#)
        #expect(things.own.waits.first?.offer?.unitPrice == 500)
        try things.answer(
            "waitlist.accept",
            #"{"outcome":"partial","seq":3,"hold":{\#(hold("h1", "A"))},"waitlist":{"sku":"A","quantity":1,"place":1}}"#
        )
        #expect(things.own.holds.map(\.id) == ["h1"])
        #expect(things.own.waits.map(\.quantity) == [1] && things.own.waits[0].offer == nil)
        try things.answer("waitlist.leave", #"{"sku":"A"}"#, sent: #"{"sku":"A"}"#)
        #expect(things.own.waits.isEmpty)
    }

    @Test func `an offer without a known place is at the head, and may pass`() throws {
        var things = Things()
        try things.hear("waitlist.offered", #""sku":"A","quantity":1"#)
        #expect(things.own.waits.map(\.place) == [1])
        try things.hear("waitlist.passed", #""sku":"A""#)
        #expect(things.own.hasNothing)
    }

    @Test func `a new role and a timeout are the person's own`() throws {
        var things = Things()
        try things.hear("participant.role_changed", #""role":"moderator""#)
        try things.hear("participant.timed_out", #""until":"2026-11-24T16:05:00.000Z""#)
        #expect(things.own.role == "moderator")
        #expect(things.own.mutedUntil == RFC3339.milliseconds("2026-11-24T16:05:00.000Z"))
    }
}
