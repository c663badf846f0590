// The one hash that clients can recompute: over the canonical content of a request.

import Crypto
import LiveSession

extension ContentHash {
    static func sha256(_ content: [UInt8]) -> ContentHash {
        SHA256.hash(data: content).withUnsafeBytes { ContentHash($0) }
    }
}
