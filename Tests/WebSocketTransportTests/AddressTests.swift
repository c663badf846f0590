// Addresses as proxies, clients and operators write them.

import Testing

@testable import WebSocketTransport

struct AddressTests {
    @Test(arguments: [
        ("203.0.113.4", "203.0.113.4"), ("203.0.113.4:51234", "203.0.113.4"),
        (" 203.0.113.4:1\t", "203.0.113.4"), ("\"203.0.113.4:51234\"", "203.0.113.4"),
        ("\" 203.0.113.4 \"", "203.0.113.4"), ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"),
        ("\"[2001:DB8::1]:443\"", "2001:db8::1"), ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"), ("::ffff:203.0.113.4", "203.0.113.4"),
        ("[::ffff:203.0.113.4]:8080", "203.0.113.4"), ("203.0.113.4:0", "203.0.113.4"),
    ])
    func `a forwarded address is read`(text: String, address: String) {
        #expect(NetworkAddress(forwarded: text[...])?.text == address)
    }

    @Test(arguments: [
        "", " ", "unknown", "_hidden", "203.0.113", "203.0.113.4:", "203.0.113.4:x",
        "203.0.113.4:65536",
        "203.0.113.4:123456", "203.0.113.4:-1", "203.0.113.4:+1", "[203.0.113.4]:80",
        "[2001:db8::1",
        "2001:db8::1]:80", "[2001:db8::1]80", "[2001:db8::1]:", "[[::1]]", "\"203.0.113.4",
        "203.0.113.4\"",
        "\"\"", "[]", ":80", "shop.example:80", "for=203.0.113.4", "203.0.113.4%eth0",
        "1.2.3.4 5.6.7.8",
        "0x7f.0.0.1", "203.0.113.4:１",
    ])
    func `is no forwarded address`(text: String) {
        #expect(NetworkAddress(forwarded: text[...]) == nil)
    }

