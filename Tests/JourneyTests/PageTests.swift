// The public pages on the same port.

import LiveShopClient
import Testing

@Suite(.ownThread)
struct PageTests {
    private func send(
        _ shop: Shop, _ method: String, _ path: String,
        _ headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) throws -> (status: Int, headers: [String: String], body: Message?) {
        let server = ServerAddress(host: "127.0.0.1", port: UInt16(shop.port))
        let answer = try HTTPClient(server).send(
            HTTPClient.Request(method, path, headers: headers, body: body))
        return (answer.status, answer.headers, Message(answer.body))
    }

    @Test func `health, shows and one show`() async throws {
        let shop = try await Shop()
        #expect(try send(shop, "GET", "/healthz").status == 200)
        #expect(try send(shop, "GET", "/readyz").status == 200)
        let list = try send(shop, "GET", "/v1/shows")
        #expect(list.status == 200)
        #expect(list.body?["shows.0.id"].text == "spring")
        let one = try send(shop, "GET", "/v1/shows/spring")
        #expect(one.body?["status"].text == "live")
        #expect(one.body?["currency"].text == "EUR")
        #expect(one.body?["products_total"].number == 1)
        #expect(one.body?["sockets.0"].text == "ws://127.0.0.1:\(shop.port)/v1/socket")
        #expect(one.headers["access-control-allow-origin"] == "*")
        #expect(try send(shop, "HEAD", "/v1/shows").status == 200)
    }

    @Test func `pages of any origin may read shows, and nothing else`() async throws {
        let shop = try await Shop()
        for path in ["/v1/shows", "/v1/shows/spring", "/v1/shows/autumn"] {
            for method in ["GET", "HEAD"] {
                let answer = try send(shop, method, path)
                #expect(answer.headers["access-control-allow-origin"] == "*", "\(method) \(path)")
            }
            let other = try send(shop, "POST", path, body: [])
            #expect(other.headers["access-control-allow-origin"] == nil, "\(path)")
        }
        for path in [
            "/healthz", "/readyz", "/nothing", "/v1", "/v1/shows/spring/nothing", "/v1/./shows",
        ] {
            let answer = try send(shop, "GET", path)
            #expect(answer.headers["access-control-allow-origin"] == nil, "\(path)")
        }
    }

    @Test func `a body is refused unread, as its address asks for`() async throws {
        let shop = try await Shop()
        let body = [UInt8](repeating: 65, count: 1 << 20)
        for (method, path, status) in [
            ("POST", "/v1/shows", 405), ("PUT", "/v1/shows/spring", 405), ("POST", "/nothing", 404),
            ("GET", "/v1/shows", 413), ("DELETE", "/healthz", 405),
        ] {
            #expect(try send(shop, method, path, body: body).status == status, "\(method) \(path)")
        }
    }

    @Test func `what is not there is 404, what is not done is 405`() async throws {
        let shop = try await Shop()
        for path in ["/v1/shows/autumn", "/v1", "/nothing", "/v1/shows/spring/nothing"] {
            let answer = try send(shop, "GET", path)
            #expect(answer.status == 404, "\(path)")
            #expect(answer.body?["error.code"].text == "not_found", "\(path)")
        }
        for method in ["POST", "PUT", "DELETE"] {
            let answer = try send(shop, method, "/healthz", body: [])
            #expect(answer.status == 405, "\(method)")
            #expect(answer.headers["allow"]?.contains("GET") == true)
        }
    }

    @Test func `development mode changes nothing for what comes through a proxy`() async throws {
        let shop = try await Shop()
        for name in ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"] {
            let answer = try send(
                shop, "POST", "/v1/shows", [(name: name, value: "203.0.113.9")], body: [])
            #expect(answer.status == 403, "\(name)")
            #expect(answer.body?["error.message"].text?.contains("--trusted-proxy") == true)
            #expect(
                try send(shop, "GET", "/healthz", [(name: name, value: "203.0.113.9")]).status
                    == 200)
        }
    }
}
