// Makes tokens: RFC 7515 with HS256, and nothing else. jwt-kit verifies them; it does not make them,
// because every guest of a crowd gets one, and its encoder cost a quarter of what a guest costs.

import Crypto
import WireProtocol

struct TokenSigner: Sendable {
    private let key: SymmetricKey
    private static let header = base64URL(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))

    /// `secret`: the text whose UTF-8 bytes are the key.
    init(secret: String) { key = SymmetricKey(data: Array(secret.utf8)) }

    func token(_ claims: TokenClaims) -> String {
        var payload = JSONWriter(capacity: 256)
        claims.write(to: &payload)
        return sign(payload.bytes)
    }

    func sign(_ payload: [UInt8]) -> String {
        let signed = Self.header + "." + Self.base64URL(payload)
        let signature = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: key)
        return signed + "." + Self.base64URL(Array(signature))
    }

    /// RFC 4648 §5, without padding.
    private static func base64URL(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...group.count {
                text.append(alphabet[bits >> (18 - 6 * place) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}

extension TokenClaims {
    /// What our own tokens say; times in whole seconds, as everybody writes them.
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("sub", sub)
        json.member("exp", Int64(exp))
        if let iat { json.member("iat", Int64(iat)) }
        if let name { json.member("name", name) }
        if let role { json.member("role", role) }
        if let show { json.member("show", show) }
        if let jti { json.member("jti", jti) }
        if let guest { json.member("guest", guest) }
        json.endObject()
    }
}
