// The one hash that clients can recompute: over the canonical content of a request.

import Crypto
import LiveSession

extension ContentHash {
    static func sha256(_ content: [UInt8]) -> ContentHash {
        var words: [4 of UInt64] = .init(repeating: 0)
        var place = 0
        for byte in SHA256.hash(data: content) {
            words[place / 8] = words[place / 8] << 8 | UInt64(byte)
            place += 1
        }
        return ContentHash(words: words)
    }
}
