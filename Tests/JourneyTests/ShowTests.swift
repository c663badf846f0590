// A show from its start to its end: the host leads, the viewers follow.

import Testing

@Suite(.ownThread)
struct ShowTests {
    @Test func `viewers follow the host from the start to the end`() async throws {
        let shop = try await Shop(isLive: false)
        let host = try shop.host()
        let viewers = [try shop.guest("Ana"), try shop.guest("Bo")]
        #expect(
            try viewers[0].refusal(of: "claim.create", #"{"sku":"A","key":"1"}"#)?.code
                == "not_live")

        try host.request("show.start")
        try host.request("product.pin", #"{"sku":"A"}"#)
        try host.request("price.set", #"{"sku":"A","price":900}"#)
        try host.request("show.pause")
        try host.request("show.resume")
        try host.request("product.unpin")
        try host.request("show.end")
        let ended = try host.next("show.ended")
        for viewer in viewers {
            _ = try viewer.next("show.ended")
            #expect(
                viewer.events.map(\.type) == [
                    "show.started", "product.pinned", "price.changed", "show.paused",
                    "show.resumed", "product.unpinned", "show.ended",
                ])
            #expect(viewer.events.map(\.text) == host.events.map(\.text))
            #expect(viewer.gaps.isEmpty)
            #expect(viewer.offset == ended.offset)
        }
        #expect(
            try viewers[0].refusal(of: "claim.create", #"{"sku":"A","key":"1"}"#)?.code
                == "show_ended")
        #expect(try shop.audit() == [])
    }

    @Test func `who comes late gets a snapshot that equals what the others saw`() async throws {
        let shop = try await Shop()
        let host = try shop.host()
        try host.request("product.pin", #"{"sku":"B"}"#)
        try host.request("price.set", #"{"sku":"B","price":1234}"#)
        _ = try shop.guest("Ana").claim("B", "1", #","quantity":2"#)
        let late = try shop.guest("Bo")
        let hello = try #require(late.hello)
        #expect(hello["data.resumed"].bool == false)
        #expect(hello["data.snapshot.show.status"].text == "live")
        #expect(hello["data.snapshot.pinned.0.sku"].text == "B")
        #expect(hello["data.snapshot.products.0.variants.1.price"].number == 1234)
        #expect(hello["data.snapshot.products.0.variants.1.available"].number == 3)
        #expect(hello["data.snapshot.viewers"].exists)
    }

    @Test func `two connections of one participant share what she has`() async throws {
        let shop = try await Shop()
        let phone = try shop.guest()
        let laptop = try shop.connection()
        try laptop.join(token: phone.token)
        let reply = try phone.claim("A", "1")
        let hold = try #require(reply["data.hold.hold"].text)
        #expect(try laptop.next("hold.created")["data.hold"].text == hold)
        #expect(try laptop.claim("A", "1")["data"].json == reply["data"].json)
        try laptop.request("hold.release", #"{"hold":"\#(hold)"}"#)
        #expect(try phone.next("hold.released")["data.hold"].text == hold)
        #expect(
            try phone.refusal(of: "hold.release", #"{"hold":"\#(hold)"}"#)?.code == "invalid_state")
        #expect(
            try phone.refusal(of: "claim.create", #"{"sku":"A","key":"1","quantity":2}"#)?.code
                == "key_conflict")
    }

    @Test func `a viewer cannot do what hosts do, at any request`() async throws {
        let shop = try await Shop()
        let viewer = try shop.guest()
        for (type, data) in [
            ("show.end", "{}"), ("product.pin", #"{"sku":"A"}"#), ("queue.next", "{}"),
            ("stock.adjust", #"{"sku":"A","delta":5}"#), ("price.set", #"{"sku":"A","price":1}"#),
            ("room.configure", #"{"hold_seconds":5}"#), ("orders.list", "{}"),
            ("holds.list", "{}"), ("viewers.list", "{}"),
        ] {
            #expect(try viewer.refusal(of: type, data)?.code == "forbidden", "\(type)")
        }
        let claim = #"{"sku":"A","key":"1","role":"host","participant":"host"}"#
        #expect(try viewer.request("claim.create", claim)["data.outcome"].text == "held")
        #expect(viewer.events.allSatisfy { $0.type == "claim.held" })
    }

    @Test func `what belongs to another and what does not exist get the same answer`() async throws
    {
        let shop = try await Shop()
        let ana = try shop.guest("Ana")
        let bo = try shop.guest("Bo")
        let hold = try #require(try ana.claim("A", "1")["data.hold.hold"].text)
        let foreign = try #require(try bo.refusal(of: "hold.release", #"{"hold":"\#(hold)"}"#))
        let unknown = try #require(try bo.refusal(of: "hold.release", #"{"hold":"h999999"}"#))
        #expect(foreign.error["error"].json == unknown.error["error"].json)
        #expect(foreign.code == "not_found")
    }
}
