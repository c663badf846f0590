// The header of a request, on bytes.

import Testing

@testable import WebSocketTransport

struct RequestReaderTests {
    private func read(_ text: String) throws -> RequestReader? {
        try Array(text.utf8).withUnsafeBytes { bytes throws(Refusal) in try RequestReader(bytes) }
    }

    @Test func `a header is read, without the blanks around its values`() throws {
        let text =
            "GET /v1/shows?after=1 HTTP/1.1\r\nHost:shop.example\r\nOrigin: \t https://a.example \t\r\n"
            + "X-Forwarded-For: 1.1.1.1\r\nx-forwarded-FOR:\t2.2.2.2\r\nX-Empty:\r\nCookie: a\r\n"
            + "Cookie: b\r\n\r\n"
        let reader = try #require(try read(text + "more"))
        #expect(reader.length == text.utf8.count)
        #expect(reader.method == "GET" && reader.isHTTP11)
        #expect(reader.target.path == "/v1/shows" && reader.target.query == "after=1")
        #expect(reader.value("host") == "shop.example")
        #expect(reader.value("origin") == "https://a.example")
        #expect(reader.value("x-forwarded-for") == "1.1.1.1, 2.2.2.2")
        #expect(reader.value("x-empty") == "" && reader.value("x-other") == nil)
        #expect(reader.dictionary()["x-forwarded-for"] == "1.1.1.1, 2.2.2.2")
        #expect(reader.dictionary()["cookie"] == "a; b")
        #expect(reader.has("x-forwarded-", asPrefix: true) && !reader.has("x-forwarded-"))
        #expect(!reader.has("x-forwarded-for-long", asPrefix: true))
    }

    @Test func `a header is unfinished until its empty line is there`() throws {
        let text = "\r\nGET / HTTP/1.0\r\nHost: a\r\nX: \u{FC}\r\n\r\n"
        for count in 0..<text.utf8.count {
            #expect(try read(String(decoding: text.utf8.prefix(count), as: UTF8.self)) == nil)
        }
        #expect(try read(text)?.isHTTP11 == false)
    }

    @Test func `16384 bytes are a header, one more is too large, and so is line 101`() throws {
        func text(of size: Int) -> String {
            let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
            let filler = String(repeating: "x", count: size - frame.utf8.count)
            return frame.replacing("X: ", with: "X: " + filler)
        }
        #expect(try read(text(of: 16_384))?.length == 16_384)
        #expect(throws: RequestReader.tooLarge) { try read(text(of: 16_385)) }
        #expect(throws: RequestReader.tooLarge) { try read(String(text(of: 16_400).dropLast(4))) }
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        #expect(try read(start + String(repeating: "X:\r\n", count: 98) + "\r\n") != nil)
        #expect(throws: RequestReader.tooLarge) {
            try read(start + String(repeating: "X:\r\n", count: 99) + "\r\n")
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\nHost: a\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\rX: b", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{0}", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{7F}", 400),
        ("\u{16}\u{3}\u{1}", 400), ("\r\n\r\n", 400), ("GET /\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1 \r\n\r\n", 400), (" GET / HTTP/1.1\r\n\r\n", 400),
        ("G@T / HTTP/1.1\r\n\r\n", 400),
        ("GET / http/1.1\r\n\r\n", 505), ("GET / HTTP/2.0\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\n", 505),
        ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501), ("get / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a:0\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\tfolded: x\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\n: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            400
        ),
    ])
    func `is refused`(text: String, status: Int) {
        let refusal = #expect(throws: Refusal.self) { try read(text) }
        #expect(refusal?.status == status)
    }

    @Test func `an old client need not name a host`() throws {
        #expect(try read("GET /healthz HTTP/1.0\r\n\r\n")?.value("host") == nil)
    }
}
