// The picture of a show from frames as docs/PROTOCOL.md has them: what a snapshot gives, what each event and
// notice moves, what changes nothing.

import Testing
import WireProtocol

@testable import LiveShopClient

private let hello = #"""
    {"protocol":"liveshop.v1","server_time":"2026-11-24T16:02:11.526Z","epoch":"3s9h","offset":2,
    "resumed":false,"you":{"participant":"g_1","name":"Ana","role":"viewer","capabilities":["view",
    "claim"],"holds":[],"waitlist":[],"orders":[],"points":0,"token":"eyJ"},"snapshot":{"show":
    {"id":"spring","title":"Spring firing","status":"live","currency":"JPY","hosts":[{"name":"Kim"}],
    "video":null,"scheduled_at":null,"started_at":"2026-11-24T16:00:00.000Z"},
    "pinned":[{"product":"cap","sku":"CAP-PEAT","until":"2026-11-24T16:10:00.000Z"}],"queue":["bowl"],
    "products":[{"id":"cap","title":"Watch Cap","media":[],"sponsored":false,"variants":[
    {"sku":"CAP-PEAT","title":"Peat","options":{"Colour":"Peat"},"price":3200,"available":38,"limit":2},
    {"sku":"CAP-MOSS","title":"Moss","options":{"Colour":"Moss"},"price":3300,"available":29,"limit":0}]},
    {"id":"bowl","title":"Moonrise Bowl","variants":[{"sku":"BOWL","price":3400,"available":2}]}],
    "products_total":2,"flash":[{"flash":"f1","sku":"CAP-MOSS","price":2000,
    "starts_at":"2026-11-24T16:02:00.000Z","ends_at":"2026-11-24T16:03:00.000Z","per_buyer":1,
    "quantity":3,"running":true}],"note":{"text":"Hello"},"room":{"hold_seconds":600,
    "replay_sales":false,"chat":"everyone"},"viewers":7,"chat":[{"message":"m1","participant":"g_2",
    "name":"Ben","role":"viewer","guest":true,"text":"Hi","time":"2026-11-24T16:01:00.000Z"}]}}
    """#

private func snapshot() throws -> ShowView {
    let document = try JSONDocument(parsing: hello)
    var view = ShowView()
    view.take(hello: document.root, in: document)
    return view
}

extension ShowView {
    fileprivate func after(_ frames: String...) throws -> ShowView {
        var view = self
        for frame in frames {
            let document = try JSONDocument(parsing: frame)
            switch try #require(ServerMessage(document)) {
            case .event(let fact, let offset): view.take(fact, offset: offset, in: document)
            case .notice(let fact): view.take(fact, offset: nil, in: document)
            case .reply, .error: Issue.record("not an event or a notice: \(frame)")
            }
        }
        return view
    }

    /// With the reply to a request of its own.
    fileprivate func after(
        _ type: String, sent: String = "{}", reply: String
    ) throws -> ShowView {
        var view = self
        view.take(
            reply: try JSONDocument(parsing: reply), to: type,
            sent: try JSONDocument(parsing: sent))
        return view
    }
}

private func event(_ type: String, _ data: String, _ offset: Int = 3) -> String {
    #"{"type":"\#(type)","show":"spring","offset":\#(offset),"time":"2026-11-24T16:05:00.000Z","data":{\#(data)}}"#
}

private func notice(_ type: String, _ data: String) -> String {
    #"{"type":"\#(type)","show":"spring","time":"2026-11-24T16:05:00.000Z","data":{\#(data)}}"#
}

@Suite struct ShowViewTests {
    private let five = RFC3339.milliseconds("2026-11-24T16:05:00.000Z")

    @Test func `a snapshot gives all of it`() throws {
        let view = try snapshot()
        #expect(view.position == LogPosition(epoch: "3s9h", offset: 2))
        #expect(view.headline.id == "spring" && view.headline.title == "Spring firing")
        #expect(view.headline.status == "live" && view.headline.hosts == ["Kim"])
        #expect(view.headline.currency == Currency("JPY") && view.headline.scheduledAt == nil)
        #expect(view.liveTime(at: five ?? 0) == 300_000)
        let cap = try #require(view.catalogue.products["cap"])
        #expect(cap.title == "Watch Cap" && cap.skus == ["CAP-PEAT", "CAP-MOSS"])
        #expect(cap.variants[0].options == ["Colour": "Peat"] && cap.variants[0].limit == 2)
        #expect(view.catalogue.price(of: "CAP-MOSS") == 3300 && view.catalogue.total == 2)
        #expect(view.catalogue.stock["BOWL"] == StockView(available: 2))
        #expect(view.catalogue.product("BOWL") == "bowl" && view.catalogue.product("x") == "x")
        #expect(view.stage.pins.map(\.sku) == ["CAP-PEAT"] && view.stage.queue == ["bowl"])
        #expect(view.stock(of: view.stage.pins[0])?.available == 38)
        #expect(view.stage.note?.text == "Hello" && view.stage.note?.until == nil)
        #expect(view.flashSales.runningEnd(of: "CAP-MOSS") != nil)
        #expect(view.flashSales.sales["CAP-MOSS"]?.quantity == 3)
        #expect(
            view.room.settings.mapValues(\.description) == [
                "hold_seconds": "600", "replay_sales": "off", "chat": "everyone",
            ])
        #expect(view.room.viewers == 7 && view.chat.messages.map(\.text) == ["Hi"])
        #expect(view.own.name == "Ana" && view.own.token == "eyJ" && view.own.hasNothing)
        #expect(view.own.capabilities == ["view", "claim"])
    }

    @Test func `events move the show and the stage`() throws {
        let view = try snapshot()
        let ended = try view.after(event("show.ended", #""status":"ended""#))
        #expect(ended.headline.status == "ended" && ended.headline.endedAt == five)
        let again = try ended.after(event("show.started", #""status":"live""#, 4))
        #expect(again.headline.endedAt == nil)
        #expect(again.headline.startedAt == view.headline.startedAt)
        let stage = try view.after(
            event("product.pinned", #""product":"bowl""#),
            event("product.unpinned", #""product":"cap""#, 4),
            event("queue.changed", #""products":["cap"]"#, 5),
            event("note.set", #""text":"Last","until":"2026-11-24T16:05:00.000Z""#, 6)
        ).stage
        #expect(stage.pins.map(\.product) == ["bowl"] && stage.queue == ["cap"])
        #expect(stage.note?.text == "Last" && stage.note?.until == five)
        #expect(try view.after(event("note.cleared", "")).stage.note == nil)
    }

    @Test func `events and notices move products, prices and stock`() throws {
        let view = try snapshot()
        let moved = try view.after(
            event("price.changed", #""sku":"BOWL","price":3000,"prior_price":3400"#),
            notice(
                "stock.changed",
                #""sku":"BOWL","available":1,"held":1,"sold":0,"on_hand":2,"as_of":3"#)
        ).catalogue
        #expect(moved.price(of: "BOWL") == 3000)
        #expect(moved.stock["BOWL"] == StockView(available: 1, held: 1, sold: 0, onHand: 2))
        let updated = try view.after(
            event(
                "product.updated",
                #""product":{"id":"cap","title":"Cap","variants":[{"sku":"CAP-RED","price":1,"available":4}]}"#
            )
        ).catalogue
        #expect(updated.products["cap"]?.skus == ["CAP-RED"] && updated.total == 2)
        #expect(updated.productOfSKU["CAP-MOSS"] == nil && updated.stock["CAP-RED"] != nil)
        let removed = try view.after(event("product.removed", #""product":"cap""#)).catalogue
        #expect(removed.products["cap"] == nil && removed.stock["CAP-MOSS"] == nil)
        #expect(removed.title(of: "cap") == "Watch Cap" && removed.total == 1)
        #expect(
            try view.after(event("catalogue.changed", #""products_total":900"#)).catalogue.total
                == 900)
    }

    @Test func `flash sales count down, run and end`() throws {
        let sale = #""flash":"f2","sku":"BOWL","price":1,"ends_at":"2026-11-24T16:05:00.000Z""#
        let scheduled = try snapshot().after(event("flash.scheduled", sale))
        #expect(scheduled.flashSales.runningEnd(of: "BOWL") == nil)
        #expect(scheduled.flashSales.sales["BOWL"]?.id == "f2")
        let running = try scheduled.after(event("flash.started", sale, 4))
        #expect(running.flashSales.runningEnd(of: "BOWL") == five)
        #expect(scheduled.catalogue.price(of: "BOWL") == 3400)
        #expect(running.catalogue.price(of: "BOWL") == 1)
        let ended = try running.after(event("flash.ended", sale, 5))
        #expect(Set(ended.flashSales.sales.keys) == ["CAP-MOSS"])
    }

    @Test func `settings, viewers and chat are kept`() throws {
        let view = try snapshot().after(
            event("room.configured", #""hold_seconds":5,"pins":2"#),
            notice("viewers.count", #""viewers":9,"connections":11"#),
            notice("chat.message", #""message":"m2","name":"Cleo","text":"Ho""#),
            notice("chat.message", #""message":"m2","name":"Cleo","text":"Ho","replayed":true"#),
            event("chat.deleted", #""message":"m1""#, 4))
        #expect(view.room.settings["hold_seconds"] == .number(5) && view.room.settings.count == 4)
        #expect(view.room.viewers == 9)
        #expect(view.chat.messages.map(\.id) == ["m2"] && view.chat.messages[0].time == five)
    }

    @Test func `of the chat the newest fifty are kept`() throws {
        var view = try snapshot()
        for number in 2...60 {
            view = try view.after(notice("chat.message", #""message":"m\#(number)","text":"x""#))
        }
        #expect(view.chat.messages.count == 50 && view.chat.messages.last?.id == "m60")
    }

    @Test func `an event that is in the picture already changes nothing`() throws {
        let view = try snapshot().after(event("queue.changed", #""products":[]"#))
        #expect(view.position?.offset == 3)
        #expect(try view.after(event("queue.changed", #""products":["cap"]"#)) == view)
        #expect(try view.after(event("show.ended", #""status":"ended""#, 2)) == view)
        #expect(try view.after(notice("viewers.count", #""viewers":1"#)).position?.offset == 3)
    }

    @Test func `a resume replaces what is the client's own and leaves the show`() throws {
        let view = try snapshot()
        let document = try JSONDocument(
            parsing:
                #"{"epoch":"3s9h","offset":9,"resumed":true,"you":{"participant":"g_1","holds":[{"hold":"h1","sku":"BOWL","quantity":1}]}}"#
        )
        var back = view
        back.take(hello: document.root, in: document)
        #expect(back.own.holds.map(\.id) == ["h1"] && back.own.token == "eyJ")
        #expect(back.position == view.position && back.catalogue == view.catalogue)
    }

    @Test func `what is broken or not known changes nothing but the place`() throws {
        var view = try snapshot()
        let types = [
            "product.added", "product.removed", "product.pinned", "price.changed", "flash.started",
            "chat.deleted", "hold.created", "waitlist.offered", "order.paid", "carpet.rolled",
        ]
        for (index, type) in types.enumerated() {
            let data = #""product":7,"sku":[],"order":{},"hold":null,"message":1"#
            let next = try view.after(event(type, data, index + 3))
            view.position = next.position
            #expect(next == view, "\(type)")
        }
    }

    @Test func `replies about stock and new products are taken over`() throws {
        let view = try snapshot()
        let stock = try view.after(
            "stock.adjust",
            reply: #"{"sku":"BOWL","available":7,"held":0,"sold":0,"on_hand":7}"#)
        #expect(stock.catalogue.stock["BOWL"]?.onHand == 7)
        let sent = #"{"product":{"title":"Cup","variants":[{"sku":"CUP","price":5}]}}"#
        let added = try view.after("product.add", sent: sent, reply: #"{"product":"cup"}"#)
        #expect(added.catalogue.product("CUP") == "cup")
        // The event told it before: then the reply adds nothing.
        let both = try view.after(
            event(
                "product.added",
                #""product":{"id":"cup","title":"Cup","variants":[{"sku":"CUP","price":9,"available":1}]}"#
            ))
        #expect(try both.after("product.add", sent: sent, reply: #"{"product":"cup"}"#) == both)
        #expect(both.catalogue.total == 3)
    }
}
