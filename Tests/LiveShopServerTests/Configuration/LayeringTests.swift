// Every key of the configuration, set in each of the three ways: flag over environment over file over
// default.

import Inventory
import LiveSession
import Logging
import Testing

@testable import LiveShopServer

@Suite struct LayeringTests {
    /// For each key of a flag: three values as they are written, none of them the default.
    private static let samples: [String: [String]] = [
        "data": ["/a", "/b", "/c"],
        "listen": ["127.0.0.1:1", "0.0.0.0:2", "[::1]:3"],
        "guests": ["deny", "chat", "view"],
        "payment": ["external", "external", "external"],
        "origin": ["https://a.example", "http://b.example:81", "*"],
        "trusted_proxy": ["10.0.0.0/8", "fd00::/8", "192.0.2.1"],
        "public_url": ["https://a.example", "ws://b.example:81/v1/socket", "http://c.example/"],
        "no_dev": ["on", "yes", "true"],
        "token_secret_file": ["/a", "/b", "/c"],
        "loops": ["2", "3", "64"],
        "max_connections": ["10", "20", "30"],
        "log_level": ["trace", "error", "critical"],
        "log_format": ["json", "json", "json"],
        "shutdown_seconds": ["0", "1", "60"],
    ]

    private static func samples(of key: ConfigurationKey) -> [String] {
        guard let setting = ShowSetting.named(key.name) else { return samples[key.name] ?? [] }
        switch setting.kind {
        case .flag: return ["on", "on", "on"]
        case .choice(let choices):
            let inForce = setting.value(in: ShowSettings()).description
            let others = choices.filter { $0 != inForce }
            return [others[0], others[others.count - 1], others[0]]
        case .integer(let range):
            guard case .integer(let inForce) = setting.value(in: ShowSettings()) else { return [] }
            // The low end of some ranges is only 0.
            return [
                range.upperBound - 1, range.upperBound, (range.lowerBound + range.upperBound) / 2,
            ]
            .map { $0 == inForce ? inForce + 1 : $0 }
            .map { String(range.contains($0) ? $0 : range.lowerBound) }
        }
    }

    @Test func `a byte-order mark before a configuration is no part of it`() throws {
        let file = try ConfigurationFile(
            path: "c", bytes: Array("\u{FEFF}listen: a:1\nloops: 2\n".utf8))
        #expect(file.entries.map(\.name) == ["listen", "loops"])
    }

    @Test func `every key has samples`() {
        #expect(ConfigurationKey.all.allSatisfy { Self.samples(of: $0).count == 3 })
    }

    @Test(arguments: ConfigurationKey.all.map(\.name))
    func `a flag wins over the environment, that over the file, that over the default`(
        name: String
    ) throws {
        let key = try #require(ConfigurationKey.named(name))
        let samples = Self.samples(of: key)
        let file = try ConfigurationFile(
            path: "f.yaml", bytes: Array("\n\(name): \"\(samples[0])\"\n".utf8))
        let environment = [key.variable: samples[1]]
        let flag = try ConfigurationEntry(said: name, samples[2])

        let byDefault = Configuration()
        #expect(byDefault.source(of: key) == .builtIn)
        let byFile = try Configuration(flags: [], environment: [:], file: file)
        #expect(byFile.source(of: key) == .file("f.yaml", line: 2))
        #expect(key.read(byFile) != key.read(byDefault) || name == "payment")
        let byEnvironment = try Configuration(flags: [], environment: environment, file: file)
        #expect(byEnvironment.source(of: key) == .environment(key.variable))
        let byFlag = try Configuration(flags: [flag], environment: environment, file: file)
        #expect(byFlag.source(of: key) == flag.source)

        for (configuration, sample) in zip([byFile, byEnvironment, byFlag], samples) {
            var expected = configuration
            #expect(key.write(&expected, [sample]))
            #expect(key.read(expected) == key.read(configuration))
        }
    }

    @Test func `the values reach the server's options`() throws {
        let configuration = try Configuration(
            flags: [
                ConfigurationEntry(flag: "listen", ["[::1]:99"]),
                ConfigurationEntry(flag: "origin", ["https://a", "https://b"]),
                ConfigurationEntry(flag: "no_dev", ["on"]),
                ConfigurationEntry(preset: "hold_seconds=45"),
                ConfigurationEntry(preset: "hold-seconds=46"),
            ],
            environment: ["LIVESHOP_GUESTS": "chat", "LIVESHOP_TRUSTED_PROXY": "10.0.0.1, ::1"],
            file: ConfigurationFile(
                path: "f", bytes: Array("max-connections: 7\nlog_level: debug\n".utf8)))
        #expect(configuration.server.host == "::1")
        #expect(configuration.server.port == 99)
        #expect(configuration.server.origins == ["https://a", "https://b"])
        #expect(!configuration.server.allowsDevelopmentMode)
        #expect(configuration.server.settings.stock.holdSeconds == 46)
        #expect(configuration.server.guests == .chat)
        #expect(configuration.server.trustedProxies == ["10.0.0.1", "::1"])
        #expect(configuration.server.connectionsMax == 7)
        #expect(configuration.logLevel == .debug)
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `a list replaces the list of a lower layer`() throws {
        let file = try ConfigurationFile(
            path: "f", bytes: Array("origin: [https://a, https://b]\ntrusted_proxy: []".utf8))
        let byFile = try Configuration(flags: [], environment: [:], file: file)
        #expect(byFile.server.origins == ["https://a", "https://b"])
        #expect(byFile.server.trustedProxies == [])
        let byFlag = try Configuration(
            flags: [ConfigurationEntry(flag: "origin", ["https://c"])], environment: [:],
            file: file)
        #expect(byFlag.server.origins == ["https://c"])
    }

    @Test(arguments: [
        (
            "LIVESHOP_HOLD_SECOND",
            "unknown variable LIVESHOP_HOLD_SECOND, "
                + "did you mean 'LIVESHOP_HOLD_SECONDS'?"
        ),
        ("LIVESHOP_ZZZZZZZZ", "unknown variable LIVESHOP_ZZZZZZZZ"),
    ])
    func `an unknown variable is a warning`(variable: String, warning: String) throws {
        let configuration = try Configuration(
            flags: [], environment: [variable: "1"], file: nil)
        #expect(configuration.warnings == [warning])
    }

    @Test func `variables that are no configuration are let be`() throws {
        let configuration = try Configuration(
            flags: [],
            environment: ["LIVESHOP_TOKEN": "x", "LIVESHOP_CONFIG": "f", "HOLD_SECONDS": "x"],
            file: nil)
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `a very short hold is a warning`() throws {
        let configuration = try Configuration(
            flags: [ConfigurationEntry(preset: "hold_seconds=29")], environment: [:], file: nil)
        #expect(
            configuration.warnings
                == ["hold_seconds is 29: few buyers order in less than 30 seconds"])
    }
}

extension ConfigurationEntry {
    /// Said on the command line: with the key's own flag, or with `--set` when it has none.
    init(said name: String, _ value: String) throws(ConfigurationProblem) {
        if ShowSetting.named(name) == nil {
            self.init(flag: name, [value])
        } else {
            try self.init(preset: "\(name)=\(value)")
        }
    }
}
