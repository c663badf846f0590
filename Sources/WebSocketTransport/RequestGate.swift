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
    /// Whether `Forwarded`, `X-Forwarded-*`, `X-Real-IP` or `Via` is there; asked in development mode.
    var isForwarded = false
    /// Whether `Forwarded`, `X-Forwarded-For` or `X-Real-IP` is there.
    var namesClient = false
    var forwardedFor: String?
    var forwardedHost: String?
    var forwardedProto: String?
    /// Whether a body is announced, of whatever size.
    var hasBody = false

    var upgrade: String?
    var connection: String?
    var version: String?
    var key: String?
    /// The offered subprotocols, comma separated.
    var subprotocols: String?
}

/// A refusal in HTTP.
struct Refusal: Error, Equatable {
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
        guard head.isHTTP11, !head.hasBody else {
            return Refusal(
                status: 400, message: "a WebSocket needs HTTP/1.1 and a request without a body")
        }
        guard let upgrade = head.upgrade, Self.isToken(upgrade.utf8.span, "websocket") else {
            return Refusal(
                status: 400, message: "only an upgrade to websocket is possible; leave Upgrade out")
        }
        guard let connection = head.connection, Self.hasUpgrade(connection) else {
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
            !Self.has(memberOf: offered, where: { Self.isSame($0, subprotocol) })
        {
            return Refusal(status: 400, message: "the subprotocol here is \(subprotocol)")
        }
        if let refusal = developmentRefusal(head) { return refusal }
        if let origin = head.origin, !isAllowed(origin: origin, host: host) {
            return Refusal(status: 403, message: "pages of this origin may not connect here")
        }
        return nil
    }

    /// The same request in its plainest form, for the library to answer.
    func plainUpgrade(key: String, echoing isOffered: Bool) -> [UInt8] {
        var text = "GET \(socketPath) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        text += "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(key)\r\n"
        if isOffered { text += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
        text += "\r\n"
        return Array(text.utf8)
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
        let bytes = host.utf8.span
        let name = bytes.extracting(first: portStart(bytes) ?? bytes.count)
        if isToken(name, "localhost") || isSame(name, "[::1]") { return true }
        guard !name.isEmpty, name[0] != UInt8(ascii: "["),
            let address = NetworkAddress(String(host.utf8.prefix(name.count)) ?? "")
        else { return false }
        return address.bytes.count == 4 && address.isLoopback
    }

    // MARK: Bytes

    // A crowd's every handshake passes here, and headers are bytes: a String's characters are dear.

    private static func hasPort(_ host: String) -> Bool { portStart(host.utf8.span) != nil }

    /// Where `:80` begins; nil when no port is given.
    private static func portStart(_ host: Span<UInt8>) -> Int? {
        var colon = host.count - 1
        while colon >= 0, UInt8(ascii: "0")...UInt8(ascii: "9") ~= host[colon] { colon -= 1 }
        guard colon >= 0, colon < host.count - 1, host[colon] == UInt8(ascii: ":") else {
            return nil
        }
        let isAfterBracket = colon > 0 && host[colon - 1] == UInt8(ascii: "]")
        return host[0] != UInt8(ascii: "[") || isAfterBracket ? colon : nil
    }

    /// Whether a text is a name whose letters are given small, in whatever case.
    private static func isToken(_ text: Span<UInt8>, _ name: String) -> Bool {
        let name = name.utf8.span
        guard text.count == name.count else { return false }
        for place in text.indices {
            let isCapital = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= text[place]
            if (isCapital ? text[place] | 0x20 : text[place]) != name[place] { return false }
        }
        return true
    }

    private static func isSame(_ text: Span<UInt8>, _ other: String) -> Bool {
        let other = other.utf8.span
        return text.count == other.count && text.indices.allSatisfy { text[$0] == other[$0] }
    }

    private static func hasUpgrade(_ connection: String) -> Bool {
        has(memberOf: connection) { isToken($0, "upgrade") }
    }

    /// Whether something between the commas, without the spaces around it, is what is wanted.
    private static func has(
        memberOf list: String, where isWanted: (Span<UInt8>) -> Bool
    ) -> Bool {
        let text = list.utf8.span
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count, text[end] != UInt8(ascii: ",") { end += 1 }
            var (first, last) = (start, end)
            while first < last, isSpace(text[first]) { first += 1 }
            while last > first, isSpace(text[last - 1]) { last -= 1 }
            if isWanted(text.extracting(first..<last)) { return true }
            start = end + 1
        }
        return false
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
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
