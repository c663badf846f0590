// Who is let in: tokens, shows, guests, and what a connection may say before it has joined.

import Foundation
import LiveShopServer
import Testing

@Suite(.ownThread)
struct AdmissionTests {
    /// Says hello, and expects an error and a close code.
    private func expectRefusal(
        _ shop: Shop, _ hello: String, _ error: String, _ code: Int, _ what: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let client = try shop.connection()
        let refused = try client.refusal(of: "hello", hello, sourceLocation: sourceLocation)
        #expect(refused?.code == error, "\(what)", sourceLocation: sourceLocation)
        #expect(try client.closeCode() == code, "\(what)", sourceLocation: sourceLocation)
    }

    @Test func `tokens that are wrong in any way are refused and closed 4500`() async throws {
        let shop = try await Shop()
        let good = try await shop.token(role: "host")
        try shop.connection().join(token: good)
        let parts = good.split(separator: ".").map(String.init)
        let claims = segment(#"{"sub":"u1","exp":99999999999,"role":"host"}"#)
        var forged = parts[2]
        forged.replaceSubrange(
            forged.startIndex...forged.startIndex, with: forged.first == "A" ? "B" : "A")
        for (what, token) in [
            ("expired", try await shop.token(seconds: -120)),
            ("for another show", try await shop.token(show: "autumn")),
            ("forged signature", "\(parts[0]).\(parts[1]).\(forged)"),
            ("other claims", "\(parts[0]).\(claims).\(parts[2])"),
            ("alg none", "\(segment(#"{"alg":"none"}"#)).\(claims)."),
            ("alg none, signed", "\(segment(#"{"alg":"none"}"#)).\(claims).\(parts[2])"),
            ("alg HS512", "\(segment(#"{"alg":"HS512"}"#)).\(claims).\(parts[2])"),
            ("unknown kid", "\(segment(#"{"alg":"HS256","kid":"x"}"#)).\(claims).\(parts[2])"),
            ("crit", "\(segment(#"{"alg":"HS256","crit":["b64"]}"#)).\(claims).\(parts[2])"),
            ("over 8 KiB", good + String(repeating: "A", count: 8200)),
            ("no JWT", "let me in"),
        ] {
            try expectRefusal(
                shop, #"{"show":"spring","token":"\#(token)"}"#, "unauthorized", 4500, what)
        }
    }

    @Test func `a token that ran out a moment ago still counts, for a minute`() async throws {
        let shop = try await Shop()
        let client = try shop.connection()
        try client.join(token: try await shop.token(seconds: -30))
        #expect(client.hello?["data.you.role"].text == "viewer")
    }

    @Test func `an unknown show is refused and closed 4502`() async throws {
        let shop = try await Shop()
        try expectRefusal(shop, #"{"show":"autumn","name":"Ana"}"#, "not_found", 4502)
    }

    @Test func `guests are let in as far as the operator says`() async throws {
        for (policy, refusesClaim, refusesChat) in [
            (GuestPolicy.claim, false, false), (.chat, true, false), (.view, true, true),
        ] {
            let shop = try await Shop { $0.guests = policy }
            let guest = try shop.guest()
            let claim = #"{"sku":"A","key":"1"}"#
            if refusesClaim {
                let refused = try #require(try guest.refusal(of: "claim.create", claim))
                #expect(refused.code == "forbidden")
                #expect(refused.message.contains("--guests"))
            } else {
                #expect(try guest.request("claim.create", claim)["data.outcome"].text == "held")
            }
            if refusesChat {
                #expect(try guest.refusal(of: "chat.send", #"{"text":"hi"}"#)?.code == "forbidden")
            } else {
                try guest.request("chat.send", #"{"text":"hi"}"#)
            }
        }
        let closed = try await Shop { $0.guests = .deny }
        try expectRefusal(closed, #"{"show":"spring","name":"Ana"}"#, "unauthorized", 4500)
    }

    @Test func `before hello nothing is done, and hello comes once`() async throws {
        let shop = try await Shop()
        let client = try shop.connection()
        #expect(
            try client.refusal(of: "claim.create", #"{"sku":"A","key":"1"}"#)?.code == "not_joined")
        try client.join()
        #expect(
            try client.refusal(of: "hello", #"{"show":"spring","name":"Ana"}"#)?.code
                == "already_joined")
        #expect(try client.claim("A", "1")["data.outcome"].text == "held")
    }

    @Test func `requests that follow hello in the same message are heard`() async throws {
        let shop = try await Shop()
        let client = try shop.connection()
        client.say(
            #"{"id":1,"type":"hello","data":{"show":"spring","name":"Ana"}}"# + "\n"
                + #"{"id":2,"type":"claim.create","data":{"sku":"A","key":"1"}}"#)
        #expect(try client.answer(to: 1)["data.you.name"].text == "Ana")
        #expect(try client.answer(to: 2)["data.outcome"].text == "held")
    }

    @Test func `nonsense is answered and kept apart from what follows`() async throws {
        let shop = try await Shop()
        let client = try shop.guest()
        for text in [
            "", "{", "[]", "5", #"{"id":1.0,"type":"ping"}"#, #"{"type":5}"#, "\u{0}", "null",
        ] {
            client.say(text)
            let error = try client.next("an error") { $0.type == "error" && $0.id == nil }
            #expect(["bad_json", "bad_request"].contains(error["error.code"].text), "\(error)")
        }
        #expect(try client.refusal(of: "claim.make")?.code == "unknown_type")
        let numbers = ["9223372036854775808", "1e400", "-0", "1.5", #""1""#, "true", "0", "null"]
        for number in numbers {
            let claim = #"{"sku":"A","key":"1","quantity":\#(number)}"#
            let code = try client.refusal(of: "claim.create", claim)?.code
            #expect(code == "bad_request", "\(number)")
        }
        try client.request("ping")
        #expect(client.events.isEmpty)
    }

    private func segment(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
}
