// One idempotency key, one effect, one answer: on any connection, after a crash, and when the thing has
// changed since. Refusals are not kept.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct KeyTests {
    @Test func `a key sent ten times over two connections gives one hold and equal answers`() throws
    {
        let room = TestRoom.live(onHand: 9)
        room.join("ana")
        room.join("ana2", token: "u-ana/viewer/Ana")
        var answers: Set<String> = []
        for number in 0..<10 {
            let name = number.isMultiple(of: 2) ? "ana" : "ana2"
            room.pass(milliseconds: 10)
            answers.insert(room.claim(key: "k", from: name).reply ?? "none")
        }
        #expect(answers.count == 1 && !answers.contains("none"))
        #expect(try room.counters() == [8, 1, 0, 9])
    }

    @Test func `the same key in one batch is one claim`() throws {
        let room = TestRoom.live()
        room.join("ana")
        room.join("ana2", token: "u-ana/viewer/Ana")
        room.takeAll()
        let text = #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"k"}}"#
        room.sendAll([("ana", text), ("ana2", text), ("ana", text)])
        let answers = room.take("ana").all("reply") + room.take("ana2").all("reply")
        #expect(answers.count == 3 && Set(answers).count == 1)
        #expect(try room.counters() == [2, 1, 0, 3])
    }

    @Test func `another content under the same key is a conflict and changes nothing`() throws {
        let room = TestRoom.live()
        room.join("ana")
        room.claim(key: "k", from: "ana")
        #expect(room.claim("MUG", 2, key: "k", from: "ana").refusal == "key_conflict")
        #expect(
            room.claim(key: "k", more: #","waitlist":false"#, from: "ana").refusal
                == "key_conflict")
        #expect(
            room.request("chat.send", #"{"text":"x","key":"k"}"#, from: "ana").refusal
                == "key_conflict")
        #expect(try room.counters() == [2, 1, 0, 3])
        // Another participant's key is another key.
        room.join("ben")
        #expect(room.claim("MUG", 2, key: "k", from: "ben").reply != nil)
    }

    @Test func `defaults, unit_price, unknown fields and id are not part of the content`() {
        let room = TestRoom.live()
        room.join("ana")
        let first = room.request("claim.create", #"{"sku":"MUG","key":"k"}"#, from: "ana").reply
        for same in [
            #"{"key":"k","quantity":1,"sku":"MUG","partial":true,"waitlist":true}"#,
            #"{"key":"k","sku":"MUG","unit_price":1}"#, #"{"key":"k","sku":"MUG","hat":[1]}"#,
        ] {
            #expect(room.request("claim.create", same, from: "ana").reply == first)
        }
        let other = room.request("claim.create", #"{"sku":"MUG","key":"k"}"#, from: "ana", id: "8")
        #expect(at("id", other.reply) == "8")
        #expect(at("data", other.reply) == at("data", first))
    }

    /// Every request that keeps its answer, with the steps that lead there.
    @Test func `answers are kept word for word through a crash and every change`() throws {
        let room = TestRoom.live(onHand: 2)
        for name in ["ana", "ben", "cleo"] { room.join(name) }
        var kept: [(who: String, text: String, answer: String)] = []
        func keep(_ type: String, _ data: String, from name: String) throws {
            let text = #"{"id":7,"type":"\#(type)","data":\#(data)}"#
            let reply = try #require(room.send(text, from: name).reply, "\(type)")
            kept.append((name, text, reply))
        }
        try keep("claim.create", #"{"sku":"MUG","key":"1","quantity":2}"#, from: "ana")
        try keep("claim.create", #"{"sku":"MUG","key":"1","quantity":2}"#, from: "ben")
        try keep("claim.create", #"{"sku":"MUG","key":"2"}"#, from: "ben")
        try keep("order.place", #"{"holds":["h1"],"key":"2"}"#, from: "ana")
        let order = at("data.order.order", kept.last?.answer) ?? ""
        try keep("order.cancel", #"{"order":"\#(order)","key":"3"}"#, from: "ana")
        try keep("waitlist.accept", #"{"sku":"MUG","key":"4"}"#, from: "ben")
        try keep("hold.extend", #"{"hold":"h2","key":"5"}"#, from: "ben")
        try keep("order.place", #"{"holds":["h2"],"key":"6"}"#, from: "ben")
        let second = at("data.order.order", kept.last?.answer) ?? ""
        try keep(
            "order.pay", #"{"order":"\#(second)","key":"7","method":"succeeded"}"#, from: "ben")
        try keep("stock.adjust", #"{"sku":"MUG","delta":3,"key":"1"}"#, from: "host")
        try keep("claim.create", #"{"sku":"MUG","key":"8"}"#, from: "cleo")
        try keep("hold.release", #"{"hold":"h3","key":"9"}"#, from: "cleo")
        try keep("chat.send", #"{"text":"hello","key":"10"}"#, from: "cleo")
        try keep("price.set", #"{"sku":"MUG","price":99,"key":"2"}"#, from: "host")
        try keep("product.pin", #"{"product":"mug","key":"3"}"#, from: "host")
        try keep("room.configure", #"{"pins":2,"key":"4"}"#, from: "host")
        try keep(
            "product.add",
            #"{"product":{"title":"Cup","variants":[{"sku":"CUP","price":1,"on_hand":1}]},"key":"5"}"#,
            from: "host")
        try keep("show.end", #"{"key":"6"}"#, from: "host")

        // All grants are announced by now.
        room.pass(seconds: 1)
        let events = try room.show().log.lastOffset
        let counters = try room.counters()
        func repeatAll() throws {
            for (who, text, answer) in kept {
                room.take(who)
                let lines = room.send(text, from: who)
                #expect(lines.all("reply") == [answer])
            }
            #expect(try room.show().log.lastOffset == events)
            #expect(try room.counters() == counters)
        }
        try repeatAll()
        room.restart()
        room.joinHost()
        for name in ["ana", "ben", "cleo"] { room.join(name) }
        try repeatAll()
        // In the order of decisions every kept answer has its own place.
        let seqs = kept.compactMap {
            at("data.seq", $0.answer) ?? at("data.receipt.seq", $0.answer)
        }
        .compactMap(Int.init)
        #expect(seqs == seqs.sorted() && Set(seqs).count == seqs.count)
    }

    @Test func `an answer is repeated before it is stored, and refused when it cannot be read`()
        throws
    {
        let room = TestRoom.live()
        room.join("ana")
        room.claim(key: "1", from: "ana")
        let place = #"{"id":7,"type":"order.place","data":{"holds":["h1"],"key":"2"}}"#
        let extend = #"{"id":7,"type":"hold.extend","data":{"hold":"h1","key":"3"}}"#
        let lines = room.send([extend, place, extend, place].joined(separator: "\n"), from: "ana")
        let replies = lines.all("reply")
        #expect(replies.count == 4 && replies[0] != replies[1])
        #expect(replies[2...] == replies[...1])

        room.archive.isUnreadable = true
        for _ in 0..<3 {
            #expect(room.send(place, from: "ana").refusal == "storage_unavailable")
        }
        #expect(room.alarms == ["journal entry 4 of show spring cannot be read: unreadable"])
        room.archive.isUnreadable = false
        #expect(room.send(place, from: "ana").reply == replies[1])

        // A commit that fails has the show read again: the answers are where they were.
        room.archive.isFailing = true
        #expect(room.claim(key: "4", from: "ana").refusal == "storage_unavailable")
        #expect(room.send(place, from: "ana").reply == replies[1])
        try room.resumeStorage()
        #expect(room.send(extend, from: "ana").reply == replies[0])
    }

    @Test func `an answer that is damaged is told of, once`() throws {
        let room = TestRoom.live()
        room.join("ana")
        room.request("chat.send", #"{"text":"hello","key":"1"}"#, from: "ana")
        room.archive.damageLastEntry()
        for _ in 0..<2 {
            #expect(
                room.request("chat.send", #"{"text":"hello","key":"1"}"#, from: "ana").refusal
                    == "internal")
        }
        #expect(room.alarms.count == 1)
    }

    @Test func `a refusal is not kept`() {
        let room = TestRoom.live(onHand: 0)
        room.join("ana")
        #expect(
            room.claim(key: "k", more: #","waitlist":false"#, from: "ana").refusal == "sold_out")
        room.request("stock.adjust", #"{"sku":"MUG","delta":1}"#, from: "host")
        #expect(room.claim(key: "k", more: #","waitlist":false"#, from: "ana").reply != nil)
    }

    @Test func `a key is needed where the table says so and has a form`() {
        let room = TestRoom.live()
        room.join("ana")
        for (type, data) in [
            ("claim.create", #""sku":"MUG""#), ("waitlist.accept", #""sku":"MUG""#),
            ("order.place", #""holds":["h1"]"#), ("order.cancel", #""order":"o""#),
            ("order.pay", #""order":"o","method":"failed""#),
        ] {
            #expect(room.request(type, "{\(data)}", from: "ana").refusal == "bad_request")
            for key in ["\"\"", "7", "null", "\"\(String(repeating: "k", count: 129))\""] {
                #expect(
                    room.request(type, #"{\#(data),"key":\#(key)}"#, from: "ana").refusal
                        == "bad_request")
            }
        }
    }
}
