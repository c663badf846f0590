// The replies to what viewers ask, word for word. Fields and their order are part of the contract.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct ViewerRequestTests {
    @Test func `a claim is held: reply, own notice, then what everybody hears`() {
        let room = TestRoom.live(onHand: 1)
        room.join("ana")
        room.join("ben")
        room.takeAll()
        #expect(
            room.claim(key: "k1", from: "ana").transcript == """
                {"type":"product.sold_out","show":"spring","offset":3,\
                "time":"2026-11-21T19:00:00.000Z","data":{"sku":"MUG"}}
                {"type":"reply","id":7,"data":{"outcome":"held","seq":1,\
                "hold":{"hold":"h1","sku":"MUG","quantity":1,"unit_price":1500,\
                "expires_at":"2026-11-21T19:10:00.000Z","extensions_left":10},\
                "receipt":{"show":"spring","seq":1,"content_hash":"H",\
                "time":"2026-11-21T19:00:00.000Z"}}}
                {"type":"hold.created","show":"spring","time":"2026-11-21T19:00:00.000Z",\
                "data":{"hold":"h1","sku":"MUG","quantity":1,"unit_price":1500,\
                "expires_at":"2026-11-21T19:10:00.000Z","extensions_left":10}}
                {"type":"claim.held","show":"spring","offset":4,\
                "time":"2026-11-21T19:00:00.000Z",\
                "data":{"claims":[{"name":"Ana","sku":"MUG","quantity":1,"seq":1}],\
                "totals":[{"sku":"MUG","claims":1,"units":1}]}}
                {"type":"stock.changed","show":"spring","time":"2026-11-21T19:00:00.000Z",\
                "data":{"sku":"MUG","available":0,"held":1,"sold":0,"on_hand":1,"as_of":4}}
                """)
        #expect(
            room.take("ben").types == ["product.sold_out", "claim.held", "stock.changed"])
        #expect(room.frameCount("ana") == 0)
    }

    @Test func `who comes too late waits, and the stock is not told again`() {
        let room = TestRoom.live(onHand: 0)
        room.join("ana")
        room.takeAll()
        #expect(
            room.claim("MUG", 2, key: "k1", from: "ana").transcript == """
                {"type":"reply","id":7,"data":{"outcome":"waitlisted","seq":1,\
                "waitlist":{"sku":"MUG","quantity":2,"place":1},\
                "receipt":{"show":"spring","seq":1,"content_hash":"H",\
                "time":"2026-11-21T19:00:00.000Z"}}}
                {"type":"waitlist.joined","show":"spring","time":"2026-11-21T19:00:00.000Z",\
                "data":{"sku":"MUG","quantity":2,"place":1}}
                {"type":"waitlist.length","show":"spring","time":"2026-11-21T19:00:00.000Z",\
                "data":{"sku":"MUG","length":1}}
                """)
        // Claiming again while waiting returns the entry as it stands.
        let again = room.claim("MUG", 1, key: "k2", from: "ana").reply
        #expect(at("data.outcome", again) == "waitlisted")
        #expect(at("data.waitlist", again) == #"{"sku":"MUG","quantity":2,"place":1}"#)
        #expect(at("data.seq", again) == "2")
    }

    @Test func `a claim takes what there is and waits for the rest`() {
        let room = TestRoom.live(onHand: 3)
        room.join("ana")
        let reply = room.claim("MUG", 5, key: "k", from: "ana").reply
        #expect(at("data.outcome", reply) == "partial")
        #expect(at("data.hold.quantity", reply) == "3")
        #expect(at("data.waitlist.quantity", reply) == "2")
    }

    @Test func `what a claim may refuse`() throws {
        let room = TestRoom.live(onHand: 3)
        room.join("ana")
        func refusal(_ quantity: Int, _ more: String) -> String? {
            let lines = room.claim("MUG", quantity, key: "x", more: more, from: "ana")
            return lines.first("error").flatMap { line in
                let extra = ["available", "price", "limit", "remaining"]
                    .compactMap { name in at("error.\(name)", line).map { "\(name)=\($0)" } }
                return ([at("error.code", line) ?? ""] + extra).joined(separator: " ")
            }
        }
        #expect(refusal(5, #","partial":false"#) == "insufficient_stock available=3")
        #expect(refusal(1, #","unit_price":1499"#) == "price_changed price=1500")
        #expect(refusal(0, "") == "bad_request")
        #expect(refusal(1000, "") == "bad_request")
        #expect(try room.counters() == [3, 0, 0, 3])
        // With the price higher than it is, the buyer gets the lower one.
        let reply = room.claim("MUG", 3, key: "k", more: #","unit_price":1600"#, from: "ana").reply
        #expect(at("data.hold.unit_price", reply) == "1500")
        room.join("ben")
        #expect(
            room.claim(key: "y", more: #","waitlist":false"#, from: "ben").refusal == "sold_out")
        #expect(
            room.claim(key: "z", more: #","partial":false"#, from: "ben").refusal == "sold_out")
        #expect(room.claim("NONE", key: "n", from: "ben").refusal == "not_found")
    }

    @Test func `a hold is extended and released`() {
        let room = TestRoom.live()
        room.join("ana")
        room.claim("MUG", 2, key: "k", from: "ana")
        #expect(
            room.request("hold.extend", #"{"hold":"h1"}"#, from: "ana").transcript == """
                {"type":"reply","id":7,"data":{"hold":{"hold":"h1","sku":"MUG","quantity":2,\
                "unit_price":1500,"expires_at":"2026-11-21T19:11:00.000Z","extensions_left":9}}}
                {"type":"hold.extended","show":"spring","time":"2026-11-21T19:00:00.000Z",\
                "data":{"hold":"h1","sku":"MUG","quantity":2,"unit_price":1500,\
                "expires_at":"2026-11-21T19:11:00.000Z","extensions_left":9}}
                """)
        let lines = room.request("hold.release", #"{"hold":"h1"}"#, from: "ana")
        #expect(
            lines.reply
                == #"{"type":"reply","id":7,"data":{"hold":"h1","released":2,"remaining":0}}"#)
        #expect(at("data.hold", lines.first("hold.released")) == "h1")
        #expect(at("data.remaining", lines.first("hold.released")) == "0")
        #expect(
            room.request("hold.release", #"{"hold":"h1"}"#, from: "ana").refusal == "invalid_state")
    }

    @Test func `a part of a hold is released, and told with what remains`() {
        let room = TestRoom.live()
        room.join("ana")
        room.claim("MUG", 3, key: "k", from: "ana")
        func release(_ quantity: Int) -> [String] {
            room.request(
                "hold.release", #"{"hold":"h1","quantity":\#(quantity)}"#, from: "ana")
        }
        #expect(release(4).refusal == "bad_request")
        let lines = release(1)
        #expect(
            lines.reply
                == #"{"type":"reply","id":7,"data":{"hold":"h1","released":1,"remaining":2}}"#)
        let notice = lines.first("hold.released")
        #expect(at("data.quantity", notice) == "2")
        #expect(at("data.released", notice) == "1")
        #expect(at("data.remaining", notice) == "2")
        #expect(at("data.you.holds.0.quantity", room.join("ana").reply) == "2")
    }

    @Test func `an order that its buyer cancelled is not paid any more`() {
        let room = TestRoom.live()
        room.join("ana")
        room.claim(key: "k", from: "ana")
        let placed = room.request("order.place", #"{"holds":["h1"],"key":"o"}"#, from: "ana")
        let order = at("data.order.order", placed.reply) ?? ""
        room.request("order.cancel", #"{"order":"\#(order)","key":"c"}"#, from: "ana")
        for method in ["succeeded", "failed"] {
            let paid = room.request(
                "order.pay", #"{"order":"\#(order)","key":"p","method":"\#(method)"}"#, from: "ana")
            #expect(paid.refusal == "invalid_state")
        }
    }

    @Test func `what is another's and what is not there get the same answer`() {
        let room = TestRoom.live()
        room.join("ana")
        room.join("ben")
        room.claim(key: "k", from: "ana")
        let own = room.request("order.place", #"{"holds":["h1"],"key":"o"}"#, from: "ana")
        let order = at("data.order.order", own.reply) ?? ""
        room.claim(key: "k2", from: "ana")
        func lines(_ type: String, _ data: String) -> String {
            room.request(type, data, from: "ben").first("error") ?? "no error"
        }
        for type in ["hold.release", "hold.extend"] {
            #expect(lines(type, #"{"hold":"h2"}"#) == lines(type, #"{"hold":"h99"}"#))
            #expect(lines(type, #"{"hold":"h2"}"#) == lines(type, #"{"hold":"nonsense"}"#))
        }
        #expect(
            lines("order.place", #"{"holds":["h2"],"key":"a"}"#)
                == lines("order.place", #"{"holds":["h99"],"key":"a"}"#))
        for (type, more) in [("order.pay", #","method":"succeeded""#), ("order.cancel", "")] {
            let other = lines(type, #"{"order":"\#(order)","key":"b"\#(more)}"#)
            #expect(other.contains("not_found"))
            #expect(
                other
                    == lines(
                        type,
                        #"{"order":"o_\#(String(repeating: "0", count: 32))","key":"b"\#(more)}"#))
            #expect(other == lines(type, #"{"order":"o_1","key":"b"\#(more)}"#))
        }
    }

    @Test func `an order is placed, paid and told`() throws {
        let room = TestRoom.live()
        room.join("ana")
        room.claim("MUG", 2, key: "k", from: "ana")
        room.takeAll()
        let order = "o_00000000000000010000000000000002"
        let lines =
            #""lines":[{"sku":"MUG","title":"The mug","quantity":2,"unit_price":1500,"total":3000}],"discount":0,"total":3000"#
        #expect(
            room.request("order.place", #"{"holds":["h1"],"key":"o"}"#, from: "ana").transcript
                == """
                {"type":"reply","id":7,"data":{"order":{"order":"\(order)","status":"placed",\
                \(lines),"pay_by":"2026-11-21T19:10:00.000Z"},\
                "receipt":{"show":"spring","seq":2,"content_hash":"H",\
                "time":"2026-11-21T19:00:00.000Z"}}}
                {"type":"order.placed","show":"spring","time":"2026-11-21T19:00:00.000Z",\
                "data":{"order":{"order":"\(order)","status":"placed",\(lines),\
                "pay_by":"2026-11-21T19:10:00.000Z"}}}
                """)
        func pay(_ method: String, _ key: String) -> [String] {
            room.request(
                "order.pay", #"{"order":"\#(order)","key":"\#(key)","method":"\#(method)"}"#,
                from: "ana")
        }
        #expect(pay("failed", "p").refusal == "payment_failed")
        #expect(pay("timeout", "p").refusal == "payment_failed")
        #expect(try room.counters() == [1, 2, 0, 3])
        #expect(
            pay("succeeded", "p").transcript == """
                {"type":"reply","id":7,"data":{"order":{"order":"\(order)","status":"paid",\
                \(lines)}}}
                {"type":"order.paid","show":"spring","time":"2026-11-21T19:00:00.000Z",\
                "data":{"order":{"order":"\(order)","status":"paid",\(lines)}}}
                """)
        #expect(try room.counters() == [1, 0, 2, 3])
        #expect(pay("succeeded", "p2").refusal == "invalid_state")
        #expect(
            room.request("order.cancel", #"{"order":"\#(order)","key":"c"}"#, from: "ana").refusal
                == "invalid_state")
        #expect(
            room.request("hold.release", #"{"hold":"h1"}"#, from: "ana").refusal
                == "invalid_state")
        #expect(
            room.request("order.place", #"{"holds":["h1"],"key":"o2"}"#, from: "ana").refusal
                == "invalid_state")
    }

    @Test func `payments are the shop's business unless the server tests`() {
        let room = TestRoom.live(testPayment: false)
        room.join("ana")
        room.claim(key: "k", from: "ana")
        let placed = room.request("order.place", #"{"holds":["h1"],"key":"o"}"#, from: "ana")
        let order = at("data.order.order", placed.reply) ?? ""
        let paid = room.request(
            "order.pay", #"{"order":"\#(order)","key":"p","method":"succeeded"}"#, from: "ana")
        #expect(paid.refusal == "forbidden")
        #expect(at("error.message", paid.first)?.contains("--payment test") == true)
    }

    @Test func `an order names up to a hundred holds, each once, and no coupon yet`() {
        let room = TestRoom.live()
        room.join("ana")
        room.claim(key: "k", from: "ana")
        func place(_ holds: String, _ more: String = "") -> String? {
            room.request("order.place", #"{"holds":[\#(holds)],"key":"o"\#(more)}"#, from: "ana")
                .refusal
        }
        #expect(place("") == "bad_request")
        #expect(place(#""h1","h1""#) == "bad_request")
        #expect(place((1...101).map { #""h\#($0)""# }.joined(separator: ",")) == "bad_request")
        #expect(place(#""h1""#, #","coupon":"SPRING""#) == "not_found")
        #expect(place(#""h1""#) == nil)
    }

    @Test func `an offer is accepted, passed or lost`() throws {
        let room = TestRoom.live(onHand: 1)
        for name in ["ana", "ben", "cleo"] { room.join(name) }
        room.claim(key: "1", from: "ana")
        room.claim("MUG", 2, key: "1", from: "ben")
        room.claim(key: "1", from: "cleo")
        room.takeAll()
        #expect(
            room.request("waitlist.accept", #"{"sku":"MUG","key":"a"}"#, from: "ben").refusal
                == "invalid_state")
        room.request("hold.release", #"{"hold":"h1"}"#, from: "ana")
        #expect(
            room.take("ben").first("waitlist.offered") == """
                {"type":"waitlist.offered","show":"spring","time":"2026-11-21T19:00:00.000Z",\
                "data":{"sku":"MUG","quantity":1,"unit_price":1500,\
                "expires_at":"2026-11-21T19:05:00.000Z"}}
                """)
        let accepted = room.request("waitlist.accept", #"{"sku":"MUG","key":"b"}"#, from: "ben")
        #expect(at("data.outcome", accepted.reply) == "held")
        #expect(at("data.hold.quantity", accepted.reply) == "1")
        // The rest of the entry keeps its place.
        #expect(
            at("data.waitlist", accepted.reply) == #"{"sku":"MUG","quantity":1,"place":1}"#)
        let left = room.request("waitlist.leave", #"{"sku":"MUG"}"#, from: "ben")
        #expect(left.reply == #"{"type":"reply","id":7,"data":{"sku":"MUG"}}"#)
        #expect(left.first("waitlist.passed") != nil)
        #expect(
            room.request("waitlist.leave", #"{"sku":"MUG"}"#, from: "ben").refusal == "not_found")
        room.request("hold.release", #"{"hold":"h2"}"#, from: "ben")
        room.pass(milliseconds: 299_999)
        #expect(try room.counters() == [0, 1, 0, 1])
        room.pass(milliseconds: 1)
        #expect(room.take("cleo").first("waitlist.passed") != nil)
        #expect(try room.counters() == [1, 0, 0, 1])
    }

    @Test func `chat is told to everybody with its number`() {
        let room = TestRoom.live()
        room.join("ana")
        room.join("ben")
        room.takeAll()
        let lines = room.request(
            "chat.send", #"{"text":" hi\u0007 there ","product":"mug"}"#, from: "ana")
        let message = """
            {"type":"chat.message","show":"spring","time":"2026-11-21T19:00:00.000Z",\
            "data":{"message":"m1","participant":"u-ana","name":"Ana","role":"viewer",\
            "guest":false,"text":"hi there","product":"mug"}}
            """
        #expect(lines.reply == #"{"type":"reply","id":7,"data":{"message":"m1"}}"#)
        #expect(lines.first("chat.message") == message)
        #expect(room.take("ben") == [message])
        let answer = room.request(
            "chat.send", #"{"text":"yes","reply_to":"m1"}"#, from: "ben")
        #expect(at("data.reply_to", answer.first("chat.message")) == "m1")
        for wrong in [#""reply_to":"m9""#, #""reply_to":"x""#, #""product":"none""#] {
            #expect(
                room.request("chat.send", #"{"text":"x",\#(wrong)}"#, from: "ben").refusal
                    == "not_found")
        }
        for wrong in [#"{}"#, #"{"text":""}"#, #"{"text":"\u0007"}"#, #"{"text":7}"#] {
            #expect(room.request("chat.send", wrong, from: "ben").refusal == "bad_request")
        }
        let long = String(repeating: "x", count: 201)
        #expect(
            room.request("chat.send", #"{"text":"\#(long)"}"#, from: "ben").refusal
                == "bad_request")
    }

    @Test func `a sampled chat says how much it left out`() {
        let room = TestRoom.live()
        room.request(
            "room.configure", #"{"chat_per_second":1,"chat_rate":0}"#, from: "host")
        room.join("ana")
        room.join("ben")
        room.takeAll()
        for text in ["one", "two", "three"] {
            let lines = room.request("chat.send", #"{"text":"\#(text)"}"#, from: "ana")
            #expect(lines.refusal == nil && lines.reply != nil)
        }
        room.pass(seconds: 1)
        room.request("chat.send", #"{"text":"four"}"#, from: "ana")
        let heard = room.take("ben").all("chat.message")
        #expect(heard.map { at("data.text", $0) } == ["one", "four"])
        #expect(heard.map { at("data.sampled.dropped", $0) } == [nil, "2"])
    }

    @Test func `too much chat is told when to go on`() {
        let room = TestRoom.live()
        room.join("ana")
        for _ in 0..<10 { room.request("chat.send", #"{"text":"x"}"#, from: "ana") }
        let lines = room.request("chat.send", #"{"text":"x"}"#, from: "ana")
        #expect(lines.refusal == "rate_limited")
        #expect(at("error.retryable", lines.first) == "true")
        #expect(at("error.retry_after_ms", lines.first) == "3000")
    }

    @Test func `a product is told whole`() {
        let room = TestRoom.live()
        room.request(
            "product.update",
            #"{"product":{"id":"mug","description":"Two\nlines","media":["/a.jpg","/b.jpg"]}}"#,
            from: "host")
        room.join("ana")
        let whole = """
            {"type":"reply","id":7,"data":{"product":{"id":"mug","title":"The mug",\
            "description":"Two\\nlines","media":["/a.jpg","/b.jpg"],"sponsored":false,\
            "variants":[{"sku":"MUG","title":"","options":{},"price":1500,"available":3,\
            "limit":0}]}}}
            """
        for target in [#"{"product":"mug"}"#, #"{"sku":"MUG"}"#, #"{"product":"mug","sku":"MUG"}"#]
        {
            #expect(room.request("product.get", target, from: "ana").transcript == whole)
        }
        room.addProduct("cup")
        for wrong in [#"{"product":"x"}"#, #"{"sku":"X"}"#, #"{"product":"cup","sku":"MUG"}"#] {
            #expect(
                room.request("product.get", wrong, from: "ana").refusal == "not_found", "\(wrong)")
        }
        #expect(room.request("product.get", "{}", from: "ana").refusal == "bad_request")
    }

    @Test func `ping tells the time`() {
        let room = TestRoom.live()
        room.join("ana")
        #expect(
            room.request("ping", from: "ana", id: #""é""#).transcript
                == #"{"type":"reply","id":"é","data":{"server_time":"2026-11-21T19:00:00.000Z"}}"#)
    }
}
