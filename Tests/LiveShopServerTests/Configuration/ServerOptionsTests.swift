// What follows from where a server listens and what it is told of the world outside.

import Testing
import WireProtocol

@testable import LiveShopServer

@Suite struct ServerOptionsTests {
    private func options(_ host: String, _ change: (inout ServerOptions) -> Void = { _ in })
        -> ServerOptions
    {
        var options = ServerOptions(data: "unused")
        options.host = host
        change(&options)
        return options.settled()
    }

    @Test(arguments: ["127.0.0.1", "127.9.8.7", "::1", "localhost", "LOCALHOST"])
    func `a loopback address is development mode`(host: String) {
        #expect(options(host).isDevelopment)
        #expect(!options(host) { $0.allowsDevelopmentMode = false }.isDevelopment)
        #expect(!options(host) { $0.trustedProxies = ["10.0.0.1"] }.isDevelopment)
    }

    @Test(arguments: [
        "0.0.0.0", "::", "10.0.0.1", "127.evil.example", "127.0.0.1.evil.example", "127.",
        "128.0.0.1",
        "::2", "no such host", "localhost.evil.example",
    ])
    func `what is bound decides, not how it is written`(host: String) {
        let settled = options(host)
        #expect(!settled.isDevelopment)
        #expect(settled.guestPolicy == .view && !settled.takesTestPayment)
    }

    @Test func `a name is looked up once`() {
        let settled = options("localhost")
        #expect(["127.0.0.1", "::1"].contains(settled.host))
    }

    @Test(arguments: [
        ("http://localhost:3000", true), ("http://127.0.0.1", true), ("https://[::1]:8443", true),
        ("http://127.evil.example", false), ("http://127.0.0.1.evil.example:80", false),
        ("https://localhost.evil.example", false), ("https://shop.example", false), ("*", false),
    ])
    func `an origin of another machine ends development mode`(origin: String, isOn: Bool) {
        #expect(options("127.0.0.1") { $0.origins = [origin] }.isDevelopment == isOn)
    }

    @Test func `a client is sent where it came from, or where the operator says`() {
        let open = options("0.0.0.0")
        func sockets(_ options: ServerOptions, _ reachedAt: String?) -> [String] {
            let request = HTTPRequest(method: .get, path: "/", reachedAt: reachedAt)
            return options.sockets(for: request, listening: "127.0.0.1:8080")
        }
        #expect(sockets(open, "wss://shop.example") == ["wss://shop.example/v1/socket"])
        #expect(sockets(open, nil) == [])
        #expect(sockets(options("127.0.0.1"), nil) == ["ws://127.0.0.1:8080/v1/socket"])
        let given = options("127.0.0.1") { $0.publicURL = "wss://live.example/v1/socket" }
        #expect(sockets(given, "ws://localhost") == ["wss://live.example/v1/socket"])
        #expect(given.isDevelopment)
    }
}
