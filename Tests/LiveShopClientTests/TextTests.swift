// The small pure parts: server addresses, printable text, glances at JSON, HTTP answers.

import Testing

@testable import LiveShopClient

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080", "127.0.0.1", 8080, false),
        ("http://shop.example:81/", "shop.example", 81, false),
        ("HTTPS://shop.example:8443", "shop.example", 8443, true),
        ("https://shop.example", "shop.example", 443, true),
        ("http://shop.example", "shop.example", 80, false),
        ("ws://localhost:8080/v1/socket", "localhost", 8080, false),
        ("ws://localhost:8080", "localhost", 8080, false),
        ("wss://h:1/v1/socket", "h", 1, true),
        ("ws://[::1]:8080/v1/socket", "::1", 8080, false),
        ("http://[::1]", "::1", 80, false),
    ])
    func `the four schemes are read`(
        text: String, host: String, port: UInt16, isSecure: Bool
    ) throws {
        let address = try ServerAddress(text)
        #expect(address == ServerAddress(host: host, port: port, isSecure: isSecure))
    }

    @Test(arguments: [
        "", "localhost:8080", "ftp://h:1", "http://", "http://:80", "http://h:0", "http://h:65536",
        "http://h:+80", "http://h:x", "http://h:", "http://h:80/v1/socket", "ws://h:80/other",
        "http://user@h:80", "http://h:80?x=1", "http://h:80#f", "http://a b:80", "http://::1:80",
        "http://[::1", "http://[::1]80", "http://h\n:80", "ws://h:80/v1/socket/",
    ])
    func `anything else is refused with the right form`(text: String) {
        let error = #expect(throws: ServerAddress.Malformed.self) { try ServerAddress(text) }
        #expect(error?.message.contains("ws://HOST:PORT/v1/socket") == true)
        #expect(error?.message.contains("\n") == false)
    }

    @Test(arguments: [
        ("localhost", true), ("LocalHost", true), ("127.0.0.1", true), ("127.255.1.2", true),
        ("[::1]", true), ("127.evil.example", false), ("127.0.0.1.evil.example", false),
        ("localhost.evil.example", false), ("127.0.0", false), ("127.0.0.256", false),
        ("127.0..1", false), ("128.0.0.1", false), ("[::2]", false), ("10.0.0.1", false),
    ])
    func `only localhost and loopback addresses are this machine`(
        host: String, isLoopback: Bool
    ) throws {
        #expect(try ServerAddress("http://\(host):1").isLoopback == isLoopback)
    }

    @Test func `an address is written back with brackets where needed`() throws {
        #expect(try ServerAddress("http://[::1]:90").description == "http://[::1]:90")
        #expect(try ServerAddress("ws://h:90").description == "http://h:90")
    }
}

@Suite struct PrintableTests {
    @Test func `control characters and overrides are replaced`() {
        let text = "a\u{1B}[2J\u{7}\n\t\u{9B}\u{202E}\u{2066}b\u{7F}"
        #expect(
            printable(text) == "a\u{FFFD}[2J" + String(repeating: "\u{FFFD}", count: 6)
                + "b\u{FFFD}")
    }

    @Test func `ordinary text of any script passes, a long one is cut`() {
        #expect(printable("Grüße 日本 🎉") == "Grüße 日本 🎉")
        #expect(printable("abcdef", limit: 3) == "abc…")
    }
}

