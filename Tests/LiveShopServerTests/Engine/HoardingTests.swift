// What one person can keep from others with any number of guest identities and connections: units, places,
// memory. And that others do not notice.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct HoardingTests {
    /// A live show in which a guest may have 5 units, and an address 8.
    private func room(onHand: Int = 100, perGuest: Int = 5, perAddress: Int = 8) -> TestRoom {
        var settings = ShowSettings()
        settings.requestRate = 0
        settings.addressRequestRate = 0
        settings.guestsPerAddress = 0
        settings.guestUnits = perGuest
        settings.guestUnitsPerAddress = perAddress
        let room = TestRoom(settings: settings)
        room.joinHost()
        room.addProduct("mug", onHand: onHand)
        room.addProduct("cup", onHand: onHand)
        room.request("show.start", from: "host")
        return room
    }

    private func join(_ name: String, _ address: String, in room: TestRoom) {
        room.join(name, token: "g-\(name)/guest/\(name)", address: address)
    }

    private func limit(_ lines: [String]) -> [String?] {
        let error = lines.first("error")
        return ["code", "limit", "remaining"].map { at("error.\($0)", error) }
    }

    @Test
    func `a guest has so many units over all products, held, ordered, offered and waited for`() {
        let room = room(onHand: 4, perAddress: 0)
        join("eve", "192.0.2.9", in: room)
        #expect(room.claim("MUG", 3, key: "1", from: "eve").reply != nil)
        #expect(limit(room.claim("CUP", 3, key: "2", from: "eve")) == ["limit_reached", "5", "2"])
        // One unit is there, one is waited for.
        #expect(room.claim("MUG", 2, key: "3", from: "eve").reply != nil)
        #expect(limit(room.claim("CUP", 1, key: "4", from: "eve")) == ["limit_reached", "5", "0"])
        room.request("order.place", #"{"holds":["h1"],"key":"5"}"#, from: "eve")
        #expect(room.claim("CUP", 1, key: "6", from: "eve").refusal == "limit_reached")
        // What was paid, released or left is the guest's no more, as far as this goes.
        let paid = room.request(
            "order.pay", #"{"order":"\#(orderID(room))","method":"succeeded","key":"7"}"#,
            from: "eve")
        #expect(paid.reply != nil, "\(paid)")
        #expect(room.claim("CUP", 3, key: "8", from: "eve").reply != nil)
        room.request("waitlist.leave", #"{"sku":"MUG"}"#, from: "eve")
        #expect(room.claim("CUP", 1, key: "9", from: "eve").reply != nil)
    }

    private func orderID(_ room: TestRoom) -> String {
        let show = try? room.show()
        return show?.ledger.order(at: 0).id.description ?? "?"
    }

    @Test func `the guests of one address share what they may have, others do not notice`() {
        let room = room()
        join("a", "2001:db8:1:2::1", in: room)
        join("b", "2001:db8:1:2::2", in: room)
        join("c", "2001:db8:1:3::1", in: room)
        room.join("ana", address: "2001:db8:1:2::3")
        #expect(room.claim("MUG", 5, key: "1", from: "a").reply != nil)
        #expect(limit(room.claim("CUP", 4, key: "1", from: "b")) == ["limit_reached", "8", "3"])
        #expect(room.claim("CUP", 3, key: "2", from: "b").reply != nil)
        #expect(room.claim("MUG", 5, key: "1", from: "c").reply != nil)
        // Who has a token of the shop is no guest.
        #expect(room.claim("MUG", 50, key: "1", from: "ana").reply != nil)
        room.request("hold.release", #"{"hold":"h1"}"#, from: "a")
        #expect(room.claim("MUG", 2, key: "3", from: "b").reply != nil)
        #expect(limit(room.claim("MUG", 4, key: "4", from: "a")) == ["limit_reached", "8", "3"])
    }

    @Test func `the shares are the same after a restart and after a batch that is taken back`()
        throws
    {
        let room = room()
        join("a", "192.0.2.9", in: room)
        join("b", "192.0.2.9", in: room)
        room.claim("MUG", 5, key: "1", from: "a")
        room.claim("MUG", 1, key: "1", from: "b")
        room.restart()
        join("c", "192.0.2.9", in: room)
        #expect(limit(room.claim("CUP", 3, key: "1", from: "c")) == ["limit_reached", "8", "2"])
        room.archive.isFailing = true
        #expect(room.claim("CUP", 2, key: "2", from: "c").refusal == "storage_unavailable")
        try room.resumeStorage()
        #expect(room.claim("CUP", 2, key: "2", from: "c").reply != nil)
        #expect(limit(room.claim("CUP", 1, key: "3", from: "c")) == ["limit_reached", "8", "0"])
    }

    @Test func `units go where their guest goes, and end with their holds`() {
        let room = room()
        join("a", "192.0.2.9", in: room)
        room.claim("MUG", 5, key: "1", from: "a")
        join("a", "192.0.2.10", in: room)
        join("b", "192.0.2.9", in: room)
        join("c", "192.0.2.10", in: room)
        #expect(room.claim("MUG", 5, key: "1", from: "b").reply != nil)
        #expect(limit(room.claim("MUG", 5, key: "1", from: "c")) == ["limit_reached", "8", "3"])
        room.pass(seconds: 601)
        #expect(room.claim("MUG", 5, key: "2", from: "c").reply != nil)
    }

    // MARK: Connections and memory

    @Test func `the twenty-first connection of a participant closes the oldest`() {
        let room = TestRoom.live()
        for number in 0..<20 { room.join("a\(number)", token: "u-ana/viewer/Ana") }
        #expect(room.closed.isEmpty)
        #expect(room.join("a20", token: "u-ana/viewer/Ana").reply != nil)
        #expect(room.closed == ["a0": .serverFull])
        room.join("ben")
        room.join("a21", token: "u-ana/viewer/Ana")
        #expect(room.closed == ["a0": .serverFull, "a1": .serverFull])
    }

    @Test func `guests whom no fact names are forgotten some minutes after they left`() throws {
        let room = TestRoom.live()
        let known = try room.show().roster.count
        for number in 0..<40 { join("g\(number)", "192.0.2.9", in: room) }
        room.claim(key: "1", from: "g0")
        let highest = try #require(try room.show().roster.find("g-g39")).index
        for number in 0..<39 { room.drop("g\(number)") }
        room.pass(seconds: 301)
        join("late", "192.0.2.9", in: room)
        // g0 has a hold, g39 is still here, and the newcomer has a number that was free.
        let roster = try room.show().roster
        #expect(roster.count == known + 3)
        #expect(try #require(roster.find("g-late")).index <= highest)
        // Their tokens bring them back, with what they may do and nothing of others.
        #expect(at("data.you.holds", room.join("g0", token: "g-g0/guest/g0").reply) != "[]")
        #expect(at("data.you.holds", room.join("g5", token: "g-g5/guest/g5").reply) == "[]")
        #expect(room.claim(key: "1", from: "g5").reply != nil)
    }

    @Test func `who came back stays`() throws {
        let room = TestRoom.live()
        join("a", "192.0.2.9", in: room)
        room.drop("a")
        join("a", "192.0.2.9", in: room)
        room.pass(seconds: 301)
        join("b", "192.0.2.9", in: room)
        #expect(room.request("ping", from: "a").reply != nil)
        let roster = try room.show().roster
        #expect(roster.find("g-a") != nil && roster.find("g-a") != roster.find("g-b"))
    }

    @Test func `connections that closed leave no trace of their tokens' ends`() {
        let room = TestRoom.live()
        for _ in 0..<3000 {
            room.join("ana")
            room.drop("ana")
        }
        #expect(room.engine.expiryCount <= 1025)
        // The ends of those that are open still count.
        room.join("ben", token: "u-ben/viewer/Ben/60")
        for _ in 0..<2000 {
            room.join("ana")
            room.drop("ana")
        }
        room.pass(seconds: 61)
        #expect(room.closed["ben"] == .unauthorized)
    }
}
