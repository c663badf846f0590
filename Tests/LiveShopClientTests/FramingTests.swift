// RFC 6455 from the client's side: frames in arbitrary pieces, frames out, and what is refused.

import Testing

@testable import LiveShopClient

/// A server's frame: unmasked, with the shortest length form.
private func frame(
    _ payload: [UInt8], opcode: UInt8 = 1, isFinal: Bool = true
) -> [UInt8] {
    var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
    switch payload.count {
    case ..<126: bytes.append(UInt8(payload.count))
    case ..<65536: bytes += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default:
        bytes.append(127)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
        }
    }
    return bytes + payload
}

private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

private struct Read: Equatable {
    var kind: MessageKind
    var payload: [UInt8]
}

/// Everything a reader makes of a stream that arrives in these pieces.
private func read(_ pieces: [[UInt8]]) throws(FramingError) -> [Read] {
    var reader = FrameReader()
    var messages: [Read] = []
    for piece in pieces {
        try reader.read(piece.span) { kind, payload in
            messages.append(Read(kind: kind, payload: Array(payload)))
            return true
        }
    }
    return messages
}

@Suite struct FrameReaderTests {
    /// Text, a ping between the fragments of another text, a long text, a close.
    private static let stream: [UInt8] =
        frame(text("hello")) + frame(text("frag"), isFinal: false)
        + frame(text("!"), opcode: 9) + frame(text("ment"), opcode: 0, isFinal: false)
        + frame(text("ed"), opcode: 0) + frame([UInt8](repeating: 0x78, count: 300))
        + frame([]) + frame([0x0F, 0xA8] + text("slow"), opcode: 8)

    private static let messages = [
        Read(kind: .text, payload: text("hello")), Read(kind: .ping, payload: text("!")),
        Read(kind: .text, payload: text("fragmented")),
        Read(kind: .text, payload: [UInt8](repeating: 0x78, count: 300)),
        Read(kind: .text, payload: []),
        Read(kind: .close(code: 4008), payload: text("slow")),
    ]

    @Test func `a stream in one piece gives its messages in order`() throws {
        #expect(try read([Self.stream]) == Self.messages)
    }

    @Test func `a stream cut in two at any byte gives the same messages`() throws {
        for cut in 0...Self.stream.count {
            let pieces = [Array(Self.stream[..<cut]), Array(Self.stream[cut...])]
            #expect(try read(pieces) == Self.messages, "cut at \(cut)")
        }
    }

    @Test func `a stream byte by byte gives the same messages`() throws {
        #expect(try read(Self.stream.map { [$0] }) == Self.messages)
    }

    @Test func `lengths at the borders of their forms are read`() throws {
        for length in [0, 1, 125, 126, 65535, 65536, 70000] {
            let payload = [UInt8](repeating: 7, count: length)
            #expect(try read([frame(payload)]) == [Read(kind: .text, payload: payload)])
        }
    }

    @Test func `a close without a code counts as 1005`() throws {
        #expect(try read([frame([], opcode: 8)]) == [Read(kind: .close(code: 1005), payload: [])])
    }

    @Test(arguments: [
        ([0xC1, 0x00], FramingError.reservedBits),
        ([0x83, 0x00], .unknownOpcode(3)),
        ([0x81, 0x80], .maskedFrame),
        ([0x09, 0x00], .fragmentedControl),
        ([0x89, 0x7E], .longControl),
        ([0x80, 0x00], .unexpectedContinuation),
        ([0x01, 0x00, 0x81, 0x00], .unfinishedMessage),
        ([0x88, 0x01, 0x00], .malformedClose),
        ([0x81, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .messageTooBig),
    ])
    func `what is no server frame is refused`(bytes: [UInt8], error: FramingError) {
        #expect(throws: error) { try read([bytes]) }
    }

    @Test func `reading stops when the receiver has enough`() throws {
        var reader = FrameReader()
        var count = 0
        try reader.read(Self.stream.span) { _, _ in
            count += 1
            return false
        }
        #expect(count == 1)
    }
}

@Suite struct ClientFrameTests {
    /// Undoes the mask as a server would.
    private func unmasked(_ bytes: [UInt8]) -> (opcode: UInt8, payload: [UInt8])? {
        guard bytes.count >= 6, bytes[1] & 0x80 != 0 else { return nil }
        var at = 2
        var length = Int(bytes[1] & 0x7F)
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        if extra > 0 {
            length = bytes[at..<(at + extra)].reduce(0) { $0 << 8 | Int($1) }
            at += extra
        }
        let mask = Array(bytes[at..<(at + 4)])
        at += 4
        guard bytes.count == at + length else { return nil }
        let payload = bytes[at...].enumerated().map { $1 ^ mask[$0 % 4] }
        return (bytes[0], payload)
    }

