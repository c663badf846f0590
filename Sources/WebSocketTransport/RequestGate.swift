// Who may come in: the rules for upgrades and for requests in development mode, as one pure function
// over values. libwebsockets checks almost none of this by itself (version, method, key, Origin), so
// every upgrade passes here first. Sources: RFC 6455 §4.2, docs/PROTOCOL.md (connection).

/// The parts of a request that decide about its admission.
struct RequestHead {
    var method = "GET"
    var path = "/"
    var isHTTP11 = true
    var host: String?
    var origin: String?
    /// Whether `Forwarded`, `X-Forwarded-*`, `X-Real-IP` or `Via` is there.
    var isForwarded = false

    var upgrade: String?
    var connection: String?
    var version: String?
    var key: String?
    /// The offered subprotocols, comma separated.
    var subprotocols: String?
}

/// A refusal in HTTP.
struct Refusal: Equatable {
    var status: Int
    var message: String
    var headers: [(name: String, value: String)] = []
    /// Whether the operator should hear of it: the machine is set up in a way that cannot work.
    var concernsOperator = false

    static func == (left: Refusal, right: Refusal) -> Bool {
        left.status == right.status && left.message == right.message
    }
}

struct RequestGate {
    let socketPath: String
    let subprotocol: String
    let origins: OriginPolicy
    let developmentMode: Bool

    /// Why this upgrade is refused; nil lets it in.
    func refusal(ofUpgrade head: RequestHead) -> Refusal? {
        guard head.method == "GET" else {
            return Refusal(
                status: 405, message: "a WebSocket is opened with GET",
                headers: [("Allow", "GET")])
        }
        guard head.path == socketPath else {
            return Refusal(status: 404, message: "WebSockets are at \(socketPath)")
        }
        guard head.isHTTP11 else {
            return Refusal(status: 400, message: "a WebSocket needs HTTP/1.1")
        }
        guard head.upgrade?.lowercased() == "websocket" else {
            return Refusal(
                status: 400, message: "only an upgrade to websocket is possible; leave Upgrade out")
        }
        guard let connection = head.connection, Self.list(connection, contains: "upgrade") else {
            return Refusal(status: 400, message: "Connection: Upgrade is missing")
        }
        guard head.version == "13" else {
            return Refusal(
                status: 426, message: "WebSocket version 13 is needed",
                headers: [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")])
        }
        guard let key = head.key, Self.isKey(key) else {
            return Refusal(status: 400, message: "Sec-WebSocket-Key is not 16 bytes in base64")
        }
        guard let host = head.host, !host.isEmpty else {
            return Refusal(status: 400, message: "Host is missing")
        }
        if let offered = head.subprotocols, !offered.isEmpty,
            !offered.split(separator: ",").contains(where: { $0.trimmingSpaces == subprotocol })
        {
            return Refusal(status: 400, message: "the subprotocol here is \(subprotocol)")
        }
        if let refusal = developmentRefusal(head) { return refusal }
        if let origin = head.origin, !isAllowed(origin: origin, host: host) {
            return Refusal(status: 403, message: "pages of this origin may not connect here")
        }
        return nil
    }

    /// Why this plain request is refused before anybody looks at it; nil lets it on.
    func refusal(ofRequest head: RequestHead) -> Refusal? {
        if head.path == socketPath {
            return Refusal(
                status: 426, message: "this is a WebSocket",
                headers: [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")])
        }
        return head.method == "GET" ? nil : developmentRefusal(head)
    }

    /// In development mode everybody may buy with test money, so nobody may get there by a proxy that
    /// nobody told us about, nor by a name that a foreign page made point to this machine.
    private func developmentRefusal(_ head: RequestHead) -> Refusal? {
        guard developmentMode, head.isForwarded || !Self.isLoopbackName(head.host ?? "") else {
            return nil
        }
        return Refusal(
            status: 403,
            message: "development mode serves this machine only; start with --trusted-proxy "
                + "behind a proxy, or with --no-dev",
            concernsOperator: true)
    }

    private func isAllowed(origin: String, host: String) -> Bool {
        switch origins {
        case .any: true
        case .own: Self.isOwn(origin: origin, host: host)
        case .listed(let list): list.contains(origin) || Self.isOwn(origin: origin, host: host)
        }
    }

    /// Whether the origin's host and port are those of `Host`, over http or https.
    static func isOwn(origin: String, host: String) -> Bool {
        let origin = origin.lowercased()
        let (authority, port): (Substring, String)
        if origin.hasPrefix("http://") {
            (authority, port) = (origin.dropFirst(7), ":80")
        } else if origin.hasPrefix("https://") {
            (authority, port) = (origin.dropFirst(8), ":443")
        } else {
            return false
        }
        func complete(_ name: String) -> String { hasPort(name) ? name : name + port }
        return !authority.isEmpty && complete(String(authority)) == complete(host.lowercased())
    }

    /// `localhost`, `127.0.0.0/8` or `[::1]`, with or without port.
    static func isLoopbackName(_ host: String) -> Bool {
        let name = hasPort(host) ? host[..<(host.lastIndex(of: ":") ?? host.endIndex)] : host[...]
        if name.lowercased() == "localhost" || name == "[::1]" { return true }
        guard let address = NetworkAddress(String(name)), !name.hasPrefix("[") else { return false }
        return address.bytes.count == 4 && address.isLoopback
    }

    private static func hasPort(_ host: String) -> Bool {
        guard let colon = host.lastIndex(of: ":") else { return false }
        let port = host[host.index(after: colon)...]
        return !port.isEmpty && port.allSatisfy { ("0"..."9").contains($0) }
            && (!host.hasPrefix("[") || host[..<colon].hasSuffix("]"))
    }

    private static func list(_ list: String, contains token: String) -> Bool {
        list.split(separator: ",").contains { $0.trimmingSpaces.lowercased() == token }
    }

    /// 16 bytes in base64: 22 characters and `==`.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes[22] == UInt8(ascii: "="), bytes[23] == UInt8(ascii: "=")
        else { return false }
        return bytes[..<22].allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}
