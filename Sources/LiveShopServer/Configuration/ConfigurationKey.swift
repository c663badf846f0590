// The one list of what `serve` can be told besides its command line's own affairs: every flag and every
// setting, with its name, what it may be, and where its value lives. A new flag is one more line here
// and its declaration in the command.

import LiveSession
import Logging
import WebSocketTransport

public struct ConfigurationKey: Sendable {
    enum Value: Hashable, Sendable {
        case one(SettingValue)
        case list([String])
        /// Not set, and what happens then.
        case none(String)
    }

    /// As in files: `trusted_proxy`.
    public let name: String
    /// What it may be: "HOST:PORT, as in 127.0.0.1:8080".
    public let takes: String
    /// Whether it may have several values, or none.
    public let isList: Bool
    let read: @Sendable (Configuration) -> Value
    /// False when the values are not of the right form. Gets exactly one, unless it is a list.
    let write: @Sendable (inout Configuration, [String]) -> Bool

    public var variable: String { Self.variablePrefix + name.uppercased() }
    static let variablePrefix = "LIVESHOP_"

    /// `--trusted-proxy`.
    static func flag(_ name: String) -> String {
        "--" + name.split(separator: "_", omittingEmptySubsequences: false).joined(separator: "-")
    }

    static func underscored(_ name: String) -> String {
        name.split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_")
    }

    public static func named(_ name: String) -> ConfigurationKey? { byName[name] }
    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// Every key: the flags in the order of the help, then the settings.
    public static let all: [ConfigurationKey] = flags + ShowSetting.all.map(setting)

    private static let flags: [ConfigurationKey] = [
        text("data", "a directory", \.server.data),
        ConfigurationKey(
            name: "listen", takes: "HOST:PORT, as in 127.0.0.1:8080 or [::1]:8080", isList: false,
            read: {
                let address = ListenAddress(host: $0.server.host, port: $0.server.port)
                return .one(.text(address.description))
            },
            write: {
                guard let address = ListenAddress($1[0]) else { return false }
                $0.server.host = address.host
                $0.server.port = address.port
                return true
            }),
        choice("guests", \.server.guests) { $0.server.guestPolicy },
        choice("payment", \.server.payment) { $0.server.takesTestPayment ? .test : .external },
        list("origin", "web origins, as in https://shop.example:8443, or *", \.server.origins) {
            $0 == "*" || isOrigin($0)
        },
        list(
            "trusted_proxy", "addresses or CIDR ranges, as in 10.0.0.0/8", \.server.trustedProxies
        ) { AddressRange($0) != nil },
        ConfigurationKey(
            name: "public_url",
            takes: "where clients reach the server, as in https://shop.example", isList: false,
            read: {
                $0.server.publicURL.map { .one(.text($0)) }
                    ?? .none("scheme and host of each request")
            },
            write: {
                guard let socket = PublicURL.socket($1[0]) else { return false }
                $0.server.publicURL = socket
                return true
            }),
        ConfigurationKey(
            name: "no_dev", takes: "on or off", isList: false,
            read: { .one(.flag(!$0.server.allowsDevelopmentMode)) },
            write: {
                guard let isOn = SettingValue.onOrOff($1[0]) else { return false }
                $0.server.allowsDevelopmentMode = !isOn
                return true
            }),
        ConfigurationKey(
            name: "token_secret_file", takes: "a file", isList: false,
            read: {
                $0.server.tokenSecretFile.map { .one(.text($0)) }
                    ?? .none("secret.key in the data directory")
            },
            write: {
                guard !$1[0].isEmpty else { return false }
                $0.server.tokenSecretFile = $1[0]
                return true
            }),
        number("loops", 1...64, \.server.loops) { .one(.integer($0.server.loopCount)) },
        number("max_connections", 1...(1 << 24), \.server.connectionsMax) { _ in
            .none("what the descriptor limit allows")
        },
        choice("log_level", \.logLevel),
        choice("log_format", \.logFormat),
        ConfigurationKey(
            name: "shutdown_seconds", takes: "a whole number from 0 to 60", isList: false,
            read: { .one(.integer($0.server.shutdownSeconds)) },
            write: {
                guard let seconds = Int($1[0]), (0...60).contains(seconds) else { return false }
                $0.server.shutdownSeconds = seconds
                return true
            }),
    ]

    private static func setting(_ setting: ShowSetting) -> ConfigurationKey {
        ConfigurationKey(
            name: setting.name, takes: setting.takes, isList: false,
            read: { .one(setting.value(in: $0.server.settings)) },
            write: {
                guard let value = setting.parse($1[0]) else { return false }
                return setting.set(value, in: &$0.server.settings) == nil
            })
    }

    private static func isOrigin(_ text: String) -> Bool {
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            let authority = text.dropFirst(scheme.count)
            return !authority.isEmpty && !authority.contains { "/?#@, ".contains($0) }
        }
        return false
    }
}

// MARK: Kinds of keys

extension ConfigurationKey {
    private typealias Path<T> = any WritableKeyPath<Configuration, T> & Sendable
    private typealias Choice = RawRepresentable<String> & CaseIterable & SendableMetatype

    private static func text(
        _ name: String, _ takes: String, _ path: Path<String>
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name, takes: takes, isList: false,
            read: { .one(.text($0[keyPath: path])) },
            write: {
                guard !$1[0].isEmpty else { return false }
                $0[keyPath: path] = $1[0]
                return true
            })
    }

    private static func list(
        _ name: String, _ takes: String, _ path: Path<[String]>,
        isRight: @escaping @Sendable (String) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name, takes: takes, isList: true,
            read: { .list($0[keyPath: path]) },
            write: {
                guard $1.allSatisfy(isRight) else { return false }
                $0[keyPath: path] = $1
                return true
            })
    }

    private static func number(
        _ name: String, _ range: ClosedRange<Int>, _ path: Path<Int?>,
        whenUnset: @escaping @Sendable (Configuration) -> Value
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name,
            takes: "a whole number from \(range.lowerBound) to \(range.upperBound)", isList: false,
            read: { configuration in
                configuration[keyPath: path].map { .one(.integer($0)) }
                    ?? whenUnset(configuration)
            },
            write: {
                guard let number = Int($1[0]), range.contains(number) else { return false }
                $0[keyPath: path] = number
                return true
            })
    }

    private static func choice<C: Choice>(_ name: String, _ path: Path<C>) -> ConfigurationKey {
        choice(name, read: { $0[keyPath: path] }, write: { $0[keyPath: path] = $1 })
    }

    /// A choice that is made by other values as long as nobody makes it.
    private static func choice<C: Choice>(
        _ name: String, _ path: Path<C?>, inForce: @escaping @Sendable (Configuration) -> C
    ) -> ConfigurationKey {
        choice(name, read: inForce, write: { $0[keyPath: path] = $1 })
    }

    private static func choice<C: Choice>(
        _ name: String, read: @escaping @Sendable (Configuration) -> C,
        write: @escaping @Sendable (inout Configuration, C) -> Void
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name,
            takes: "one of " + C.allCases.map(\.rawValue).joined(separator: ", "), isList: false,
            read: { .one(.text(read($0).rawValue)) },
            write: {
                guard let choice = C(rawValue: $1[0]) else { return false }
                write(&$0, choice)
                return true
            })
    }
}
