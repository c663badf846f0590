// `liveshop serve`: runs the server until SIGTERM or SIGINT.

import ArgumentParser
import Dispatch
import Glibc
import LiveSession
import LiveShopClient
import LiveShopServer
import Logging

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the server.",
        discussion: """
            Prints one line on standard output when it is ready; logs go to standard error.
            On a loopback address it runs in development mode: guests may claim, orders are paid with
            test money. --no-dev, --trusted-proxy or an --origin that is not loopback end that.

            Examples:
              liveshop serve
              liveshop serve --data /var/lib/liveshop --listen 0.0.0.0:8080 --guests view
              liveshop serve --listen 127.0.0.1:0 --set hold_seconds=120
            """)

    @Option(help: ArgumentHelp("The data directory; made when it is not there.", valueName: "dir"))
    var data = "./liveshop-data"

    @Option(
        help: ArgumentHelp("Where to listen; port 0 picks one.", valueName: "host:port"),
        transform: ListenAddress.parse)
    var listen = ListenAddress(host: "127.0.0.1", port: 8080)

    @Option(help: "What people without a token may do: claim, chat, view or deny.")
    var guests: GuestPolicy?

    @Option(help: "test: order.pay settles orders with test money; external: the shop does.")
    var payment: ServerOptions.Payment?

    @Option(
        name: .customLong("origin"),
        help: ArgumentHelp(
            "A web origin that may connect besides the server's own; * is any. Repeatable.",
            valueName: "origin"))
    var origins: [String] = []

    @Option(
        name: .customLong("trusted-proxy"),
        help: ArgumentHelp(
            "Addresses whose X-Forwarded-For is believed. Repeatable.", valueName: "cidr"))
    var trustedProxies: [String] = []

    @Flag(help: "No development mode, also on a loopback address.")
    var noDev = false

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting for every show. Repeatable.", valueName: "name=value"),
        transform: PresetSetting.parse)
    var settings: [PresetSetting] = []

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the HS256 key (default: DIR/secret.key).", valueName: "file"
        ))
    var tokenSecretFile: String?

    @Option(help: "Event loops (default: one less than there are cores).")
    var loops: Int?

    @Option(help: "Connections in all (default: what the descriptor limit allows).")
    var maxConnections: Int?

    @Option(help: "Connections of one address.")
    var maxConnectionsPerAddress: Int?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = Logger.Level.notice

    @Option(help: "text or json.")
    var logFormat = LogFormat.text

    @Option(help: "How long a stop may take to close connections, in seconds.")
    var shutdownSeconds = 4

    func validate() throws {
        if let loops, !(1...64).contains(loops) {
            throw ValidationError("--loops takes a whole number from 1 to 64")
        }
        if let maxConnections, maxConnections < 1 {
            throw ValidationError("--max-connections takes a whole number from 1")
        }
        if let maxConnectionsPerAddress, maxConnectionsPerAddress < 1 {
            throw ValidationError("--max-connections-per-address takes a whole number from 1")
        }
        guard (0...60).contains(shutdownSeconds) else {
            throw ValidationError("--shutdown-seconds takes a whole number from 0 to 60")
        }
    }

    func run() async throws {
        let level = logLevel
        let format = logFormat
        LoggingSystem.bootstrap { _ in LineLogHandler(format: format, level: level) }
        let log = Logger(label: "liveshop")
        let server: Server
        do {
            server = try await Server.start(options(), log: log) { reason in
                log.critical("\(reason)")
                _exit(1)
            }
        } catch let failure as ServerFailure {
            throw CommandFailure(failure.description)
        }
        if server.isDevelopment {
            log.warning(
                "development mode: anyone who reaches this port may buy with test money")
        }
        let signals = StopSignals()
        Output.line("liveshop: listening on ws://\(server.address)/v1/socket")
        let signal = await signals.first()
        log.notice("stopping on \(signal)")
        server.stop()
    }

    private func options() -> ServerOptions {
        var options = ServerOptions(data: data)
        options.host = listen.host
        options.port = listen.port
        options.guests = guests
        options.payment = payment
        options.origins = origins
        options.trustedProxies = trustedProxies
        options.allowsDevelopmentMode = !noDev
        options.tokenSecretFile = tokenSecretFile
        options.loops = loops
        options.connectionsMax = maxConnections
        options.shutdownSeconds = shutdownSeconds
        for setting in settings { setting.apply(to: &options.settings) }
        if let maxConnectionsPerAddress {
            options.settings.connectionsPerAddressMax = maxConnectionsPerAddress
        }
        return options
    }
}

/// Waits for SIGTERM or SIGINT, which then no longer end the process by themselves.
private struct StopSignals {
    private let names: AsyncStream<String>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        names = stream
        sources = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(name) }
            source.resume()
            return source
        }
    }

    /// The name of the first that comes.
    func first() async -> String {
        for await name in names { return name }
        return ""
    }
}

/// `--listen`: a host or address, and a port.
struct ListenAddress: Sendable {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    @Sendable
    static func parse(_ text: String) throws -> ListenAddress {
        let wrong = ValidationError(
            "'\(printable(text, limit: 100))' is no address: write HOST:PORT, "
                + "as in 127.0.0.1:8080 or [::1]:8080")
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
        else { throw wrong }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw wrong
        }
        guard !host.isEmpty else { throw wrong }
        return ListenAddress(host: host, port: port)
    }
}
