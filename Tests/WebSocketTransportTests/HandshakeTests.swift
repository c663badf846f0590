// Who gets in: every rule of the upgrade over a real socket, since libwebsockets checks few of them.

import Testing
import WebSocketTransport
import WireProtocol

struct HandshakeTests {
    @Test func `a correct upgrade is accepted and announced with its address`() throws {
        let server = try TestServer()
        let client = RawClient(port: server.port)
        let reply = try #require(client.open())
        #expect(reply.status == 101)
        #expect(reply.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(reply.headers["sec-websocket-protocol"] == nil)
        #expect(reply.headers["sec-websocket-extensions"] == nil)
        guard case .opened(_, let address) = try #require(server.next()) else {
            return #expect(Bool(false), "not announced")
        }
        #expect(address == "127.0.0.1")
    }

    @Test func `the subprotocol is echoed when it is among those offered`() throws {
        let server = try TestServer()
        for offered in [
            "liveshop.v1", "chat, liveshop.v1", "liveshop.v1,other", "\tliveshop.v1 ",
            String(repeating: "x", count: 200) + ", liveshop.v1",
        ] {
            let reply = RawClient(port: server.port).open(["Sec-WebSocket-Protocol": offered])
            #expect(reply?.status == 101, "\(offered)")
            #expect(reply?.headers["sec-websocket-protocol"] == "liveshop.v1")
        }
    }

    @Test func `compression is not accepted`() throws {
        let server = try TestServer()
        let reply = RawClient(port: server.port).open([
            "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"
        ])
        #expect(reply?.status == 101)
        #expect(reply?.headers["sec-websocket-extensions"] == nil)
    }

    struct Refused: Sendable, CustomStringConvertible {
        let description: String
        let status: Int
        var changes: [String: String?] = [:]
        var start = "GET /v1/socket HTTP/1.1"
    }

    @Test(arguments: [
        Refused(
            description: "only unknown subprotocols", status: 400,
            changes: ["Sec-WebSocket-Protocol": "chat, soap"]),
        Refused(description: "POST", status: 405, start: "POST /v1/socket HTTP/1.1"),
        Refused(description: "PUT", status: 405, start: "PUT /v1/socket HTTP/1.1"),
        Refused(description: "HEAD", status: 405, start: "HEAD /v1/socket HTTP/1.1"),
        Refused(description: "HTTP/1.0", status: 400, start: "GET /v1/socket HTTP/1.0"),
        Refused(description: "another path", status: 404, start: "GET /socket HTTP/1.1"),
        Refused(
            description: "version 8", status: 426, changes: ["Sec-WebSocket-Version": "8"]),
        Refused(
            description: "no version", status: 426, changes: ["Sec-WebSocket-Version": nil]),
        Refused(
            description: "version 13 and more", status: 426,
            changes: ["Sec-WebSocket-Version": "13, 8"]),
        Refused(description: "a short key", status: 400, changes: ["Sec-WebSocket-Key": "abc"]),
        Refused(description: "no key", status: 400, changes: ["Sec-WebSocket-Key": nil]),
        Refused(
            description: "a key of 17 bytes", status: 400,
            changes: ["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZTE="]),
        Refused(
            description: "no Connection header", status: 400, changes: ["Connection": nil]),
        Refused(
            description: "Connection: close", status: 400, changes: ["Connection": "close"]),
        Refused(description: "no Host", status: 400, changes: ["Host": nil]),
        Refused(description: "an empty Host", status: 400, changes: ["Host": " "]),
        Refused(description: "a Host that is none", status: 400, changes: ["Host": "a b"]),
        Refused(description: "a body", status: 400, changes: ["Content-Length": "5"]),
        Refused(
            description: "another spelling of the path", status: 400,
            start: "GET /v1/../v1/socket HTTP/1.1"),
        Refused(
            description: "an empty segment", status: 400, start: "GET //v1/socket HTTP/1.1"),
        Refused(description: "h2c", status: 400, changes: ["Upgrade": "h2c"]),
        Refused(
            description: "a foreign origin", status: 403,
            changes: ["Origin": "https://evil.example"]),
        Refused(
            description: "the own host on another port", status: 403,
            changes: ["Origin": "http://localhost:81"]),
        Refused(description: "the origin null", status: 403, changes: ["Origin": "null"]),
    ])
    func `is refused with its status and closed`(_ refused: Refused) throws {
        let server = try TestServer()
        let client = RawClient(port: server.port)
        client.send(RawClient.upgrade(refused.changes, start: refused.start))
        let reply = try #require(client.readHTTP(hasBody: !refused.start.hasPrefix("HEAD")))
        #expect(reply.status == refused.status)
        #expect(reply.headers["connection"] == "close")
        if refused.status == 426 { #expect(reply.headers["sec-websocket-version"] == "13") }
        #expect(client.readsEnd())
        // And the next one is welcome.
        #expect(RawClient(port: server.port).open()?.status == 101)
    }

    @Test func `an unknown upgrade is refused, also after other bytes on the connection`() throws {
        let server = try TestServer()
        let client = RawClient(port: server.port)
        client.send(RawClient.upgrade(["Upgrade": "foobar"]))
        #expect(client.readHTTP()?.status == 400)
        #expect(client.readsEnd())
        let pipelining = RawClient(port: server.port)
        pipelining.send(
            "GET /a HTTP/1.1\r\nHost: x\r\n\r\n" + RawClient.upgrade(["Upgrade": "foobar"]))
        guard case .request(let id, _, _, _) = try #require(server.next()) else {
            return #expect(Bool(false), "no request")
        }
        server.deliver { $0.respond(HTTPResponse(status: 200, body: [65]), to: id) }
        #expect(pipelining.readHTTP()?.text == "A")
        #expect(pipelining.readHTTP() == nil, "one request per connection")
    }

    @Test func `origins: the own, the listed ones, and all when so configured`() throws {
        func status(_ policy: OriginPolicy, origin: String, host: String) throws -> Int? {
            let server = try TestServer { $0.origins = policy }
            return RawClient(port: server.port).open(["Origin": origin, "Host": host])?.status
        }
        #expect(
            try status(.own, origin: "http://shop.example:8080", host: "shop.example:8080") == 101)
        #expect(try status(.own, origin: "https://shop.example", host: "Shop.example") == 101)
        #expect(try status(.own, origin: "https://shop.example", host: "shop.example:443") == 101)
        #expect(try status(.own, origin: "http://shop.example", host: "shop.example:443") == 403)
        let listed = OriginPolicy.listed(["https://shop.example"])
        #expect(try status(listed, origin: "https://shop.example", host: "api.example") == 101)
        #expect(try status(listed, origin: "https://shop.example.evil", host: "api.example") == 403)
        #expect(try status(listed, origin: "http://api.example", host: "api.example") == 101)
        #expect(try status(.any, origin: "https://evil.example", host: "api.example") == 101)
    }

    @Test func `development mode refuses proxies and foreign host names, and says so once`() throws
    {
        let server = try TestServer {
            $0.developmentMode = true
            $0.customHeaders = ["x-forwarded-proto"]
        }
        func upgrade(_ changes: [String: String?]) -> Int? {
            RawClient(port: server.port).open(changes)?.status
        }
        for host in [
            "localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.9.8.7", "[::1]", "[::1]:80",
        ] {
            #expect(upgrade(["Host": host]) == 101, "\(host)")
        }
        for host in ["shop.example", "127.0.0.1.evil.example", "10.0.0.1", "::1", "localhost."] {
            #expect(upgrade(["Host": host]) == 403, "\(host)")
        }
        for header in ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"] {
            #expect(upgrade([header: "1.2.3.4"]) == 403, "\(header)")
        }
        let told = server.logged.filter { $0.contains("--trusted-proxy") }
        #expect(told.count == 1)
        // A GET may pass, other methods may not.
        let post = RawClient(port: server.port)
        post.send("POST /v1/shows HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n\r\n")
        #expect(post.readHTTP()?.status == 403)
    }

    @Test func `the address is the last untrusted one, believed only from a trusted proxy`() throws
    {
        func address(_ trusted: [String], _ forwarded: String) throws -> String? {
            let server = try TestServer {
                $0.trustedProxies = trusted.compactMap { AddressRange($0) }
            }
            #expect(
                RawClient(port: server.port).open(["X-Forwarded-For": forwarded])?.status == 101)
            guard case .opened(_, let address) = try #require(server.next()) else { return nil }
            return address
        }
        #expect(try address([], "203.0.113.9") == "127.0.0.1")
        #expect(try address(["10.0.0.0/8"], "203.0.113.9") == "127.0.0.1")
        #expect(try address(["127.0.0.0/8"], "203.0.113.9") == "203.0.113.9")
        #expect(try address(["127.0.0.1"], "1.1.1.1, 203.0.113.9") == "203.0.113.9")
        #expect(
            try address(["127.0.0.0/8", "10.0.0.0/8"], "1.1.1.1,2001:db8::7 , 10.1.2.3")
                == "2001:db8::7")
        #expect(try address(["127.0.0.0/8"], "nonsense") == "127.0.0.1")
    }

    @Test func `blanks around header values do not matter`() throws {
        let server = try TestServer()
        let values = [
            "Host": "shop.example", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": RawClient.key,
            "Origin": "https://shop.example",
        ]
        for name in values.keys {
            for blanks in [(" ", " "), ("\t", "\t"), (" \t ", "\t \t")] {
                var changes: [String: String?] = values
                changes[name] = blanks.0 + (values[name] ?? "") + blanks.1
                let reply = RawClient(port: server.port).open(changes)
                #expect(reply?.status == 101, "\(name)")
                #expect(reply?.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            }
        }
    }

    @Test func `frames right behind the upgrade are not lost`() throws {
        let server = try TestServer()
        let client = RawClient(port: server.port)
        client.send(Array(RawClient.upgrade().utf8) + RawClient.frame(Array("early".utf8)))
        #expect(client.readHTTP()?.status == 101)
        guard case .opened(let id, _) = try #require(server.next()) else { return }
        #expect(server.next() == .message(id, "early"))
    }

    @Test func `a header block that is too large, or garbage, ends only its own connection`() throws
    {
        let server = try TestServer()
        let big = RawClient(port: server.port)
        big.send("GET / HTTP/1.1\r\nX-Big: " + String(repeating: "x", count: 20_000))
        #expect(big.readHTTP()?.status == 431)
        #expect(big.readsEnd())
        let allowed = RawClient(port: server.port)
        #expect(
            allowed.open(["Authorization": String(repeating: "t", count: 11_000)])?.status == 101)
        let garbage = RawClient(port: server.port)
        garbage.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0xFF, 0x0A, 0x0D, 0x0A, 0x0A])
        #expect(garbage.readsEnd())
        #expect(RawClient(port: server.port).open()?.status == 101)
    }
}
