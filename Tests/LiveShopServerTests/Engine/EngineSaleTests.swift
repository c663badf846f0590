// The promises of a sale through the engine: nothing oversold, first come first served, holds that end
// exactly once, and notices that reach the right people and nobody else.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct EngineSaleTests {
    @Test func `of five hundred at once exactly a hundred are held, the rest wait in order`() throws
    {
        let room = TestRoom.live(onHand: 100)
        let names = (1...500).map { "b\($0)" }
        for name in names { room.join(name) }
        room.takeAll()
        let claims = names.map { name in
            (name, #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"k"}}"#)
        }
        room.sendAll(claims + claims)
        var outcomes: [String: Int] = [:]
        var places: [(seq: Int, place: Int)] = []
        for name in names {
            let replies = room.take(name).all("reply")
            #expect(replies.count == 2 && replies[0] == replies[1])
            outcomes[at("data.outcome", replies[0]) ?? "none", default: 0] += 1
            if let place = at("data.waitlist.place", replies[0]).flatMap(Int.init),
                let seq = at("data.seq", replies[0]).flatMap(Int.init)
            {
                places.append((seq, place))
            }
        }
        #expect(outcomes == ["held": 100, "waitlisted": 400])
        #expect(places.sorted { $0.seq < $1.seq }.map(\.place) == Array(1...400))
        #expect(try room.counters() == [0, 100, 0, 100])
    }

    @Test func `five units that come back go to the first five who wait`() {
        let room = TestRoom.live(onHand: 5)
        for number in 1...15 { room.join("b\(number)") }
        for number in 1...15 { room.claim(key: "k", from: "b\(number)") }
        room.takeAll()
        room.pass(seconds: 600)
        for number in 1...15 {
            let lines = room.take("b\(number)")
            #expect((lines.first("hold.expired") != nil) == (number <= 5), "b\(number)")
            #expect(
                (lines.first("waitlist.offered") != nil) == (6...10).contains(number),
                "b\(number)")
        }
        // An offer that expires moves on to the next.
        room.pass(seconds: 300)
        for number in 6...15 {
            let lines = room.take("b\(number)")
            #expect((lines.first("waitlist.passed") != nil) == (number <= 10))
            #expect((lines.first("waitlist.offered") != nil) == (number > 10))
        }
    }

    @Test func `a hold ends at its time, not a millisecond early, and the offer is in that commit`()
        throws
    {
        let room = TestRoom.live(onHand: 1)
        room.join("ana")
        room.join("ben")
        room.claim(key: "k", from: "ana")
        room.claim(key: "k", from: "ben")
        room.pass(milliseconds: 599_999)
        room.takeAll()
        #expect(try room.show().ledger.openHolds().count == 1)
        let commits = room.archive.commits
        room.pass(milliseconds: 1)
        #expect(room.archive.commits == commits + 1)
        #expect(
            room.take("ana").first("hold.expired") == """
                {"type":"hold.expired","show":"spring","time":"2026-11-21T19:10:00.000Z",\
                "data":{"hold":"h1","sku":"MUG","quantity":1,"unit_price":1500,\
                "expires_at":"2026-11-21T19:10:00.000Z","extensions_left":10}}
                """)
        #expect(room.take("ben").first("waitlist.offered") != nil)
        #expect(try room.counters() == [0, 1, 0, 1])
        for (type, data) in [
            ("hold.release", #"{"hold":"h1"}"#), ("hold.extend", #"{"hold":"h1"}"#),
            ("order.place", #"{"holds":["h1"],"key":"o"}"#),
        ] {
            #expect(room.request(type, data, from: "ana").refusal == "hold_expired", "\(type)")
        }
    }

    @Test func `a claim at the very end of a hold comes after it`() throws {
        let room = TestRoom.live(onHand: 1)
        room.join("ana")
        room.join("ben")
        room.claim(key: "k", from: "ana")
        room.now = room.now.adding(seconds: 600)
        #expect(at("data.outcome", room.claim(key: "k", from: "ben").reply) == "held")
    }

    @Test func `what ended while nobody was running ends at the start, before any claim`() throws {
        let room = TestRoom.live(onHand: 1)
        room.join("ana")
        room.join("ben")
        room.claim(key: "k", from: "ana")
        room.claim(key: "k", from: "ben")
        room.now = room.now.adding(seconds: 601)
        room.restart()
        #expect(try room.show().ledger.openHolds().isEmpty)
        let ben = room.join("ben").reply
        #expect(at("data.you.waitlist.0.offer.quantity", ben) == "1")
        // The offer's time began when it was made.
        #expect(
            at("data.you.waitlist.0.offer.expires_at", ben) == "2026-11-21T19:15:01.000Z")
    }

    @Test func `a running hold keeps its end through a restart`() {
        let room = TestRoom.live()
        room.join("ana")
        room.claim(key: "k", from: "ana")
        room.pass(seconds: 60)
        room.restart()
        let reply = room.join("ana").reply
        #expect(at("data.you.holds.0.expires_at", reply) == "2026-11-21T19:10:00.000Z")
        room.pass(seconds: 480)
        #expect(room.take("ana").first("hold.expiring") != nil)
        room.pass(seconds: 60)
        #expect(room.take("ana").first("hold.expired") != nil)
    }

    @Test func `an order that is not paid is cancelled and its units go on`() throws {
        let room = TestRoom.live(onHand: 1)
        room.join("ana")
        room.join("ben")
        room.claim(key: "k", from: "ana")
        let placed = room.request("order.place", #"{"holds":["h1"],"key":"o"}"#, from: "ana")
        let order = at("data.order.order", placed.reply) ?? ""
        room.claim(key: "k", from: "ben")
        room.pass(seconds: 600)
        #expect(room.take("ana").first("order.cancelled") != nil)
        #expect(room.take("ben").first("waitlist.offered") != nil)
        // A late payment never oversells.
        let paid = room.request(
            "order.pay", #"{"order":"\#(order)","key":"p","method":"succeeded"}"#, from: "ana")
        #expect(paid.refusal == "invalid_state")
        #expect(try room.counters() == [0, 1, 0, 1])
    }

    @Test func `a late payment is honoured when the units are free`() throws {
        let room = TestRoom.live(onHand: 1)
        room.join("ana")
        room.claim(key: "k", from: "ana")
        let placed = room.request("order.place", #"{"holds":["h1"],"key":"o"}"#, from: "ana")
        let order = at("data.order.order", placed.reply) ?? ""
        room.pass(seconds: 600)
        let paid = room.request(
            "order.pay", #"{"order":"\#(order)","key":"p","method":"succeeded"}"#, from: "ana")
        #expect(at("data.order.status", paid.reply) == "paid")
        #expect(try room.counters() == [0, 0, 1, 1])
        #expect(paid.first("product.sold_out") != nil)
    }

    @Test func `an order of nothing to pay is paid at once`() throws {
        let room = TestRoom.live()
        room.addProduct("gift", price: 0)
        room.join("ana")
        room.claim("GIFT", key: "k", from: "ana")
        let lines = room.request("order.place", #"{"holds":["h1"],"key":"o"}"#, from: "ana")
        #expect(at("data.order.status", lines.reply) == "paid")
        #expect(lines.types.filter { $0.hasPrefix("order.") } == ["order.placed", "order.paid"])
        #expect(lines.all("order.placed").count == 1)
        #expect(try room.counters("GIFT") == [2, 0, 1, 3])
    }

    @Test func `the third unit of a limit of two is refused, over any connection`() throws {
        let room = TestRoom.live(onHand: 9, limit: 2)
        room.join("ana")
        room.join("ana2", token: "u-ana/viewer/Ana")
        room.claim(key: "1", from: "ana")
        #expect(room.claim("MUG", 2, key: "2", from: "ana2").refusal == "limit_reached")
        room.claim(key: "3", from: "ana2")
        let over = room.claim(key: "4", from: "ana").first("error")
        #expect(at("error.code", over) == "limit_reached")
        #expect(at("error.limit", over) == "2" && at("error.remaining", over) == "0")
        room.request("hold.release", #"{"hold":"h1"}"#, from: "ana")
        #expect(room.claim(key: "4", from: "ana").reply != nil)
        #expect(try room.counters() == [7, 2, 0, 9])
    }

    @Test func `restocked units go to those who wait first`() throws {
        let room = TestRoom.live(onHand: 0)
        room.join("ana")
        room.join("ben")
        room.claim("MUG", 3, key: "k", from: "ana")
        room.takeAll()
        room.request("stock.adjust", #"{"sku":"MUG","delta":5}"#, from: "host")
        let ana = room.take("ana")
        #expect(at("data.quantity", ana.first("waitlist.offered")) == "3")
        #expect(ana.first("product.restocked") != nil && ana.first("product.sold_out") == nil)
        #expect(try room.counters() == [2, 3, 0, 5])
        #expect(room.take("ben").first("waitlist.offered") == nil)
    }

    // MARK: Who hears what

    @Test func `own notices go to all connections of a participant and to nobody else`() {
        let room = TestRoom.live()
        room.join("ana")
        room.join("ana2", token: "u-ana/viewer/Ana")
        room.join("ben")
        room.takeAll()
        let lines = room.claim(key: "k", from: "ana")
        let own = room.take("ana2")
        #expect(lines.all("hold.created").count == 1)
        #expect(own.all("hold.created") == lines.all("hold.created"))
        #expect(own.first("reply") == nil)
        for other in ["ben", "host"] {
            let lines = room.take(other)
            #expect(lines.first("hold.created") == nil && lines.first("reply") == nil)
        }
    }

    @Test func `the reply and the requester's own notices travel in one frame`() {
        let room = TestRoom.live(onHand: 9)
        room.request("room.configure", #"{"claim_feed":"off"}"#, from: "host")
        room.join("ana")
        // Told just now, so that no count follows this claim at once.
        room.claim(key: "0", from: "ana")
        room.take("ana")
        room.sendAll([
            ("ana", #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"k"}}"#)
        ])
        #expect(room.frameCount("ana") == 1)
        #expect(room.take("ana").types == ["reply", "hold.created"])
    }

    @Test func `the feed shows names, counts or nothing`() {
        for (feed, claims) in [("names", 1), ("counts", 0)] {
            let room = TestRoom.live()
            room.request("room.configure", #"{"claim_feed":"\#(feed)"}"#, from: "host")
            room.join("ana")
            let event = room.claim(key: "k", from: "ana").first("claim.held")
            #expect((at("data.claims.0.name", event) != nil) == (claims == 1))
            #expect(at("data.totals", event) == #"[{"sku":"MUG","claims":1,"units":1}]"#)
        }
        let room = TestRoom.live()
        room.request("room.configure", #"{"claim_feed":"off"}"#, from: "host")
        room.join("ana")
        #expect(room.claim(key: "k", from: "ana").first("claim.held") == nil)
    }

    @Test func `grants that were not announced when the process died are announced after it`() {
        let room = TestRoom.live(onHand: 9)
        room.join("ana")
        room.claim(key: "1", from: "ana")
        room.claim("MUG", 2, key: "2", from: "ana")
        room.restart()
        let missed = room.join("ben", resume: #"{"epoch":"k3f9","offset":3}"#)
        let event = missed.first("claim.held")
        #expect(at("data.claims.0.quantity", event) == "2" && at("data.claims.1", event) == nil)
        #expect(at("data.totals.0.units", event) == "3")
    }

    @Test func `a flash sale has its price for its time and for its units`() throws {
        let room = TestRoom.live(onHand: 9)
        for name in ["ana", "ben", "cleo"] { room.join(name) }
        let started = room.request(
            "flash.start",
            #"{"sku":"MUG","price":1000,"countdown_seconds":10,"duration_seconds":60,"per_buyer":1,"quantity":5}"#,
            from: "host")
        #expect(started.first("flash.scheduled") != nil)
        #expect(at("data.hold.unit_price", room.claim(key: "0", from: "ana").reply) == "1500")
        room.pass(seconds: 10)
        #expect(room.take("ana").first("flash.started") != nil)
        let held = room.claim(key: "1", from: "ana").reply
        #expect(at("data.hold.unit_price", held) == "1000")
        #expect(at("data.hold.extensions_left", held) == "0")
        #expect(room.claim(key: "2", from: "ana").refusal == "limit_reached")
        room.pass(milliseconds: 59_999)
        #expect(at("data.hold.unit_price", room.claim(key: "1", from: "ben").reply) == "1000")
        room.pass(milliseconds: 1)
        #expect(room.take("ana").first("flash.ended") != nil)
        #expect(at("data.hold.unit_price", room.claim(key: "1", from: "cleo").reply) == "1500")
        #expect(
            at(
                "data.hold.unit_price",
                room.request("hold.extend", #"{"hold":"h1"}"#, from: "ana").reply) == "1500")
        room.restart()
        #expect(at("data.you.holds.1.unit_price", room.join("ana").reply) == "1000")
    }
}