@Suite struct SkimTests {
    private let bytes = Array(#"{"a":{"b":"}\"","c":[1,{"d":2}]},"n":-12,"s":"x","e":"\n"}"#.utf8)

    @Test func `members are found past nested values`() {
        let span = bytes.span
        let n = JSONSkim.member("n", of: 0, in: span)
        #expect(n.flatMap { JSONSkim.integer(at: $0, in: span) } == -12)
        let a = JSONSkim.member("a", of: 0, in: span)
        #expect(a.flatMap { JSONSkim.member("c", of: $0, in: span) } != nil)
        #expect(a.flatMap { JSONSkim.member("n", of: $0, in: span) } == nil)
        #expect(JSONSkim.member("zz", of: 0, in: span) == nil)
    }

    @Test func `only text without escapes is plain`() {
        let span = bytes.span
        let s = JSONSkim.member("s", of: 0, in: span)
        let e = JSONSkim.member("e", of: 0, in: span)
        #expect(s.flatMap { JSONSkim.plainText(at: $0, in: span) } == "x")
        #expect(e.flatMap { JSONSkim.plainText(at: $0, in: span) } == nil)
    }

    @Test func `cut and mutilated text never traps`() {
        for cut in 0...bytes.count {
            let piece = Array(bytes[..<cut])
            _ = MessageGlance(piece.span)
            _ = JSONSkim.member("e", of: 0, in: piece.span)
            _ = JSONSkim.skipValue(piece.span, 0)
        }
        var random = SeededRandom(seed: 5)
        for _ in 0..<5000 {
            var mutated = bytes
            for _ in 0..<3 {
                mutated[Int.random(in: 0..<mutated.count, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            _ = MessageGlance(mutated.span)
            _ = JSONSkim.member("e", of: 0, in: mutated.span)
        }
    }

    @Test(arguments: [
        #"{"type":"claim.held","show":"spring","offset":41,"time":"x","data":{}}"#,
        #"{"type":"chat.message","show":"spring","time":"x","data":{}}"#,
        #"{"type":"event.odd","show":"spring","offset":99999999999999999999,"time":"x"}"#,
        #"{"type":"show.odd","show":7,"offset":3}"#,
        #"{"type":"","show":"","offset":3}"#,
        #"{"type":"reply","id":7,"data":{}}"#,
        #"{"type":5,"show":"a","offset":1}"#,
    ])
    func `the short way and the long way see the same`(text: String) {
        // A blank in front of the first member sends the text the long way.
        let short = MessageGlance(Array(text.utf8).span)
        let long = MessageGlance(Array(("{ " + text.dropFirst()).utf8).span)
        #expect(short?.kind == long?.kind)
        #expect(short?.type.lowerBound == long.map { $0.type.lowerBound - 1 })
        #expect(short?.type.count == long?.type.count)
        for cut in 0..<text.utf8.count {
            _ = MessageGlance(Array(text.utf8.prefix(cut)).span)
        }
    }

    @Test func `a number out of range is none`() {
        let huge = Array("99999999999999999999".utf8)
        #expect(JSONSkim.integer(at: 0, in: huge.span) == nil)
        #expect(JSONSkim.integer(at: 20, in: huge.span) == nil)
        #expect(JSONSkim.integer(at: -1, in: huge.span) == nil)
    }

    @Test func `a message is split at its newlines, blank ones skipped`() {
        var lines: [String] = []
        let message = Array("{\"a\":1}\n\n{\"b\":2}\n".utf8)
        forEachObject(in: message.span) { lines.append(String(decoding: Array($0), as: UTF8.self)) }
        #expect(lines == ["{\"a\":1}", "{\"b\":2}"])
    }
}

@Suite struct HTTPAnswerTests {
    private func parse(_ text: String) -> HTTPClient.Response? {
        HTTPClient.parse(Array(text.utf8))
    }

    @Test func `a body with a length is read`() throws {
        let response = try #require(
            parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A:  b \r\n\r\nhi"))
        #expect(response.status == 200)
        #expect(response.body == Array("hi".utf8))
        #expect(response.headers["x-a"] == "b")
    }

    @Test func `a chunked body is put together`() {
        let text =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        #expect(parse(text)?.body == Array("abcde".utf8))
    }

    @Test(arguments: [
        "", "HTTP/1.1 200", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\na",
    ])
    func `half an answer is none`(text: String) {
        #expect(parse(text) == nil)
    }
}
