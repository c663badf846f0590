// Who somebody is: tokens are verified here, off the sequencer. The library (jwt-kit) does the
// cryptography; the header is checked before it, the times after it. TokenSigner makes them.

import Inventory
import JWTKit
import LiveSession
import WireProtocol

struct Authenticator: Sendable {
    private let keys: JWTKeyCollection
    private let signer: TokenSigner
    static let guestTokenSeconds = 30 * 86_400
    private static let leewaySeconds = 60.0
    /// What RFC 7518 §3.2 asks of a key.
    static let secretBytesMin = 32

    /// `secret`: the text whose UTF-8 bytes are the HS256 key.
    init(secret: String) async {
        signer = TokenSigner(secret: secret)
        // HMAC fills a short key up with zeros; done here, since jwt-kit stops debug builds at one.
        let missing = max(0, Self.secretBytesMin - secret.utf8.count)
        let key = Array(secret.utf8) + Array(repeating: 0, count: missing)
        keys = await JWTKeyCollection().add(hmac: HMACKey(from: key), digestAlgorithm: .sha256)
    }

    /// Decides about a `hello`.
    func admit(_ request: AdmissionRequest) async -> Admission {
        guard let token = request.token else {
            return .accepted(newGuest(request))
        }
        return await verify(token, at: request.now)
    }

    /// A signed token for somebody.
    func token(
        for subject: String, name: String?, role: Role, show: String?, seconds: Int,
        at now: Timestamp, isGuest: Bool = false
    ) -> String {
        let issued = Double(now.milliseconds / 1000)
        return signer.token(
            TokenClaims(
                sub: subject, exp: issued + Double(seconds), iat: issued, name: name,
                role: role.rawValue, show: show, jti: randomName("t_"),
                guest: isGuest ? true : nil))
    }

    private func newGuest(_ request: AdmissionRequest) -> Identity {
        let subject = randomName("g_")
        let token = token(
            for: subject, name: request.name, role: .viewer, show: request.show,
            seconds: Self.guestTokenSeconds, at: request.now, isGuest: true)
        return Identity(
            subject: subject, name: request.name, role: .viewer,
            capabilities: Capabilities(of: .viewer), isGuest: true, show: request.show,
            expiresAt: request.now.adding(seconds: Self.guestTokenSeconds), issuedToken: token)
    }

    private func verify(_ token: String, at now: Timestamp) async -> Admission {
        if let refusal = TokenHeader.refusal(of: token) { return .refused(refusal) }
        guard let claims = try? await keys.verify(token, as: TokenClaims.self) else {
            return .refused("the token is not valid here")
        }
        let seconds = Double(now.milliseconds) / 1000
        guard claims.exp.isFinite, seconds < claims.exp + Self.leewaySeconds else {
            return .refused("the token has expired")
        }
        if let start = claims.nbf, seconds < start - Self.leewaySeconds {
            return .refused("the token is not valid yet")
        }
        return Self.identity(claims, token)
    }

    private static func identity(_ claims: TokenClaims, _ token: String) -> Admission {
        guard (1...128).contains(claims.sub.unicodeScalars.count) else {
            return .refused("the token names nobody")
        }
        let role: Role
        switch claims.role {
        case nil, "viewer": role = .viewer
        case "moderator": role = .moderator
        case "host": role = .host
        case "admin": role = .admin
        default: return .refused("the token's role is not known here")
        }
        var capabilities = Capabilities(of: role)
        if let listed = claims.capabilities {
            capabilities = listed.reduce(into: []) { set, name in
                if let known = Capabilities.names.first(where: { $0.name == name }) {
                    set.insert(known.value)
                }
            }
        }
        let isGuest = claims.guest ?? false
        let expires = min(claims.exp + leewaySeconds, 9_007_199_254_740) * 1000
        return .accepted(
            Identity(
                subject: claims.sub, name: displayName(claims), role: role,
                capabilities: capabilities, isGuest: isGuest, show: claims.show,
                expiresAt: Timestamp(milliseconds: Int64(expires)),
                issuedToken: isGuest ? token : nil))
    }

    private static func displayName(_ claims: TokenClaims) -> String {
        let cleaned = ClientText.clean(claims.name ?? "")
        return cleaned.isEmpty
            ? String(claims.sub.prefix(40))
            : String(
                String.UnicodeScalarView(
                    cleaned.unicodeScalars.prefix(40)))
    }

    /// 128 random bits, which nobody guesses.
    private func randomName(_ prefix: String) -> String {
        let bits = [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)]
        return prefix + bits.map { String($0, radix: 36) }.joined()
    }
}
