// The one hash that clients can recompute: over the canonical content of a request.

import Crypto
import LiveSession

extension ContentHash {
    static func sha256(_ content: [UInt8]) -> ContentHash {
        SHA256.hash(data: content).withUnsafeBytes { digest in
            ContentHash(
                words: .init { place in
                    UInt64(
                        bigEndian: digest.loadUnaligned(fromByteOffset: 8 * place, as: UInt64.self))
                })
        }
    }
}
