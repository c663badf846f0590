// hello: who gets in, who does not, and what everybody learns on the way.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct HelloTests {
    private func hello(_ data: String, id: String? = "1") -> String {
        let id = id.map { #""id":\#($0),"# } ?? ""
        return #"{\#(id)"type":"hello","data":\#(data)}"#
    }

    @Test func `the reply has all that a client needs`() {
        let room = TestRoom.live()
        room.request("product.pin", #"{"product":"mug"}"#, from: "host")
        room.request("note.set", #"{"text":"Welcome"}"#, from: "host")
        let lines = room.join("ana")
        #expect(
            lines.transcript == """
                {"type":"reply","id":"hello","data":{"protocol":"liveshop.v1",\
                "server_time":"2026-11-21T19:00:00.000Z","epoch":"k3f9","offset":4,\
                "resumed":false,\
                "you":{"participant":"u-ana","name":"Ana","role":"viewer",\
                "capabilities":["view","chat","claim","bid"],"holds":[],"waitlist":[],\
                "orders":[],"points":0},\
                "limits":{"message_bytes":16384,"chat_length":200,"chat_rate":10,\
                "chat_rate_seconds":30,"hold_seconds":600,"hold_extension_seconds":60,\
                "hold_extensions":10,"waitlist_offer_seconds":300,"payment_seconds":600,\
                "active_holds":10},\
                "snapshot":{"show":{"id":"spring","title":"The spring show","status":"live",\
                "currency":"EUR","hosts":[{"name":"Hilda"}],"video":null,"disclosure":null,\
                "scheduled_at":null,"started_at":"2026-11-21T19:00:00.000Z"},\
                "pinned":[{"product":"mug"}],"queue":[],\
                "products":[{"id":"mug","title":"The mug","media":[],"sponsored":false,\
                "variants":[{"sku":"MUG","title":"","options":{},"price":1500,"available":3,\
                "limit":0}]}],"products_total":1,"flash":[],"auction":[],"giveaway":null,\
                "poll":null,"quiz":null,"coupon":null,"note":{"text":"Welcome"},\
                "room":{"hold_seconds":600,"flash_hold_seconds":300,\
                "waitlist_offer_seconds":300,"payment_seconds":600,"hold_warning_seconds":60,\
                "hold_extension_seconds":60,"hold_extensions":10,"limit_per_buyer":0,\
                "active_holds":10,"waitlist_max":10000,"replay_sales":false,\
                "claim_feed":"names","pins":1,"chat":"everyone","chat_length":200,\
                "chat_rate":10,"chat_rate_seconds":30,"chat_per_second":20,\
                "slow_mode_seconds":0},\
                "viewers":2,"chat":[]}}}
                """)
    }

    @Test func `the first request is hello, and there is one only`() {
        let room = TestRoom.live()
        room.open("ana")
        #expect(room.request("ping", from: "ana").refusal == "not_joined")
        #expect(room.request("claim.create", "{}", from: "ana").refusal == "not_joined")
        #expect(room.request("show.end", from: "ana").refusal == "not_joined")
        #expect(room.closed["ana"] == nil)
        let token = #"{"show":"spring","token":"u-ana/viewer/Ana"}"#
        #expect(room.send(hello(token), from: "ana").reply != nil)
        #expect(room.send(hello(token), from: "ana").refusal == "already_joined")
    }

    @Test(arguments: [
        #"{}"#, #"{"show":7,"name":"Ana"}"#, #"{"show":"Spring","name":"Ana"}"#,
        #"{"show":"spring"}"#, #"{"show":"spring","name":""}"#,
        #"{"show":"spring","name":"\u202e"}"#, #"{"show":"spring","token":7}"#,
        #"{"show":"spring","name":"Ana","resume":{"epoch":"k3f9"}}"#,
        #"{"show":"spring","name":"Ana","resume":{"epoch":"k3f9","offset":-1}}"#,
        #"{"show":"spring","name":"Ana","resume":{"epoch":"k3f9","offset":"1"}}"#,
        #"{"show":"spring","name":"Ana","resume":{"epoch":"k3f9","offset":9007199254740992}}"#,
        #"{"show":"spring","name":"Ana","resume":7}"#, #"[]"#,
    ])
    func `a hello of the wrong form may be tried again`(_ data: String) {
        let room = TestRoom.live()
        room.open("ana")
        #expect(room.send(hello(data), from: "ana").refusal == "bad_request")
        #expect(room.closed["ana"] == nil)
        let again = room.send(hello(#"{"show":"spring","name":"Ana"}"#), from: "ana")
        #expect(at("data.you.name", again.reply) == "Ana")
    }

    @Test func `an unknown show is not found and the connection is closed`() {
        let room = TestRoom.live()
        room.open("ana")
        let lines = room.send(hello(#"{"show":"summer","name":"Ana"}"#), from: "ana")
        #expect(lines.refusal == "not_found")
        #expect(room.closed["ana"] == .showNotFound)
        #expect(room.request("ping", from: "ana").isEmpty)
    }

    @Test func `a bad token is refused and the connection is closed`() {
        let room = TestRoom.live()
        room.open("ana")
        let lines = room.send(hello(#"{"show":"spring","token":"bad"}"#), from: "ana")
        #expect(lines.refusal == "unauthorized")
        #expect(at("error.retryable", lines.first) == "false")
        #expect(room.closed["ana"] == .unauthorized)
    }

    @Test func `a token for another show is refused`() {
        let room = TestRoom.live()
        #expect(room.join("ana", token: "u/viewer/Ana/show=summer").refusal == "unauthorized")
        #expect(room.closed["ana"] == .unauthorized)
        #expect(room.join("ben", token: "u/viewer/Ben/show=spring").reply != nil)
    }

    @Test func `a token wins over a name`() {
        let room = TestRoom.live()
        room.open("ana")
        let lines = room.send(
            hello(#"{"show":"spring","token":"u-ana/viewer/Ana","name":"Hilda"}"#), from: "ana")
        #expect(at("data.you.name", lines.reply) == "Ana")
        #expect(at("data.you.token", lines.reply) == nil)
    }

    @Test func `a hello without an id is carried out, or refused, in silence`() {
        let room = TestRoom.live()
        room.open("ana")
        #expect(room.send(hello(#"{"show":"spring"}"#, id: nil), from: "ana").isEmpty)
        #expect(
            room.send(hello(#"{"show":"spring","name":"Hilda"}"#, id: nil), from: "ana").isEmpty)
        _ = room.send(hello(#"{"show":"spring","name":"Ana"}"#, id: nil), from: "ana")
        #expect(room.request("ping", from: "ana").reply != nil)
        room.open("ben")
        #expect(room.send(hello(#"{"show":"autumn","name":"Ben"}"#, id: nil), from: "ben").isEmpty)
        #expect(room.closed["ben"] == .showNotFound)
        room.open("cleo")
        #expect(
            room.send(hello(#"{"show":"spring","token":"bad"}"#, id: nil), from: "cleo").isEmpty)
        #expect(room.closed["cleo"] == .unauthorized)
    }

    // MARK: Guests

    @Test func `a guest gets a token and finds her holds with it`() throws {
        let room = TestRoom.live()
        room.open("eve")
        let lines = room.send(hello(#"{"show":"spring","name":"Eve"}"#), from: "eve")
        let token = try #require(at("data.you.token", lines.reply))
        #expect(room.claim(key: "k", from: "eve").reply != nil)
        room.drop("eve")
        let again = room.join("eve", token: token)
        #expect(at("data.you.holds.0.hold", again.reply) == "h1")
        #expect(at("data.you.participant", again.reply) == at("data.you.participant", lines.reply))
    }

    @Test(arguments: GuestPolicy.allCases)
    func `guests may do what the operator lets them`(_ policy: GuestPolicy) {
        let room = TestRoom.live(guests: policy)
        room.open("eve")
        let lines = room.send(hello(#"{"show":"spring","name":"Eve"}"#), from: "eve")
        guard policy != .deny else {
            #expect(lines.refusal == "unauthorized" && room.closed["eve"] == .unauthorized)
            return
        }
        let chat = room.request("chat.send", #"{"text":"hi"}"#, from: "eve")
        let claim = room.claim(key: "k", from: "eve")
        #expect(chat.refusal == (policy == .view ? "forbidden" : nil))
        #expect(claim.refusal == (policy == .claim ? nil : "forbidden"))
        if let error = claim.first("error") {
            #expect(at("error.message", error)?.contains("--guests \(policy.rawValue)") == true)
        }
    }

    @Test func `nobody takes the name of the staff, however it is spelled`() {
        let room = TestRoom.live()
        for name in ["Hilda", "hilda", "HILDA", "Hіlda"] {
            room.open("eve")
            let lines = room.send(hello(#"{"show":"spring","name":"\#(name)"}"#), from: "eve")
            #expect(lines.refusal == "bad_request", "\(name)")
            #expect(room.closed["eve"] == nil)
        }
        // What somebody signed stands, and names are no identities.
        #expect(room.join("ben", token: "u-ben/viewer/Hilda").reply != nil)
        #expect(room.join("two", token: "u-two/viewer/Ana").reply != nil)
        #expect(room.join("three", token: "u-three/viewer/Ana").reply != nil)
    }

    @Test func `a moderator by grant comes back under her own name and role`() {
        let room = TestRoom.live()
        room.join("ana")
        room.request(
            "participant.set_role", #"{"participant":"u-ana","role":"moderator"}"#, from: "host")
        #expect(at("data.role", room.take("ana").first("participant.role_changed")) == "moderator")
        room.drop("ana")
        let lines = room.join("ana")
        #expect(at("data.you.role", lines.reply) == "moderator")
        #expect(at("data.you.capabilities", lines.reply)?.contains("moderate") == true)
        #expect(room.request("note.set", #"{"text":"x"}"#, from: "ana").reply != nil)
        room.open("eve")
        #expect(
            room.send(hello(#"{"show":"spring","name":"Ana"}"#), from: "eve").refusal
                == "bad_request")
    }

    // MARK: While authentication thinks

    @Test func `what is sent meanwhile waits and keeps its order`() {
        let room = TestRoom.live()
        room.holdsAdmissions = true
        room.open("ana")
        let first = hello(#"{"show":"spring","token":"u-ana/viewer/Ana"}"#)
        #expect(room.send(first + "\n" + #"{"id":2,"type":"ping"}"#, from: "ana").isEmpty)
        #expect(room.send(#"{"id":3,"type":"ping"}"# + "\n{", from: "ana").isEmpty)
        room.admit()
        let lines = room.take("ana")
        #expect(
            lines.filter { !$0.contains("viewers.count") }.map { at("id", $0) } == [
                "1", "2", "3", nil,
            ])
        #expect(lines.refusal == "bad_json")
    }

    @Test func `who does not stop sending before hello is answered is closed`() {
        let room = TestRoom.live()
        room.holdsAdmissions = true
        room.open("ana")
        room.send(hello(#"{"show":"spring","token":"u-ana/viewer/Ana"}"#), from: "ana")
        for _ in 0..<65 { room.send(#"{"type":"ping"}"#, from: "ana") }
        #expect(room.closed["ana"] == .tooManyRequests)
    }

    @Test func `who says no hello is closed after ten seconds and not before`() {
        let room = TestRoom.live()
        room.open("ana")
        room.open("ben")
        room.send(hello(#"{"show":"spring","token":"u-ben/viewer/Ben"}"#), from: "ben")
        room.send(#"{"id":1,"type":"ping"}"#, from: "ana")
        room.pass(milliseconds: 9_999)
        #expect(room.closed["ana"] == nil)
        room.pass(milliseconds: 1)
        #expect(room.closed["ana"] == .noHello)
        #expect(room.closed["ben"] == nil)
    }

    @Test func `a hello that authentication still looks at is in time`() {
        let room = TestRoom.live()
        room.holdsAdmissions = true
        room.open("ana")
        room.send(hello(#"{"show":"spring","token":"u-ana/viewer/Ana"}"#), from: "ana")
        room.pass(seconds: 11)
        #expect(room.closed["ana"] == nil)
        room.admit()
        #expect(room.take("ana").reply != nil)
    }

    @Test func `who leaves before authentication has spoken is nobody`() throws {
        let room = TestRoom.live()
        room.holdsAdmissions = true
        room.open("ana")
        room.send(hello(#"{"show":"spring","token":"u-ana/viewer/Ana"}"#), from: "ana")
        room.drop("ana")
        room.admit()
        #expect(try room.show().roster.connections == 1)
    }

    // MARK: The end of a token

    @Test func `an expired token ends its connections`() throws {
        let room = TestRoom.live()
        room.join("ana", token: "u-ana/viewer/Ana/60")
        room.pass(milliseconds: 59_999)
        #expect(room.closed["ana"] == nil)
        #expect(room.engine.nextDeadline.map { $0 <= room.now.adding(milliseconds: 1) } == true)
        room.pass(milliseconds: 1)
        #expect(room.closed["ana"] == .unauthorized)
        #expect(try room.show().roster.viewers == 1)
        room.takeAll()
        #expect(room.request("ping", from: "ana").isEmpty)
    }

    @Test func `a token also ends when the commit of that moment fails`() {
        let room = TestRoom.live()
        room.join("ana", token: "u-ana/viewer/Ana/600")
        room.claim(key: "k", from: "ana")
        room.pass(seconds: 1)
        room.join("ben")
        room.claim(key: "k", from: "ben")
        room.archive.isFailing = true
        room.now = room.now.adding(seconds: 599)
        room.claim(key: "k2", from: "ben")
        #expect(room.engine.isStorageFailing)
        #expect(room.closed["ana"] == .unauthorized)
    }

    @Test func `a restart is announced to everybody, spread in time`() {
        let room = TestRoom.live()
        for number in 1...9 { room.join("b\(number)") }
        room.takeAll()
        room.step { $0.announceRestart(at: room.now) }
        let delays = (1...9).compactMap { number in
            at("data.reconnect_after_ms", room.take("b\(number)").first("server.restarting"))
                .flatMap(Int.init)
        }
        #expect(delays.count == 9 && Set(delays).count == 9)
        #expect(delays.allSatisfy { (0...5010).contains($0) })
    }

    @Test func `a guest's last address is kept with the row, nobody else's is`() throws {
        let room = TestRoom.live()
        func address(of subject: String) throws -> String? {
            let show = try room.show()
            return show.roster[try #require(show.roster.find(subject))].address?.description
        }
        room.join("ana", token: "g-ana/guest/Ana", address: "2001:db8:1:2::3")
        room.join("ben", address: "192.0.2.7")
        room.claim(key: "1", from: "ana")
        room.claim(key: "2", from: "ben")
        room.join("ana", token: "g-ana/guest/Ana", address: "192.0.2.9")
        room.claim(key: "3", from: "ana")
        room.restart()
        #expect(try address(of: "g-ana") == "192.0.2.9")
        #expect(try address(of: "u-ben") == nil)
    }
}
