// Limits and the end: connection counts, descriptors, ports in use, stopping.

import Glibc
import Lanes
import Testing
import WebSocketTransport
import WireProtocol

struct LimitTests {
    @Test func `over the connection limit clients are told 4030, and room is made again`() throws {
        let server = try TestServer { $0.connectionsMax = 3 }
        var clients = try (0..<3).map { _ in try server.pair() }
        let extra = server.client()
        #expect(extra.readCloseCode() == 4030)
        let (gone, id) = clients.removeLast()
        gone.send(RawClient.frame([0x03, 0xE8], opcode: 8))
        #expect(server.next() == .closed(id))
        #expect(gone.readsEnd())
        // The count goes down when the socket is gone, a moment after the close frame.
        var again = server.client()
        for _ in 0..<100 {
            if case .opened = server.transport.statistics().connections == 3 ? server.next() : nil {
                break
            }
            again = server.client()
        }
        server.deliver { $0.send("unused", to: id) }
        _ = again
        #expect(server.transport.statistics().connections == 3)
    }

    @Test func `one address has its own limit, unless it is exempt`() throws {
        let server = try TestServer { $0.connectionsPerAddressMax = 2 }
        let first = try server.pair()
        let second = try server.pair()
        #expect(server.client().readCloseCode() == 4030)
        let other = RawClient(port: server.port, from: "127.0.0.2")
        #expect(other.open()?.status == 101)
        guard case .opened(_, let address) = try #require(server.next()) else { return }
        #expect(address == "127.0.0.2")
        let lenient = try TestServer {
            $0.connectionsPerAddressMax = 2
            $0.exemptsLoopbackAddresses = true
        }
        let many = try (0..<5).map { _ in try lenient.pair() }
        #expect(many.count == 5)
        _ = (first, second)
    }

    @Test func `one address does not open many connections at once, unless it is exempt`() throws {
        for isExempt in [false, true] {
            let server = try TestServer {
                $0.joinsPerSecondPerAddressMax = 1
                $0.exemptsLoopbackAddresses = isExempt
            }
            let clients = (0..<12).map { _ in server.client() }
            clients[0].send(RawClient.frame(Array("{}".utf8)))
            var opened = 0
            while case .opened? = server.next() { opened += 1 }
            // They take some milliseconds: one second has them all, or two.
            #expect(isExempt ? opened == 12 : opened <= 2)
            _ = clients
        }
    }

    @Test func `far over the limit connections are refused at once`() throws {
        let server = try TestServer { $0.connectionsMax = 1 }
        let idle = (0..<80).map { _ in RawClient(port: server.port) }
        // The kernel shows a connection only when the first bytes are there.
        for client in idle { client.send("G") }
        // 65 sockets wait for a handshake; the others are hung up, whichever they are.
        var watched = idle.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        while watched.filter({ $0.revents != 0 }).count < 15 {
            let silent = watched.indices.filter { watched[$0].revents == 0 }
            var asked = silent.map { watched[$0] }
            guard poll(&asked, nfds_t(asked.count), 10_000) > 0 else { break }
            for (place, index) in silent.enumerated() { watched[index] = asked[place] }
        }
        #expect(watched.filter { $0.revents != 0 }.count == 15)
        let waiting = try #require(watched.firstIndex { $0.revents == 0 })
        idle[waiting].send(String(RawClient.upgrade().dropFirst()))
        #expect(idle[waiting].readHTTP()?.status == 101)
        #expect(server.logged.count == 1)
    }

