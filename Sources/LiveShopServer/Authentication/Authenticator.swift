// Who somebody is: tokens are verified here, off the sequencer. The library (jwt-kit) does the
// cryptography; the header is checked before it, the times after it. TokenSigner makes them.

import Inventory
import JWTKit
import LiveSession
import WireProtocol

struct Authenticator: Sendable {
    private let keys: JWTKeyCollection
    private let signer: TokenSigner
    private let staffNames: StaffNames?
    static let guestTokenSeconds = 30 * 86_400
    private static let leewaySeconds = 60.0
    /// What RFC 7518 §3.2 asks of a key.
    static let secretBytesMin = 32

    /// `secret`: the text whose UTF-8 bytes are the HS256 key. Without `staffNames` no name is kept
    /// from guests.
    init(secret: String, staffNames: StaffNames? = nil) async {
        self.staffNames = staffNames
        signer = TokenSigner(secret: secret)
        // HMAC fills a short key up with zeros; done here, since jwt-kit stops debug builds at one.
        let missing = max(0, Self.secretBytesMin - secret.utf8.count)
        let key = Array(secret.utf8) + Array(repeating: 0, count: missing)
        keys = await JWTKeyCollection().add(hmac: HMACKey(from: key), digestAlgorithm: .sha256)
    }

    /// Decides about a `hello`.
    func admit(_ request: AdmissionRequest) async -> Admission {
        guard let token = request.token else {
            if staffNames?.isTaken(request.name, in: request.show) == true { return .nameTaken }
            return .accepted(newGuest(request))
        }
        let admission = await verify(token, at: request.now)
        if case .accepted(let identity) = admission, identity.role.isStaff,
            identity.show ?? request.show == request.show
        {
            // Where nothing can be written the name is kept until the server stops.
            try? staffNames?.reserve(identity.name, in: request.show)
        }
        return admission
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
        guard (1...128).contains(claims.sub.unicodeScalars.count),
            !claims.sub.unicodeScalars.contains(where: isControl),
            let name = displayName(claims.name, subject: claims.sub)
        else { return .refused("the token names nobody") }
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
            // A list only takes away: what a role does not bring, it does not give.
            capabilities.formIntersection(
                Capabilities(
                    Capabilities.names.filter { listed.contains($0.name) }.map(\.value)))
        }
        let isGuest = claims.guest ?? false
        let expires = min(claims.exp + leewaySeconds, 9_007_199_254_740) * 1000
        return .accepted(
            Identity(
                subject: claims.sub, name: name, role: role,
                capabilities: capabilities, isGuest: isGuest, show: claims.show,
                expiresAt: Timestamp(milliseconds: Int64(expires)),
                issuedToken: isGuest ? token : nil))
    }

    /// The name that others see: the token's, else its subject, cleaned and cut; nil when nothing of
    /// them can be seen.
    static func displayName(_ name: String?, subject: String) -> String? {
        for text in [name ?? "", subject] {
            let cut = ClientText.clean(text).unicodeScalars.prefix(Self.nameLength)
            let shown = ClientText.clean(String(String.UnicodeScalarView(cut)))
            if !shown.isEmpty { return shown }
        }
        return nil
    }

    private static let nameLength = 40

    /// Characters that steer a terminal or end a line, which an id has no use for.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// 128 random bits, which nobody guesses.
    private func randomName(_ prefix: String) -> String {
        let bits = [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)]
        return prefix + bits.map { String($0, radix: 36) }.joined()
    }
}
