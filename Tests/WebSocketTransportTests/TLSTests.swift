// TLS, with the openssl command as the peer: upgrade, frames both ways, HTTP, certificates that do not
// fit.

import Foundation
import Lanes
import Testing
import WebSocketTransport
import WireProtocol

private let openssl = "/usr/bin/openssl"

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: openssl)))
struct TLSTests {
    /// A directory with `cert.pem` and `key.pem`, removed with the value.
    final class Certificate {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("transport-tls-\(UUID().uuidString)")
        var files: TLSFiles {
            TLSFiles(
                certificate: directory.appendingPathComponent("cert.pem").path,
                key: directory.appendingPathComponent("key.pem").path)
        }

        init() throws {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: openssl)
            process.arguments = [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj", "/CN=localhost", "-days", "2", "-keyout", files.key, "-out",
                files.certificate,
            ]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
        }

        deinit { try? FileManager.default.removeItem(at: directory) }
    }

    /// A conversation on a thread of its own: sends, then reads until the server closes.
    final class Talk: Sendable {
        private let answer = Lock<[UInt8]>([])
        private let lane: Lane

        init(_ port: Int, _ bytes: [UInt8]) {
            let answer = answer
            lane = Lane(name: "openssl") {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: openssl)
                process.arguments = ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)"]
                let input = Pipe()
                let output = Pipe()
                process.standardInput = input
                process.standardOutput = output
                process.standardError = FileHandle.nullDevice
                guard (try? process.run()) != nil else { return }
                input.fileHandleForWriting.write(Data(bytes))
                let data = output.fileHandleForReading.readDataToEndOfFile()
                process.terminate()
                answer.withLock { $0 = Array(data) }
            }
        }

        var received: [UInt8] {
            lane.join()
            return answer.withLock { $0 }
        }
    }

    @Test func `frames go both ways, large ones too, and a close ends it`() throws {
        let certificate = try Certificate()
        let server = try TestServer {
            $0.tls = certificate.files
            $0.loops = 2
        }
        let talk = Talk(
            server.port,
            Array(RawClient.upgrade().utf8) + RawClient.frame(Array("hello".utf8))
                + RawClient.frame([0x11, 0x95], opcode: 8))
        guard case .opened(let id, let address) = try #require(server.next()) else { return }
        #expect(address == "127.0.0.1")
        #expect(server.next() == .message(id, "hello"))
        #expect(server.next() == .closed(id))
        #expect(talk.received.suffix(4) == [0x88, 2, 0x11, 0x95], "the close is echoed")

        let listener = Talk(server.port, Array(RawClient.upgrade().utf8))
        guard case .opened(let second, _) = try #require(server.next()) else { return }
        let big = String(repeating: "b", count: 3_000_000)
        server.deliver { batch in
            batch.join(second, room)
            batch.send(big, to: second)
            for number in 0..<500 { batch.broadcast("broadcast \(number)", to: room) }
            batch.close(second, .banned, reason: "done")
        }
        let bytes = listener.received
        #expect(bytes.starts(with: Array("HTTP/1.1 101".utf8)))
        #expect(bytes.count > 3_000_000 + 500 * 13)
        let end = String(decoding: bytes.suffix(500 * 16), as: UTF8.self)
        #expect((50..<500).allSatisfy { end.contains("broadcast \($0)") })
        #expect(listener.received.suffix(8) == [0x88, 6, 0x11, 0x95] + Array("done".utf8))
    }

    @Test func `HTTP requests and large answers pass, before and after a reload`() throws {
        let certificate = try Certificate()
        let server = try TestServer { $0.tls = certificate.files }
        for _ in 0..<2 {
            let talk = Talk(
                server.port,
                Array("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody".utf8))
            guard case .request(let id, _, _, _) = try #require(server.next()) else { return }
            #expect(server.lastRequest?.body == Array("body".utf8))
            let body = [UInt8](repeating: 97, count: 1_000_000)
            server.deliver { $0.respond(HTTPResponse(status: 200, body: body), to: id) }
            #expect(talk.received.starts(with: Array("HTTP/1.1 200 OK\r\n".utf8)))
            #expect(talk.received.suffix(1_000_000) == body[...])
            server.transport.reloadCertificate()
        }
        let refused = Talk(server.port, Array("POST /x HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(refused.received.starts(with: Array("HTTP/1.1 411".utf8)))
        let rejected = Talk(
            server.port, Array(RawClient.upgrade(["Sec-WebSocket-Version": "8"]).utf8))
        #expect(rejected.received.starts(with: Array("HTTP/1.1 426".utf8)))
    }

    @Test func `plain bytes on a TLS port end their connection`() throws {
        let certificate = try Certificate()
        let server = try TestServer { $0.tls = certificate.files }
        let client = RawClient(port: server.port)
        client.send(RawClient.upgrade())
        #expect(client.readsEnd())
    }

    @Test func `a certificate that cannot be used is named`() throws {
        let certificate = try Certificate()
        var files = certificate.files
        files.key = files.certificate
        #expect(throws: TransportError.unusableCertificate(files)) {
            _ = try TestServer { $0.tls = files }
        }
        files.certificate = "/nonexistent/cert.pem"
        #expect(throws: TransportError.unusableCertificate(files)) {
            _ = try TestServer { $0.tls = files }
        }
    }
}