    @Test(arguments: [0, 1, 5, 125, 126, 65535, 65536])
    func `a text frame is masked and has the right length form`(length: Int) throws {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        var bytes: [UInt8] = []
        ClientFrame.appendText(payload.span, mask: 0x1234_5678, to: &bytes)
        let frame = try #require(unmasked(bytes))
        #expect(frame.opcode == 0x81)
        #expect(frame.payload == payload)
        if length > 4 { #expect(Array(bytes.suffix(length)) != payload) }
    }

    @Test func `a close frame carries its code`() throws {
        var bytes: [UInt8] = []
        ClientFrame.appendClose(code: 1000, mask: 0xFFFF_0000, to: &bytes)
        let frame = try #require(unmasked(bytes))
        #expect(frame.opcode == 0x88)
        #expect(frame.payload == [0x03, 0xE8])
    }
}

@Suite struct HandshakeTests {
    /// The example of RFC 6455 §1.3.
    private static let handshake = WebSocketHandshake(
        authority: "server.example.com", path: "/chat", nonce: Array("the sample nonce".utf8))

    private func answer(_ lines: String...) -> [UInt8] {
        Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    @Test func `the request is that of the RFC`() {
        let request = String(decoding: Self.handshake.request, as: UTF8.self)
        #expect(request.hasPrefix("GET /chat HTTP/1.1\r\nHost: server.example.com\r\n"))
        #expect(request.contains("\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
        #expect(request.contains("\r\nSec-WebSocket-Protocol: liveshop.v1\r\n"))
        #expect(request.hasSuffix("\r\n\r\n"))
    }

    @Test func `the right answer is accepted and what follows is left`() throws {
        let head = answer(
            "HTTP/1.1 101 Switching Protocols", "upgrade: WebSocket", "Connection: Upgrade",
            Self.accept, "Sec-WebSocket-Protocol: liveshop.v1")
        #expect(try Self.handshake.check(head + [0x81, 0x00]) == head.count)
        for cut in 0..<head.count {
            #expect(try Self.handshake.check(Array(head[..<cut])) == nil)
        }
    }

    @Test func `a wrong accept, a missing subprotocol, another protocol are refused`() {
        let wrongAccept = answer(
            "HTTP/1.1 101 X", "Upgrade: websocket", "Sec-WebSocket-Accept: AAAA",
            "Sec-WebSocket-Protocol: liveshop.v1")
        let noProtocol = answer("HTTP/1.1 101 X", "Upgrade: websocket", Self.accept)
        let noUpgrade = answer("HTTP/1.1 101 X", Self.accept)
        let noHTTP = answer("SSH-2.0-OpenSSH")
        for bytes in [wrongAccept, noProtocol, noUpgrade, noHTTP] {
            #expect(throws: HandshakeFailure.self) { try Self.handshake.check(bytes) }
        }
    }

    @Test func `another status is told with the beginning of its body`() {
        let bytes = answer("HTTP/1.1 403 Forbidden", "Content-Length: 5") + Array("no\u{1B}!".utf8)
        #expect(throws: HandshakeFailure.refused(status: 403, detail: "no\u{FFFD}!")) {
            try Self.handshake.check(bytes)
        }
    }

    @Test func `SHA-1 gives the digests of FIPS 180`() {
        func hex(_ bytes: [UInt8]) -> String {
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        #expect(
            hex(SHA1.digest(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(hex(SHA1.digest([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        let long = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        #expect(hex(SHA1.digest(long)) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    }
}
