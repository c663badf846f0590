// Bans of guests reach new guests from where they were last seen, and nobody else.

import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct BanTests {
    private func newGuest(_ room: TestRoom, at address: String, _ name: String = "new") -> [String]
    {
        room.open(name, address: address)
        return room.send(
            #"{"id":1,"type":"hello","data":{"show":"spring","name":"Eva"}}"#, from: name)
    }

    /// A live show with a guest who came from an address and is banned.
    private func banned(
        from address: String, more: String = "", in room: TestRoom = .live()
    ) -> TestRoom {
        room.join("eve", token: "g-eve/guest/Eve", address: address)
        let lines = room.request(
            "participant.ban", #"{"participant":"g-eve"\#(more)}"#, from: "host")
        #expect(lines.reply != nil)
        #expect(room.closed["eve"] == .banned)
        return room
    }

    @Test(arguments: [
        ("198.51.100.7", "198.51.100.7", true), ("198.51.100.7", "198.51.100.8", false),
        ("198.51.100.7", "::ffff:198.51.100.7", true),
        ("2001:db8:1:2::3", "2001:db8:1:2:ffff::9", true),
        ("2001:db8:1:2::3", "2001:db8:1:3::3", false), ("198.51.100.7", "?", false),
        ("?", "?", false), ("127.0.0.1", "127.0.0.1", false), ("127.8.9.1", "127.8.9.1", false),
        ("::1", "::1", false), ("::ffff:127.0.0.1", "127.0.0.1", false),
    ])
    func `new guests from a banned guest's address stay out`(
        _ address: String, _ other: String, _ isOut: Bool
    ) {
        let room = banned(from: address)
        #expect(newGuest(room, at: other).refusal == (isOut ? "banned" : nil))
        #expect(room.closed["new"] == (isOut ? .banned : nil))
        room.restart()
        #expect(newGuest(room, at: other).refusal == (isOut ? "banned" : nil))
    }

    @Test func `a guest who was there before the ban comes back to what they hold`() throws {
        let room = TestRoom.live()
        let first = newGuest(room, at: "198.51.100.7", "ben")
        let token = try #require(at("data.you.token", first.reply))
        room.claim(key: "k", from: "ben")
        _ = banned(from: "198.51.100.7", in: room)
        #expect(room.closed["ben"] == nil)
        for _ in 0..<2 {
            let again = room.join("ben", token: token, address: "198.51.100.7")
            #expect(at("data.you.holds.0.hold", again.reply) == "h1")
            room.restart()
        }
        #expect(room.join("ana", address: "198.51.100.7").reply != nil)
        #expect(
            room.join("eve", token: "g-eve/guest/Eve", address: "192.0.2.9").refusal == "banned")
    }

    @Test func `the last address counts, also of a guest who is away when they are banned`() {
        let room = TestRoom.live()
        for address in ["198.51.100.7", "198.51.100.8"] {
            room.join("eve", token: "g-eve/guest/Eve", address: address)
            room.drop("eve")
        }
        room.request("participant.ban", #"{"participant":"g-eve"}"#, from: "host")
        for _ in 0..<2 {
            #expect(newGuest(room, at: "198.51.100.8").refusal == "banned")
            #expect(newGuest(room, at: "198.51.100.7").reply != nil)
            room.restart()
        }
    }

    @Test func `an address is free again when its ban is lifted or over`() {
        let room = banned(from: "198.51.100.7", more: #","seconds":60"#)
        room.pass(milliseconds: 59_999)
        #expect(newGuest(room, at: "198.51.100.7").refusal == "banned")
        room.pass(milliseconds: 1)
        #expect(newGuest(room, at: "198.51.100.7").reply != nil)
        _ = banned(from: "198.51.100.9", in: room)
        room.request("participant.unban", #"{"participant":"g-eve"}"#, from: "host")
        #expect(newGuest(room, at: "198.51.100.9").reply != nil)
    }

    @Test func `a ban of somebody with a token of the shop reaches no address`() {
        let room = TestRoom.live()
        room.join("ana", address: "198.51.100.7")
        room.request("participant.ban", #"{"participant":"u-ana"}"#, from: "host")
        #expect(newGuest(room, at: "198.51.100.7").reply != nil)
    }

    @Test func `a trusted proxy is never banned`() throws {
        let proxy = try #require(AddressKey("203.0.113.1"))
        let room = TestRoom(trustedProxies: [proxy])
        room.joinHost()
        _ = banned(from: "203.0.113.1", in: room)
        #expect(newGuest(room, at: "203.0.113.1").reply != nil)
    }

    @Test func `an address stays banned when a commit fails`() {
        let room = banned(from: "198.51.100.7")
        room.join("ana")
        room.archive.isFailing = true
        room.claim(key: "k", from: "ana")
        #expect(newGuest(room, at: "198.51.100.7").refusal == "banned")
    }
}