    @Test func `the client is the last untrusted address; what is garbage hides what is in front`()
    {
        let proxies = ["10.0.0.0/8", "2001:db8:ffff::/48"].compactMap { AddressRange($0) }
        func client(_ forwarded: String?, behind peer: String = "10.0.0.1") -> String? {
            NetworkAddress(peer).map { proxies.client(behind: $0, forwardedFor: forwarded).text }
        }
        #expect(
            client(nil) == "10.0.0.1" && client("") == "10.0.0.1" && client(" , ,") == "10.0.0.1")
        #expect(client("203.0.113.4:5, 198.51.100.7:51234") == "198.51.100.7")
        #expect(client("203.0.113.4, [2001:db8::7]:443 ,10.1.2.3:80, ,") == "2001:db8::7")
        #expect(client("\"[2001:db8::7]:443\",\"[2001:db8:ffff::1]:80\"") == "2001:db8::7")
        #expect(client("203.0.113.4, unknown") == "10.0.0.1")
        #expect(client("203.0.113.4, unknown, 10.5.5.5:1") == "10.5.5.5")
        #expect(client("10.0.0.2, 10.0.0.3:7") == "10.0.0.2")
        #expect(client("203.0.113.4", behind: "192.0.2.1") == "192.0.2.1")
    }

    @Test(arguments: [
        ("shop.example", "shop.example", Int?.none), ("Shop.Example:8080", "shop.example", 8080),
        ("localhost.", "localhost.", nil), ("a_b-c.example:", "a_b-c.example", nil),
        ("203.0.113.4:65535", "203.0.113.4", 65_535), ("[2001:DB8::1]:443", "[2001:db8::1]", 443),
        ("[::1]", "[::1]", nil),
    ])
    func `a host is read`(text: String, host: String, port: Int?) {
        #expect(Authority(text)?.host == host)
        #expect(Authority(text)?.port == port)
    }

    @Test(arguments: [
        "", ":80", ".", "..", "a..b", ".a", "a b", "a\"b", "a/b", "a?b", "a#b", "u@a", "a:b", "a:0",
        "a:65536",
        "a:080808", "a:80:80", "a:-1", "a,b", "ü.example", "a\r\nX:1", "a\\b", "a%41", "127.1",
        "0x7f.0.0.1",
        "2130706433", "1.2.3.256", "[::1", "::1", "[::1]x", "[1.2.3.4]", "[fe80::1%25eth0]", "[]",
        "<a>",
        String(repeating: "a", count: 64) + ".example",
    ])
    func `is no host`(text: String) { #expect(Authority(text) == nil) }

    @Test(arguments: [
        ("https://shop.example", "wss://shop.example/v1/socket"),
        ("http://shop.example:8080/", "ws://shop.example:8080/v1/socket"),
        ("wss://Shop.Example/v1/socket", "wss://shop.example/v1/socket"),
        ("WS://[2001:db8::1]:81", "ws://[2001:db8::1]:81/v1/socket"),
    ])
    func `a public URL is brought into one form`(text: String, socket: String) {
        #expect(PublicURL.socket(text) == socket)
        #expect(PublicURL.socket(socket) == socket)
    }

    @Test(arguments: [
        "", "shop.example", "//shop.example", "ftp://shop.example", "https:shop.example",
        "https://",
        "https:///v1/socket", "https://shop.example/live", "https://shop.example/v1/socket/",
        "https://shop.example?x", "https://shop.example/?x", "https://shop.example#x",
        "https://u@shop.example",
        "https://shop.example:0", "https://0.0.0.0:8080", "https://[::]", " https://shop.example",
        "https://shop.example ", "https://a\"b",
    ])
    func `is no public URL`(text: String) { #expect(PublicURL.socket(text) == nil) }

    @Test func `a client is told the address it came by, and nothing that leads nowhere`() throws {
        func origin(
            _ host: String?, for client: String = "203.0.113.9", behindProxy: Bool = true,
            proto: String? = nil, forwardedHost: String? = nil, secure: Bool = false,
            development: Bool = false
        ) throws -> String? {
            let head = RequestHead(
                host: host, forwardedHost: forwardedHost, forwardedProto: proto)
            return RequestOrigin(head, isSecure: secure, isBehindProxy: behindProxy)
                .socketOrigin(
                    for: try #require(NetworkAddress(client)), isDevelopment: development)
        }
        #expect(try origin("shop.example") == "ws://shop.example")
        #expect(try origin("Shop.example:444", proto: "HTTPS") == "wss://shop.example:444")
        #expect(try origin("shop.example", proto: "http, https") == "wss://shop.example")
        #expect(try origin("shop.example", proto: "gopher", secure: true) == "wss://shop.example")
        #expect(try origin("shop.example", proto: "http", secure: true) == "ws://shop.example")
        #expect(
            try origin("app:8080", forwardedHost: "a.example, shop.example") == "ws://shop.example")
        #expect(try origin("shop.example", forwardedHost: "a b") == "ws://shop.example")
        // Only a trusted proxy is believed.
        #expect(
            try origin(
                "shop.example", behindProxy: false, proto: "https", forwardedHost: "evil.example")
                == "ws://shop.example")
        for host in [
            "0.0.0.0:80", "[::]", "127.0.0.1:80", "localhost", "10.0.0.5", "app:8080", "a.local",
            "192.168.1.2", "[fd00::1]", "[fe80::1]", "db.internal", "100.64.0.1", "169.254.1.1",
            "a.svc",
        ] {
            #expect(try origin(host) == nil, "\(host)")
        }
        #expect(try origin(nil) == nil && origin("") == nil && origin("a\"b") == nil)
        #expect(
            try origin("10.0.0.5:81", for: "10.0.0.9", behindProxy: false) == "ws://10.0.0.5:81")
        #expect(try origin("localhost:81", for: "::1", behindProxy: false) == "ws://localhost:81")
        #expect(try origin("0.0.0.0:81", for: "127.0.0.1", behindProxy: false) == nil)
        #expect(try origin("evil.example", for: "127.0.0.1", development: true) == nil)
        #expect(try origin("[::1]:81", for: "127.0.0.1", development: true) == "ws://[::1]:81")
    }
}
