// What an address may look like, on bytes: the one judge of paths.

import Testing

@testable import WebSocketTransport

struct RequestTargetTests {
    @Test(arguments: [
        ("/", "/", ""), ("/v1/shows", "/v1/shows", ""), ("/v1/shows/", "/v1/shows/", ""),
        ("/v1/shows/a%20b?after=1&flag", "/v1/shows/a%20b", "after=1&flag"),
        ("/%76%31/%73hows", "/v1/shows", ""), ("/a%2Fb", "/a%2Fb", ""), ("/a%2fb", "/a%2Fb", ""),
        ("/%c3%bc", "/%C3%BC", ""), ("/a:b@c!$&'()*+,;=", "/a:b@c!$&'()*+,;=", ""),
        ("/.well-known/x", "/.well-known/x", ""), ("/...", "/...", ""),
        ("/a..b/c.", "/a..b/c.", ""),
        ("/%252e%252e", "/%252e%252e", ""), ("/a?", "/a", ""),
        ("/a?b//../c", "/a", "b%2F%2F..%2Fc"),
        ("/a?x=1+2&&y=%26&z=a=b", "/a", "x=1%202&y=%26&z=a%3Db"), ("/a?&x&", "/a", "x"),
        ("/a?q=%C3%BC", "/a", "q=%C3%BC"),
    ])
    func `is read`(target: String, path: String, query: String) throws {
        let read = try RequestTarget(target.utf8.span)
        #expect(read.path == path)
        #expect(read.query == query)
    }

    @Test(arguments: [
        // Dot segments, however they are written.
        "/..", "/../x", "/v1/../v1/shows", "/v1/./shows", "/.", "/v1/.", "/v1/..", "/%2e%2e/x",
        "/%2E/x",
        "/.%2e/x", "/v1/%2e%2E", "/v1%2f..%2fx", "/v1/..%2fx", "/v1%5c..%5cx", "/..;a=b/x", "/.;/x",
        // Empty segments.
        "//", "//v1/shows", "/v1//shows", "/v1/shows//", "/%2f", "/v1/%2fshows", "/v1%2f%2fshows",
        "/%5cx",
        // Control characters, in path and query.
        "/%00", "/x%0d%0aX:1", "/x%0A", "/x%1f", "/x%7F", "/x%09", "/x?a=%00", "/x?%0d%0a",
        "/x?a%7f",
        "/x\u{1}", "/x\ty", "/x?a\u{7F}",
        // Not of its form.
        "", "x", "*", "http://shop.example/v1/shows", "?a", "/x%", "/x%2", "/x%zz", "/x%g0",
        "/x%2g",
        "/x#y", "/a\\b", "/ü", "/x?ü", "/x y",
        // Not UTF-8.
        "/%ff", "/%c0%ae%c0%ae/x", "/%ed%a0%80",
    ])
    func `is refused`(target: String) {
        let refusal = #expect(throws: Refusal.self) { try RequestTarget(target.utf8.span) }
        #expect(refusal?.status == 400)
    }

    @Test func `no control character gets through, in any place`() {
        for code in Array(UInt8(0)...0x1F) + [0x7F] {
            let digits = String(code, radix: 16)
            let escaped = "%" + (digits.count == 1 ? "0" + digits : digits)
            for target in ["/\(escaped)", "/a\(escaped)b", "/a/\(escaped)", "/a?b=\(escaped)"] {
                #expect(throws: Refusal.self) { try RequestTarget(target.utf8.span) }
            }
            #expect(throws: Refusal.self) { try RequestTarget([0x2F, 0x61, code].span) }
        }
    }

    @Test func `what is written again reads the same`() throws {
        var random = SystemRandomNumberGenerator()
        let letters = Array("/.%2eEfF?&=+;ab5c0d\\".utf8)
        for _ in 0..<20_000 {
            let target =
                [0x2F]
                + (0..<Int.random(in: 0...12, using: &random)).map { _ in letters.randomElement()! }
            guard let read = try? RequestTarget(target.span) else { continue }
            let again = read.query.isEmpty ? read.path : read.path + "?" + read.query
            #expect(
                try RequestTarget(again.utf8.span) == read,
                "\(String(decoding: target, as: UTF8.self))")
        }
    }
}
