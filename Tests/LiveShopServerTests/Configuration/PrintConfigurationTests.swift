// `serve --print-config`: its text as a whole, read back, and its JSON.

import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

@Suite struct PrintConfigurationTests {
    private func example() throws -> Configuration {
        try Configuration(
            flags: [
                ConfigurationEntry(flag: "data", ["/srv/a shop: \"x\""]),
                ConfigurationEntry(flag: "loops", ["2"]),
                ConfigurationEntry(preset: "pins=3"),
            ],
            environment: [
                "LIVESHOP_HOLD_SECONDS": "900", "LIVESHOP_ORIGIN": "https://a,https://b",
            ],
            file: ConfigurationFile(
                path: "/etc/liveshop.yaml",
                bytes: Array("hold_seconds: 5\nchat: off\ntoken_secret_file: 'null'\n".utf8)))
    }

    @Test func `the text is a configuration file with its sources`() throws {
        #expect(try example().yamlLines().joined(separator: "\n") == Self.golden)
    }

    @Test func `read back it says the same`() throws {
        let first = try example()
        let file = try ConfigurationFile(
            path: "f", bytes: Array(first.yamlLines().joined(separator: "\n").utf8))
        let second = try Configuration(flags: [], environment: [:], file: file)
        for key in ConfigurationKey.all { #expect(key.read(first) == key.read(second)) }
    }

    @Test(arguments: [
        ("data", #""value":"/srv/a shop: \"x\"","source":"flag","flag":"--data""#),
        ("pins", #""value":3,"source":"flag","flag":"--set""#),
        (
            "hold_seconds",
            #""value":900,"source":"environment","variable":"LIVESHOP_HOLD_SECONDS""#
        ),
        (
            "origin",
            #""value":["https://a","https://b"],"#
                + #""source":"environment","variable":"LIVESHOP_ORIGIN""#
        ),
        ("chat", #""value":"off","source":"file","file":"/etc/liveshop.yaml","line":2"#),
        ("no_dev", #""value":false,"source":"default""#),
        ("max_connections", #""value":null,"source":"default""#),
    ])
    func `as JSON it is an object per value`(name: String, expected: String) throws {
        var json = JSONWriter()
        try example().writeJSON(#require(ConfigurationKey.named(name)), to: &json)
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"name":"\#(name)",\#(expected)}"#)
    }

    private static let golden = #"""
        # What is in force and where it came from. Development mode is off.
        data: "/srv/a shop: \"x\""              # flag --data
        listen: 127.0.0.1:8080                  # default
        guests: view                            # default
        payment: external                       # default
        origin: ["https://a", "https://b"]      # environment LIVESHOP_ORIGIN
        trusted_proxy: []                       # default
        # public_url:                           # default: scheme and host of each request
        no_dev: off                             # default
        token_secret_file: "null"               # /etc/liveshop.yaml:3
        loops: 2                                # flag --loops
        # max_connections:                      # default: what the descriptor limit allows
        log_level: notice                       # default
        log_format: text                        # default
        shutdown_seconds: 4                     # default
        hold_seconds: 900                       # environment LIVESHOP_HOLD_SECONDS
        flash_hold_seconds: 300                 # default
        waitlist_offer_seconds: 300             # default
        payment_seconds: 600                    # default
        hold_warning_seconds: 60                # default
        hold_extension_seconds: 60              # default
        hold_extensions: 10                     # default
        limit_per_buyer: 0                      # default
        active_holds: 10                        # default
        waitlist_max: 10000                     # default
        replay_sales: off                       # default
        claim_feed: names                       # default
        pins: 3                                 # flag --set
        chat: off                               # /etc/liveshop.yaml:2
        chat_length: 200                        # default
        chat_rate: 10                           # default
        chat_rate_seconds: 30                   # default
        chat_per_second: 20                     # default
        slow_mode_seconds: 0                    # default
        request_rate: 600                       # default
        request_burst: 120                      # default
        address_request_rate: 6000              # default
        address_request_burst: 1200             # default
        guests_per_address: 300                 # default
        guest_units: 20                         # default
        guest_units_per_address: 100            # default
        connections_per_participant: 20         # default
        ping_seconds: 25                        # default
        pong_seconds: 10                        # default
        send_queue_bytes: 1048576               # default
        max_connections_per_address: 2000       # default
        joins_per_second_per_address: 200       # default
        """#
}
