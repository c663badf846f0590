// What a server is told at start. Filled from flags, environment and file by the program; used as they
// are by tests, which run a server in their own process.

import Glibc
public import LiveSession
import WebSocketTransport
import WireProtocol

public struct ServerOptions: Sendable {
    public enum Payment: String, Sendable, CaseIterable { case test, external }

    public var data: String
    public var host = "127.0.0.1"
    /// 0 picks one.
    public var port = 8080
    /// Nil: as development mode decides.
    public var guests: GuestPolicy?
    public var payment: Payment?
    /// Web origins that may connect, besides the server's own; `*` is any.
    public var origins: [String] = []
    /// Ranges of addresses whose `X-Forwarded-For` is believed.
    public var trustedProxies: [String] = []
    /// Where clients find the WebSocket, `wss://shop.example/v1/socket`; nil: where they came from.
    public var publicURL: String?
    public var allowsDevelopmentMode = true
    public var tokenSecretFile: String?
    /// Event loops; nil: one less than there are cores.
    public var loops: Int?
    public var connectionsMax: Int?
    public var shutdownSeconds = 4
    /// Presets for every show.
    public var settings = ShowSettings()

    public init(data: String) { self.data = data }

    /// Whether anybody who reaches the port may buy with test money: on loopback only, and only when
    /// nothing says that strangers are let in.
    public var isDevelopment: Bool {
        allowsDevelopmentMode && trustedProxies.isEmpty && ListeningHost.loopback(host) != nil
            && origins.allSatisfy { origin in
                let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
                return parts.count == 3 && Authority(String(parts[2]))?.isLoopback ?? false
            }
    }

    /// The same with the host looked up, once and for all: what depends on where the server listens then
    /// depends on the address that is bound, whatever a name's next answer is.
    func settled() -> ServerOptions {
        var options = self
        if let address = ListeningHost.loopback(host) {
            options.host = address
        } else {
            options.allowsDevelopmentMode = false
        }
        return options
    }

    /// The addresses that the client of a request should connect to. In development mode it is on this
    /// machine, whatever its request says.
    func sockets(for request: HTTPRequest, listening address: String) -> [String] {
        if let publicURL { return [publicURL] }
        let origin = request.reachedAt ?? (isDevelopment ? "ws://" + address : nil)
        return origin.map { [$0 + TransportConfiguration().socketPath] } ?? []
    }

    var guestPolicy: GuestPolicy { guests ?? (isDevelopment ? .claim : .view) }
    var loopCount: Int { loops ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1) }
    var takesTestPayment: Bool { (payment ?? (isDevelopment ? .test : .external)) == .test }

    func transport() throws -> TransportConfiguration {
        var transport = TransportConfiguration()
        transport.host = host
        transport.port = port
        transport.loops = loopCount
        transport.connectionsMax = connectionsMax
        transport.connectionsPerAddressMax = settings.connectionsPerAddressMax
        transport.joinsPerSecondPerAddressMax = settings.joinsPerSecondPerAddressMax
        // The engine counts the time for `hello`; this is the net for connections it never hears of.
        transport.helloSeconds = 60
        transport.bodyRule = { .refused(ShowEngine.refusal(ofBodyIn: $0)) }
        transport.pingSeconds = settings.pingSeconds
        transport.pongSeconds = settings.pongSeconds
        transport.sendQueueBytes = settings.sendQueueBytes
        transport.exemptsLoopbackAddresses = isDevelopment
        transport.developmentMode = isDevelopment
        transport.origins =
            origins.contains("*") ? .any : origins.isEmpty ? .own : .listed(origins)
        transport.trustedProxies = try trustedProxies.map { text in
            guard let range = AddressRange(text) else {
                throw ServerFailure("--trusted-proxy: \(text) is no address or CIDR range")
            }
            return range
        }
        return transport
    }
}

/// Why a server, or a command on its data, cannot do what it was told: one line for people.
public struct ServerFailure: Error, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
