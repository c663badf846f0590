// Claims, orders, payments, the waitlist and the ends of holds, over real sockets.

import Testing

@Suite(.ownThread)
struct SaleTests {
    @Test func `a claim becomes an order and is paid`() async throws {
        let shop = try await Shop()
        let viewer = try shop.guest()
        let held = try viewer.claim("A", "1", #","quantity":2,"unit_price":1000"#)
        let hold = try #require(held["data.hold.hold"].text)
        let placed = try viewer.request("order.place", #"{"holds":["\#(hold)"],"key":"2"}"#)
        #expect(placed["data.order.status"].text == "placed")
        #expect(placed["data.order.total"].number == 2000)
        #expect(placed["data.order.lines.0.quantity"].number == 2)
        let order = try #require(placed["data.order.order"].text)
        let failing = #"{"order":"\#(order)","key":"3","method":"failed"}"#
        #expect(try viewer.refusal(of: "order.pay", failing)?.code == "payment_failed")
        let paying = #"{"order":"\#(order)","key":"4","method":"succeeded"}"#
        let paid = try viewer.request("order.pay", paying)
        #expect(paid["data.order.status"].text == "paid")
        #expect(try viewer.request("order.pay", paying)["data"].json == paid["data"].json)
        #expect(try viewer.next("order.paid")["data.order.order"].text == order)
        let cancelling = #"{"order":"\#(order)","key":"5"}"#
        #expect(try viewer.refusal(of: "order.cancel", cancelling)?.code == "invalid_state")
        let stock = try viewer.next("stock after the payment") {
            $0.type == "stock.changed" && $0["data.sold"].number == 2
        }
        #expect(stock["data.available"].number == 1)
        #expect(stock["data.held"].number == 0)
        #expect(try shop.audit() == [])
    }

    @Test func `a released hold goes to the head of the waitlist, who accepts`() async throws {
        let shop = try await Shop(stock: [("A", 1)])
        let ana = try shop.guest("Ana")
        let bo = try shop.guest("Bo")
        let cleo = try shop.guest("Cleo")
        let hold = try #require(try ana.claim("A", "1")["data.hold.hold"].text)
        _ = try ana.next("product.sold_out")
        let waiting = try bo.claim("A", "1")
        #expect(waiting["data.outcome"].text == "waitlisted")
        #expect(waiting["data.waitlist.place"].number == 1)
        #expect(try cleo.claim("A", "1")["data.waitlist.place"].number == 2)
        #expect(
            try cleo.refusal(of: "claim.create", #"{"sku":"A","key":"2","partial":false}"#)?.code
                == "sold_out")
        let early = try bo.refusal(of: "waitlist.accept", #"{"sku":"A","key":"2"}"#)
        #expect(early?.code == "invalid_state")

        try ana.request("hold.release", #"{"hold":"\#(hold)"}"#)
        let offer = try bo.next("waitlist.offered")
        #expect(offer["data.quantity"].number == 1)
        #expect(offer["data.unit_price"].number == 1000)
        let accepted = try bo.request("waitlist.accept", #"{"sku":"A","key":"3"}"#)
        #expect(accepted["data.outcome"].text == "held")
        #expect(accepted["data.hold.quantity"].number == 1)
        #expect(
            try bo.request("waitlist.accept", #"{"sku":"A","key":"3"}"#)["data"].json
                == accepted["data"].json)
        #expect(cleo.waiting("waitlist.offered").isEmpty)
        #expect(try shop.audit() == [])
    }

    @Test func `a hold ends in its second, never early, and its units go on in the same commit`()
        async throws
    {
        let shop = try await Shop(stock: [("A", 1)], settings: ["hold_seconds": 1])
        let ana = try shop.guest("Ana")
        let bo = try shop.guest("Bo")
        let held = try ana.claim("A", "1")
        let expiresAt = try #require(held["data.hold.expires_at"].time)
        #expect(try bo.claim("A", "1")["data.outcome"].text == "waitlisted")
        let expired = try ana.next("hold.expired")
        let endedAt = try #require(expired.time)
        #expect(endedAt >= expiresAt)
        #expect(endedAt <= expiresAt + 1000)
        let offer = try bo.next("waitlist.offered")
        #expect(offer.time == endedAt)
        let hold = try #require(held["data.hold.hold"].text)
        #expect(
            try ana.refusal(of: "hold.release", #"{"hold":"\#(hold)"}"#)?.code == "hold_expired")
        #expect(
            try ana.refusal(of: "order.place", #"{"holds":["\#(hold)"],"key":"2"}"#)?.code
                == "hold_expired")
        #expect(try ana.claim("A", "1")["data"].json == held["data"].json)
        #expect(try shop.audit() == [])
    }

    @Test func `an offer that nobody takes goes on to the next`() async throws {
        let shop = try await Shop(stock: [("A", 1)], settings: ["waitlist_offer_seconds": 1])
        let ana = try shop.guest("Ana")
        let bo = try shop.guest("Bo")
        let cleo = try shop.guest("Cleo")
        let hold = try #require(try ana.claim("A", "1")["data.hold.hold"].text)
        _ = try bo.claim("A", "1")
        _ = try cleo.claim("A", "1")
        try ana.request("hold.release", #"{"hold":"\#(hold)"}"#)
        let until = try #require(try bo.next("waitlist.offered")["data.expires_at"].time)
        let passed = try #require(try cleo.next("waitlist.offered").time)
        #expect(passed >= until)
        #expect(passed <= until + 1000)
        #expect(try bo.refusal(of: "waitlist.leave", #"{"sku":"A"}"#)?.code == "not_found")
    }

    @Test func `an order that is not paid in time is cancelled and its units go back`() async throws
    {
        let shop = try await Shop(stock: [("A", 1)], settings: ["payment_seconds": 1])
        let ana = try shop.guest("Ana")
        let hold = try #require(try ana.claim("A", "1")["data.hold.hold"].text)
        let placed = try ana.request("order.place", #"{"holds":["\#(hold)"],"key":"2"}"#)
        let payBy = try #require(placed["data.order.pay_by"].time)
        let cancelled = try ana.next("order.cancelled")
        let at = try #require(cancelled.time)
        #expect(at >= payBy)
        #expect(at <= payBy + 1000)
        #expect(try shop.guest("Bo").claim("A", "1")["data.outcome"].text == "held")
        #expect(try shop.audit() == [])
    }

    @Test func `an extended hold ends later by exactly the extension`() async throws {
        let shop = try await Shop(
            stock: [("A", 1)], settings: ["hold_extensions": 1, "hold_extension_seconds": 7])
        let ana = try shop.guest()
        let held = try ana.claim("A", "1")
        let hold = try #require(held["data.hold.hold"].text)
        let before = try #require(held["data.hold.expires_at"].time)
        let extended = try ana.request("hold.extend", #"{"hold":"\#(hold)"}"#)
        #expect(extended["data.hold.expires_at"].time == before + 7000)
        #expect(extended["data.hold.extensions_left"].number == 0)
        #expect(
            try ana.refusal(of: "hold.extend", #"{"hold":"\#(hold)"}"#)?.code == "limit_reached")
    }

    @Test func `a claim at a lower price than the one in force changes nothing`() async throws {
        let shop = try await Shop()
        let ana = try shop.guest()
        let refused = try #require(
            try ana.refusal(of: "claim.create", #"{"sku":"A","key":"1","unit_price":999}"#))
        #expect(refused.code == "price_changed")
        #expect(refused.error["error.price"].number == 1000)
        #expect(
            try ana.claim("A", "1", #","unit_price":1001"#)["data.hold.unit_price"].number == 1000)
    }

    @Test func `a claim for more than there is takes what there is and waits for the rest`()
        async throws
    {
        let shop = try await Shop(stock: [("A", 3)])
        let ana = try shop.guest()
        let short = try #require(
            try ana.refusal(
                of: "claim.create", #"{"sku":"A","key":"0","quantity":5,"partial":false}"#))
        #expect(short.code == "insufficient_stock")
        #expect(short.error["error.available"].number == 3)
        let partial = try ana.claim("A", "1", #","quantity":5"#)
        #expect(partial["data.outcome"].text == "partial")
        #expect(partial["data.hold.quantity"].number == 3)
        #expect(partial["data.waitlist.quantity"].number == 2)
        let host = try shop.host()
        try host.request("stock.adjust", #"{"sku":"A","delta":1}"#)
        #expect(try ana.next("waitlist.offered")["data.quantity"].number == 1)
        try host.request("stock.adjust", #"{"sku":"A","delta":4}"#)
        #expect(try ana.next("waitlist.offered")["data.quantity"].number == 2)
        #expect(
            try host.refusal(of: "stock.adjust", #"{"sku":"A","delta":-4}"#)?.code == "below_held")
        #expect(try shop.audit() == [])
    }
}
