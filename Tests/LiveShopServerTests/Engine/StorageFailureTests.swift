// When the store fails: what has to be stored is refused with a clear error, reading and chat go on, and
// nothing that was not stored is ever acknowledged. When the ledger contradicts itself, the SKU stops.

import Testing
import WireProtocol

@testable import Inventory
@testable import LiveSession
@testable import LiveShopServer

struct StorageFailureTests {
    private func failing() -> TestRoom {
        let room = TestRoom.live()
        room.join("ana")
        room.join("ben")
        room.claim(key: "before", from: "ana")
        room.pass(seconds: 2)
        room.takeAll()
        room.archive.isFailing = true
        return room
    }

    @Test func `a claim that cannot be stored is refused and leaves nothing behind`() throws {
        let room = failing()
        let lines = room.claim(key: "k", from: "ben")
        #expect(lines.refusal == "storage_unavailable" && lines.first("hold.created") == nil)
        #expect(at("error.retryable", lines.first("error")) == "true")
        #expect(try room.counters() == [2, 1, 0, 3])
        #expect(room.take("ana").types == ["viewers.count"])
        try room.resumeStorage()
        #expect(room.claim(key: "k", from: "ben").reply != nil)
        #expect(try room.counters() == [1, 2, 0, 3])
        room.restart()
        #expect(try room.counters() == [1, 2, 0, 3])
    }

