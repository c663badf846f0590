// How a client came to this server, as its request tells: what it must use to come again. Pure.

struct RequestOrigin {
    private let isSecure: Bool
    private let authority: Authority?

    /// `isSecure`: the socket has TLS. Behind a trusted proxy its word counts: `X-Forwarded-Proto` and
    /// `X-Forwarded-Host`, of several the one the nearest proxy wrote.
    init(_ head: RequestHead, isSecure: Bool, isBehindProxy: Bool) {
        func last(_ list: String?) -> String? {
            list?.split(separator: ",").last.map { $0.trimmingSpaces }
        }
        let scheme = isBehindProxy ? last(head.forwardedProto)?.lowercased() : nil
        switch scheme {
        case "https", "wss": self.isSecure = true
        case "http", "ws": self.isSecure = false
        default: self.isSecure = isSecure
        }
        let forwarded = isBehindProxy ? last(head.forwardedHost).flatMap { Authority($0) } : nil
        authority = forwarded ?? head.host.flatMap { Authority($0) }
    }

    /// `wss://shop.example`, unless that leads nowhere for this client: a wildcard, or a name or address
    /// of an inner network for a client outside of it. In development mode the client is on this machine,
    /// and only names of this machine count.
    func socketOrigin(for client: NetworkAddress, isDevelopment: Bool) -> String? {
        guard let authority, !authority.isWildcard, !isDevelopment || authority.isLoopback,
            !authority.isLoopback || client.isLoopback,
            !authority.isInternal || client.isInternal
        else { return nil }
        return "\(isSecure ? "wss" : "ws")://\(authority)"
    }
}
