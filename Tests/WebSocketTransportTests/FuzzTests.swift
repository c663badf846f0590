// No bytes from the network end the process or disturb others: handshakes, frames and HTTP requests,
// mutated from a seed that is printed. Run again with TRANSPORT_FUZZ_SEED, longer with
// TRANSPORT_FUZZ_ROUNDS.

import Foundation
import Testing
import WebSocketTransport
import WireProtocol

struct FuzzTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static func mutate(_ bytes: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 4: bytes.removeLast(bytes.count - place)
            default:
                let end = min(bytes.count, place + Int.random(in: 1...64, using: &random))
                bytes += bytes[place..<end]
            }
        }
        return bytes
    }

    @Test func `mutated input never ends the process or another connection`() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed =
            environment["TRANSPORT_FUZZ_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(
                in: 0...999_999)
        let rounds = environment["TRANSPORT_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 400
        print("TRANSPORT_FUZZ_SEED=\(seed)")
        var random = Random(state: seed)
        let server = try TestServer {
            $0.bodyRule = { _ in .upTo(10_000) }
            $0.helloSeconds = 1
        }
        let (witness, id) = try server.pair()
        server.deliver { $0.join(id, room) }
        let requests = [
            RawClient.upgrade(),
            RawClient.upgrade([
                "Origin": "http://localhost", "Sec-WebSocket-Protocol": "liveshop.v1, a",
                "Sec-WebSocket-Extensions": "permessage-deflate",
            ]),
            RawClient.upgrade(["Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"]),
            "GET /v1/shows/a?b=c&d=%20 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n01234567890123456789",
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        ].map { Array($0.utf8) }
        let frames: [[UInt8]] = [
            RawClient.frame(Array("hello".utf8)),
            RawClient.frame(Array("part".utf8), isFinal: false)
                + RawClient.frame(Array("ping".utf8), opcode: 9)
                + RawClient.frame(Array("rest €".utf8), opcode: 0),
            RawClient.frame([0x03, 0xE8, 0x61], opcode: 8),
            RawClient.frame([UInt8](repeating: 98, count: 700)),
            RawClient.frame([], opcode: 10) + RawClient.frame([1, 2], opcode: 2),
        ]
        for round in 0..<rounds {
            let client = RawClient(port: server.port)
            if Bool.random(using: &random) {
                client.send(Self.mutate(requests[Int.random(in: 0..<6, using: &random)], &random))
            } else if client.open()?.status == 101 {
                for _ in 0..<Int.random(in: 1...5, using: &random) {
                    client.send(
                        Self.mutate(
                            frames[Int.random(in: 0..<frames.count, using: &random)], &random))
                }
            }
            client.finishSending()
            if round % 50 == 49 {
                server.deliver { $0.broadcast("\(round)", to: room) }
                #expect(witness.readFrame()?.text == "\(round)", "seed \(seed)")
            }
        }
        #expect(server.client().readCloseCode() == 4401)
    }
}
