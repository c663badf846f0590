// What `--server` means. Pure text work, used by every command that talks to a server; it never
// resolves a name.

/// Where a server is: the host and port of its one listener, which speaks WebSocket and HTTP.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    public var host: String
    public var port: UInt16
    /// Whether `https` or `wss` was asked for.
    public var isSecure: Bool

    public init(host: String, port: UInt16, isSecure: Bool = false) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
    }

    /// Why a text is no server address; `message` is one line that shows the right form.
    public struct Malformed: Error, Equatable {
        public var message: String
    }

    /// The path of the WebSocket endpoint.
    public static let socketPath = "/v1/socket"

    /// Reads `http(s)://HOST:PORT` or `ws(s)://HOST:PORT/v1/socket`; the port may be left out (80, 443)
    /// and an IPv6 address stands in brackets.
    public init(_ text: String) throws(Malformed) {
        let form = "write http://HOST:PORT or ws://HOST:PORT\(ServerAddress.socketPath)"
        func malformed(_ reason: String) -> Malformed {
            Malformed(message: "'\(printable(text))' is not a server address: \(reason); \(form)")
        }
        guard let mark = text.firstRange(of: "://") else {
            throw malformed("it has no scheme")
        }
        let scheme = text[..<mark.lowerBound].lowercased()
        guard ["http", "https", "ws", "wss"].contains(scheme) else {
            throw malformed("the scheme '\(printable(scheme))' is unknown")
        }
        let rest = text[mark.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let path = rest[slash...]
        let allowed =
            scheme.hasPrefix("ws") ? ["", "/", ServerAddress.socketPath] : ["", "/"]
        guard allowed.contains(String(path)) else {
            throw malformed("the path '\(printable(path))' is not expected")
        }
        guard !authority.contains("@"), !authority.contains("?"), !authority.contains("#") else {
            throw malformed("only a host and a port belong there")
        }
        isSecure = scheme == "https" || scheme == "wss"
        let (hostText, portText) = ServerAddress.split(authority)
        guard let hostText, !hostText.isEmpty, hostText.utf8.allSatisfy(ServerAddress.isHostByte)
        else { throw malformed("the host is missing or has odd characters") }
        host = String(hostText)
        guard let portText else {
            port = isSecure ? 443 : 80
            return
        }
        guard let number = UInt16(portText), number > 0, portText.first != "+" else {
            throw malformed("the port must be 1 to 65535")
        }
        port = number
    }

    /// HOST:PORT, an IPv6 host in brackets, as in a `Host` header.
    public var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    public var description: String { "\(isSecure ? "https" : "http")://\(authority)" }

    /// Whether the host is `localhost` or an address of the loopback interface as it is written. A name
    /// that only begins like one may be anybody's.
    public var isLoopback: Bool {
        if host.lowercased() == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { UInt8($0) != nil && $0.first != "+" }
    }

    private static func split(_ authority: Substring) -> (host: Substring?, port: Substring?) {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return (nil, nil) }
            let inside = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            guard !after.isEmpty else { return (inside, nil) }
            return after.first == ":" ? (inside, after.dropFirst()) : (nil, nil)
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return (parts[0], nil)
        case 2: return (parts[0], parts[1])
        default: return (nil, nil)
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}
