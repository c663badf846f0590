// Everything about the transport that an operator may want otherwise, and the values it reports to its
// owner. Plain values; `Transport` takes the configuration at start and never changes it.

public import WireProtocol

/// How the event loops listen, whom they let in and what they bear.
public struct TransportConfiguration: Sendable {
    /// An IPv4 or IPv6 address without brackets, or a name such as `localhost`.
    public var host = "127.0.0.1"
    /// 0 lets the system choose.
    public var port = 8080
    /// Event loops, each with a thread of its own; 1…64.
    public var loops = 1
    /// nil: plain; a proxy in front may speak TLS.
    public var tls: TLSFiles?
    /// The only path that upgrades to a WebSocket.
    public var socketPath = "/v1/socket"
    /// Echoed when a client offers it.
    public var subprotocol = "liveshop.v1"

    /// A ping leaves every so many seconds …
    public var pingSeconds = 25
    /// … and a peer of which nothing came for `pingSeconds + pongSeconds` is closed 4009.
    public var pongSeconds = 10
    /// For the header of a request or handshake to arrive, once its first byte is there.
    public var handshakeSeconds = 8
    /// A connection that has not joined a room by then is closed 4401.
    public var helloSeconds = 10
    /// The most bytes one connection may be behind by before it is closed 4008.
    public var sendQueueBytes = 1 << 20
    /// For a peer to take its snapshot, which does not count in that; then it is closed 4008.
    public var allowanceMilliseconds: Int64 = 30_000
    /// The largest client message in bytes; one more closes 1009.
    public var messageBytesMax = 16_384
    /// What becomes of the body of an HTTP request, asked before any of it is read.
    public var bodyRule: @Sendable (HTTPRequest) -> BodyRule = { _ in BodyRule.none }
    /// The most bytes of HTTP request bodies in memory at one time and loop, by their announced sizes;
    /// beyond: 503.
    public var bodyBytesTotalMax = 64 << 20

    /// nil: as many as the descriptor limit allows, less 256; at most 65,280 unless more are asked for.
    public var connectionsMax: Int?
    /// Per IPv4 address or IPv6 /64.
    public var connectionsPerAddressMax = 2000
    /// New connections from one such address within a second.
    public var joinsPerSecondPerAddressMax = 200
    /// Whether the limits per address do not hold for loopback addresses (development mode).
    public var exemptsLoopbackAddresses = false

    public var origins = OriginPolicy.own
    /// Refuse what looks proxied or rebound (see `RequestGate`).
    public var developmentMode = false
    /// Proxies whose `X-Forwarded-For` is believed.
    public var trustedProxies: [AddressRange] = []
    /// With TLS: request headers, in lower case, that HTTP handlers want besides the usual ones. Without,
    /// they get all.
    public var customHeaders: [String] = []

    public init() {}
}

/// Whether a request may have a body.
public enum BodyRule: Sendable {
    /// With at most so many bytes; more is answered 413.
    case upTo(Int)
    /// None: a request that announces one is answered so, and the body never read.
    case refused(HTTPResponse)

    /// No request has one.
    public static var none: BodyRule {
        .refused(
            HTTPAnswer.response(Refusal(status: 413, message: "a request here has no body")))
    }
}

/// Where the certificate chain and its key lie, both PEM.
public struct TLSFiles: Sendable, Equatable {
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// From which web pages a WebSocket may be opened. A missing `Origin` is no browser and always allowed.
public enum OriginPolicy: Sendable, Equatable {
    /// Pages whose host and port are those of the request's `Host`.
    case own
    /// These origins, compared exactly, as browsers write them: `https://shop.example`; and the own.
    case listed([String])
    /// Every page, by explicit decision.
    case any
}

/// Where the transport listens.
public struct ListeningAddress: Sendable, Equatable, CustomStringConvertible {
    public let host: String
    public let port: Int

    /// `127.0.0.1:8080` or `[::1]:8080`.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Why the transport cannot start.
public enum TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    case addressInUse(String)
    case addressNotAvailable(String)
    case permissionDenied(String)
    case unknownHost(String)
    case unusableCertificate(TLSFiles)
    case system(String)
    case alreadyStarted

    public var description: String {
        switch self {
        case .addressInUse(let address):
            "cannot listen on \(address): another program already does"
        case .addressNotAvailable(let address):
            "cannot listen on \(address): this machine has no such address"
        case .permissionDenied(let address):
            "cannot listen on \(address): ports below 1024 need privileges"
        case .unknownHost(let host):
            "cannot listen on \(host): no such host"
        case .unusableCertificate(let files):
            "the certificate \(files.certificate) and the key \(files.key) cannot be used: both must "
                + "be readable PEM files that belong together"
        case .system(let what): what
        case .alreadyStarted: "the transport was started before"
        }
    }
}

/// One thing an operator should read. Never contains what a peer sent, and never comes in floods.
public struct TransportLogLine: Sendable {
    public enum Level: Sendable { case debug, info, warning, error }
    public let level: Level
    public let message: String
}

/// What the loops counted since the start, added up.
public struct TransportStatistics: Sendable, Equatable {
    /// WebSocket connections that are open now.
    public var connections = 0
    /// Sockets that are open now, handshakes and HTTP exchanges included.
    public var sockets = 0
    /// WebSocket connections that were ever open.
    public var opened = 0
    /// Connections refused because of a limit.
    public var refused = 0
    /// Upgrades and requests refused by the rules of the handshake.
    public var rejected = 0
    public var messagesReceived = 0
    public var bytesReceived = 0
    /// Broadcast frames that entered a frame log.
    public var broadcasts = 0
    /// Frames given to connections, broadcasts counted once per receiver.
    public var framesSent = 0
    public var bytesSent = 0
    /// System calls made for them.
    public var sends = 0
    /// Connections that are behind because their peer does not read fast enough.
    public var stalled = 0
    /// Bytes waiting for peers that read too slowly.
    public var queuedBytes = 0
    public var closedTooSlow = 0
    public var closedNoPong = 0
    public var closedNoHello = 0
    public var httpRequests = 0

    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.connections += right.connections
        sum.sockets += right.sockets
        sum.opened += right.opened
        sum.refused += right.refused
        sum.rejected += right.rejected
        sum.messagesReceived += right.messagesReceived
        sum.bytesReceived += right.bytesReceived
        sum.broadcasts += right.broadcasts
        sum.framesSent += right.framesSent
        sum.bytesSent += right.bytesSent
        sum.sends += right.sends
        sum.stalled += right.stalled
        sum.queuedBytes += right.queuedBytes
        sum.closedTooSlow += right.closedTooSlow
        sum.closedNoPong += right.closedNoPong
        sum.closedNoHello += right.closedNoHello
        sum.httpRequests += right.httpRequests
        return sum
    }

    public init() {}
}
