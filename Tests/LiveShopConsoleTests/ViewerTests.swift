// What a viewer types, has and is told.

import LiveShopClient
import Testing
import WireProtocol

@testable import LiveShopConsole

private func owning(_ json: String...) throws -> ShowView {
    var view = ShowView()
    for json in json {
        let document = try JSONDocument(parsing: json)
        switch try #require(ServerMessage(document)) {
        case .event(let fact, _), .notice(let fact): view.take(fact, offset: nil, in: document)
        case .reply, .error: break
        }
    }
    return view
}

private func hold(_ id: String, _ sku: String, _ kind: String = "hold.created") -> String {
    #"{"type":"\#(kind)","data":{"hold":"\#(id)","sku":"\#(sku)","quantity":1,"unit_price":500,"expires_at":"1970-01-01T00:01:00.000Z"}}"#
}

private let order =
    #"{"type":"order.placed","data":{"order":{"order":"o1","status":"placed","total":500,"pay_by":"1970-01-01T00:02:00.000Z"}}}"#
private let offer =
    #"{"type":"waitlist.offered","data":{"sku":"B","quantity":1,"unit_price":500,"expires_at":"1970-01-01T00:01:30.000Z"}}"#

@Suite struct ViewerCommandTests {
    @Test(arguments: [
        ("hello there", [#"chat.send {"text":"hello there","key":"k"}"#]),
        ("/claim A", [#"claim.create {"sku":"A","quantity":1,"key":"k"}"#]),
        ("/claim A 3", [#"claim.create {"sku":"A","quantity":3,"key":"k"}"#]),
        (
            "/extend",
            [#"hold.extend {"hold":"h1","key":"k"}"#, #"hold.extend {"hold":"h2","key":"k"}"#]
        ),
        ("/release B", [#"hold.release {"hold":"h2","key":"k"}"#]),
        ("/release h1", [#"hold.release {"hold":"h1","key":"k"}"#]),
        ("/accept B", [#"waitlist.accept {"sku":"B","key":"k"}"#]),
        ("/leave B", [#"waitlist.leave {"sku":"B","key":"k"}"#]),
        ("/order", [#"order.place {"holds":["h1","h2"],"key":"k"}"#]),
        ("/order A", [#"order.place {"holds":["h1"],"key":"k"}"#]),
        ("/pay", [#"order.pay {"order":"o1","method":"succeeded","key":"k"}"#]),
        ("/cancel o7", [#"order.cancel {"order":"o7","key":"k"}"#]),
    ])
    func `a right line is understood`(line: String, expected: [String]) throws {
        let own = try owning(hold("h1", "A"), hold("h2", "B"), order).own
        guard case .requests(let requests) = try ViewerCommand(line, own) else {
            Issue.record("no requests")
            return
        }
        let texts = requests.map {
            "\($0.type) \(String(decoding: $0.data(key: "k"), as: UTF8.self))"
        }
        #expect(texts == expected)
    }

    @Test(arguments: [
        ("/calim A", Phrase.watchUnknownCommand), ("/claim", .watchForm),
        ("/claim A 0", .watchForm), ("/claim A 1 2", .watchForm), ("/accept", .watchForm),
        ("/order", .watchNothingHeld), ("/extend X", .watchNothingHeld),
        ("/pay", .watchNothingToPay), ("/", .watchUnknownCommand),
    ])
    func `a wrong line is told why`(line: String, phrase: Phrase) {
        let refusal = #expect(throws: ViewerCommand.Refusal.self) {
            _ = try ViewerCommand(line, OwnThings())
        }
        #expect(refusal?.phrase == phrase)
    }

    @Test func `an unknown command names the one that was meant`() {
        let refusal = #expect(throws: ViewerCommand.Refusal.self) {
            _ = try ViewerCommand("/clam A", OwnThings())
        }
        #expect(refusal?.values["command"] == .text("/clam (/claim?)"))
    }

    @Test func `an empty line is nothing`() throws {
        #expect(try ViewerCommand("  ", OwnThings()) == nil)
    }
}

@Suite struct JoiningTests {
    @Test func `a show that is not there, or is private, is told from other things missing`() {
        let missing = ClientFailure.refused(code: "not_found", message: "no such show")
        #expect(ViewerConsole.text(missing, in: .english).contains("private show needs a token"))
        #expect(
            ViewerConsole.text(.closed(code: 4502, reason: ""), in: .english).contains(
                "no such show"))
        #expect(
            !ViewerConsole.text(.closed(code: 4500, reason: ""), in: .english).contains(
                "no such show"))
    }
}

@Suite struct OwnThingsTests {
    private func text(_ view: ShowView, now: Int64 = 0) -> ViewerText {
        ViewerText(
            facts: FactText(language: .english, view: view), own: view.own, now: now)
    }

    @Test func `holds, offers and orders are listed with the time left`() throws {
        let own = try owning(hold("h1", "A"), offer, order)
        #expect(
            text(own).belongings() == [
                "Held: 1 × A at 5.00 EUR, 1:00 left", "Offer: 1 × B at 5.00 EUR, 1:30 left",
                "To pay: order o1, 5.00 EUR, 2:00 left",
            ])
    }

    @Test func `what has ended is gone`() throws {
        let own = try owning(
            hold("h1", "A"), hold("h2", "A"), hold("h1", "A", "hold.expired"), offer,
            #"{"type":"waitlist.passed","data":{"sku":"B"}}"#)
        #expect(own.own.holds.map(\.id) == ["h2"])
        #expect(own.own.waits.isEmpty)
        var later = own
        later.forgetHolds(before: 60_000)
        #expect(text(later).belongings() == ["You hold nothing."])
    }

    @Test func `the reply to hello tells all of it`() throws {
        let document = try JSONDocument(
            parsing:
                #"{"you":{"holds":[],"waitlist":[{"sku":"B","quantity":2,"place":4}],"orders":[{"order":"o1","status":"paid","total":1}]}}"#
        )
        var own = try owning(hold("h1", "A"))
        own.take(hello: document.root, in: document)
        #expect(text(own).belongings() == ["Waiting: 2 × B, place 4"])
    }

    @Test func `an ordered hold is an order`() throws {
        var own = try owning(hold("h1", "A"))
        own.take(
            reply: try JSONDocument(parsing: #"{"order":{"order":"o1","total":500}}"#),
            to: "order.place", sent: try JSONDocument(parsing: #"{"holds":["h1"]}"#))
        #expect(own.own.holds.isEmpty)
        #expect(own.own.unpaid.map(\.id) == ["o1"])
    }

    @Test(arguments: [
        (ClientFailure.refused(code: "sold_out", message: "x"), "Sold out."),
        (
            .refused(code: "rate_limited", message: "x", numbers: ["retry_after_ms": 1001]),
            "Too fast: wait 2 seconds."
        ),
        (
            .refused(code: "price_changed", message: "x", numbers: ["price": 1990]),
            "The price has changed: 19.90 EUR now."
        ),
        (
            .refused(code: "bad_request", message: "data.sku: \u{7}"),
            "The server refuses (bad_request: data.sku: \u{FFFD})."
        ),
        (.closed(code: 4501, reason: "banned"), "You are shut out of this show."),
    ])
    func `refusals are said in the viewer's words`(failure: ClientFailure, expected: String) {
        #expect(text(ShowView()).failure(failure) == expected)
    }

    @Test func `the status line has the time that holds and offers have left`() throws {
        let line = text(try owning(hold("h1", "A"), offer)).status(isConnected: true)
        #expect(line.hasSuffix("│ ✔ A × 1 1:00 │ ★ B 1:30"))
    }
}
