// A WebSocket and HTTP client of the fewest parts: a blocking socket, bytes as they are. So a test can
// send what no well-behaved client would, and see exactly what comes back. Every wait ends after ten
// seconds by itself.

import Glibc

struct Frame: Equatable {
    var opcode: UInt8
    var payload: [UInt8]
    /// Whether the message ends here.
    var isFinal = true

    var text: String { String(decoding: payload, as: UTF8.self) }
    /// Of a close frame; nil when it has none.
    var closeCode: Int? {
        opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
    }
}

struct HTTPReply {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Used by one thread at a time.
final class RawClient: @unchecked Sendable {
    let descriptor: Int32
    private var buffer: [UInt8] = []
    private var consumed = 0
    private var isEnded = false

    init(port: Int, from source: String? = nil, receiveBuffer: Int32? = nil) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var wait = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer,
                socklen_t(MemoryLayout<Int32>.size))
        }
        func withAddress(_ text: String, _ port: Int, _ body: (UnsafePointer<sockaddr>) -> Int32) {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            inet_pton(AF_INET, text, &address.sin_addr)
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = body($0) }
            }
        }
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        if let source { withAddress(source, 0) { bind(descriptor, $0, size) } }
        withAddress("127.0.0.1", port) { connect(descriptor, $0, size) }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Ends the sending side.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    // MARK: HTTP

    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    /// The lines of a correct upgrade; a header given is replaced, nil leaves it out.
    static func upgrade(
        _ changes: [String: String?] = [:], start: String = "GET /v1/socket HTTP/1.1"
    ) -> String {
        var headers: [String: String?] = [
            "Host": "localhost", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13",
        ]
        for (name, value) in changes { headers[name] = .some(value) }
        let lines = headers.sorted { $0.key < $1.key }.compactMap { name, value in
            value.map { "\(name): \($0)\r\n" }
        }
        return start + "\r\n" + lines.joined() + "\r\n"
    }

    func readHTTP(hasBody: Bool = true) -> HTTPReply? {
        while true {
            if let end = headerEnd() {
                let lines = String(decoding: buffer[consumed..<end], as: UTF8.self)
                    .split(separator: "\r\n")
                consumed = end + 4
                guard let first = lines.first?.split(separator: " "), first.count > 1,
                    let status = Int(first[1])
                else { return nil }
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    guard parts.count == 2 else { continue }
                    headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
                }
                let length = headers["content-length"].flatMap { Int($0) } ?? 0
                guard status >= 200, hasBody else {
                    return HTTPReply(status: status, headers: headers, body: [])
                }
                guard let body = read(length) else { return nil }
                return HTTPReply(status: status, headers: headers, body: body)
            }
            guard fill() else { return nil }
        }
    }

    private func headerEnd() -> Int? {
        let end: [UInt8] = [13, 10, 13, 10]
        guard buffer.count >= consumed + 4 else { return nil }
        return (consumed...(buffer.count - 4)).first { Array(buffer[$0..<($0 + 4)]) == end }
    }

    /// Upgrades; the reply is 101 when it worked.
    @discardableResult
    func open(_ changes: [String: String?] = [:]) -> HTTPReply? {
        send(Self.upgrade(changes))
        return readHTTP()
    }

    // MARK: Frames

    static func frame(
        _ payload: [UInt8], opcode: UInt8 = 1, isFinal: Bool = true, announcing length: Int? = nil
    ) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let length = length ?? payload.count
        switch length {
        case ..<126: bytes.append(0x80 | UInt8(length))
        case ..<65_536: bytes += [0x80 | 126, UInt8(length >> 8), UInt8(length & 0xFF)]
        default:
            bytes.append(0x80 | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        }
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        bytes += mask
        bytes += payload.enumerated().map { $1 ^ mask[$0 & 3] }
        return bytes
    }

    func sendText(_ text: String) { send(Self.frame(Array(text.utf8))) }

    /// The next frame that is not a ping; nil at the end of the stream or after ten seconds.
    func readFrame(skippingPings: Bool = true) -> Frame? {
        while true {
            guard let head = read(2) else { return nil }
            var length = Int(head[1] & 0x7F)
            if length == 126 {
                guard let more = read(2) else { return nil }
                length = Int(more[0]) << 8 | Int(more[1])
            } else if length == 127 {
                guard let more = read(8) else { return nil }
                length = more.reduce(0) { $0 << 8 | Int($1) }
            }
            guard let payload = read(length) else { return nil }
            let frame = Frame(
                opcode: head[0] & 0x0F, payload: payload, isFinal: head[0] & 0x80 != 0)
            if frame.opcode == 9, skippingPings { continue }
            return frame
        }
    }

    /// Reads until a close frame; its code, or 1006 when the connection just ended.
    func readCloseCode() -> Int {
        while let frame = readFrame() {
            if frame.opcode == 8 { return frame.closeCode ?? 1005 }
        }
        return 1006
    }

    /// Whether the server ends the connection (within ten seconds).
    func readsEnd() -> Bool {
        while fill() {}
        return isEnded
    }

    private func read(_ count: Int) -> [UInt8]? {
        while buffer.count - consumed < count {
            guard fill() else { return nil }
        }
        defer {
            consumed += count
            if consumed == buffer.count {
                buffer.removeAll(keepingCapacity: true)
                consumed = 0
            }
        }
        return Array(buffer[consumed..<(consumed + count)])
    }

    private func fill() -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count == 0 || count < 0 && errno != EAGAIN { isEnded = true }
        guard count > 0 else { return false }
        buffer += piece[..<count]
        return true
    }
}
