// `liveshop serve`: runs the server until SIGTERM or SIGINT.

import ArgumentParser
import Dispatch
import FoundationEssentials
import Glibc
import LiveShopClient
import LiveShopServer
import Logging
import WireProtocol

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the server.",
        discussion: """
            Prints one line on standard output when it is ready; logs go to standard
            error. On a loopback address it runs in development mode: guests may claim,
            orders are paid with test money. --no-dev, --trusted-proxy or an --origin that
            is not loopback end that.

            A flag or a setting may also be a line of the file (trusted_proxy: [10.0.0.0/8],
            hold_seconds: 120) or a variable of the environment (LIVESHOP_HOLD_SECONDS).
            A flag wins over the environment, that over the file.

            SIGTERM and SIGINT stop it in good order; SIGHUP, SIGUSR1 and SIGUSR2 do nothing.

            Examples:
              liveshop serve
              liveshop serve --data /var/lib/liveshop --listen 0.0.0.0:8080 --guests view
              liveshop serve --listen 127.0.0.1:0 --set hold_seconds=120
              liveshop serve --config /etc/liveshop/liveshop.yaml --print-config
            """)

    @OptionGroup var flags: ServeFlags
    @OptionGroup var file: ConfigOption
    @OptionGroup var form: OutputOption

    @Flag(help: "Print what is in force and where each value came from, and end.")
    var printConfig = false

    func run() async throws {
        let configuration = try inForce()
        if printConfig { return print(configuration) }
        let level = configuration.logLevel
        let format = configuration.logFormat
        LoggingSystem.bootstrap { _ in LineLogHandler(format: format, level: level) }
        let log = Logger(label: "liveshop")
        ServerSignals.outliveOthers()
        for warning in configuration.warnings { log.warning("\(warning)") }
        // A viewer is a descriptor: as many as the system lets us have.
        _ = raiseDescriptorLimit()
        let server: Server
        do {
            server = try await Server.start(configuration.server, log: log) { reason in
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
        let signals = await ServerSignals()
        Output.line("liveshop: listening on ws://\(server.address)/v1/socket")
        let signal = await signals.stop { other in
            log.notice("\(other) is ignored: nothing is read again before a restart")
        }
        log.notice("stopping on \(signal)")
        server.stop()
    }

    private func inForce() throws -> Configuration {
        let environment = ProcessInfo.processInfo.environment
        let file = try self.file.read(or: environment[Configuration.configVariable])
        return try configuring { () throws(ConfigurationProblem) in
            try Configuration(flags: flags.entries(), environment: environment, file: file)
        }
    }

    private func print(_ configuration: Configuration) {
        for warning in configuration.warnings { Output.error("liveshop: warning: \(warning)") }
        switch form.output {
        case .text: configuration.yamlLines().forEach(Output.line)
        case .json:
            for key in ConfigurationKey.all {
                var json = JSONWriter(capacity: 128)
                configuration.writeJSON(key, to: &json)
                Output.line(String(decoding: json.bytes, as: UTF8.self))
            }
        }
    }
}

/// The signals that a server hears once it serves. None of them ends the process where it stands.
private struct ServerSignals {
    private static let stopping = [SIGTERM: "SIGTERM", SIGINT: "SIGINT"]
    /// A closed terminal and logrotate send SIGHUP; neither is a reason to break off a show.
    private static let others = [SIGHUP: "SIGHUP", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2"]

    private let numbers: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    /// From here on only those that stop it end the process: they may have to while it starts.
    static func outliveOthers() {
        for number in others.keys { signal(number, SIG_IGN) }
    }

    /// Returns when all are watched: one that came a moment earlier would be ignored.
    init() async {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        numbers = stream
        var watched: [any DispatchSourceSignal] = []
        for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            await withCheckedContinuation { isWatched in
                source.setRegistrationHandler { isWatched.resume() }
                source.resume()
            }
            watched.append(source)
        }
        sources = watched
    }

    /// Returns the name of the first that stops the server; says which others came before it.
    func stop(_ ignored: (String) -> Void) async -> String {
        for await number in numbers {
            if let name = Self.stopping[number] { return name }
            if let name = Self.others[number] { ignored(name) }
        }
        return ""
    }
}
