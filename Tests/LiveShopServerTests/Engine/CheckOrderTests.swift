// When several things are wrong at once, the first in a fixed order is told: parse, joined, role, known
// key, status, arguments, rule. And what is no request gets a clear error.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct CheckOrderTests {
    @Test func `parse, joined, role, key, status, arguments, rule`() {
        let room = TestRoom.live()
        room.open("ana")
        #expect(room.send("{", from: "ana").refusal == "bad_json")
        #expect(room.send(#"{"id":1,"type":"nothing"}"#, from: "ana").refusal == "unknown_type")
        // Not joined comes before role and arguments.
        #expect(room.request("stock.adjust", "{}", from: "ana").refusal == "not_joined")
        room.drop("ana")
        room.join("ana")
        // Role before arguments.
        #expect(room.request("stock.adjust", "{}", from: "ana").refusal == "forbidden")
        #expect(room.claim(key: "k", from: "ana").reply != nil)
        room.request("show.pause", from: "host")
        // A known key before status and arguments.
        #expect(room.claim(key: "k", from: "ana").reply != nil)
        #expect(room.claim("MUG", 0, key: "k", from: "ana").refusal == "key_conflict")
        #expect(room.request("hold.extend", #"{"key":"k"}"#, from: "ana").refusal == "key_conflict")
        // Status before arguments.
        #expect(room.claim("MUG", 0, key: "k2", from: "ana").refusal == "not_live")
        #expect(room.request("claim.create", "{}", from: "ana").refusal == "not_live")
        room.request("show.resume", from: "host")
        // Arguments before rules.
        #expect(room.claim("NONE", 0, key: "k2", from: "ana").refusal == "bad_request")
        #expect(room.claim("NONE", 1, key: "k2", from: "ana").refusal == "not_found")
    }

    @Test(arguments: [
        ("", "bad_json"), ("\n \n", "bad_json"), ("{", "bad_json"), ("{}{}", "bad_json"),
        ("7", "bad_request"), ("[]", "bad_request"), ("{}", "bad_request"),
        (#"{"id":1}"#, "bad_request"), (#"{"type":7}"#, "bad_request"),
        (#"{"id":0,"type":"ping"}"#, "bad_request"), (#"{"id":-1,"type":"ping"}"#, "bad_request"),
        (#"{"id":1.0,"type":"ping"}"#, "bad_request"),
        (#"{"id":1e0,"type":"ping"}"#, "bad_request"),
        (#"{"id":9007199254740992,"type":"ping"}"#, "bad_request"),
        (#"{"id":"","type":"ping"}"#, "bad_request"),
        (#"{"id":null,"type":"ping"}"#, "bad_request"),
        (#"{"id":true,"type":"ping"}"#, "bad_request"),
        (#"{"id":1,"id":2,"type":"ping"}"#, "bad_json"),
    ])
    func `what is no request gets an error without an id`(_ text: String, _ code: String) {
        let room = TestRoom.live()
        room.join("ana")
        room.takeAll()
        let lines = room.send(text, from: "ana")
        #expect(lines.count == 1 && lines.refusal == code, "\(lines)")
        #expect(at("id", lines.first) == nil)
        #expect(room.closed["ana"] == nil)
    }

    @Test func `ids come back as they were`() {
        let room = TestRoom.live()
        room.join("ana")
        room.takeAll()
        let long = String(repeating: "é", count: 64)
        for id in ["1", "9007199254740991", #""a""#, #""\#(long)""#, #""1""#] {
            #expect(
                room.request("ping", from: "ana", id: id).first?.contains(#""id":\#(id),"#) == true)
        }
        #expect(
            room.request("ping", from: "ana", id: #""\#(long)x""#).refusal == "bad_request")
    }

    @Test func `without an id a request is carried out or refused in silence`() throws {
        let room = TestRoom.live()
        room.join("ana")
        room.takeAll()
        let lines = room.send(
            #"{"type":"claim.create","data":{"sku":"MUG","key":"k"}}"#, from: "ana")
        #expect(lines.first("reply") == nil && lines.first("hold.created") != nil)
        #expect(try room.counters() == [2, 1, 0, 3])
        for silent in [
            #"{"type":"ping"}"#, #"{"type":"show.end"}"#, #"{"type":"nothing"}"#,
            #"{"type":"claim.create","data":{}}"#, #"{"type":"poll.vote"}"#,
        ] {
            #expect(room.send(silent, from: "ana").isEmpty, "\(silent)")
        }
    }

    @Test func `a message may hold several requests, and each is answered`() {
        let room = TestRoom.live()
        room.join("ana")
        room.takeAll()
        let lines = room.send(
            "\n" + #"{"id":1,"type":"ping"}"# + "\n\n" + #"{"id":2,"type":"nope"}"# + "\r\n{\n"
                + #"{"id":3,"type":"ping"}"# + "\n", from: "ana")
        #expect(lines.types == ["reply", "error", "error", "reply"])
        #expect(lines.map { at("id", $0) } == ["1", "2", nil, "3"])
    }

    @Test func `requests of later versions are unknown, before and after hello`() {
        let room = TestRoom.live()
        room.join("ana")
        for type in ["poll.vote", "auction.bid", "giveaway.enter", "quiz.answer", "show.follow"] {
            #expect(room.request(type, from: "ana").refusal == "unknown_type")
        }
    }

    @Test func `unknown fields are ignored, wrong ones are named`() {
        let room = TestRoom.live()
        room.join("ana")
        let lines = room.claim(
            key: "k", more: #","colour":"red","participant":"u-ben""#, from: "ana")
        #expect(lines.reply != nil)
        let wrong = room.request(
            "claim.create", #"{"sku":"MUG","key":"k9","quantity":"1"}"#, from: "ana")
        #expect(at("error.message", wrong.first("error"))?.hasPrefix("data.quantity:") == true)
    }

    @Test(arguments: ErrorCode.allCases)
    func `what may succeed later unchanged is retryable`(_ code: ErrorCode) {
        let never: Set<ErrorCode> = [
            .badJSON, .badRequest, .unknownType, .forbidden, .unauthorized, .keyConflict,
            .holdExpired, .priceChanged, .stockChanged, .banned, .tooLarge, .alreadyJoined,
        ]
        let later: Set<ErrorCode> = [
            .rateLimited, .slowMode, .muted, .overloaded, .storageUnavailable, .notLive, .soldOut,
        ]
        if never.contains(code) { #expect(!code.isRetryable) }
        if later.contains(code) { #expect(code.isRetryable) }
    }

    // MARK: The request limit

    private func limited() -> TestRoom {
        var settings = ShowSettings()
        settings.requestRate = 60
        settings.requestBurst = 5
        return TestRoom(settings: settings)
    }

    @Test func `the request limit comes first of all and spares hosts`() {
        let room = limited()
        room.joinHost()
        room.join("ana")
        for _ in 0..<5 { #expect(room.request("ping", from: "ana").refusal == nil) }
        for text in ["{", #"{"id":1,"type":"ping"}"#, #"{"id":1,"type":"nope"}"#] {
            let lines = room.send(text, from: "ana")
            #expect(lines.refusal == "rate_limited", "\(text)")
            #expect(at("error.retry_after_ms", lines.first) == "1000")
        }
        // One warning is enough for what has no id.
        for text in ["{", "", " \n"] { #expect(room.send(text, from: "ana").isEmpty) }
        // Another connection of hers has no more.
        room.join("ana2", token: "u-ana/viewer/Ana")
        #expect(room.request("ping", from: "ana2").refusal == "rate_limited")
        for _ in 0..<20 { #expect(room.request("ping", from: "host").refusal == nil) }
        room.pass(seconds: 1)
        room.take("ana")
        #expect(room.request("ping", from: "ana").refusal == nil)
    }

    @Test func `who goes on for five seconds is closed`() {
        let room = limited()
        room.join("ana")
        for _ in 0..<60 {
            room.request("ping", from: "ana")
            room.request("ping", from: "ana")
            room.request("ping", from: "ana")
            room.pass(milliseconds: 100)
        }
        #expect(room.closed["ana"] == .tooManyRequests)
    }
}
