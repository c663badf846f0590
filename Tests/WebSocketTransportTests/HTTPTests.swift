// Plain HTTP beside the WebSockets: requests of all kinds, bodies and answers of any size, refusals.

import Testing
import WebSocketTransport
import WireProtocol

struct HTTPTests {
    /// Sends a request and answers it; what the client got.
    private func exchange(
        _ server: TestServer, _ request: String, body: [UInt8] = [], hasBody: Bool = true,
        _ response: HTTPResponse = HTTPResponse(status: 200, body: Array("answer".utf8))
    ) throws -> HTTPReply {
        let client = RawClient(port: server.port)
        client.send(request)
        client.send(body)
        guard case .request(let id, _, _, _) = try #require(server.next()) else {
            throw TestServer.Surprise(what: "no request")
        }
        server.deliver { $0.respond(response, to: id) }
        let reply = try #require(client.readHTTP(hasBody: hasBody))
        #expect(reply.headers["connection"] == "close")
        #expect(client.readsEnd())
        return reply
    }

    @Test func `a GET arrives with path, query and headers, and is answered`() throws {
        let server = try TestServer { $0.customHeaders = ["idempotency-key"] }
        let reply = try exchange(
            server,
            "GET /v1/shows/a%20b?after=1&name=%C3%BC%26x&flag HTTP/1.1\r\nHost: localhost\r\n"
                + "Authorization: Bearer t\r\nIdempotency-Key: k-1\r\n\r\n",
            HTTPResponse(
                status: 201, headers: [("Content-Type", "text/plain"), ("X-Bad", "a\r\nb: c")],
                body: Array("made".utf8)))
        #expect(reply.status == 201)
        #expect(reply.text == "made")
        #expect(reply.headers["content-type"] == "text/plain")
        #expect(reply.headers["x-bad"] == nil && reply.headers["b"] == nil)
        let request = try #require(server.lastRequest)
        #expect(request.method == .get)
        #expect(request.path == "/v1/shows/a%20b")
        #expect(request.query == "after=1&name=%C3%BC%26x&flag")
        #expect(request.headers["authorization"] == "Bearer t")
        #expect(request.headers["idempotency-key"] == "k-1")
        #expect(request.address == "127.0.0.1")
    }

    @Test func `a HEAD is answered without a body`() throws {
        let server = try TestServer()
        let reply = try exchange(
            server, "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", hasBody: false)
        #expect(reply.headers["content-length"] == "6")
        #expect(server.lastRequest?.method == .head)
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func `a body is collected`(_ method: String) throws {
        let server = try TestServer()
        _ = try exchange(
            server, "\(method) /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhel",
            body: Array("lo".utf8))
        #expect(server.lastRequest?.body == Array("hello".utf8))
        #expect(server.lastRequest?.method.rawValue == method)
    }

    @Test func `a POST with an empty body is complete`() throws {
        let server = try TestServer()
        _ = try exchange(
            server, "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        #expect(server.lastRequest?.body == [])
        #expect(server.transport.statistics().httpRequests == 1)
    }

    @Test func `large bodies and large answers arrive whole`() throws {
        let server = try TestServer()
        let body = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let reply = try exchange(
            server, "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n",
            body: body, HTTPResponse(status: 200, body: body + body + body))
        #expect(server.lastRequest?.body == body)
        #expect(reply.body == body + body + body)
    }

    @Test func `Expect 100-continue is met`() throws {
        let server = try TestServer()
        let client = RawClient(port: server.port)
        client.send(
            "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
                + "Expect: 100-continue\r\n\r\n")
        #expect(client.readHTTP()?.status == 100)
        client.send("body")
        guard case .request(let id, _, _, _) = try #require(server.next()) else { return }
        server.deliver { $0.respond(HTTPResponse(status: 204), to: id) }
        #expect(client.readHTTP()?.status == 204)
    }

    @Test(arguments: [
        ("POST /x HTTP/1.1\r\nHost: a\r\n\r\n", 411),
        (
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
            411
        ),
        ("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\nabc", 413),
        ("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        ("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n", 400),
        ("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", 400),
        ("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello", 400),
        ("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nhello", 400),
        (
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400
        ),
        ("GET /v1/../v1/shows HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET //v1/shows HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /v1/shows%0d%0aX:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /v1/shows HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET /v1/shows HTTP/1.1\nHost: a\n\n", 400),
        ("GET /v1/shows HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("GET /v1/socket HTTP/1.1\r\nHost: a\r\n\r\n", 426),
    ])
    func `is refused`(_ request: String, _ status: Int) throws {
        let server = try TestServer { $0.bodyRule = { _ in .upTo(1000) } }
        let client = RawClient(port: server.port)
        client.send(request)
        #expect(client.readHTTP()?.status == status)
        client.finishSending()
        #expect(client.readsEnd())
    }

    @Test(arguments: [
        "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func `an unknown method is answered 501`(_ request: String) throws {
        let server = try TestServer()
        let client = RawClient(port: server.port)
        client.send(request)
        #expect(client.readHTTP()?.status == 501)
        #expect(client.readsEnd())
        #expect(RawClient(port: server.port).open()?.status == 101)
    }

    @Test func `a refused upload is answered although the client still sends`() throws {
        let server = try TestServer { $0.bodyRule = { _ in .upTo(1000) } }
        let client = RawClient(port: server.port)
        client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 16777216\r\n\r\n")
        client.send([UInt8](repeating: 65, count: 16 << 20))
        #expect(client.readHTTP()?.status == 413)
        client.finishSending()
        #expect(client.readsEnd())
    }

    @Test(arguments: [
        "Content-Length: 5", "Transfer-Encoding: chunked", "content-length:0000016777216",
    ])
    func `where no body is taken one is refused before it is read, and never asked for`(
        _ field: String
    ) throws {
        let server = try TestServer {
            $0.bodyRule = { request in
                request.path == "/x" ? .refused(HTTPResponse(status: 405)) : .upTo(1)
            }
        }
        let client = RawClient(port: server.port)
        client.send("POST /x HTTP/1.1\r\nHost: a\r\n\(field)\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.readHTTP()?.status == 405)
        client.send("hello")
        client.finishSending()
        #expect(client.readsEnd())
        // Without a body the owner has the word.
        let bodiless = try exchange(
            server, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        #expect(bodiless.status == 200)
    }

    @Test func `bodies are reserved by their announced size, and given back however they end`()
        throws
    {
        let server = try TestServer {
            $0.bodyRule = { _ in .upTo(1000) }
            $0.bodyBytesTotalMax = 2000
        }
        func upload(_ length: Int, _ sent: Int) -> RawClient {
            let client = RawClient(port: server.port)
            client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
            client.send([UInt8](repeating: 65, count: sent))
            return client
        }
        func isRefused() -> Bool { upload(1000, 0).readHTTP()?.status == 503 }
        // One waits for its body, one for its answer.
        var unfinished: RawClient? = upload(1000, 1)
        let whole = upload(1000, 1000)
        guard case .request(let id, _, _, _) = try #require(server.next()) else { return }
        #expect(unfinished != nil && isRefused())
        // Answered: room for one.
        server.deliver { $0.respond(HTTPResponse(status: 204), to: id) }
        #expect(whole.readHTTP()?.status == 204)
        #expect(whole.readsEnd())
        whole.finishSending()
        let next = upload(1000, 1000)
        guard case .request = try #require(server.next()) else { return }
        #expect(isRefused())
        // Gone in the middle of its body: room again, once the server has seen it.
        unfinished = nil
        #expect(server.counts { $0.sockets == 1 })
        let last = upload(1000, 1000)
        guard case .request = try #require(server.next()) else { return }
        #expect(isRefused())
        _ = (next, last)
    }

    @Test func `a header over the limit is answered 431, and the operator told once`() throws {
        let server = try TestServer()
        for _ in 0..<3 {
            let client = RawClient(port: server.port)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n")
            for _ in 0..<20 {
                client.send("X-Big: " + String(repeating: "x", count: 1000) + "\r\n")
            }
            #expect(client.readHTTP()?.status == 431)
            client.finishSending()
            #expect(client.readsEnd())
        }
        #expect(server.logged.filter { $0.contains("header") }.count == 1)
    }

    @Test func `a header and a body may come byte by byte`() throws {
        let server = try TestServer()
        let client = RawClient(port: server.port)
        for byte in "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody".utf8 {
            client.send([byte])
        }
        guard case .request(let id, _, let path, _) = try #require(server.next()) else { return }
        #expect(path == "/slow")
        #expect(server.lastRequest?.body == Array("body".utf8))
        server.deliver { $0.respond(HTTPResponse(status: 204), to: id) }
        #expect(client.readHTTP()?.status == 204)
    }

    @Test func `a client that ends before its request does is let go`() throws {
        let server = try TestServer()
        for part in [
            "", "G", "GET / HTTP/1.1\r\nHost: a\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
        ] {
            let client = RawClient(port: server.port)
            client.send(part)
            client.finishSending()
            #expect(client.readsEnd(), "\(part)")
        }
        let whole = RawClient(port: server.port)
        whole.send("GET / HTTP/1.0\r\n\r\n")
        whole.finishSending()
        guard case .request(let id, _, _, _) = try #require(server.next()) else { return }
        server.deliver { $0.respond(HTTPResponse(status: 200, body: [65]), to: id) }
        #expect(whole.readHTTP()?.text == "A")
    }

    @Test func `where the client came from is told with its request`() throws {
        let server = try TestServer {
            $0.trustedProxies = ["127.0.0.1"].compactMap { AddressRange($0) }
        }
        let head = "GET / HTTP/1.1\r\nHost: shop.example \t\r\n"
        _ = try exchange(
            server,
            head + "X-Forwarded-For: 203.0.113.4:51234\r\nX-Forwarded-Proto:\thttps \r\n\r\n")
        #expect(server.lastRequest?.address == "203.0.113.4")
        #expect(server.lastRequest?.reachedAt == "wss://shop.example")
        #expect(server.lastRequest?.headers["x-forwarded-proto"] == "https")
        _ = try exchange(server, head + "X-Forwarded-Host: live.example:81\r\n\r\n")
        #expect(server.lastRequest?.reachedAt == "ws://live.example:81")
    }

    @Test func `a proxy that is not trusted is told of once, for requests and upgrades`() throws {
        for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
            let server = try TestServer()
            _ = try exchange(server, "GET / HTTP/1.1\r\nHost: a\r\nVia: x\r\n\r\n")
            #expect(server.logged == [])
            for _ in 0..<2 {
                let request = "GET / HTTP/1.1\r\nHost: a\r\n\(header): 203.0.113.4\r\n\r\n"
                _ = try exchange(server, request)
                _ = server.client([header: "203.0.113.4"])
                _ = server.next()
                _ = server.next()
            }
            #expect(server.logged.count == 1 && server.logged[0].contains("--trusted-proxy"))
        }
    }

    @Test func `many requests leave nothing behind`() throws {
        let server = try TestServer()
        for _ in 0..<200 {
            _ = try exchange(server, "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        }
        #expect(server.transport.statistics().httpRequests == 200)
    }
}
