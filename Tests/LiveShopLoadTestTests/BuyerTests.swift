// The simulated buyer and what it owns, fed with messages by hand; the record of events.

import LiveShopClient
import Testing
import WireProtocol

@testable import LiveShopLoadTest

private let ms: Int64 = 1_000_000

private func options(_ change: (inout LoadOptions) -> Void = { _ in }) -> Buyer.Plan {
    var options = LoadOptions(
        server: ServerAddress(host: "127.0.0.1", port: 1), show: "s", viewers: 1)
    change(&options)
    return Buyer.Plan(options)
}

private func document(_ text: String) throws -> JSONDocument { try JSONDocument(parsing: text) }

private func heldReply(_ hold: String = "h1", seq: Int = 7, units: Int = 1) -> String {
    #"{"outcome":"held","seq":\#(seq),"hold":{"hold":"\#(hold)","sku":"A","quantity":\#(units),"#
        + #""unit_price":1990,"expires_at":"2030-01-01T00:00:00.000Z","extensions_left":1}}"#
}

private let waitReply =
    #"{"outcome":"waitlisted","seq":9,"waitlist":{"sku":"A","quantity":1,"place":3}}"#

extension Play {
    mutating func claim(
        _ sku: String = "A", due: Int64 = 0, sends: Int = 1, loop: Int? = nil
    ) -> [WantedRequest] {
        buyer.claim(sku, Script.ClaimDeed(sends: sends), due: due, loop: loop)
    }
}

extension BuyerThings {
    fileprivate func units(of sku: String) -> Int {
        var units: [String: Int] = [:]
        add(to: &units)
        return units[sku] ?? 0
    }
}

private struct Play {
    var buyer: Buyer
    var found = Findings()

    init(_ plan: Buyer.Plan = options()) { buyer = Buyer(index: 4, plan: plan) }

    /// Of the SKU A, as the server must count them for the buyer.
    var units: Int { buyer.things.units(of: "A") }

    mutating func reply(_ request: WantedRequest, _ text: String) throws -> [WantedRequest] {
        let document = try document(text)
        return buyer.answered(
            request, .reply(Array(text.utf8), document), now: 5 * ms, wallTime: 0, &found)
    }

    mutating func refuse(
        _ request: WantedRequest, _ code: String, after: Int64 = 0
    ) -> [WantedRequest] {
        let error = ServerError(code: code, message: "", retryAfterMilliseconds: after)
        return buyer.answered(request, .refused(error), now: 5 * ms, wallTime: 0, &found)
    }

    mutating func notice(_ type: String, _ data: String) throws -> [WantedRequest] {
        let document = try document(data)
        return buyer.noticed(type, document.root, document, now: 5 * ms)
    }
}

@Suite struct BuyerTests {
    @Test func `a claim goes out once per sending, with one key`() {
        var play = Play()
        let wanted = play.claim(due: 3, sends: 2)
        #expect(wanted.count == 2)
        #expect(wanted.map(\.data) == [wanted[0].data, wanted[0].data])
        #expect(wanted.map(\.sending) == [1, 2])
        #expect(wanted.allSatisfy { $0.due == 3 && $0.type == "claim.create" })
        #expect(play.claim(due: 4).map(\.data) != [wanted[0].data])
    }

    @Test func `sendings beyond the limit in flight wait for an answer`() throws {
        var play = Play(options { $0.inFlight = 1 })
        let first = play.claim(due: 3, sends: 3)
        #expect(first.count == 1)
        let second = try play.reply(first[0], heldReply())
        #expect(second.map(\.sending) == [2])
        let third = play.refuse(second[0], "sold_out")
        #expect(third.map(\.sending) == [3])
    }

    @Test func `the same answer twice is right, another one is not`() throws {
        var play = Play(options { $0.inFlight = 3 })
        let wanted = play.claim(sends: 3)
        _ = try play.reply(wanted[0], heldReply())
        _ = try play.reply(wanted[1], heldReply())
        #expect(play.found.violations.counts.isEmpty)
        #expect(play.found.claims.count == 1)
        _ = try play.reply(wanted[2], heldReply("h2", seq: 8))
        #expect(play.found.violations.counts == [.sameAnswer: 1])
    }

    @Test func `granted, then refused under the same key is found`() throws {
        var play = Play()
        let wanted = play.claim(sends: 2)
        _ = try play.reply(wanted[0], heldReply())
        _ = play.refuse(wanted[1], "sold_out")
        #expect(play.found.violations.counts == [.sameAnswer: 1])
    }

