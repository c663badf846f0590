// The client's side of RFC 6455 framing, pure: masked frames out, an incremental reader of server
// frames in. ClientLoop feeds it what a socket delivers; it never touches a socket. Compression and
// extensions are never offered, so any reserved bit is an error.

/// Why a server's bytes are no RFC 6455 frames. The connection cannot be used any more.
public enum FramingError: Error, Equatable, Sendable {
    case reservedBits, unknownOpcode(UInt8), maskedFrame, fragmentedControl, longControl
    case unexpectedContinuation, unfinishedMessage, messageTooBig, malformedClose

    /// One phrase for a report.
    public var message: String {
        switch self {
        case .reservedBits: "a frame with reserved bits set"
        case .unknownOpcode(let code): "a frame with the unknown opcode \(code)"
        case .maskedFrame: "a masked frame from a server"
        case .fragmentedControl: "a fragmented control frame"
        case .longControl: "a control frame of more than 125 bytes"
        case .unexpectedContinuation: "a continuation without a beginning"
        case .unfinishedMessage: "a new message before the last one ended"
        case .messageTooBig: "a message over \(FrameReader.messageBytesMax) bytes"
        case .malformedClose: "a close frame of one byte"
        }
    }
}

/// What arrived, besides its payload.
public enum MessageKind: Equatable, Sendable {
    case text, binary, ping, pong
    /// The code is 1005 when the close frame carried none.
    case close(code: UInt16)
}

/// Puts server frames together from arbitrary pieces.
public struct FrameReader: Sendable {
    /// Larger messages are refused, so that a broken server cannot take all memory.
    public static let messageBytesMax = 64 << 20

    private enum Opcode {
        static let continuation: UInt8 = 0
        static let text: UInt8 = 1
        static let binary: UInt8 = 2
        static let close: UInt8 = 8
        static let ping: UInt8 = 9
        static let pong: UInt8 = 10
    }

    /// An incomplete frame: what was received of it.
    private var leftover: [UInt8] = []
    /// The pieces so far of a fragmented message.
    private var fragments: [UInt8] = []
    private var fragmented: MessageKind?

    public init() {}

    /// Takes the next bytes of the stream and hands over each message they complete. `each` returns
    /// false to stop; the rest of the bytes is then forgotten. The span is valid during the call only.
    public mutating func read(
        _ chunk: Span<UInt8>, _ each: (MessageKind, Span<UInt8>) -> Bool
    ) throws(FramingError) {
        if leftover.isEmpty {
            let used = try frames(in: chunk, each)
            if used < chunk.count { append(chunk, from: used) }
        } else {
            append(chunk, from: 0)
            var whole: [UInt8] = []
            swap(&whole, &leftover)
            let used = try frames(in: whole.span, each)
            if used == 0 {
                swap(&whole, &leftover)
            } else if used < whole.count {
                leftover = Array(whole[used...])
            }
        }
    }

    private mutating func append(_ chunk: Span<UInt8>, from start: Int) {
        leftover.reserveCapacity(leftover.count + chunk.count - start)
        for index in start..<chunk.count { leftover.append(chunk[index]) }
    }

    /// Handles whole frames from the start of `bytes`; returns how many bytes they took.
    private mutating func frames(
        in bytes: Span<UInt8>, _ each: (MessageKind, Span<UInt8>) -> Bool
    ) throws(FramingError) -> Int {
        var at = 0
        while let header = try FrameHeader(bytes, at: at) {
            let end = at + header.headerBytes + header.payloadBytes
            guard end <= bytes.count else { break }
            let payload = bytes.extracting((at + header.headerBytes)..<end)
            at = end
            guard try accept(header, payload, each) else { return bytes.count }
        }
        return at
    }

