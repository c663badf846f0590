// A small HTTP/1.1 client for commands with `--server`: one request per connection, blocking, plain
// TCP. It follows no redirects and keeps no state; what it cannot do it refuses.

import Glibc

public struct HTTPClient {
    public struct Request: Sendable {
        public var method: String
        /// Path and query, percent-encoded.
        public var target: String
        public var headers: [(name: String, value: String)]
        public var body: [UInt8]?

        public init(
            _ method: String, _ target: String,
            headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
        ) {
            self.method = method
            self.target = target
            self.headers = headers
            self.body = body
        }
    }

    public struct Response: Sendable {
        public var status: Int
        /// Names in lower case.
        public var headers: [String: String]
        public var body: [UInt8]
    }

    public static let bodyBytesMax = 64 << 20

    private let server: ServerAddress
    private let token: String?
    private let timeoutSeconds: Double

    /// - Parameter token: sent as `Authorization: Bearer`.
    public init(_ server: ServerAddress, token: String? = nil, timeoutSeconds: Double = 30) {
        self.server = server
        self.token = token
        self.timeoutSeconds = timeoutSeconds
    }

    /// Sends a request and waits for the whole answer, whatever its status.
    public func send(_ request: Request) throws(ClientFailure) -> Response {
        let endpoint = try Endpoint.reachable(server, seconds: timeoutSeconds)
        do throws(SocketError) {
            let socket = try Socket.connect(to: endpoint, from: nil)
            defer { Socket.close(socket) }
            try Socket.waitUntilConnected(socket, seconds: timeoutSeconds)
            let deadline = monotonicNanoseconds() + Int64(timeoutSeconds * 1e9)
            try write(head(request) + (request.body ?? []), socket, deadline)
            let received = try readAll(socket, deadline, isHead: request.method == "HEAD")
            guard let response = HTTPClient.parse(received, isHead: request.method == "HEAD")
            else { throw SocketError(call: "recv", code: EPROTO) }
            return response
        } catch {
            throw .unreachable(address: server.authority, reason: error.message)
        }
    }

    private func head(_ request: Request) -> [UInt8] {
        var lines = [
            "\(request.method) \(request.target) HTTP/1.1", "Host: \(server.authority)",
            "Connection: close", "Accept: application/json",
        ]
        if let token { lines.append("Authorization: Bearer \(token)") }
        if let body = request.body { lines.append("Content-Length: \(body.count)") }
        for (name, value) in request.headers { lines.append("\(name): \(value)") }
        // A line break in a value would start another header.
        let safe = lines.map { line in line.filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" } }
        return Array((safe.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private func write(
        _ bytes: [UInt8], _ socket: Int32, _ deadline: Int64
    ) throws(SocketError) {
        var sent = 0
        while sent < bytes.count {
            switch Socket.send(socket, bytes, from: sent) {
            case .bytes(let count): sent += count
            case .ended(let code): throw SocketError(call: "send", code: code)
            case .wouldBlock: try wait(socket, POLLOUT, deadline)
            }
        }
    }

    private func readAll(
        _ socket: Int32, _ deadline: Int64, isHead: Bool
    ) throws(SocketError) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            switch Socket.receive(socket, into: &buffer) {
            case .bytes(let count):
                received.append(contentsOf: buffer[..<count])
                guard received.count <= HTTPClient.bodyBytesMax else {
                    throw SocketError(call: "recv", code: EMSGSIZE)
                }
                if HTTPClient.isComplete(received, isHead: isHead) { return received }
            case .ended(let code):
                guard code == 0 else { throw SocketError(call: "recv", code: code) }
                return received
            case .wouldBlock:
                try wait(socket, POLLIN, deadline)
            }
        }
    }

    private func wait(_ socket: Int32, _ events: Int32, _ deadline: Int64) throws(SocketError) {
        let left = Double(deadline - monotonicNanoseconds()) / 1e9
        guard left > 0, Socket.wait(socket, for: events, seconds: left) else {
            throw SocketError(call: "poll", code: ETIMEDOUT)
        }
    }

    /// Whether the answer has ended although the server keeps the connection open.
    private static func isComplete(_ received: [UInt8], isHead: Bool) -> Bool {
        guard let head = HTTPResponseHead(received) else { return false }
        if isHead || head.status == 204 || head.status == 304 { return true }
        if head.headers["transfer-encoding"] != nil {
            return unchunked(received[head.bytes...]) != nil
        }
        guard let length = head.headers["content-length"].flatMap({ Int($0) }) else {
            return false
        }
        return received.count - head.bytes >= length
    }

    /// Nil when the bytes are no whole answer.
    static func parse(_ received: [UInt8], isHead: Bool = false) -> Response? {
        guard let head = HTTPResponseHead(received), head.status > 0 else { return nil }
        var response = Response(status: head.status, headers: head.headers, body: [])
        if isHead || head.status == 204 || head.status == 304 { return response }
        let rest = received[head.bytes...]
        if head.headers["transfer-encoding"]?.lowercased() == "chunked" {
            guard let body = unchunked(rest) else { return nil }
            response.body = body
        } else if let length = head.headers["content-length"] {
            guard let length = Int(length), length >= 0, rest.count >= length else { return nil }
            response.body = Array(rest.prefix(length))
        } else {
            response.body = Array(rest)
        }
        return response
    }

    /// The body behind RFC 9112 §7.1 chunks; nil when it is incomplete or malformed.
    private static func unchunked(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var body: [UInt8] = []
        var rest = bytes
        while let lineEnd = rest.firstIndex(of: 0x0A) {
            let line = String(decoding: rest[..<lineEnd], as: UTF8.self)
            let digits = trimmed(line.prefix { $0 != ";" })
            guard let size = Int(digits, radix: 16), size >= 0, size <= bodyBytesMax else {
                return nil
            }
            rest = rest[(lineEnd + 1)...]
            if size == 0 { return body }
            guard rest.count >= size + 2 else { return nil }
            body.append(contentsOf: rest.prefix(size))
            rest = rest.dropFirst(size + 2)
        }
        return nil
    }
}
