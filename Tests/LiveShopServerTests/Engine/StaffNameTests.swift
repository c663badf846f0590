// Names of the staff: who may not take them, who keeps them, and how the others tell the two apart.

import LiveSession
import Testing

@testable import LiveShopServer

struct StaffNameTests {
    private func guest(_ name: String, _ connection: String, _ room: TestRoom) -> [String] {
        room.open(connection)
        return room.send(
            #"{"id":1,"type":"hello","data":{"show":"spring","name":"\#(name)"}}"#,
            from: connection)
    }

    @Test func `a guest comes back under a name that a host has meanwhile`() throws {
        let room = TestRoom.live()
        let token = try #require(at("data.you.token", guest("Marta", "eve", room).reply))
        room.claim(key: "k", from: "eve")
        room.join("marta", token: "u-marta/host/Marta")
        room.drop("eve")
        let again = room.join("eve", token: token)
        #expect(at("data.you.holds.0.hold", again.reply) == "h1")
        #expect(at("data.you.name", again.reply) == "Marta")
        #expect(guest("Marta", "new", room).refusal == "bad_request")
    }

    @Test func `others see that a guest with a host's name is a guest, also who was there before`()
        throws
    {
        let room = TestRoom.live()
        let token = try #require(at("data.you.token", guest("Marta", "eve", room).reply))
        func shown() -> String? {
            room.request("chat.send", #"{"text":"hi"}"#, from: "eve")
            return at("data.name", room.take("host").first("chat.message"))
        }
        #expect(shown() == "Marta")
        room.join("marta", token: "u-marta/host/Marta")
        #expect(shown() == "Marta (guest)")
        room.drop("eve")
        room.join("eve", token: token)
        room.take("host")
        #expect(shown() == "Marta (guest)")
        room.claim(key: "k", from: "eve")
        room.pass(seconds: 1)
        #expect(at("data.claims.0.name", room.take("host").first("claim.held")) == "Marta (guest)")
        room.request("chat.send", #"{"text":"hi"}"#, from: "marta")
        #expect(at("data.name", room.take("host").first("chat.message")) == "Marta")
    }

    @Test func `a name stays the staff's when its role is over, also after a restart`() {
        let room = TestRoom.live()
        room.join("ana")
        for role in ["moderator", "viewer"] {
            room.request(
                "participant.set_role", #"{"participant":"u-ana","role":"\#(role)"}"#, from: "host")
        }
        room.drop("ana")
        #expect(guest("Ana", "eve", room).refusal == "bad_request")
        room.restart()
        #expect(guest("Ana", "eve", room).refusal == "bad_request")
        #expect(guest("Anna", "eve", room).reply != nil)
    }

    @Test func `a role that would have no end is not given after the end`() {
        let room = TestRoom.live()
        room.join("ana")
        room.request("show.end", from: "host")
        let give = { (role: String) in
            room.request(
                "participant.set_role", #"{"participant":"u-ana","role":"\#(role)"}"#, from: "host")
        }
        #expect(give("moderator").refusal == "show_ended")
        #expect(give("viewer").reply != nil)
    }

    @Test func `a role adds nothing that a token leaves out, but makes a moderator of a guest`() {
        let room = TestRoom.live(guests: .view)
        room.join("ana", token: "u-ana/viewer/Ana/view,chat")
        _ = guest("Eve", "eve", room)
        for participant in ["u-ana", "g1"] {
            room.request(
                "participant.set_role", #"{"participant":"\#(participant)","role":"moderator"}"#,
                from: "host")
        }
        #expect(room.request("note.set", #"{"text":"x"}"#, from: "ana").reply != nil)
        #expect(room.claim(key: "k", from: "ana").refusal == "forbidden")
        #expect(room.request("chat.send", #"{"text":"x"}"#, from: "eve").reply != nil)
    }
}
