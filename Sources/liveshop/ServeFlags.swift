// The flags of `serve` that a configuration file may hold as well. They are taken as text: Configuration
// checks a flag, a variable and a line of a file alike.

import ArgumentParser
import LiveSession
import LiveShopServer
import Logging

struct ServeFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The data directory; made when it is not there (default: ./liveshop-data).",
            valueName: "dir"), completion: .directory)
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Where to listen; port 0 picks one (default: 127.0.0.1:8080).", valueName: "host:port"))
    var listen: String?

    @Option(
        help: "What people without a token may do: claim, chat, view or deny.",
        completion: choices(GuestPolicy.self))
    var guests: String?

    @Option(
        help: "test: order.pay settles orders with test money; external: the shop does.",
        completion: choices(ServerOptions.Payment.self))
    var payment: String?

    @Option(
        help: ArgumentHelp(
            "A web origin that may connect besides the server's own; * is any. Repeatable.",
            valueName: "origin"))
    var origin: [String] = []

    @Option(
        help: ArgumentHelp(
            "Addresses whose X-Forwarded-For is believed. Repeatable.", valueName: "cidr"))
    var trustedProxy: [String] = []

    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp(
            "Where clients reach the server, for the address of its WebSocket in HTTP answers "
                + "(default: as each request came).", valueName: "url"))
    var publicURL: String?

    @Flag(help: "No development mode, also on a loopback address.")
    var noDev = false

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting for every show; --print-config lists them. Repeatable.",
            valueName: "name=value"),
        completion: .list(ShowSetting.all.map { $0.name + "=" }))
    var presets: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the HS256 key (default: DIR/secret.key).", valueName: "file"
        ), completion: .file())
    var tokenSecretFile: String?

    @Option(help: "Event loops (default: one less than there are cores).")
    var loops: String?

    @Option(help: "Connections in all (default: what the descriptor limit allows).")
    var maxConnections: String?

    @Option(help: "Connections of one address (default: 2000).")
    var maxConnectionsPerAddress: String?

    @Option(
        help: "trace, debug, info, notice, warning, error or critical (default: notice).",
        completion: choices(Logger.Level.self))
    var logLevel: String?

    @Option(help: "text or json (default: text).", completion: choices(LogFormat.self))
    var logFormat: String?

    @Option(help: "How long a stop may take to close connections, in seconds (default: 4).")
    var shutdownSeconds: String?

    /// What was given.
    func entries() throws(ConfigurationProblem) -> [ConfigurationEntry] {
        let single = [
            ("data", data), ("listen", listen), ("guests", guests), ("payment", payment),
            ("public_url", publicURL), ("no_dev", noDev ? "on" : nil),
            ("token_secret_file", tokenSecretFile),
            ("loops", loops), ("max_connections", maxConnections),
            ("max_connections_per_address", maxConnectionsPerAddress), ("log_level", logLevel),
            ("log_format", logFormat), ("shutdown_seconds", shutdownSeconds),
        ]
        var entries = single.compactMap { name, value in
            value.map { ConfigurationEntry(flag: name, [$0]) }
        }
        for (name, values) in [("origin", origin), ("trusted_proxy", trustedProxy)]
        where !values.isEmpty {
            entries.append(ConfigurationEntry(flag: name, values))
        }
        for preset in presets { entries.append(try ConfigurationEntry(preset: preset)) }
        return entries
    }
}

private func choices<C: RawRepresentable<String> & CaseIterable>(_ type: C.Type) -> CompletionKind {
    .list(type.allCases.map(\.rawValue))
}
