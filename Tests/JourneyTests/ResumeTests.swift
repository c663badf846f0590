// Cuts, restarts and what a client that comes back has to get.

import LiveShopClient
import Testing

@Suite(.ownThread)
struct ResumeTests {
    @Test func `a client that was cut gets exactly the events it missed, in order`() async throws {
        let shop = try await Shop()
        let host = try shop.host()
        let viewer = try shop.guest()
        try host.request("product.pin", #"{"sku":"A"}"#)
        _ = try viewer.next("product.pinned")
        let before = try #require(viewer.offset)
        viewer.cut()
        for price in 1...500 {
            host.send("price.set", #"{"sku":"A","price":\#(price)}"#)
        }
        try host.see(before + 500)
        try viewer.connect()
        let hello = try viewer.join()
        #expect(hello["data.resumed"].bool == true)
        #expect(!hello["data.snapshot"].exists)
        let upTo = try #require(hello["data.offset"].number)
        #expect(upTo == before + 500)
        try viewer.see(upTo)
        #expect(viewer.gaps.isEmpty)
        #expect(viewer.events.compactMap(\.offset) == Array(before...upTo))
        #expect(viewer.events.map(\.text) == Array(try shop.storedEvents()[(before - 1)...]))
    }

    @Test func `a wrong epoch or a future offset gives a snapshot, a wrong form an error`()
        async throws
    {
        let shop = try await Shop()
        let place = try #require(try shop.guest().position)
        for resume in [("zzzz", 0), (place.epoch, place.offset + 1)] {
            let viewer = try shop.connection()
            let hello = try viewer.join(resume: resume)
            #expect(hello["data.resumed"].bool == false)
            #expect(hello["data.snapshot.show.id"].text == "spring")
        }
        let viewer = try shop.connection()
        let wrong = #"{"show":"spring","name":"Ana","resume":{"epoch":"x","offset":-1}}"#
        #expect(try viewer.refusal(of: "hello", wrong)?.code == "bad_request")
        try viewer.join()
    }

    @Test func `a claim whose answer was lost is granted once`() async throws {
        let shop = try await Shop()
        let viewer = try shop.guest()
        viewer.send("claim.create", #"{"sku":"A","key":"1"}"#)
        _ = try viewer.next("the answer") { $0.isAnswer }
        viewer.cut()
        try viewer.connect()
        let holds = try viewer.join()["data.you.holds"]
        #expect(holds.count == 1)
        let again = try viewer.claim("A", "1")
        #expect(again["data.hold.hold"].text == holds.each("hold").first?.text)
        #expect(try viewer.connectAgain()["data.you.holds"].count == 1)
    }

    @Test func `a server that stops says when to come back and closes with 1001`() async throws {
        let shop = try await Shop()
        let viewers = try (0..<5).map { try shop.guest("Viewer \($0)") }
        shop.stop()
        for viewer in viewers {
            let notice = try viewer.next("server.restarting")
            #expect((0...5005).contains(notice["data.reconnect_after_ms"].number ?? -1))
            #expect(try viewer.closeCode() == 1001)
        }
    }

    @Test func `after a restart everything is there, at the same epoch`() async throws {
        let shop = try await Shop(stock: [("A", 2)])
        let ana = try shop.guest("Ana")
        let bo = try shop.guest("Bo")
        let held = try ana.claim("A", "1", #","quantity":2"#)
        let waiting = try bo.claim("A", "1")
        _ = try ana.next("claim.held")
        _ = try bo.next("claim.held")
        let epoch = ana.epoch
        shop.stop()
        _ = try ana.closeCode()
        _ = try bo.closeCode()
        try await shop.start()

        try ana.connect()
        let hello = try ana.join()
        #expect(hello["data.epoch"].text == epoch)
        #expect(hello["data.resumed"].bool == true)
        #expect(hello["data.you.holds.0.expires_at"].text == held["data.hold.expires_at"].text)
        #expect(try ana.claim("A", "1", #","quantity":2"#)["data"].json == held["data"].json)
        try bo.connect()
        #expect(try bo.join()["data.you.waitlist.0.place"].number == 1)
        #expect(try bo.claim("A", "1")["data"].json == waiting["data"].json)
        let hold = try #require(held["data.hold.hold"].text)
        try ana.request("hold.release", #"{"hold":"\#(hold)"}"#)
        #expect(try bo.next("waitlist.offered")["data.quantity"].number == 1)
        let host = try shop.host()
        try host.request("product.pin", #"{"sku":"A"}"#)
        _ = try ana.next("product.pinned")
        #expect(ana.gaps.isEmpty)
        #expect(ana.events.map(\.text) == Array(try shop.storedEvents().suffix(ana.events.count)))
        #expect(try shop.audit() == [])
    }

    @Test func `what became overdue while the server was away ends before anybody is served`()
        async throws
    {
        let shop = try await Shop(stock: [("A", 1)], settings: ["hold_seconds": 1])
        let ana = try shop.guest("Ana")
        let bo = try shop.guest("Bo")
        _ = try ana.claim("A", "1")
        _ = try bo.claim("A", "1")
        shop.stop()
        // Until the second is over the server stays away; only the clock can say so.
        let over = ContinuousClock.now + .milliseconds(1100)
        while ContinuousClock.now < over { try await Task.sleep(until: over) }
        try await shop.start()
        try bo.reopen()
        #expect(try bo.join()["data.you.waitlist.0.offer.quantity"].number == 1)
        try ana.reopen()
        #expect(try ana.join()["data.you.holds"].count == 0)
        #expect(try shop.audit() == [])
    }

    @Test func `the client library comes back by itself and repeats what was not answered`()
        async throws
    {
        let shop = try await Shop()
        let server = ServerAddress(host: "127.0.0.1", port: UInt16(shop.port))
        let connection = try LiveShopConnection(
            .init(server: server, identity: ClientIdentity(show: "spring", name: "Ana"), seed: 1))
        _ = try connection.join()
        let epoch = connection.position?.epoch
        let claim = Array(#"{"sku":"A","key":"1"}"#.utf8)
        let first = try connection.request("claim.create", data: claim, isRepeatable: true)
        shop.stop()
        try await shop.start()
        let second = try connection.request("claim.create", data: claim, isRepeatable: true)
        #expect(second == first)
        #expect(connection.position?.epoch == epoch)
        connection.close()
    }
}

extension Client {
    /// Joins over a new connection; the old one is cut.
    func connectAgain() throws -> Message {
        cut()
        try connect()
        return try join()
    }

    /// Opens a connection after the server closed the last one.
    func reopen() throws {
        _ = try closeCode()
        try connect()
    }
}
