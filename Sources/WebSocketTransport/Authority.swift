// A host and a port as they stand in Host, in an origin or in a URL. Pure: names are judged by their
// form, nothing is looked up.

/// `shop.example`, `203.0.113.4:8080` or `[2001:db8::1]:443`.
public struct Authority: Sendable, Equatable, CustomStringConvertible {
    /// In lower case; an IPv6 address in brackets.
    public let host: String
    public let port: Int?

    /// Nil for anything that is not of this form.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        var end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = close + 1
        }
        let name = String(decoding: bytes[..<end], as: UTF8.self)
        guard (1...253).contains(end) else { return nil }
        if name.hasPrefix("[") {
            guard let address = NetworkAddress(String(name.dropFirst().dropLast())),
                name.contains(":"), !name.contains("%")
            else { return nil }
            self.address = address
        } else {
            address = NetworkAddress(name)
            guard address != nil || Self.isName(bytes[..<end]) else { return nil }
        }
        host = name.lowercased()
        if end == bytes.count {
            port = nil
        } else {
            let digits = bytes[(end + 1)...]
            guard bytes[end] == UInt8(ascii: ":"), digits.count <= 5,
                digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
            else { return nil }
            let number = Int(String(decoding: digits, as: UTF8.self))
            guard digits.isEmpty || (1...65_535).contains(number ?? 0) else { return nil }
            port = number
        }
    }

    /// When the host is a number and no name.
    let address: NetworkAddress?

    public var description: String { port.map { "\(host):\($0)" } ?? host }

    /// Stands for every address of a machine and leads nowhere.
    public var isWildcard: Bool { address?.bytes.allSatisfy { $0 == 0 } ?? false }

    /// `localhost`, `127.0.0.0/8` or `[::1]`.
    public var isLoopback: Bool { host == "localhost" || address?.isLoopback ?? false }

    /// Means something only inside a machine or a local network.
    var isInternal: Bool {
        if let address { return address.isInternal }
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        return !name.contains(".") || Self.internalSuffixes.contains { name.hasSuffix($0) }
    }

    private static let internalSuffixes = [
        ".localhost", ".local", ".internal", ".lan", ".home.arpa", ".svc",
    ]

    /// Labels with dots between. What ends in a number would be an IPv4 address of an odd spelling
    /// (`127.1`, `0x7f.1`).
    private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        guard name.allSatisfy(isNameByte) else { return false }
        var labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty ?? false { labels.removeLast() }
        guard let last = labels.last, labels.allSatisfy({ (1...63).contains($0.count) }) else {
            return false
        }
        let isHex =
            last.count > 1 && last.first == UInt8(ascii: "0")
            && last.dropFirst().first.map { $0 | 0x20 } == UInt8(ascii: "x")
        return !isHex && last.contains { !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Where clients find the WebSocket, as the operator gives it.
public enum PublicURL {
    /// `wss://HOST[:PORT]/v1/socket` for `https://HOST[:PORT]`, with or without that path, and
    /// likewise for http, ws and wss; nil for anything else.
    public static func socket(_ text: String, path: String = "/v1/socket") -> String? {
        for (scheme, own) in [("https", "wss"), ("http", "ws"), ("wss", "wss"), ("ws", "ws")] {
            let start = scheme + "://"
            guard text.lowercased().hasPrefix(start) else { continue }
            let rest = text.dropFirst(start.count)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            guard ["", "/", path].contains(String(rest[end...])),
                let authority = Authority(String(rest[..<end])), !authority.isWildcard
            else { return nil }
            return "\(own)://\(authority)\(path)"
        }
        return nil
    }
}