    @Test func `refused, then granted is allowed`() throws {
        var play = Play()
        let wanted = play.claim(sends: 2)
        _ = play.refuse(wanted[0], "not_live")
        _ = try play.reply(wanted[1], heldReply())
        #expect(play.found.violations.counts.isEmpty)
    }

    @Test(arguments: [
        #"{"outcome":"held","seq":1}"#,
        #"{"outcome":"waitlisted","seq":1}"#,
        #"{"outcome":"gone","seq":1}"#,
        #"{"outcome":"held","hold":{"hold":"h","sku":"A","quantity":1}}"#,
        heldReply(units: 2),
    ])
    func `an odd answer is a broken protocol`(reply: String) throws {
        var play = Play()
        let wanted = play.claim()
        _ = try play.reply(wanted[0], reply)
        #expect(play.found.violations.counts == [.protocolKept: 1])
    }

    @Test func `a busy server is asked again with the same request`() {
        var play = Play()
        let wanted = play.claim()
        let again = play.refuse(wanted[0], "rate_limited", after: 700)
        #expect(again.count == 1)
        #expect(again.first?.data == wanted[0].data)
        #expect((again.first?.due ?? 0) >= 705 * ms)
        #expect(play.found.outcomes.isEmpty)
    }

    @Test func `who orders and pays does so, each hold once`() throws {
        var play = Play(
            options {
                $0.orderShare = 1
                $0.payShare = 1
            })
        let claim = play.claim()
        let order = try play.reply(claim[0], heldReply())
        #expect(order.map(\.type) == ["order.place"])
        #expect(try play.notice("hold.created", #"{"hold":"h1","sku":"A","quantity":1}"#).isEmpty)
        let pay = try play.reply(
            order[0],
            #"{"order":{"order":"o1","status":"placed","lines":[{"sku":"A","quantity":1}]}}"#)
        #expect(pay.map(\.type) == ["order.pay"])
        #expect(play.units == 1)
        _ = try play.reply(
            pay[0],
            #"{"order":{"order":"o1","status":"paid","total":1990,"lines":[{"sku":"A","quantity":1}]}}"#
        )
        #expect(play.units == 1)
        #expect(play.found.ordersPaid == 1 && play.found.paidTotal == 1990)
    }

    @Test func `who lets it lapse has nothing when the hold has expired`() throws {
        var play = Play()
        let claim = play.claim()
        #expect(try play.reply(claim[0], heldReply()).isEmpty)
        #expect(play.units == 1)
        _ = try play.notice("hold.expired", #"{"hold":"h1","sku":"A","quantity":1}"#)
        #expect(play.units == 0)
        #expect(play.buyer.things.hasMoved)
    }

    @Test func `an offer is accepted and becomes a hold`() throws {
        var play = Play(options { $0.acceptShare = 1 })
        let claim = play.claim()
        _ = try play.reply(claim[0], waitReply)
        #expect(play.found.claims.first?.place == 3)
        let accept = try play.notice(
            "waitlist.offered", #"{"sku":"A","quantity":1,"unit_price":1990,"expires_at":"x"}"#)
        #expect(accept.map(\.type) == ["waitlist.accept"])
        #expect(play.units == 1)
        _ = try play.reply(accept[0], heldReply("h9"))
        #expect(play.units == 1)
        #expect(play.buyer.things.waits.isEmpty)
        #expect(play.buyer.things.served == ["A"])
    }

    @Test func `a closed loop goes on with the last sending, and with no busy answer`() throws {
        var play = Play()
        let wanted = play.claim(sends: 2, loop: 7)
        #expect(wanted.map(\.loop) == [nil, 7])
        let again = play.refuse(wanted[1], "rate_limited", after: 5)
        #expect(again.map(\.loop) == [7])
        #expect(again.first?.repetition == 1)
        #expect(play.buyer.ping(due: 1, loop: 3).loop == 3)
    }

    @Test func `busy answers are not taken for ever`() {
        var play = Play()
        var request = play.claim()[0]
        var repetitions = 0
        while let again = play.refuse(request, "overloaded").first, repetitions < 1000 {
            request = again
            repetitions += 1
        }
        #expect(repetitions == 20)
        #expect(play.found.answers == ["claim": Answers(refusals: ["overloaded": 1])])
    }

    @Test func `requests are counted by their name, taken or refused for good`() throws {
        var play = Play()
        _ = try play.reply(play.claim()[0], heldReply())
        _ = play.refuse(play.buyer.reaction(due: 1), "unknown_type")
        let pin = WantedRequest(kind: .other, type: "product.pin", data: [], due: 1)
        _ = try play.reply(pin, "{}")
        #expect(
            play.found.answers == [
                "claim": Answers(taken: 1), "product.pin": Answers(taken: 1),
                "reaction": Answers(refusals: ["unknown_type": 1]),
            ])
    }

    @Test func `claims of one buyer are told apart`() throws {
        var play = Play()
        let first = play.claim("A")
        let second = play.claim("B")
        _ = try play.reply(second[0], heldReply("h2", seq: 9))
        _ = try play.reply(first[0], heldReply("h1", seq: 7))
        #expect(play.found.claims.map(\.sku) == ["B", "A"])
        #expect(Set(play.found.claims.map(\.key)).count == 2)
        #expect(play.found.violations.counts.isEmpty)
    }

    @Test func `chat carries when it was due, and is not repeated`() throws {
        var play = Play()
        let chat = play.buyer.chat(due: 123_456_789_000)
        let data = try JSONDocument(parsing: chat.data)
        let text = try #require(data.text("text", of: data.root))
        #expect(ChatMark.due(in: text, seed: 1) == 123_456_789_000)
        #expect(ChatMark.due(in: text, seed: 2) == nil)
        #expect(play.refuse(chat, "rate_limited", after: 5).isEmpty)
        #expect(play.found.outcomes == ["chat rate_limited": 1])
        #expect(try play.reply(play.buyer.chat(due: 1), "{}").isEmpty)
        #expect(play.found.chats.count == 1)
    }

    @Test(arguments: [
        "", "~", "~.", "a ~b", "~1.1.1", "~-5.1", "~zzzzzzzzzzzz.1", "~zzzzzzzzzzzzzzzz.1",
    ])
    func `other people's text has no mark`(text: String) {
        #expect(ChatMark.due(in: text, seed: 1) == nil)
    }

    @Test func `one seed gives the same buyer`() {
        #expect(Buyer.name(5, seed: 1) == Buyer.name(5, seed: 1))
        let names = Set((0..<100).map { Buyer.name($0, seed: 1) })
        #expect(names.count == 100)
    }
}

@Suite struct BuyerThingsTests {
    @Test func `an old answer to a repeated claim brings no hold back`() throws {
        var things = BuyerThings()
        let text =
            #"{"hold":{"hold":"h1","sku":"A","quantity":1,"expires_at":"2026-01-01T00:00:00.000Z"}}"#
        things.take(ClaimAnswer(try document(text)), now: 1_900_000_000_000)
        #expect(things.holds.isEmpty)
    }

    @Test func `the you of hello replaces everything`() throws {
        var things = BuyerThings()
        things.take(ClaimAnswer(try document(heldReply())), now: 0)
        let you = try document(
            #"{"holds":[],"waitlist":[{"sku":"A","quantity":2,"place":1,"offer":{"quantity":1}}],"#
                + #""orders":[{"order":"o","status":"placed","lines":[{"sku":"A","quantity":3}]},"#
                + #"{"order":"p","status":"cancelled","lines":[{"sku":"A","quantity":9}]}]}"#)
        things.replace(by: you.root, you)
        #expect(things.units(of: "A") == 4)
        #expect(things.hasMoved && things.served == ["A"])
    }

    @Test func `an entry that went while we were away was served`() throws {
        var things = BuyerThings()
        things.take(ClaimAnswer(try document(waitReply)), now: 0)
        let you = try document(#"{"holds":[],"waitlist":[],"orders":[]}"#)
        things.replace(by: you.root, you)
        #expect(things.served == ["A"])
    }

    @Test func `an order that hello does not name any more is what it was`() throws {
        var things = BuyerThings()
        let order = try document(
            #"{"order":"o","status":"paid","lines":[{"sku":"A","quantity":3}]}"#)
        things.take(OrderView(order.root, order))
        let you = try document(#"{"holds":[],"waitlist":[],"orders":[]}"#)
        things.replace(by: you.root, you)
        #expect(things.units(of: "A") == 3)
    }

    @Test func `a hold of which units were given back is the rest of it`() throws {
        var things = BuyerThings()
        things.take(ClaimAnswer(try document(heldReply(units: 3))), now: 0)
        let notice = try document(#"{"hold":"h1","sku":"A","quantity":2,"remaining":2}"#)
        things.take(try #require(OwnNews("hold.released", notice.root, notice)))
        #expect(things.units(of: "A") == 2 && things.hasMoved)
    }

    @Test func `a cancelled order binds nothing`() throws {
        var things = BuyerThings()
        let order = try document(
            #"{"order":"o","status":"placed","lines":[{"sku":"A","quantity":3}]}"#)
        things.take(OrderView(order.root, order))
        #expect(things.units(of: "A") == 3)
        let notice = try document(#"{"order":{"order":"o","status":"cancelled"}}"#)
        things.take(try #require(OwnNews("order.cancelled", notice.root, notice)))
        #expect(things.units(of: "A") == 0)
    }
}

extension EventRecord {
    fileprivate mutating func fits(_ event: String, _ offset: Int64) -> Bool {
        let bytes = Array(event.utf8)
        return received(bytes.span, offset: offset)
    }
}

@Suite struct EventRecordTests {
    private func record(_ events: [String], from first: Int64 = 5) -> EventRecord {
        var record = EventRecord()
        record.joined(LogPosition(epoch: "e", offset: first - 1))
        for (index, event) in events.enumerated() {
            _ = record.received(Array(event.utf8).span, offset: first + Int64(index))
        }
        return record
    }

    @Test func `the same bytes again are right, others are not`() {
        var record = record(["a", "b", "c"])
        let (same, other) = (record.fits("b", 6), record.fits("x", 6))
        #expect(same && !other)
        #expect(record.lastOffset == 7)
    }

    @Test func `two workers are compared where they overlap`() {
        let first = record(["a", "b", "c", "d"])
        #expect(first.difference(from: record(["c", "d", "e"], from: 7)) == nil)
        #expect(first.difference(from: record(["c", "x"], from: 7)) == 8)
        #expect(first.difference(from: EventRecord()) == nil)
    }

    @Test func `the window keeps the latest events comparable`() {
        let count = EventRecord.window + 10
        var record = record((0..<count).map { "event \($0)" }, from: 1)
        let (right, wrong) = (record.fits("event 20", 21), record.fits("event 21", 21))
        #expect(right && !wrong)
    }
}

@Suite struct SharedViewTests {
    private func snapshot(_ pinned: String, offset: Int64 = 1, wanted: [String] = []) -> SharedView
    {
        var shared = SharedView(wanted: wanted, waitsForPin: true)
        take(pinned, offset, &shared)
        return shared
    }

    private func take(_ pinned: String, _ offset: Int64, _ shared: inout SharedView) {
        let bytes = Array(
            #"{"products":[{"id":"p","variants":[{"sku":"A","available":0},{"sku":"B","available":2}]}],"pinned":\#(pinned)}"#
                .utf8)
        shared.take(
            snapshot: 0, at: LogPosition(epoch: "e", offset: offset), in: bytes.span)
    }

    private func event(_ type: String, _ data: String, _ offset: Int64) -> [UInt8] {
        Array(#"{"type":"\#(type)","offset":\#(offset),"data":{\#(data)}}"#.utf8)
    }

    @Test func `the first available variant of the pinned product is claimed`() {
        #expect(snapshot(#"[{"product":"p"}]"#).pinned == "B")
        #expect(snapshot(#"[{"product":"p","sku":"A"}]"#).pinned == "A")
        #expect(snapshot(#"[{"product":"p"}]"#, wanted: ["A"]).pinned == "A")
        #expect(snapshot(#"[{"product":"q"},{"product":"p"}]"#, wanted: ["B"]).pinned == "B")
        #expect(snapshot(#"[{"product":"p"}]"#, wanted: ["Z"]).pinned == nil)
        #expect(snapshot("[]").pinned == nil)
        #expect(snapshot("null").pinned == nil)
    }

    @Test func `a snapshot that is no newer than the picture is not read`() {
        var shared = snapshot("[]", offset: 5)
        take(#"[{"product":"p"}]"#, 5, &shared)
        #expect(shared.pinned == nil && shared.show.position?.offset == 5)
        take(#"[{"product":"p"}]"#, 6, &shared)
        #expect(shared.pinned == "B")
    }

    @Test func `an event that another connection brought is not read again`() {
        var shared = snapshot("[]")
        let pin = event("product.pinned", #""product":"p""#, 2)
        shared.take(event: pin.span, offset: 2)
        #expect(shared.pinned == "B")
        shared.take(event: event("product.unpinned", #""product":"p""#, 3).span, offset: 3)
        shared.take(event: pin.span, offset: 2)
        shared.take(pin: pin.span, offset: 2)
        #expect(shared.pinned == nil && shared.show.position?.offset == 3)
    }

    @Test func `a pin that is heard of early hides no event before it`() {
        var shared = snapshot("[]")
        let pin = event("product.pinned", #""product":"n""#, 3)
        shared.take(pin: pin.span, offset: 3)
        #expect(shared.pinned == nil)
        let product = #""product":{"id":"n","variants":[{"sku":"N","available":1}]}"#
        shared.take(event: event("product.added", product, 2).span, offset: 2)
        shared.take(event: pin.span, offset: 3)
        #expect(shared.pinned == "N" && shared.show.position?.offset == 3)
    }
}