    @Test func `whoever sent too fast still has, and nobody else, when the show is read again`() {
        var settings = ShowSettings()
        settings.requestRate = 60
        settings.requestBurst = 5
        let room = TestRoom(settings: settings)
        room.joinHost()
        room.addProduct("mug")
        room.request("show.start", from: "host")
        for name in ["ana", "ben", "cleo"] { room.join(name) }
        // Ben has a row and keeps his number; the others get new ones.
        room.claim(key: "b", from: "ben")
        for _ in 0..<5 { room.request("ping", from: "ana") }
        room.archive.isFailing = true
        room.claim(key: "c", from: "cleo")
        #expect(room.request("ping", from: "ana").refusal == "rate_limited")
        for name in ["ben", "cleo"] { #expect(room.request("ping", from: name).reply != nil) }
    }

    @Test func `every request that changes something is refused, reading goes on`() throws {
        let room = failing()
        room.claim(key: "k", from: "ben")
        let before = try room.show().log.lastOffset
        for (type, data, who) in [
            ("hold.release", #"{"hold":"h1"}"#, "ana"), ("hold.extend", #"{"hold":"h1"}"#, "ana"),
            ("order.place", #"{"holds":["h1"],"key":"o"}"#, "ana"),
            ("waitlist.leave", #"{"sku":"MUG"}"#, "ana"), ("show.pause", "{}", "host"),
            ("product.pin", #"{"product":"mug"}"#, "host"),
            ("price.set", #"{"sku":"MUG","price":1}"#, "host"),
            ("stock.adjust", #"{"sku":"MUG","delta":1}"#, "host"),
            ("room.configure", #"{"pins":2}"#, "host"),
            ("participant.ban", #"{"participant":"u-ben"}"#, "host"),
        ] {
            #expect(room.request(type, data, from: who).refusal == "storage_unavailable", "\(type)")
        }
        for (type, data, who) in [
            ("ping", "{}", "ana"), ("product.get", #"{"product":"mug"}"#, "ana"),
            ("holds.list", "{}", "host"), ("viewers.list", "{}", "host"),
        ] {
            #expect(room.request(type, data, from: who).reply != nil, "\(type)")
        }
        // A key that is known has its answer.
        #expect(at("data.hold.hold", room.claim(key: "before", from: "ana").reply) == "h1")
        // And whoever comes now sees the show.
        #expect(at("data.snapshot.show.status", room.join("cleo").reply) == "live")
        #expect(try room.show().log.lastOffset == before)
    }

    @Test func `chat goes on, is said once, and is still there when the store works again`() throws
    {
        let room = failing()
        room.archive.isFailing = false
        room.request("chat.send", #"{"text":"stored"}"#, from: "ana")
        room.archive.isFailing = true
        let lines = room.request("chat.send", #"{"text":"one"}"#, from: "ana")
        #expect(at("data.message", lines.reply) == "m2")
        #expect(lines.all("chat.message").count == 1)
        room.join("cleo")
        room.request("chat.send", #"{"text":"two"}"#, from: "cleo")
        func texts(_ name: String) -> [String?] {
            let reply = room.join(name).reply
            return (0..<5).map { at("data.snapshot.chat.\($0).text", reply) }
        }
        #expect(texts("d1") == ["stored", "one", "two", nil, nil])
        try room.resumeStorage()
        #expect(texts("d2") == ["stored", "one", "two", nil, nil])
        let after = room.request("chat.send", #"{"text":"three"}"#, from: "ana")
        #expect(at("data.message", after.reply) == "m4")
        #expect(texts("d3") == ["stored", "one", "two", "three", nil])
    }

    @Test func `nothing ends by itself while it cannot be stored, and all of it afterwards`() throws
    {
        let room = failing()
        room.claim(key: "k", from: "ben")
        room.pass(seconds: 700)
        #expect(room.engine.isStorageFailing)
        #expect(room.take("ana").first("hold.expired") == nil)
        try room.resumeStorage()
        #expect(room.take("ana").first("hold.expired") != nil)
        #expect(try room.counters() == [3, 0, 0, 3])
    }

    @Test func `connections and their people survive a failed commit`() throws {
        let room = failing()
        room.sendAll([
            ("ana", #"{"id":1,"type":"claim.create","data":{"sku":"MUG","key":"x"}}"#),
            ("ben", #"{"id":2,"type":"chat.send","data":{"text":"hi"}}"#),
        ])
        #expect(room.take("ana").refusal == "storage_unavailable")
        #expect(room.take("ben").reply != nil)
        #expect(try room.show().roster.viewers == 3)
        try room.resumeStorage()
        #expect(try room.show().roster.viewers == 3)
        room.drop("ana")
        room.drop("ben")
        room.drop("host")
        #expect(try room.show().roster.viewers == 0 && room.show().roster.connections == 0)
    }

    @Test func `own notices find their people again after a failed commit`() throws {
        let room = failing()
        room.join("ana2", token: "u-ana/viewer/Ana")
        room.claim(key: "x", from: "ana")
        try room.resumeStorage()
        room.takeAll()
        room.request("hold.release", #"{"hold":"h1"}"#, from: "ana")
        #expect(room.take("ana2").first("hold.released") != nil)
        #expect(room.take("ben").first("hold.released") == nil)
    }

    @Test func `a connection that was refused for lack of storage may say hello again`() throws {
        let room = TestRoom()
        room.archive.create("winter")
        room.archive.isUnreadable = true
        room.open("ana")
        let hello = #"{"id":1,"type":"hello","data":{"show":"winter","name":"Ana"}}"#
        #expect(room.send(hello, from: "ana").refusal == "storage_unavailable")
        #expect(room.closed["ana"] == nil)
        room.archive.isUnreadable = false
        #expect(room.send(hello, from: "ana").reply != nil)
    }

    // MARK: A broken ledger

    @Test func `a contradiction stops the SKU with an alarm, and nothing else`() throws {
        let room = TestRoom.live(onHand: 3)
        room.addProduct("cup")
        room.join("ana")
        room.claim(key: "1", from: "ana")
        room.takeAll()
        room.meddle { engine in engine.rooms[0].show.ledger.levels[0].held = -5 }
        let lines = room.claim(key: "2", from: "ana")
        #expect(lines.refusal == "internal" && lines.reply == nil)
        #expect(room.alarms.count == 1)
        #expect(room.claim("CUP", key: "3", from: "ana").reply != nil)
        // Also when everything is read again.
        room.archive.isFailing = true
        room.claim("CUP", key: "4", from: "ana")
        try room.resumeStorage()
        #expect(room.claim(key: "5", from: "ana").refusal == "internal")
        #expect(room.claim("CUP", key: "4", from: "ana").reply != nil)
    }
}
