// What a token says (docs/PROTOCOL.md, tokens). Times are checked by whoever verifies, on the server's
// clock; here is only the form.

import JWTKit

struct TokenClaims: JWTPayload {
    var sub: String
    var exp: Double
    var nbf: Double?
    var iat: Double?
    var name: String?
    var role: String?
    var show: String?
    var capabilities: [String]?
    var jti: String?
    /// Set in the tokens that guests get from `hello`.
    var guest: Bool?

    /// Nothing: jwt-kit calls this after the signature was found good.
    func verify(using key: some JWTAlgorithm) async throws {}
}
