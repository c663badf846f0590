// The replies to what hosts and moderators ask, and the events that everybody hears of it.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct HostRequestTests {
    private let time = "2026-11-21T19:00:00.000Z"

    /// Type and data of the events, without show, offset and time.
    private func events(_ lines: [String]) -> [String] {
        lines.filter { at("offset", $0) != nil }
            .map { "\(at("type", $0) ?? "") \(at("data", $0) ?? "")" }
    }

    private func data(_ lines: [String]) -> String? { at("data", lines.reply) }

    @Test func `the steps of a show`() {
        let room = TestRoom()
        room.joinHost()
        func step(_ type: String) -> (status: String?, events: [String], refusal: String?) {
            let lines = room.request(type, from: "host")
            return (at("data.status", lines.reply), events(lines), lines.refusal)
        }
        #expect(step("show.pause").refusal == "invalid_state")
        #expect(step("show.start") == ("live", [#"show.started {"status":"live"}"#], nil))
        #expect(step("show.start").refusal == "invalid_state")
        #expect(step("show.pause") == ("paused", [#"show.paused {"status":"paused"}"#], nil))
        #expect(step("show.resume") == ("live", [#"show.resumed {"status":"live"}"#], nil))
        #expect(step("show.end") == ("ended", [#"show.ended {"status":"ended"}"#], nil))
        room.pass(seconds: 7200)
        #expect(step("show.start").status == "live")
        #expect(room.archive.shelves["spring"]?.listing?.status == .live)
    }

    @Test func `claims are open only while the show is live`() {
        let room = TestRoom.live()
        room.join("ana")
        room.claim(key: "before", from: "ana")
        room.request("show.pause", from: "host")
        #expect(room.claim(key: "k", from: "ana").refusal == "not_live")
        #expect(room.request("chat.send", #"{"text":"hi"}"#, from: "ana").reply != nil)
        room.request("show.end", from: "host")
        #expect(room.claim(key: "k", from: "ana").refusal == "show_ended")
        #expect(room.request("chat.send", #"{"text":"hi"}"#, from: "ana").refusal == "show_ended")
        // Holds and orders go on.
        #expect(room.request("hold.extend", #"{"hold":"h1"}"#, from: "ana").reply != nil)
        #expect(
            room.request("order.place", #"{"holds":["h1"],"key":"o"}"#, from: "ana").reply != nil)
    }

    @Test func `products come, change and go`() {
        let room = TestRoom.live()
        let added = room.request(
            "product.add",
            #"{"product":{"title":"Cup","variants":[{"sku":"C1","price":900,"on_hand":4}]}}"#,
            from: "host")
        #expect(data(added) == #"{"product":"p2"}"#)
        #expect(
            events(added) == [
                #"product.added {"product":{"id":"p2","title":"Cup","description":"","media":[],"#
                    + #""sponsored":false,"variants":[{"sku":"C1","title":"","options":{},"#
                    + #""price":900,"available":4,"limit":0}]}}"#
            ])
        #expect(!added.contains { at("type", $0) == "stock.changed" })
        let changed = room.request(
            "product.update",
            #"{"product":{"variants":[{"sku":"C1","price":950,"limit":2}]}}"#, from: "host")
        #expect(at("data.product.id", changed.reply) == "p2")
        #expect(at("data.product.variants.0.price", changed.reply) == "950")
        #expect(
            at("data.product", changed.first("product.updated"))
                == at("data.product", changed.reply))
        let counted = room.request(
            "product.update", #"{"product":{"id":"p2","variants":[{"sku":"C1","on_hand":9}]}}"#,
            from: "host")
        #expect(counted.refusal == "bad_request")
        room.join("ana")
        room.claim("C1", key: "k", from: "ana")
        #expect(
            room.request("product.remove", #"{"product":"p2"}"#, from: "host").refusal
                == "invalid_state")
        room.request("hold.release", #"{"hold":"h1"}"#, from: "ana")
        let removed = room.request("product.remove", #"{"product":"p2"}"#, from: "host")
        #expect(data(removed) == #"{"product":"p2"}"#)
        #expect(events(removed) == [#"product.removed {"product":"p2"}"#])
        #expect(room.archive.shelves["spring"]?.stock["C1"] == nil)
        #expect(
            room.request("product.remove", #"{"product":"p2"}"#, from: "host").refusal
                == "not_found")
        room.restart()
    }

    @Test func `a SKU that is removed and added again in one batch keeps its counters`() {
        let room = TestRoom.live()
        room.sendAll([
            ("host", #"{"id":1,"type":"product.remove","data":{"product":"mug"}}"#),
            (
                "host",
                #"{"id":2,"type":"product.add","data":{"product":{"id":"mug2","title":"M","variants":[{"sku":"MUG","price":1,"on_hand":8}]}}}"#
            ),
        ])
        #expect(room.take("host").all("reply").count == 2)
        #expect(room.archive.shelves["spring"]?.stock["MUG"]?.onHand == 8)
    }

    @Test func `pins and the queue`() {
        let room = TestRoom.live()
        room.addProduct("cup")
        let pinned = room.request("product.pin", #"{"sku":"MUG","seconds":30}"#, from: "host")
        #expect(
            data(pinned)
                == #"{"product":"mug","sku":"MUG","until":"2026-11-21T19:00:30.000Z"}"#)
        #expect(events(pinned) == ["product.pinned \(data(pinned) ?? "")"])
        let queued = room.request("queue.set", #"{"products":["cup","mug"]}"#, from: "host")
        #expect(data(queued) == #"{"products":["cup","mug"]}"#)
        #expect(events(queued) == [#"queue.changed {"products":["cup","mug"]}"#])
        let next = room.request("queue.next", from: "host")
        #expect(data(next) == #"{"product":"cup"}"#)
        #expect(
            events(next) == [
                #"queue.changed {"products":["mug"]}"#, #"product.unpinned {"product":"mug"}"#,
                #"product.pinned {"product":"cup"}"#,
            ])
        let unpinned = room.request("product.unpin", from: "host")
        #expect(data(unpinned) == #"{"pinned":[]}"#)
        #expect(events(unpinned) == [#"product.unpinned {"product":"cup"}"#])
        #expect(
            room.request("product.pin", #"{"product":"cup","sku":"MUG"}"#, from: "host").refusal
                == "not_found")
        #expect(
            room.request("product.pin", #"{"product":"none"}"#, from: "host").refusal
                == "not_found")
        #expect(
            room.request("queue.set", #"{"products":["cup","none"]}"#, from: "host").refusal
                == "not_found")
    }

    @Test func `stock and price corrections`() {
        let room = TestRoom.live(onHand: 3)
        room.join("ana")
        room.claim("MUG", 2, key: "k", from: "ana")
        let adjusted = room.request("stock.adjust", #"{"sku":"MUG","delta":5}"#, from: "host")
        #expect(
            data(adjusted) == #"{"sku":"MUG","available":6,"held":2,"sold":0,"on_hand":8}"#)
        #expect(events(adjusted).contains(#"product.restocked {"sku":"MUG"}"#))
        let below = room.request("stock.adjust", #"{"sku":"MUG","delta":-7}"#, from: "host")
        #expect(below.refusal == "below_held" && at("error.minimum", below.first("error")) == "2")
        let stale = room.request(
            "stock.set", #"{"sku":"MUG","on_hand":9,"expected":7}"#, from: "host")
        #expect(stale.refusal == "stock_changed")
        #expect(at("error.on_hand", stale.first("error")) == "8")
        let set = room.request(
            "stock.set", #"{"sku":"MUG","on_hand":2,"expected":8}"#, from: "host")
        #expect(at("data.on_hand", set.reply) == "2")
        #expect(events(set) == [#"product.sold_out {"sku":"MUG"}"#])
        let priced = room.request("price.set", #"{"sku":"MUG","price":1200}"#, from: "host")
        #expect(data(priced) == #"{"sku":"MUG","price":1200}"#)
        #expect(
            events(priced) == [#"price.changed {"sku":"MUG","price":1200,"prior_price":1500}"#])
        for (type, rest) in [
            ("stock.adjust", #""delta":1"#), ("price.set", #""price":1"#),
            ("stock.set", #""on_hand":1,"expected":1"#),
        ] {
            #expect(
                room.request(type, #"{"sku":"NONE",\#(rest)}"#, from: "host").refusal
                    == "not_found")
        }
    }

    @Test func `settings change all or none, and only what changed is told`() {
        let room = TestRoom.live()
        func configure(_ data: String, _ who: String = "host") -> [String] {
            room.request("room.configure", data, from: who)
        }
        let changed = configure(#"{"pins":2,"hold_seconds":600,"chat":"off","replay_sales":true}"#)
        #expect(
            data(changed)
                == #"{"pins":2,"hold_seconds":600,"chat":"off","replay_sales":true}"#)
        #expect(
            events(changed) == [#"room.configured {"pins":2,"chat":"off","replay_sales":true}"#])
        for wrong in [
            "{}", #"{"pins":4}"#, #"{"pins":"2"}"#, #"{"pins":null}"#, #"{"pins":true}"#,
            #"{"hats":1}"#, #"{"pins":3,"hats":1}"#, #"{"replay_sales":"perhaps"}"#,
            #"{"chat":"loud"}"#, #"{"chat":[]}"#,
        ] {
            #expect(configure(wrong).refusal == "bad_request", "\(wrong)")
        }
        room.join("mo", token: "u-mo/moderator/Mo")
        #expect(data(configure(#"{"chat_length":100}"#, "mo")) == #"{"chat_length":100}"#)
        #expect(configure(#"{"chat_length":90,"pins":1}"#, "mo").refusal == "forbidden")
        room.join("ana")
        #expect(configure(#"{"chat_length":90}"#, "ana").refusal == "forbidden")
    }

    @Test func `lists for the console`() {
        let room = TestRoom.live(onHand: 1)
        room.join("ana")
        room.join("ben")
        room.claim(key: "k", from: "ana")
        room.claim(key: "k", from: "ben")
        #expect(
            data(room.request("holds.list", #"{"sku":"MUG"}"#, from: "host")) == """
                {"holds":[{"participant":"u-ana","name":"Ana","hold":"h1","sku":"MUG",\
                "quantity":1,"unit_price":1500,"expires_at":"2026-11-21T19:10:00.000Z",\
                "extensions_left":10}],"next":null}
                """)
        #expect(
            data(room.request("waitlist.list", from: "host")) == """
                {"waitlist":[{"participant":"u-ben","name":"Ben","sku":"MUG","quantity":1,\
                "place":1}],"next":null}
                """)
        room.request("order.place", #"{"holds":["h1"],"key":"o"}"#, from: "ana")
        let orders = room.request("orders.list", from: "host")
        #expect(at("data.orders.0.participant", orders.reply) == "u-ana")
        #expect(at("data.orders.0.placed_at", orders.reply) == time)
        #expect(at("data.orders.0.status", orders.reply) == "placed")
        let viewers = room.request("viewers.list", from: "host")
        #expect(
            at("data.viewers.1", viewers.reply)
                == #"{"participant":"u-ana","name":"Ana","role":"viewer","guest":false,"connections":1}"#
        )
        #expect(data(room.request("holds.list", from: "host")) == #"{"holds":[],"next":null}"#)
        #expect(
            room.request("holds.list", #"{"sku":"NONE"}"#, from: "host").refusal == "not_found")
    }

    @Test func `a viewer is no host and a moderator is none either`() {
        let room = TestRoom.live()
        room.join("ana")
        room.join("mo", token: "u-mo/moderator/Mo")
        for type in RequestType.allCases where type.minimumRole != .viewer {
            let lines = room.request(type.rawValue, from: "ana")
            #expect(["forbidden", "unknown_type"].contains(lines.refusal), "\(type.rawValue)")
            guard type.minimumRole == .host else { continue }
            let moderated = room.request(type.rawValue, from: "mo")
            #expect(["forbidden", "unknown_type"].contains(moderated.refusal), "\(type.rawValue)")
        }
        // Claiming a role in the request changes nothing.
        #expect(room.request("show.end", #"{"role":"host"}"#, from: "ana").refusal == "forbidden")
    }

    @Test func `a token that lists capabilities has no others`() {
        let room = TestRoom.live()
        room.join("ana", token: "u-ana/viewer/Ana/view,chat")
        let claim = room.claim(key: "k", from: "ana")
        #expect(claim.refusal == "forbidden")
        #expect(at("error.message", claim.first("error"))?.contains("claim") == true)
        #expect(room.request("chat.send", #"{"text":"x"}"#, from: "ana").reply != nil)
    }

    @Test func `a ban closes every connection and gives back what was held`() throws {
        let room = TestRoom.live(onHand: 1)
        room.join("ana")
        room.join("ana2", token: "u-ana/viewer/Ana")
        room.join("ben")
        room.claim(key: "k", from: "ana")
        room.claim(key: "k", from: "ben")
        room.takeAll()
        let lines = room.request(
            "participant.ban", #"{"participant":"u-ana","reason":"spam"}"#, from: "host")
        #expect(lines.reply != nil)
        #expect(room.closed["ana"] == .banned && room.closed["ana2"] == .banned)
        #expect(room.take("ben").first("waitlist.offered") != nil)
        #expect(room.join("ana3", token: "u-ana/viewer/Ana").refusal == "banned")
        #expect(room.closed["ana3"] == .banned)
        room.restart()
        #expect(room.join("ana", token: "u-ana/viewer/Ana").refusal == "banned")
        #expect(
            room.joinHost().reply != nil
                && room.request("participant.ban", #"{"participant":"u-host"}"#, from: "host")
                    .refusal == "forbidden"
        )
    }
}
