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