    @Test func `one address cannot take all sockets with requests it never ends`() throws {
        let server = try TestServer {
            $0.connectionsMax = 400
            $0.connectionsPerAddressMax = 20
        }
        let unfinished = (0..<300).map { _ in
            let client = RawClient(port: server.port, from: "127.0.0.2")
            client.send("GET / HTTP/1.1\r\nHost")
            return client
        }
        // Its limit and the spare ones: the others are hung up.
        var watched = unfinished.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
        }
        var ended = 0
        while ended < 216, poll(&watched, nfds_t(watched.count), 10_000) > 0 {
            watched.removeAll { $0.revents != 0 }
            ended = 300 - watched.count
        }
        #expect(ended == 216)
        #expect(RawClient(port: server.port, from: "127.0.0.3").open()?.status == 101)
        #expect(server.logged.filter { $0.contains("one address") }.count == 1)
    }

    @Test func `trusted proxies have as many sockets as they like`() throws {
        let server = try TestServer {
            $0.connectionsPerAddressMax = 1
            $0.connectionsMax = 200
            $0.trustedProxies = ["127.0.0.2"].compactMap { AddressRange($0) }
        }
        let clients = (0..<150).map { number in
            let client = RawClient(port: server.port, from: "127.0.0.2")
            #expect(client.open(["X-Forwarded-For": "203.0.113.\(number):80"])?.status == 101)
            return client
        }
        for _ in clients {
            guard case .opened = try #require(server.next()) else { return }
        }
        #expect(server.transport.statistics().connections == 150)
    }

    @Test func `with most sockets taken, unfinished requests have less time`() throws {
        let server = try TestServer {
            $0.connectionsMax = 100
            $0.handshakeSeconds = 60
        }
        // Under half, nobody is hurried. Over half, by whomever, all that do not end are: until half is free.
        let unfinished = (0..<4).flatMap { address in
            (0..<25).map { number in
                let client = RawClient(port: server.port, from: "127.0.0.\(address + 2)")
                client.send(
                    number == 0
                        ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n" : "GET / HT")
                return client
            }
        }
        #expect(unfinished.prefix(50).allSatisfy { $0.readsEnd() })
    }

    @Test func `out of descriptors: clients stay, new ones are refused, nothing is flooded`() async
    {
        await #expect(processExitsWith: .success) {
            let server = try TestServer()
            let (client, id) = try server.pair()
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            // Sockets for the test first, then no descriptor is left for the server.
            let waiting = (0..<20).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
            let highest = try #require(waiting.max())
            limit.rlim_cur = rlim_t(highest + 1)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            while dup(0) >= 0 {}
            for descriptor in waiting {
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = UInt16(server.port).bigEndian
                inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
                let result = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                precondition(result == 0, "the kernel accepts")
                var byte = UInt8(ascii: "G")
                precondition(send(descriptor, &byte, 1, 0) == 1)
                precondition(recv(descriptor, &byte, 1, 0) <= 0, "refused at once")
            }
            server.deliver { $0.send("still served", to: id) }
            precondition(client.readFrame()?.text == "still served")
            precondition(server.logged.count == 1, "one line for all")
            _exit(0)
        }
    }

    @Test func `an unfinished handshake is dropped, and delays nobody`() throws {
        let server = try TestServer {
            $0.helloSeconds = 1
            $0.handshakeSeconds = 1
        }
        let unfinished = (0..<300).map { _ in
            let client = RawClient(port: server.port)
            client.send("GET /v1/socket HTTP/1.1\r\nHost: local")
            return client
        }
        #expect(server.client().readCloseCode() == 4401)
        #expect(unfinished.allSatisfy { $0.readsEnd() })
    }

    @Test func `a loop that cannot take deliveries for a second closes its connections 4008`()
        throws
    {
        let stuck = Mailbox<Int>(capacity: 1)
        let release = Mailbox<Int>(capacity: 1)
        let inbox = Mailbox<InboundBatch>(capacity: 1000)
        var configuration = TransportConfiguration()
        configuration.port = 0
        let transport = Transport(configuration: configuration) { _ in }
        // The owner breaks the rule and waits, so the loop stands still.
        let port = try transport.start { batch in
            if batch.bytes == Array("wait".utf8) {
                var answer: [Int] = []
                _ = stuck.offer(1)
                _ = release.drain(into: &answer, waitingUntil: nil)
            }
            return inbox.offer(batch)
        }.port
        let client = RawClient(port: port)
        #expect(client.open()?.status == 101)
        client.sendText("wait")
        var told: [Int] = []
        #expect(stuck.drain(into: &told, waitingUntil: nil))
        var batch = DeliveryBatch()
        batch.broadcast("x", to: room)
        var seconds = Clock.monotonic()
        for _ in 0..<100 {
            let before = Clock.monotonic()
            transport.deliver(batch)
            seconds = Clock.monotonic() - before
            if seconds >= 1000 { break }
        }
        #expect(seconds >= 1000)
        #expect(release.offer(1))
        #expect(client.readCloseCode() == 4008)
        transport.stop(closing: .goingAway, within: 1)
    }

    @Test func `a port in use is refused with a sentence`() throws {
        let server = try TestServer()
        var configuration = TransportConfiguration()
        configuration.port = server.port
        let second = Transport(configuration: configuration) { _ in }
        #expect(throws: TransportError.addressInUse("127.0.0.1:\(server.port)")) {
            _ = try second.start { _ in true }
        }
        configuration.host = "no such host"
        #expect(throws: TransportError.unknownHost("no such host")) {
            _ = try Transport(configuration: configuration) { _ in }.start { _ in true }
        }
        configuration.host = "203.0.113.1"
        #expect(throws: TransportError.addressNotAvailable("203.0.113.1:\(server.port)")) {
            _ = try Transport(configuration: configuration) { _ in }.start { _ in true }
        }
    }

    @Test func `stopping says 1001 after everything that was delivered, and returns`() throws {
        let server = try TestServer { $0.loops = 2 }
        let pairs = try (0..<20).map { _ in try server.pair() }
        server.deliver { batch in
            for (_, id) in pairs { batch.join(id, room) }
            batch.broadcast("goodbye", to: room, .relaxed)
        }
        let idle = RawClient(port: server.port)
        idle.send("GET /")
        server.transport.stop(closing: .goingAway, within: 1)
        for (client, _) in pairs {
            #expect(client.readFrame()?.text == "goodbye")
            #expect(client.readCloseCode() == 1001)
            #expect(client.readsEnd())
        }
        #expect(idle.readsEnd())
        #expect(server.transport.statistics().connections == 0)
        // Too late for anything, and harmless.
        server.deliver { $0.broadcast("after the end", to: room) }
        server.transport.stop(closing: .goingAway, within: 0)
    }

    @Test func `a host may be IPv6`() throws {
        var configuration = TransportConfiguration()
        configuration.host = "::1"
        configuration.port = 0
        let transport = Transport(configuration: configuration) { _ in }
        let address = try transport.start { _ in true }
        #expect(address.description == "[::1]:\(address.port)")
        transport.stop(closing: .goingAway, within: 0)
    }
}
