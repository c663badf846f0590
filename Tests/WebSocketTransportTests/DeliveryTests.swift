// What the owner sends: to one, to a room, in order, exactly once, whatever others do; and how slow
// readers end.

import Testing
import WebSocketTransport
import WireProtocol

struct DeliveryTests {
    @Test func `frames for one connection arrive in order and reach nobody else`() throws {
        let server = try TestServer()
        let (first, id) = try server.pair()
        let (second, other) = try server.pair()
        server.deliver {
            $0.send("a", to: id)
            $0.send("for the other", to: other)
            $0.send("b", to: id)
            $0.send("c", to: id)
        }
        #expect(["a", "b", "c"].allSatisfy { first.readFrame()?.text == $0 })
        #expect(second.readFrame()?.text == "for the other")
    }

    @Test(arguments: [0, 125, 126, 65_535, 65_536, 3_000_000])
    func `a payload of any size arrives whole`(_ size: Int) throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        let text = String(repeating: "x", count: size)
        server.deliver {
            $0.send(text, to: id)
            $0.join(id, room)
            $0.send("end", to: id)
        }
        #expect(client.readFrame()?.payload.count == size)
        #expect(client.readFrame()?.text == "end")
    }

    @Test func `many frames for one connection in one batch all arrive`() throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        let filler = String(repeating: "f", count: 1000)
        server.deliver { batch in
            for number in 0..<700 { batch.send("\(number) \(filler)", to: id) }
        }
        for number in 0..<700 {
            #expect(client.readFrame()?.text.prefix { $0 != " " } == "\(number)")
        }
    }

    @Test func `broadcasts reach the members from their joining on`() throws {
        let server = try TestServer()
        let (early, first) = try server.pair()
        let (late, second) = try server.pair()
        let (stranger, third) = try server.pair()
        server.deliver {
            $0.join(first, room)
            $0.join(third, RoomID(rawValue: 2))
            $0.broadcast("1", to: room)
            $0.send("hello", to: second)
            $0.join(second, room)
            $0.broadcast("2", to: room, .relaxed)
        }
        server.deliver { $0.broadcast("3", to: room) }
        server.deliver { $0.broadcast("other room", to: RoomID(rawValue: 2), .relaxed) }
        #expect(["1", "2", "3"].allSatisfy { early.readFrame()?.text == $0 })
        #expect(["hello", "2", "3"].allSatisfy { late.readFrame()?.text == $0 })
        #expect(stranger.readFrame()?.text == "other room")
    }

    @Test func `an operation that comes too late does nothing`() throws {
        let server = try TestServer()
        var (client, id): (RawClient?, ConnectionID) = try server.pair()
        client?.sendText("bye")
        client = nil
        #expect(server.next() == .message(id, "bye"))
        #expect(server.next() == .closed(id))
        let (successor, second) = try server.pair()
        server.deliver {
            $0.send("late", to: id)
            $0.join(id, room)
            $0.close(id, .banned, reason: "late")
            $0.respond(HTTPResponse(status: 200), to: id)
            $0.respond(HTTPResponse(status: 200), to: second)
            $0.broadcast("nobody", to: room)
            $0.send("for the successor", to: second)
        }
        #expect(successor.readFrame()?.text == "for the successor")
    }

    @Test func `a close comes after what was sent, with its code and reason`() throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        server.deliver {
            $0.join(id, room)
            $0.broadcast("room", to: room, .relaxed)
            $0.send("last words", to: id)
            $0.close(id, .banned, reason: "banned: ü")
            $0.send("never", to: id)
        }
        #expect(client.readFrame()?.text == "last words")
        #expect(client.readFrame()?.text == "room")
        let close = client.readFrame()
        #expect(close?.closeCode == 4501)
        #expect(
            close.map { String(decoding: $0.payload.dropFirst(2), as: UTF8.self) } == "banned: ü")
        #expect(server.next() == .closed(id))
        client.send(RawClient.frame([0x11, 0x95], opcode: 8))
        #expect(client.readsEnd())
    }

    @Test func `without hello in time a connection is closed 4401, with it it stays`() throws {
        let server = try TestServer { $0.helloSeconds = 1 }
        let (silent, first) = try server.pair()
        let (joined, second) = try server.pair()
        server.deliver { $0.join(second, room) }
        #expect(silent.readCloseCode() == 4401)
        #expect(server.next() == .closed(first))
        server.deliver { $0.broadcast("still here", to: room) }
        #expect(joined.readFrame()?.text == "still here")
    }

    @Test func `pings come, an answer keeps the connection, silence closes it 4009`() throws {
        let server = try TestServer {
            $0.pingSeconds = 1
            $0.pongSeconds = 1
        }
        let (silent, first) = try server.pair()
        let (answering, second) = try server.pair()
        server.deliver {
            $0.join(first, room)
            $0.join(second, room)
        }
        var pings = 0
        while pings < 4, let frame = answering.readFrame(skippingPings: false) {
            #expect(frame.opcode == 9)
            answering.send(RawClient.frame(frame.payload, opcode: 10))
            pings += 1
        }
        #expect(pings == 4)
        #expect(silent.readCloseCode() == 4009)
        #expect(server.next() == .closed(first))
        server.deliver { $0.send("alive", to: second) }
        #expect(answering.readFrame()?.text == "alive")
    }

    @Test func `a reader that stops is closed 4008; all others get everything in order`() throws {
        let server = try TestServer { $0.sendQueueBytes = 100_000 }
        let slow = RawClient(port: server.port, receiveBuffer: 4096)
        #expect(slow.open()?.status == 101)
        guard case .opened(let slowID, _) = try #require(server.next()) else { return }
        var others: [RawClient] = []
        server.deliver { $0.join(slowID, room) }
        for _ in 0..<20 {
            let (client, id) = try server.pair()
            others.append(client)
            server.deliver { $0.join(id, room) }
        }
        let filler = String(repeating: "f", count: 10_000)
        for number in 0..<200 {
            server.deliver { $0.broadcast("\(number) \(filler)", to: room) }
            // The others read at once, so they are never behind.
            for other in others {
                let text = other.readFrame()?.text ?? ""
                #expect(text.prefix { $0 != " " } == "\(number)")
            }
        }
        #expect(server.next() == .closed(slowID))
        #expect(server.transport.statistics().closedTooSlow == 1)
        // It reads on now: what it gets is in order, whole, and ends with 4008.
        var expected = 0
        var code: Int?
        while let frame = slow.readFrame() {
            if frame.opcode == 8 {
                code = frame.closeCode
                break
            }
            #expect(frame.text.prefix { $0 != " " } == "\(expected)")
            expected += 1
        }
        #expect(code == 4008)
        #expect(expected < 200)
    }

    @Test func `a reader that never reads again is dropped`() throws {
        let server = try TestServer {
            $0.sendQueueBytes = 100_000
            $0.pingSeconds = 1
            $0.pongSeconds = 60
        }
        let (client, id) = try server.pair()
        let (clock, other) = try server.pair()
        server.deliver {
            $0.join(id, room)
            $0.join(other, RoomID(rawValue: 2))
        }
        let filler = [UInt8](repeating: 102, count: 100_000)
        for _ in 0..<100 { server.deliver { $0.broadcast(filler, to: room, .prompt) } }
        #expect(server.next() == .closed(id))
        // A close frame gets five seconds; pings tell the time.
        var seconds = 0
        while server.transport.statistics().sockets > 1, seconds < 9 {
            #expect(clock.readFrame(skippingPings: false)?.opcode == 9)
            seconds += 1
        }
        #expect(server.transport.statistics().sockets == 1)
        #expect(seconds >= 3)
        _ = client
    }

    @Test func `500 connections on two loops get 200 broadcasts exactly once and in order`() throws
    {
        let server = try TestServer { $0.loops = 2 }
        var clients: [RawClient] = []
        for _ in 0..<500 {
            let (client, id) = try server.pair()
            clients.append(client)
            server.deliver { $0.join(id, room) }
        }
        #expect(server.transport.statistics().connections == 500)
        for number in 0..<200 {
            server.deliver {
                $0.broadcast("\(number)", to: room, number % 3 == 0 ? .prompt : .relaxed)
            }
        }
        for client in clients {
            for number in 0..<200 {
                guard let frame = client.readFrame(), frame.text == "\(number)" else {
                    Issue.record("broadcast \(number) is missing")
                    return
                }
            }
        }
        let statistics = server.transport.statistics()
        #expect(statistics.framesSent == 500 * 200)
        #expect(statistics.sends <= 500 * 201)
    }

    @Test func `members that come and go during sweeps disturb nobody`() throws {
        let server = try TestServer()
        let (steady, id) = try server.pair()
        server.deliver { $0.join(id, room) }
        var leaving: [(RawClient, ConnectionID)] = []
        for round in 0..<50 {
            leaving.append(try server.pair())
            leaving.append(try server.pair())
            let (_, gone) = leaving[round]
            server.deliver { batch in
                for (_, id) in leaving.suffix(2) { batch.join(id, room) }
                batch.broadcast("\(round)", to: room)
                batch.close(gone, .normal, reason: "")
            }
            // Closed connections are reported between the openings.
            guard case .closed = try #require(server.next()) else {
                return #expect(Bool(false), "no close reported")
            }
        }
        for round in 0..<50 { #expect(steady.readFrame()?.text == "\(round)") }
    }

    // MARK: Shared frames, and what has gone

    /// A message in fragments whose middle is shared.
    private func sendShared(_ middle: [UInt8], to ids: [ConnectionID], _ server: TestServer) {
        let frames = WireProtocol.Frame.continuations(of: middle, bytesMax: 16_384)
        server.deliver { batch in
            for id in ids {
                var (head, tail) = (JSONWriter(), JSONWriter())
                head.raw(Array("[".utf8))
                tail.raw(Array("]".utf8))
                batch.send("before", to: id)
                batch.send(first: head, to: id)
                batch.sendShared(frames, to: id)
                batch.send(last: tail, to: id)
                batch.join(id, room)
                batch.send("after", to: id)
            }
        }
    }

    private func readMessage(_ client: RawClient) -> [UInt8] {
        var message: [UInt8] = []
        while let frame = client.readFrame() {
            message += frame.payload
            if frame.isFinal { return message }
        }
        return message
    }

    @Test(arguments: [0, 1, 16_384, 16_385, 700_000])
    func `a message with a shared middle arrives whole, between what came before and after`(
        _ size: Int
    ) throws {
        let server = try TestServer()
        let pairs = try (0..<3).map { _ in try server.pair() }
        let middle = (0..<size).map { UInt8(0x61 + $0 % 26) }
        sendShared(middle, to: pairs.map(\.id), server)
        for (client, _) in pairs {
            #expect(client.readFrame()?.text == "before")
            #expect(readMessage(client) == Array("[".utf8) + middle + Array("]".utf8))
            #expect(client.readFrame()?.text == "after")
        }
        server.deliver { $0.broadcast("news", to: room) }
        for (client, _) in pairs { #expect(client.readFrame()?.text == "news") }
    }

    @Test func `the owner hears when a connection has taken what it was sent, and not before`()
        throws
    {
        let server = try TestServer()
        let (client, id) = try server.pair()
        server.deliver {
            $0.send("little", to: id)
            $0.reportDrained(id)
        }
        #expect(server.next() == .drained(id))
        #expect(client.readFrame()?.text == "little")
        // More than any socket takes, and within the allowance of who joins.
        let much = String(repeating: "m", count: 100_000)
        server.deliver {
            for _ in 0..<200 { $0.send(much, to: id) }
            $0.join(id, room)
            $0.reportDrained(id)
        }
        // A message is heard while nothing of the rest is read: nothing was reported before it.
        client.sendText("still here")
        #expect(server.next() == .message(id, "still here"))
        for _ in 0..<200 { #expect(client.readFrame()?.payload.count == much.utf8.count) }
        #expect(server.next() == .drained(id))
    }

    @Test func `who does not take a snapshot in time is closed 4008, whatever else they say`()
        throws
    {
        let server = try TestServer { $0.allowanceMilliseconds = 1000 }
        let client = RawClient(port: server.port, receiveBuffer: 4096)
        #expect(client.open()?.status == 101)
        guard case .opened(let id, _) = try #require(server.next()) else { return }
        server.deliver { batch in
            batch.send(String(repeating: "s", count: 3_000_000), to: id)
            batch.join(id, room)
        }
        client.sendText("still here")
        client.send(RawClient.frame([], opcode: 10))
        #expect(server.next() == .message(id, "still here"))
        #expect(server.next() == .closed(id))
        #expect(server.counts { $0.closedTooSlow == 1 })
    }
}
