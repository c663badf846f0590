// A strict look at a token before the library sees it: jwt-kit decides by its key alone and would let
// pass a wrong `alg`, an unknown `kid` or a `crit` it does not understand, and a payload that says two
// things.

import WireProtocol

enum TokenHeader {
    static let tokenBytesMax = 8192

    /// What is wrong with the token's outside, or nil. Says nothing a forger could use.
    static func refusal(of token: String) -> String? {
        guard token.utf8.count <= tokenBytesMax else { return "the token is over 8 KiB" }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isBase64URL) }),
            let header = decode(Array(parts[0])), let json = try? JSONDocument(parsing: header),
            // A member that is there twice means one thing here and another elsewhere.
            let payload = decode(Array(parts[1])), (try? JSONDocument(parsing: payload)) != nil
        else { return "the token is no JWT" }
        let root = json.root
        guard let algorithm = json.member(root, "alg"), json.string(algorithm) == "HS256" else {
            return "the token's algorithm is not accepted here"
        }
        guard json.member(root, "kid") == nil else { return "the token's key is not known here" }
        guard json.member(root, "crit") == nil else {
            return "the token asks for an extension that is not known here"
        }
        return nil
    }

    private static func isBase64URL(_ byte: UInt8) -> Bool { value(byte) != nil }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }

    /// Base64url without padding; nil when it is not, or not in its one canonical spelling.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in text {
            guard let value = value(byte) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 0xFF))
            }
        }
        return bits & ((1 << count) - 1) == 0 ? bytes : nil
    }
}
