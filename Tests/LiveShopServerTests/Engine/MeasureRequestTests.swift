// Measures on the wire: who may ask for them, what they say, and how long they hold.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct MeasureRequestTests {
    private func measure(
        _ name: String, _ who: String = "u-ana", more: String = "", by: String = "host",
        in room: TestRoom
    ) -> [String] {
        room.request("participant.\(name)", #"{"participant":"\#(who)"\#(more)}"#, from: by)
    }

    @Test func `a reply says until when, and that of a lifting does not`() {
        let room = TestRoom.live()
        room.join("ana")
        let replies = [
            measure("timeout", in: room), measure("timeout", more: #","seconds":10"#, in: room),
            measure("untimeout", in: room), measure("restrict", in: room),
            measure("restrict", more: #","seconds":1209600"#, in: room),
            measure("unrestrict", more: #","seconds":-1"#, in: room), measure("ban", in: room),
            measure("ban", more: #","seconds":1"#, in: room), measure("unban", in: room),
        ].map { at("data.until", $0.reply) }
        #expect(
            replies == [
                "2026-11-21T19:05:00.000Z", "2026-11-21T19:00:10.000Z", nil, nil,
                "2026-12-05T19:00:00.000Z", nil, nil, "2026-11-21T19:00:01.000Z", nil,
            ])
    }

    @Test func `what is wrong with a measure is said`() {
        let room = TestRoom.live()
        room.join("ana")
        for name in ["timeout", "ban", "restrict"] {
            for seconds in ["0", "-1", "1209601", "9007199254740993", "1.5", #""5""#, "null"] {
                let lines = measure(name, more: #","seconds":\#(seconds)"#, in: room)
                #expect(lines.refusal == "bad_request", "\(name) \(seconds)")
            }
        }
        for name in ["timeout", "untimeout", "ban", "unban", "restrict", "unrestrict"] {
            #expect(measure(name, "u-nobody", in: room).refusal == "not_found")
            #expect(measure(name, "u-host", in: room).refusal == "forbidden")
            #expect(measure(name, by: "ana", in: room).refusal == "forbidden")
            guard name.hasPrefix("un") else { continue }
            #expect(measure(name, in: room).refusal == "invalid_state")
        }
        #expect(
            measure("restrict", more: #","restricted":false"#, in: room).refusal == "bad_request")
        for name in ["shadow_ban", "unshadow_ban"] {
            #expect(measure(name, in: room).refusal == "unknown_type")
        }
    }

    @Test func `a restriction is lifted, and told of in the welcome as long as it is in force`() {
        let room = TestRoom.live()
        room.join("ana")
        _ = measure("restrict", more: #","reason":"a\u001bb\u202ec""#, in: room)
        let told = room.take("ana").first("participant.restricted")
        #expect(at("data.restricted", told) == "true" && at("data.reason", told) == "abc")
        #expect(at("data.until", told) == nil)
        #expect(room.claim(key: "k1", from: "ana").refusal == "restricted")
        room.restart()
        room.joinHost()
        #expect(at("data.you.restricted", room.join("ana").reply) == "true")
        #expect(measure("unrestrict", in: room).reply != nil)
        #expect(
            at("data.restricted", room.take("ana").first("participant.restricted")) == "false")
        #expect(room.claim(key: "k2", from: "ana").reply != nil)
        room.drop("ana")
        #expect(at("data.you.restricted", room.join("ana").reply) == nil)
    }

    @Test func `measures with a time end by the clock, also those that a restart finds over`() {
        let room = TestRoom.live()
        room.join("ana")
        for name in ["restrict", "timeout", "ban"] {
            _ = measure(name, more: #","seconds":60"#, in: room)
        }
        #expect(room.closed["ana"] == .banned)
        room.pass(milliseconds: 59_999)
        #expect(room.join("ana").refusal == "banned")
        room.pass(milliseconds: 1)
        let welcome = room.join("ana").reply
        #expect(welcome != nil && at("data.you.muted_until", welcome) == nil)
        #expect(room.claim(key: "k", from: "ana").reply != nil)

        _ = measure("restrict", more: #","seconds":60"#, in: room)
        let restricted = room.take("ana").first("participant.restricted")
        #expect(at("data.until", restricted) == "2026-11-21T19:02:00.000Z")
        room.restart()
        #expect(
            at("data.you.restricted_until", room.join("ana").reply) == "2026-11-21T19:02:00.000Z")
        room.take("ana")
        room.pass(seconds: 60)
        #expect(
            at("data.restricted", room.take("ana").first("participant.restricted")) == "false")
        room.joinHost()
        _ = measure("ban", more: #","seconds":60"#, in: room)
        room.now = room.now.adding(seconds: 60)
        room.restart()
        #expect(room.join("ana").reply != nil)
    }

    @Test func `a moderator does nothing to hosts and moderators, nor to what they wrote`() {
        let room = TestRoom.live()
        for name in ["mo", "max"] { room.join(name, token: "u-\(name)/moderator/\(name)") }
        room.join("ana")
        for name in ["timeout", "untimeout", "ban", "unban", "restrict", "unrestrict"] {
            for who in ["u-host", "u-max", "u-mo"] {
                #expect(measure(name, who, by: "mo", in: room).refusal == "forbidden")
            }
        }
        for name in ["host", "max", "mo", "ana"] {
            room.request("chat.send", #"{"text":"hi"}"#, from: name)
        }
        func delete(_ number: Int, by name: String) -> String? {
            room.request("chat.delete", #"{"message":"m\#(number)"}"#, from: name).refusal
        }
        #expect(delete(1, by: "mo") == "forbidden" && delete(2, by: "mo") == "forbidden")
        #expect(delete(3, by: "mo") == nil && delete(4, by: "mo") == nil)
        #expect(delete(2, by: "host") == nil && delete(4, by: "host") == "not_found")
        #expect(measure("timeout", "u-mo", in: room).reply != nil)
    }

    @Test func `measures are taken after the end of the show, too`() {
        let room = TestRoom.live()
        room.join("ana")
        room.request("show.end", from: "host")
        for name in ["timeout", "untimeout", "restrict", "unrestrict", "ban", "unban"] {
            #expect(measure(name, in: room).reply != nil, "\(name)")
        }
    }
}
