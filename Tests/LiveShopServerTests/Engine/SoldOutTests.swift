// A buyer who takes the last unit and gives it back, again and again, fills no log.

import Testing

@testable import LiveShopServer

struct SoldOutTests {
    /// Claims the only unit and gives it back; what a viewer heard.
    private func toggle(_ room: TestRoom, _ key: String) throws -> [String] {
        let hold = try #require(
            at("data.hold.hold", room.claim(key: key, from: "ana").first("reply")))
        var heard = room.take("ben")
        room.request("hold.release", #"{"hold":"\#(hold)"}"#, from: "ana")
        heard += room.take("ben")
        return heard
    }

    @Test func `that a SKU sells out again and again is told once in ten seconds`() throws {
        let room = TestRoom.live(onHand: 1)
        for name in ["ana", "ben"] { room.join(name) }
        room.takeAll()
        #expect(try toggle(room, "k0").all("product.sold_out").count == 1)
        for number in 1...5 {
            #expect(try toggle(room, "k\(number)").all("product.sold_out").isEmpty)
        }
        // It is available again by then: nothing has to be told.
        room.pass(seconds: 10)
        #expect(room.take("ben").all("product.sold_out").isEmpty)
        #expect(try toggle(room, "again").all("product.sold_out").count == 1)
    }

    @Test func `what stays sold out is told at the end of that time`() throws {
        let room = TestRoom.live(onHand: 1)
        for name in ["ana", "ben"] { room.join(name) }
        _ = try toggle(room, "k0")
        room.claim(key: "k1", from: "ana")
        room.takeAll()
        room.pass(milliseconds: 9_900)
        #expect(room.take("ben").all("product.sold_out").isEmpty)
        room.pass(milliseconds: 100)
        #expect(room.take("ben").all("product.sold_out").count == 1)
        // Once, and not again.
        room.pass(seconds: 30)
        #expect(room.take("ben").all("product.sold_out").isEmpty)
    }
}