    private mutating func accept(
        _ header: FrameHeader, _ payload: Span<UInt8>, _ each: (MessageKind, Span<UInt8>) -> Bool
    ) throws(FramingError) -> Bool {
        switch header.opcode {
        case Opcode.text, Opcode.binary:
            guard fragmented == nil else { throw .unfinishedMessage }
            let kind: MessageKind = header.opcode == Opcode.text ? .text : .binary
            if header.isFinal { return each(kind, payload) }
            fragmented = kind
            fragments = Array(payload)
            return true
        case Opcode.continuation:
            guard let kind = fragmented else { throw .unexpectedContinuation }
            guard fragments.count + payload.count <= FrameReader.messageBytesMax else {
                throw .messageTooBig
            }
            fragments.append(contentsOf: Array(payload))
            guard header.isFinal else { return true }
            var message: [UInt8] = []
            swap(&message, &fragments)
            fragmented = nil
            return each(kind, message.span)
        case Opcode.ping:
            return each(.ping, payload)
        case Opcode.pong:
            return each(.pong, payload)
        case Opcode.close:
            switch payload.count {
            case 0: return each(.close(code: 1005), payload)
            case 1: throw .malformedClose
            default:
                let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
                return each(.close(code: code), payload.extracting(2..<payload.count))
            }
        default:
            throw .unknownOpcode(header.opcode)
        }
    }
}

/// The first 2 to 10 bytes of a frame; a server's frame has no mask.
private struct FrameHeader {
    var isFinal: Bool
    var opcode: UInt8
    var headerBytes: Int
    var payloadBytes: Int

    /// Nil when the header is not complete yet.
    init?(_ bytes: Span<UInt8>, at start: Int) throws(FramingError) {
        guard start + 2 <= bytes.count else { return nil }
        let first = bytes[start]
        let second = bytes[start + 1]
        isFinal = first & 0x80 != 0
        opcode = first & 0x0F
        guard first & 0x70 == 0 else { throw .reservedBits }
        guard second & 0x80 == 0 else { throw .maskedFrame }
        let isControl = opcode & 0x08 != 0
        if isControl, !isFinal { throw .fragmentedControl }
        if isControl, second > 125 { throw .longControl }
        let lengthBytes = second == 127 ? 8 : second == 126 ? 2 : 0
        headerBytes = 2 + lengthBytes
        guard start + headerBytes <= bytes.count else { return nil }
        guard lengthBytes > 0 else {
            payloadBytes = Int(second)
            return
        }
        var length: UInt64 = 0
        for index in 0..<lengthBytes { length = length << 8 | UInt64(bytes[start + 2 + index]) }
        guard length <= UInt64(FrameReader.messageBytesMax) else { throw .messageTooBig }
        payloadBytes = Int(length)
    }
}

/// Frames a client sends: final, unfragmented, masked.
public enum ClientFrame {
    public static func appendText(_ payload: Span<UInt8>, mask: UInt32, to bytes: inout [UInt8]) {
        append(opcode: 0x81, payload, mask, &bytes)
    }

    /// The answer to a ping carries the ping's payload.
    public static func appendPong(_ payload: Span<UInt8>, mask: UInt32, to bytes: inout [UInt8]) {
        append(opcode: 0x8A, payload, mask, &bytes)
    }

    public static func appendClose(code: UInt16, mask: UInt32, to bytes: inout [UInt8]) {
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        append(opcode: 0x88, payload.span, mask, &bytes)
    }

    private static func append(
        opcode: UInt8, _ payload: Span<UInt8>, _ mask: UInt32, _ bytes: inout [UInt8]
    ) {
        bytes.reserveCapacity(bytes.count + payload.count + 14)
        bytes.append(opcode)
        switch payload.count {
        case ..<126:
            bytes.append(0x80 | UInt8(payload.count))
        case ..<65536:
            bytes.append(0x80 | 126)
            bytes.append(UInt8(payload.count >> 8))
            bytes.append(UInt8(payload.count & 0xFF))
        default:
            bytes.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        let key: [4 of UInt8] = [
            UInt8(mask >> 24), UInt8(mask >> 16 & 0xFF), UInt8(mask >> 8 & 0xFF),
            UInt8(mask & 0xFF),
        ]
        for index in 0..<4 { bytes.append(key[index]) }
        for index in 0..<payload.count { bytes.append(payload[index] ^ key[index & 3]) }
    }
}
