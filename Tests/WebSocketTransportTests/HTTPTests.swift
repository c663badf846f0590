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
        ("GET /v1/socket HTTP/1.1\r\nHost: a\r\n\r\n", 426),
    ])
    func `is refused`(_ request: String, _ status: Int) throws {
        let server = try TestServer { $0.bodyBytesMax = 1000 }
        let client = RawClient(port: server.port)
        client.send(request)
        #expect(client.readHTTP()?.status == status)
        client.finishSending()
        #expect(client.readsEnd())
    }

    @Test(arguments: ["BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:80 HTTP/1.1\r\n\r\n"])
    func `an unknown method ends the connection`(_ request: String) throws {
        let server = try TestServer()
        let client = RawClient(port: server.port)
        client.send(request)
        #expect(client.readsEnd())
        #expect(RawClient(port: server.port).open()?.status == 101)
    }

    @Test func `a refused upload is answered although the client still sends`() throws {
        let server = try TestServer { $0.bodyBytesMax = 1000 }
        let client = RawClient(port: server.port)
        client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n")
        client.send([UInt8](repeating: 65, count: 500_000))
        #expect(client.readHTTP()?.status == 413)
        client.finishSending()
        #expect(client.readsEnd())
    }

    @Test func `many requests leave nothing behind`() throws {
        let server = try TestServer()
        for _ in 0..<200 {
            _ = try exchange(server, "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        }
        #expect(server.transport.statistics().httpRequests == 200)
    }
}
