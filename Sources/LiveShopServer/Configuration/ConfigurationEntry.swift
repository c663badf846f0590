// One thing the operator said, and where: in a flag, a variable of the environment or a line of a file.
// The three become entries first, so that names and values are checked in one place (Configuration).

import LiveSession
import WireProtocol

/// Where a value comes from.
public enum ConfigurationSource: Hashable, Sendable, CustomStringConvertible {
    case builtIn
    case file(String, line: Int)
    case environment(String)
    /// `--listen`, or `--set` for the settings that have no flag of their own.
    case flag(String)

    public var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let variable): "environment \(variable)"
        case .flag(let flag): "flag \(flag)"
        }
    }

    /// What takes the value, for the beginning of a complaint.
    func subject(_ name: String) -> String {
        switch self {
        case .builtIn: name
        case .file(let path, let line): "\(path):\(line): \(name)"
        case .environment(let variable): variable
        case .flag("--set"): "--set: \(name)"
        case .flag(let flag): flag
        }
    }
}

/// A name with its values as they were written.
public struct ConfigurationEntry: Hashable, Sendable {
    /// With underscores: `trusted_proxy`.
    public let name: String
    /// One, except for what may be repeated.
    public let values: [String]
    public let source: ConfigurationSource

    init(_ name: String, _ values: [String], from source: ConfigurationSource) {
        self.name = name
        self.values = values
        self.source = source
    }

    /// What a flag said. `name` is a key's, with underscores.
    public init(flag name: String, _ values: [String]) {
        self.init(name, values, from: .flag(ConfigurationKey.flag(name)))
    }

    /// `--set NAME=VALUE`: settings only, because all else has its own flag.
    public init(preset text: String) throws(ConfigurationProblem) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ConfigurationProblem("--set takes NAME=VALUE, not '\(text)'")
        }
        let name = ConfigurationKey.underscored(String(parts[0]))
        if ShowSetting.named(name) == nil {
            if ConfigurationKey.named(name) != nil {
                throw ConfigurationProblem(
                    "--set: '\(name)' has a flag of its own: \(ConfigurationKey.flag(name))")
            }
            throw ConfigurationProblem(
                "--set: there is no setting '\(name)'"
                    + ConfigurationProblem.guess(name, among: ShowSetting.all.map(\.name)))
        }
        self.init(name, [String(parts[1])], from: .flag("--set"))
    }

    /// The variables that name a key. A list is separated by commas.
    static func environment(_ variables: [String: String]) -> [ConfigurationEntry] {
        ConfigurationKey.all.compactMap { key in
            guard let text = variables[key.variable] else { return nil }
            let values =
                key.isList
                ? text.split(separator: ",").map { String($0.drop(while: \.isWhitespace)) }
                : [text]
            return ConfigurationEntry(key.name, values, from: .environment(key.variable))
        }
    }
}

/// Wrong use of a flag, a variable or a file: one line that says where, what, and what is right.
public struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }

    /// The end of a complaint about an unknown name.
    static func guess(
        _ name: String, among names: [String], else otherwise: String = ""
    ) -> String {
        NearMiss.of(name, in: names).map { ", did you mean '\($0)'?" } ?? otherwise
    }
}
