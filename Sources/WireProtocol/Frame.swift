/// Server-side WebSocket framing (RFC 6455 §5.2): unmasked, uncompressed.
public enum Frame {
    /// The first byte: whether the message ends here, and whether it begins.
    public enum Kind: UInt8, Sendable {
        case text = 0x81
        case textBegins = 0x01
        case continuation = 0x00
        case lastContinuation = 0x80
    }

    /// Cuts the middle of a message into continuation frames of at most so many bytes.
    public static func continuations(of payload: [UInt8], bytesMax: Int) -> [UInt8] {
        var frames: [UInt8] = []
        frames.reserveCapacity(payload.count + (payload.count / bytesMax + 1) * 4)
        for start in stride(from: 0, to: payload.count, by: bytesMax) {
            let piece = payload[start..<min(start + bytesMax, payload.count)]
            appendHeader(.continuation, length: piece.count, to: &frames)
            frames += piece
        }
        return frames
    }

    /// Appends the header of a frame with the shortest length form.
    public static func appendHeader(_ kind: Kind, length: Int, to bytes: inout [UInt8]) {
        bytes.append(kind.rawValue)
        switch length {
        case ..<126:
            bytes.append(UInt8(length))
        case ..<65536:
            bytes.append(126)
            bytes.append(UInt8(length >> 8))
            bytes.append(UInt8(length & 0xFF))
        default:
            bytes.append(127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
    }
}
