// Messages from clients: whole, in pieces, at the limit, beyond it, and what is no text.

import Lanes
import Testing
import WebSocketTransport
import WireProtocol

struct MessageTests {
    @Test func `messages arrive whole and in order`() throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        client.sendText("one")
        client.sendText("zwei: ÄÖÜ 🛒")
        client.sendText("")
        #expect(server.next() == .message(id, "one"))
        #expect(server.next() == .message(id, "zwei: ÄÖÜ 🛒"))
        #expect(server.next() == .message(id, ""))
    }

    @Test func `fragments become one message, with a ping in between`() throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        client.send(RawClient.frame(Array("fr".utf8), isFinal: false))
        client.send(RawClient.frame(Array("ag".utf8), opcode: 0, isFinal: false))
        client.send(RawClient.frame(Array("?".utf8), opcode: 9))
        client.send(RawClient.frame([], opcode: 0, isFinal: false))
        client.send(RawClient.frame(Array("ments".utf8), opcode: 0))
        #expect(client.readFrame() == Frame(opcode: 10, payload: Array("?".utf8)))
        #expect(server.next() == .message(id, "fragments"))
        client.sendText("next")
        #expect(server.next() == .message(id, "next"))
    }

    @Test func `a character may be split between fragments`() throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        let bytes = Array("€".utf8)
        client.send(RawClient.frame([bytes[0]], isFinal: false))
        client.send(RawClient.frame([bytes[1]], opcode: 0, isFinal: false))
        client.send(RawClient.frame([bytes[2]], opcode: 0))
        #expect(server.next() == .message(id, "€"))
    }

    @Test func `16384 bytes are allowed, in one frame or in fragments`() throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        let text = String(repeating: "a", count: 16_384)
        client.sendText(text)
        #expect(server.next() == .message(id, text))
        let half = Array(text.utf8.prefix(8192))
        client.send(RawClient.frame(half, isFinal: false))
        client.send(RawClient.frame(half, opcode: 0))
        #expect(server.next() == .message(id, text))
    }

    @Test(arguments: ["whole", "announced", "fragments"])
    func `one byte more closes 1009`(_ form: String) throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        let bytes = [UInt8](repeating: 97, count: 16_385)
        switch form {
        case "whole": client.send(RawClient.frame(bytes))
        case "announced": client.send(RawClient.frame([97], announcing: 1 << 40))
        default:
            client.send(RawClient.frame(Array(bytes[..<16_384]), isFinal: false))
            client.send(RawClient.frame([97], opcode: 0, isFinal: false))
        }
        #expect(client.readCloseCode() == 1009)
        #expect(server.next() == .closed(id))
    }

    @Test func `binary closes 1003, bad UTF-8 closes 1007`() throws {
        let server = try TestServer()
        let (binary, first) = try server.pair()
        binary.send(RawClient.frame([1, 2, 3], opcode: 2))
        #expect(binary.readCloseCode() == 1003)
        #expect(server.next() == .closed(first))
        let (broken, second) = try server.pair()
        broken.send(RawClient.frame([0xC3, 0x28]))
        #expect(broken.readCloseCode() == 1007)
        #expect(server.next() == .closed(second))
        let (cut, third) = try server.pair()
        cut.send(RawClient.frame([0xE2, 0x82]))
        #expect(cut.readCloseCode() == 1007)
        #expect(server.next() == .closed(third))
    }

    @Test(
        arguments: [
            [0x83, 0x80, 0, 0, 0, 0],  // opcode 3
            [0xC1, 0x80, 0, 0, 0, 0],  // RSV1 without extension
            [0x80, 0x80, 0, 0, 0, 0],  // continuation of nothing
            [0x09, 0x80, 0, 0, 0, 0],  // fragmented ping
        ] as [[UInt8]])
    func `protocol errors close 1002`(_ frame: [UInt8]) throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        client.send(frame)
        #expect(client.readCloseCode() == 1002)
        #expect(server.next() == .closed(id))
    }

    @Test func `a close is echoed, an illegal one answered with a legal one`() throws {
        let server = try TestServer()
        func answer(_ body: [UInt8]) throws -> Int {
            let (client, id) = try server.pair()
            client.send(RawClient.frame(body, opcode: 8))
            let code = client.readCloseCode()
            #expect(server.next() == .closed(id))
            // A close of one byte is answered, and the end waited for by the rules.
            if body.count != 1 { #expect(client.readsEnd()) }
            return code
        }
        #expect(try answer([]) == 1005)
        #expect(try answer([0x03, 0xE8]) == 1000)
        #expect(try answer([0x03, 0xE9, 0x62, 0x79, 0x65]) == 1001)
        #expect(try answer([0x0F, 0xA0]) == 4000)
        #expect(try answer([0x03]) == 1002)
        #expect(try answer([0x13, 0x88]) == 1002, "5000")
        #expect(try answer([0x03, 0xED]) == 1002, "1005")
        #expect(try answer([0xFF, 0xFF]) == 1002)
    }

    @Test(arguments: [
        RawClient.frame([1], opcode: 2), RawClient.frame([0xC3, 0x28]),
        RawClient.frame([UInt8](repeating: 97, count: 16_385)), [0x83, 0x80, 0, 0, 0, 0],
    ])
    func `behind a mistake nothing is read and nothing answered`(_ mistake: [UInt8]) throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        client.send(mistake)
        let code = client.readCloseCode()
        #expect([1002, 1003, 1007, 1009].contains(code))
        for _ in 0..<50 {
            client.sendText("behind")
            client.send(RawClient.frame(Array("?".utf8), opcode: 9))
            client.send(RawClient.frame([0x03, 0xE8], opcode: 8))
        }
        #expect(client.readFrame() == nil, "no pong, no second close")
        #expect(server.next() == .closed(id))
        let (_, next) = try server.pair()
        #expect(next != id)
    }

    @Test func `behind the server's close frame nothing is read and nothing answered`() throws {
        let server = try TestServer()
        let (client, id) = try server.pair()
        server.deliver { $0.close(id, .banned, reason: "") }
        #expect(client.readCloseCode() == 4501)
        client.sendText("behind")
        client.send(RawClient.frame(Array("?".utf8), opcode: 9))
        client.send(RawClient.frame([0x03, 0xE8], opcode: 8))
        #expect(client.readFrame(skippingPings: false) == nil)
        #expect(server.next() == .closed(id))
        client.finishSending()
        // What comes later meets nobody, and the socket is given back when the peer ends.
        #expect(server.counts { $0.sockets == 0 })
    }

    @Test func `a peer that vanishes is reported`() throws {
        let server = try TestServer()
        var (client, id): (RawClient?, ConnectionID) = try server.pair()
        _ = client
        client = nil
        #expect(server.next() == .closed(id))
    }

    @Test func `while the owner is full little is read, then everything arrives in order`() throws {
        let isFull = Lock(false)
        let server = try TestServer(refusingWhile: isFull) {
            $0.pingSeconds = 1
            $0.pongSeconds = 600
            $0.helloSeconds = 600
        }
        let (client, id) = try server.pair()
        let (clock, _) = try server.pair()
        isFull.withLock { $0 = true }
        let filler = String(repeating: "f", count: 1000)
        let sender = Lane(name: "sender") {
            for number in 0..<20_000 { client.sendText("\(number) \(filler)") }
        }
        // Two pings: time for the loop to read all it is going to.
        for _ in 0..<2 { #expect(clock.readFrame(skippingPings: false)?.opcode == 9) }
        #expect(server.transport.statistics().messagesReceived < 100)
        isFull.withLock { $0 = false }
        for number in 0..<20_000 {
            guard case .message(let from, let text) = server.next(), from == id,
                text.prefix(while: { $0 != " " }) == "\(number)"
            else {
                Issue.record("message \(number) is missing")
                break
            }
        }
        sender.join()
    }
}
