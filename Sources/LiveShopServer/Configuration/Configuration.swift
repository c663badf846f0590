// What a server is told, put together from its sources: a flag wins over the environment, that over the
// file, that over the default. Pure: the program reads flags, environment and file and hands them in.

import Inventory
public import LiveSession
public import Logging

public enum LogFormat: String, Sendable, CaseIterable { case text, json }

public struct Configuration: Sendable {
    public internal(set) var server = ServerOptions(data: "./liveshop-data")
    public internal(set) var logLevel = Logger.Level.notice
    public internal(set) var logFormat = LogFormat.text
    /// What looks like a mistake but is allowed, a sentence each.
    public private(set) var warnings: [String] = []
    /// Where the values come from, by name; what is missing is a default.
    private var sources: [String: ConfigurationSource] = [:]

    /// The defaults.
    init() {}

    /// Entries of `flags` are taken in their order, the last wins. Variables that belong to other
    /// things than the configuration are let be; those that begin with LIVESHOP_ and are unknown give
    /// a warning, because another program's are not ours to refuse.
    public init(
        flags: [ConfigurationEntry], environment: [String: String], file: ConfigurationFile?
    ) throws(ConfigurationProblem) {
        for entry in file?.entries ?? [] { try apply(entry) }
        for entry in ConfigurationEntry.environment(environment) { try apply(entry) }
        for entry in flags { try apply(entry) }
        warnings = Self.unknown(environment)
        let holdSeconds = server.settings.stock.holdSeconds
        if holdSeconds < 30 {
            warnings.append(
                "hold_seconds is \(holdSeconds): few buyers order in less than 30 seconds")
        }
    }

    func source(of key: ConfigurationKey) -> ConfigurationSource {
        sources[key.name] ?? .builtIn
    }

    private mutating func apply(_ entry: ConfigurationEntry) throws(ConfigurationProblem) {
        let key = try ConfigurationKey.of(entry)
        guard key.write(&self, entry.values) else { throw key.problem(entry) }
        sources[entry.name] = entry.source
    }

    // MARK: Environment

    /// Variables of the program that are no configuration of a server.
    private static let otherVariables = [configVariable, "LIVESHOP_TOKEN", "LIVESHOP_BIN"]

    /// Names the file, as `--config` does.
    public static let configVariable = "LIVESHOP_CONFIG"

    private static func unknown(_ environment: [String: String]) -> [String] {
        let known = ConfigurationKey.all.map(\.variable) + otherVariables
        return environment.keys
            .filter { $0.hasPrefix(ConfigurationKey.variablePrefix) && !known.contains($0) }
            .sorted()
            .map { "unknown variable \($0)" + ConfigurationProblem.guess($0, among: known) }
    }
}

extension ConfigurationKey {
    /// The key that an entry names, if it has as many values as that takes.
    static func of(_ entry: ConfigurationEntry) throws(ConfigurationProblem) -> ConfigurationKey {
        guard let key = named(entry.name) else {
            throw ConfigurationProblem(
                "\(entry.source): unknown setting '\(entry.name)'"
                    + ConfigurationProblem.guess(
                        entry.name, among: all.map(\.name),
                        else: " ('liveshop serve --print-config' lists them)"))
        }
        guard key.isList || entry.values.count == 1 else { throw key.problem(entry) }
        return key
    }

    func problem(_ entry: ConfigurationEntry) -> ConfigurationProblem {
        let found =
            isList || entry.values.count == 1
            ? "'\(entry.values.joined(separator: ", "))'" : "a list"
        return ConfigurationProblem("\(entry.source.subject(name)) takes \(takes), not \(found)")
    }
}

extension ConfigurationFile {
    /// The file as the settings of one show; what is the server's alone is refused.
    public func showSettings() throws(ConfigurationProblem) -> [(name: String, value: SettingValue)]
    {
        var settings: [(name: String, value: SettingValue)] = []
        for entry in entries {
            let key = try ConfigurationKey.of(entry)
            guard let setting = ShowSetting.named(entry.name), setting.scope != .server else {
                throw ConfigurationProblem(
                    "\(entry.source): \(entry.name) is a matter of the server, not of a show")
            }
            var trial = ShowSettings()
            guard let value = setting.parse(entry.values[0]), setting.set(value, in: &trial) == nil
            else { throw key.problem(entry) }
            settings.append((entry.name, value))
        }
        return settings
    }
}
