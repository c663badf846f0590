// Tokens as they are made and as they are taken: by two programs, of which one is a library.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct AuthenticatorTests {
    private let now = Timestamp(milliseconds: 1_795_287_600_123)
    private let connection = ConnectionID(loop: 0, slot: 1, generation: 1)

    private func hello(token: String? = nil, name: String = "") -> AdmissionRequest {
        AdmissionRequest(
            connection: connection, show: "spring", token: token, name: name, now: now)
    }

    /// Every length of a name, since the text is cut into groups of three bytes.
    @Test func `a guest comes back with the token she was given`() async throws {
        let authenticator = await Authenticator(secret: "a secret of some length, with an ö")
        for length in 1...40 {
            let name = String("Zoë \"Q\" \\ 🎉 of the long and winding names".prefix(length))
            guard case .accepted(let guest) = await authenticator.admit(hello(name: name)) else {
                Issue.record("no guest")
                return
            }
            let token = try #require(guest.issuedToken)
            guard case .accepted(let again) = await authenticator.admit(hello(token: token)) else {
                Issue.record("\(name): \(token)")
                return
            }
            #expect(again.subject == guest.subject && again.isGuest && again.show == "spring")
            #expect(again.name == ClientText.clean(name) && again.issuedToken == token)
            #expect(again.role == .viewer && again.capabilities == Capabilities(of: .viewer))
            // Verified with a minute of leeway, in whole seconds.
            let exact = guest.expiresAt.milliseconds / 1000 * 1000 + 60_000
            #expect(again.expiresAt.milliseconds == exact)
        }
    }

    @Test(arguments: ["s", "a secret of no great length", "exactly thirty-two bytes of one."])
    func `a secret may be short`(secret: String) async {
        let authenticator = await Authenticator(secret: secret)
        let token = authenticator.token(
            for: "ana", name: nil, role: .host, show: nil, seconds: 60, at: now)
        guard case .accepted = await authenticator.admit(hello(token: token)) else {
            Issue.record("its own token is not taken")
            return
        }
    }

    /// Whom a payload lets in, signed as a shop would.
    private func admit(_ payload: String) async -> Identity? {
        let secret = "a secret of some length, for this"
        let authenticator = await Authenticator(secret: secret)
        let admission = await authenticator.admit(
            hello(token: TokenSigner(secret: secret).sign(Array(payload.utf8))))
        guard case .accepted(let identity) = admission else { return nil }
        return identity
    }

    @Test func `the name that others see is clean, also when it is the subject`() async {
        func name(_ members: String) async -> String? {
            await admit(#"{"exp":1900000000,\#(members)}"#)?.name
        }
        #expect(await name(#""sub":"ana""#) == "ana")
        #expect(await name(#""sub":"ana","name":"A\u001b[2Jna\u0007""#) == "A[2Jna")
        #expect(await name(#""sub":"an\u202ea","name":"\u202e""#) == "ana")
        #expect(await name(#""sub":"\u202e""#) == nil)
        let long = String(repeating: "x", count: 39) + " y"
        #expect(await name(#""sub":"\#(long)""#) == String(repeating: "x", count: 39))
    }

    @Test(arguments: [
        "u\\u001b]0;owned\\u0007", "a\\nb", "a\\u0000", "\\u0085", "a\\u2028b", "",
        String(repeating: "s", count: 129),
    ])
    func `a subject with control characters, or of no length, is refused`(_ sub: String) async {
        #expect(await admit(#"{"exp":1900000000,"sub":"\#(sub)","name":"Ana"}"#) == nil)
    }

    @Test func `a payload that says something twice is refused`() async {
        #expect(await admit(#"{"exp":1900000000,"sub":"ana","extra":{"a":[1]}}"#) != nil)
        #expect(await admit(#"{"exp":1900000000,"sub":"ana","sub":"ben"}"#) == nil)
        #expect(
            await admit(#"{"exp":1900000000,"sub":"ana","role":"host","ro\u006ce":"viewer"}"#)
                == nil)
        #expect(await admit(#"{"exp":1900000000,"sub":"ana","x":{"a":1,"a":2}}"#) == nil)
    }

    @Test func `a list of capabilities only takes away`() async {
        func listed(_ role: String, _ list: String) async -> [String]? {
            let identity = await admit(
                #"{"exp":1900000000,"sub":"ana","role":"\#(role)","capabilities":[\#(list)]}"#)
            return identity.map { identity in
                Capabilities.names.filter { identity.capabilities.contains($0.value) }.map(\.name)
            }
        }
        #expect(await listed("viewer", #""view","moderate","host","admin""#) == ["view"])
        #expect(await listed("moderator", #""chat","moderate","host""#) == ["chat", "moderate"])
        #expect(await listed("host", "") == [])
        #expect(await listed("host", #""fly","host""#) == ["host"])
    }

    @Test func `a token of another secret, or changed anywhere, is refused`() async {
        let authenticator = await Authenticator(secret: "one secret of some length, for us")
        let token = await Authenticator(secret: "two secrets of some length, for us").token(
            for: "ana", name: nil, role: .host, show: nil, seconds: 60, at: now)
        guard case .refused = await authenticator.admit(hello(token: token)) else {
            Issue.record("another secret")
            return
        }
        let own = authenticator.token(
            for: "ana", name: nil, role: .host, show: nil, seconds: 60, at: now)
        guard case .accepted = await authenticator.admit(hello(token: own)) else {
            Issue.record("its own")
            return
        }
        for place in own.indices where own[place] != "." && own.index(after: place) < own.endIndex {
            var changed = own
            changed.replaceSubrange(place...place, with: own[place] == "A" ? "B" : "A")
            if case .accepted = await authenticator.admit(hello(token: changed)) {
                Issue.record("\(changed)")
            }
        }
    }
}
