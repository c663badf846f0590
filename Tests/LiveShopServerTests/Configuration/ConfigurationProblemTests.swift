// What is wrong with a configuration is said once: where, what, and what is right.

import LiveSession
import Testing

@testable import LiveShopServer

@Suite struct ConfigurationProblemTests {
    private static let seconds = "a whole number from 1 to 259200"
    private static let holdSeconds = "hold_seconds takes \(seconds)"
    private static let listen = "HOST:PORT, as in 127.0.0.1:8080 or [::1]:8080"
    private static let origin =
        "origin takes web origins, as in https://shop.example:8443, or *"
    private static let proxies = "addresses or CIDR ranges, as in 10.0.0.0/8"
    private static let publicURL =
        "public_url takes where clients reach the server, as in https://shop.example"
    private static let nested =
        "has lines of its own, but settings are not nested: write each in the first column"
    private static let list = "('liveshop serve --print-config' lists them)"
    private static let anchors = "anchors (&) and aliases (*) are not taken; write the value"

    @Test(arguments: [
        // Names.
        ("\n\nhold_second: 5\n", "3: unknown setting 'hold_second', did you mean 'hold_seconds'?"),
        ("lisen: a:1", "1: unknown setting 'lisen', did you mean 'listen'?"),
        ("trusted-prox: []", "1: unknown setting 'trusted_prox', did you mean 'trusted_proxy'?"),
        ("nonsense: 5", "1: unknown setting 'nonsense' \(list)"),
        ("<<: {pins: 1}", "1: '<<' \(nested)"),
        ("5: 5", "1: unknown setting '5' \(list)"),
        ("[a]: 5", "1: the name of a setting is expected"),
        // Values.
        ("# x\nhold_seconds: 0", "2: \(holdSeconds), not '0'"),
        ("hold_seconds: 12:30", "1: \(holdSeconds), not '12:30'"),
        ("hold_seconds: 1.0", "1: \(holdSeconds), not '1.0'"),
        ("hold_seconds: 99999999999999999999", "1: \(holdSeconds), not '99999999999999999999'"),
        ("replay_sales: maybe", "1: replay_sales takes on or off, not 'maybe'"),
        ("chat: all", "1: chat takes one of everyone, off, not 'all'"),
        ("listen: 8080", "1: listen takes \(listen), not '8080'"),
        ("guests: buy", "1: guests takes one of claim, chat, view, deny, not 'buy'"),
        ("origin: shop.example", "1: \(origin), not 'shop.example'"),
        ("origin: [https://a, https://b/c]", "1: \(origin), not 'https://a, https://b/c'"),
        ("trusted_proxy: nginx", "1: trusted_proxy takes \(proxies), not 'nginx'"),
        ("public_url: shop.example", "1: \(publicURL), not 'shop.example'"),
        ("public_url: http://0.0.0.0:80", "1: \(publicURL), not 'http://0.0.0.0:80'"),
        ("data: \"\"", "1: data takes a directory, not ''"),
        ("pins: [1]\nhold_seconds: [1, 2]", "2: \(holdSeconds), not a list"),
        ("pins:", "1: pins has no value; remove the line for the default"),
        ("pins: ~", "1: pins has no value; remove the line for the default"),
        // Form.
        ("pins: 1\nhold_seconds: 5\npins: 2", "1: pins is set twice, first here"),
        ("hold-seconds: 5\nhold_seconds: 5", "2: hold_seconds is set twice"),
        ("server:\n  listen: a:1", "1: 'server' \(nested)"),
        ("origin:\n- [https://a]", "2: origin has a list or lines of its own within its list"),
        ("pins: &a 1\nhold_seconds: 5", "1: \(anchors)"),
        ("origin: &a [https://a]", "1: \(anchors)"),
        ("pins: *a", "1: not valid YAML: found undefined alias"),
        ("- pins", "1: a configuration is lines of 'name: value'"),
        ("pins", "1: a configuration is lines of 'name: value'"),
        ("pins: 1\n---\npins: 2", "2: not valid YAML: but found another document"),
        (
            "pins: 1\n\thold_seconds: 2",
            "2: not valid YAML: found a tab character that violates indentation"
        ),
        (
            "pins: 1\n hold_seconds: 2",
            "2: not valid YAML: mapping values are not allowed in this context"
        ),
        ("origin: [", "2: not valid YAML: did not find expected node content"),
    ])
    func `a file`(text: String, message: String) throws {
        let problem = #expect(throws: ConfigurationProblem.self) {
            let file = try ConfigurationFile(path: "f.yaml", bytes: Array(text.utf8))
            return try Configuration(flags: [], environment: [:], file: file)
        }
        #expect(problem?.description == "f.yaml:" + message)
    }

    @Test func `a file that is not UTF-8`() {
        let problem = #expect(throws: ConfigurationProblem.self) {
            try ConfigurationFile(path: "f.yaml", bytes: [0x70, 0xFF])
        }
        #expect(problem?.description == "f.yaml: the file is not UTF-8")
    }

    @Test(arguments: [1, 999, 20_000])
    func `deep nesting ends in an error`(depth: Int) {
        let text = "origin: " + String(repeating: "[", count: depth)
        #expect(throws: ConfigurationProblem.self) {
            try ConfigurationFile(path: "f.yaml", bytes: Array(text.utf8))
        }
    }

    @Test(arguments: ["", "\n", "# nothing\n", "---\n", "---\n...\n", "\u{FEFF}# mark\n", "~"])
    func `an empty file says nothing`(text: String) throws {
        #expect(try ConfigurationFile(path: "f", bytes: Array(text.utf8)).entries.isEmpty)
    }

    @Test func `words that YAML 1.1 takes for something else are taken as written`() throws {
        let file = try ConfigurationFile(
            path: "f", bytes: Array("chat: off\nreplay_sales: yes\nclaim_feed: 'off'\n".utf8))
        let settings = try Configuration(flags: [], environment: [:], file: file).server.settings
        #expect(settings.chat == .off)
        #expect(settings.replaySales)
        #expect(settings.claimFeed == .off)
    }

    @Test(arguments: [
        ("LIVESHOP_HOLD_SECONDS", "x", "LIVESHOP_HOLD_SECONDS takes \(seconds), not 'x'"),
        ("LIVESHOP_LISTEN", "", "LIVESHOP_LISTEN takes \(listen), not ''"),
        (
            "LIVESHOP_TRUSTED_PROXY", "10.0.0.1,x",
            "LIVESHOP_TRUSTED_PROXY takes \(proxies), not '10.0.0.1, x'"
        ),
    ])
    func `a variable`(name: String, value: String, message: String) {
        let problem = #expect(throws: ConfigurationProblem.self) {
            try Configuration(flags: [], environment: [name: value], file: nil)
        }
        #expect(problem?.description == message)
    }

    @Test(arguments: [
        ("public_url", "ftp://x", "--\(publicURL.replacing("_", with: "-")), not 'ftp://x'"),
        ("loops", "0", "--loops takes a whole number from 1 to 64, not '0'"),
        (
            "shutdown_seconds", "61",
            "--shutdown-seconds takes a whole number from 0 to 60, not '61'"
        ),
        ("hold_seconds", "0", "--set: \(holdSeconds), not '0'"),
    ])
    func `a flag`(name: String, value: String, message: String) {
        let problem = #expect(throws: ConfigurationProblem.self) {
            let entry = try ConfigurationEntry(said: name, value)
            return try Configuration(flags: [entry], environment: [:], file: nil)
        }
        #expect(problem?.description == message)
    }

    @Test(arguments: [
        ("hold_seconds", "--set takes NAME=VALUE, not 'hold_seconds'"),
        (
            "hold_secnods=5",
            "--set: there is no setting 'hold_secnods', did you mean 'hold_seconds'?"
        ),
        ("trusted-proxy=::1", "--set: 'trusted_proxy' has a flag of its own: --trusted-proxy"),
    ])
    func `a preset`(text: String, message: String) {
        let problem = #expect(throws: ConfigurationProblem.self) {
            try ConfigurationEntry(preset: text)
        }
        #expect(problem?.description == message)
    }

    @Test func `a file for one show`() throws {
        let file = try ConfigurationFile(
            path: "f", bytes: Array("hold_seconds: 600\nchat: off\n".utf8))
        let settings = try file.showSettings()
        #expect(settings.map(\.name) == ["hold_seconds", "chat"])
        #expect(settings.map(\.value) == [.integer(600), .text("off")])
    }

    @Test(arguments: [
        ("pins: 1\nping_seconds: 5", "f:2: ping_seconds is a matter of the server, not of a show"),
        ("listen: a:1", "f:1: listen is a matter of the server, not of a show"),
        ("pin: 1", "f:1: unknown setting 'pin', did you mean 'pins'?"),
        ("pins: 4", "f:1: pins takes a whole number from 1 to 3, not '4'"),
    ])
    func `a file for one show that is none`(text: String, message: String) {
        let problem = #expect(throws: ConfigurationProblem.self) {
            try ConfigurationFile(path: "f", bytes: Array(text.utf8)).showSettings()
        }
        #expect(problem?.description == message)
    }
}
