// The opening handshake of RFC 6455 from the client's side, pure: the request's bytes and a check of
// the answer. ClientLoop sends and collects them.

/// Why a server did not open a WebSocket.
public enum HandshakeFailure: Error, Equatable, Sendable {
    /// An HTTP answer other than 101; `detail` is the beginning of its body, made printable.
    case refused(status: Int, detail: String)
    /// It is no HTTP/1.1 answer, or lacks what RFC 6455 §4.1 demands.
    case malformed(String)
}

/// One handshake: make it, send `request`, give what arrives to `check`.
public struct WebSocketHandshake: Sendable {
    /// The version of the protocol this client speaks, as a WebSocket subprotocol.
    public static let subprotocol = "liveshop.v1"
    private static let responseBytesMax = 16_384

    public let request: [UInt8]
    private let expectedAccept: String

    /// `nonce`: 16 bytes nobody used before on this server; they only prove that the answer is fresh.
    public init(authority: String, path: String, nonce: [UInt8]) {
        let key = base64(nonce)
        let magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        expectedAccept = base64(SHA1.digest(Array((key + magic).utf8)))
        let lines = [
            "GET \(path) HTTP/1.1", "Host: \(authority)", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: \(WebSocketHandshake.subprotocol)", "", "",
        ]
        request = Array(lines.joined(separator: "\r\n").utf8)
    }

    /// How many of the received bytes the answer took; what follows are frames already. Nil while the
    /// answer is not complete.
    public func check(_ received: [UInt8]) throws(HandshakeFailure) -> Int? {
        guard let head = HTTPResponseHead(received) else {
            guard received.count <= WebSocketHandshake.responseBytesMax else {
                throw .malformed("the answer's head does not end")
            }
            return nil
        }
        guard head.status != 0 else { throw .malformed("that is no HTTP/1.1 answer") }
        guard head.status == 101 else {
            let body = String(decoding: received[head.bytes...].prefix(400), as: UTF8.self)
            throw .refused(status: head.status, detail: printable(body, limit: 200))
        }
        guard head.headers["upgrade"]?.lowercased() == "websocket" else {
            throw .malformed("Upgrade is missing in the answer")
        }
        guard head.headers["sec-websocket-accept"] == expectedAccept else {
            throw .malformed("Sec-WebSocket-Accept does not fit the request")
        }
        guard head.headers["sec-websocket-protocol"] == WebSocketHandshake.subprotocol else {
            throw .malformed("the server does not speak \(WebSocketHandshake.subprotocol)")
        }
        guard head.headers["sec-websocket-extensions"] == nil else {
            throw .malformed("the server uses an extension nobody asked for")
        }
        return head.bytes
    }
}

/// Status line and headers of an HTTP/1.1 answer.
struct HTTPResponseHead {
    /// 0 when the first line is no status line.
    var status = 0
    /// Names in lower case; of a repeated header the values joined by ", ".
    var headers: [String: String] = [:]
    /// Length of the head with its empty line.
    var bytes = 0

    /// Nil when the empty line has not arrived yet.
    init?(_ received: [UInt8]) {
        guard let end = HTTPResponseHead.endOfHead(received) else { return nil }
        bytes = end
        let text = String(decoding: received[..<end], as: UTF8.self)
        let lines = text.split(separator: "\r\n")
        guard let first = lines.first else { return }
        let words = first.split(separator: " ", maxSplits: 2)
        if words.count >= 2, words[0].hasPrefix("HTTP/1."), let code = Int(words[1]) {
            status = max(0, code)
        }
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].lowercased()
            let value = trimmed(line[line.index(after: colon)...])
            headers[name] = headers[name].map { "\($0), \(value)" } ?? value
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13
            && bytes[index + 3] == 10
        {
            return index + 4
        }
        return nil
    }
}

/// `text` without blanks at both ends.
func trimmed(_ text: some StringProtocol) -> String {
    var view = Substring(text)
    while let first = view.first, first.isWhitespace { view.removeFirst() }
    while let last = view.last, last.isWhitespace { view.removeLast() }
    return String(view)
}

/// RFC 4648 base64 with padding.
func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        var bits: UInt32 = 0
        for byte in group { bits = bits << 8 | UInt32(byte) }
        bits <<= UInt32(8 * (3 - group.count))
        for index in 0..<4 {
            let shift = UInt32(18 - 6 * index)
            text.append(index <= group.count ? alphabet[Int(bits >> shift & 63)] : "=")
        }
    }
    return text
}
