// Plain HTTP on the same port: collects the request, hands it to the owner, writes the answer of any
// size, closes. One request per connection. From the moment the request is complete libwebsockets
// neither reads nor writes this socket; our own watchers do, and end it.

internal import CLibwebsockets
import Glibc
internal import Lanes
internal import WireProtocol

extension EventLoop {
    /// The header of a request without upgrade is there.
    func requested(_ wsi: OpaquePointer, _ user: UnsafeMutableRawPointer?) -> Int32 {
        let descriptor = lws_get_socket_fd(wsi)
        guard let user, let peer = NetworkAddress(peerOf: descriptor) else { return -1 }
        let headers = RequestHeaders(wsi: wsi)
        let (method, path) = headers.target
        let fields = headers.fields(custom: configuration.customHeaders)
        let request = HTTPRequest(
            method: HTTPRequest.Method(rawValue: method) ?? .get,
            path: RequestHeaders.encode(path.utf8, keeping: Set("/:@!$&'()*+,;=".utf8)),
            query: headers.query, headers: fields,
            address: configuration.trustedProxies.client(
                behind: peer, forwardedFor: fields["x-forwarded-for"]
            ).text)
        let id = slots.reserve()
        user.storeBytes(of: id.rawValue, as: UInt64.self)
        let exchange = HTTPExchange(
            wsi: wsi, descriptor: descriptor, id: id, request: request,
            isHead: method == "HEAD",
            deadline: Clock.monotonic() + TransportLimits.requestMilliseconds)
        slots.put(.exchange(exchange), at: id)
        exchanges += 1
        statistics.httpRequests += 1
        if let refusal = refusal(
            of: request, head: headers.head(asksForwarding: configuration.developmentMode))
        {
            count(refusal)
            respond(exchange, HTTPAnswer.response(refusal))
            return 0
        }
        let length = fields["content-length"].flatMap { Int($0) } ?? 0
        guard length > 0 else {
            completed(exchange)
            return 0
        }
        exchange.request.body.reserveCapacity(min(length, 65_536))
        if fields["expect"]?.lowercased() == "100-continue" {
            var line = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
            lws_write(wsi, &line, line.count, LWS_WRITE_HTTP)
        }
        return 0
    }

    private func refusal(of request: HTTPRequest, head: RequestHead) -> Refusal? {
        guard HTTPRequest.Method(rawValue: head.method) != nil else {
            return Refusal(status: 501, message: "this method is not implemented")
        }
        if let refusal = gate.refusal(ofRequest: head) { return refusal }
        if request.headers["transfer-encoding"] != nil {
            return Refusal(status: 411, message: "a body needs a Content-Length")
        }
        guard let text = request.headers["content-length"] else {
            switch request.method {
            case .post, .put, .patch:
                return Refusal(status: 411, message: "a body needs a Content-Length")
            case .get, .head, .delete, .options: return nil
            }
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return Refusal(status: 400, message: "Content-Length is not a number")
        }
        guard let length = Int(text), length <= configuration.bodyBytesMax else {
            return Refusal(
                status: 413, message: "a body has at most \(configuration.bodyBytesMax) bytes")
        }
        guard bodyBytes + length <= configuration.bodyBytesTotalMax else {
            return Refusal(
                status: 503, message: "too many large requests at once",
                headers: [("Retry-After", "1")])
        }
        return nil
    }

    func receivedBody(_ bytes: UnsafeRawBufferPointer, of exchange: HTTPExchange) {
        guard case .receiving = exchange.phase else { return }
        exchange.request.body.append(contentsOf: bytes)
        bodyBytes += bytes.count
    }

    /// The request is whole: the owner gets it, the library stops reading.
    func completed(_ exchange: HTTPExchange) {
        guard case .receiving = exchange.phase else { return }
        exchange.phase = .waiting
        takeOver(exchange, milliseconds: TransportLimits.answerMilliseconds)
        pending.events.append(.request(exchange.id, exchange.request))
        bodyBytes -= exchange.request.body.count
        exchange.request.body = []
    }

    private func takeOver(_ exchange: HTTPExchange, milliseconds: Int64) {
        lws_rx_flow_control(exchange.wsi, 0)
        lws_set_timeout(exchange.wsi, NO_PENDING_TIMEOUT, 0)
        exchange.deadline = Clock.monotonic() + milliseconds
    }

    func respond(_ exchange: HTTPExchange, _ response: HTTPResponse) {
        exchange.phase = .writing
        takeOver(exchange, milliseconds: TransportLimits.takeMilliseconds)
        exchange.answer = HTTPAnswer.bytes(response, isHead: exchange.isHead)
        if usesTLS {
            lws_rx_flow_control(exchange.wsi, 1)
            lws_callback_on_writable(exchange.wsi)
        } else {
            write(exchange)
        }
    }

    /// With TLS the library writes the answer, piece by piece. −1 when all is written.
    func writeThroughLibrary(_ exchange: HTTPExchange) -> Int32 {
        guard usesTLS, case .writing = exchange.phase else { return 0 }
        let size = min(
            exchange.answer.count - exchange.written, TransportLimits.libraryWriteBytes)
        let result = exchange.answer.withUnsafeMutableBytes { bytes in
            lws_write(
                exchange.wsi,
                bytes.baseAddress?.advanced(by: exchange.written)
                    .assumingMemoryBound(to: UInt8.self), size, LWS_WRITE_HTTP)
        }
        exchange.written += size
        exchange.deadline = Clock.monotonic() + TransportLimits.takeMilliseconds
        guard result >= 0, exchange.written < exchange.answer.count else { return -1 }
        lws_callback_on_writable(exchange.wsi)
        return 0
    }

    /// Writes what the socket takes, then waits until it takes more, or for the peer's end.
    private func write(_ exchange: HTTPExchange) {
        while exchange.written < exchange.answer.count {
            let sent = exchange.answer.withUnsafeBytes { bytes in
                send(
                    exchange.descriptor, bytes.baseAddress?.advanced(by: exchange.written),
                    bytes.count - exchange.written,
                    socketFlags)
            }
            if sent < 0 {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { break }
                return watch(exchange, Int32(EV_WRITE))
            }
            exchange.written += sent
            exchange.deadline = Clock.monotonic() + TransportLimits.takeMilliseconds
        }
        exchange.phase = .lingering
        exchange.answer = []
        exchange.deadline = Clock.monotonic() + TransportLimits.lingerMilliseconds
        shutdown(exchange.descriptor, Int32(SHUT_WR))
        watch(exchange, Int32(EV_READ))
    }

    private func watch(_ exchange: HTTPExchange, _ events: Int32) {
        if let watcher = exchange.watcher {
            if watcher.pointee.events & events != 0 { return }
            ev_io_stop(loop, watcher)
        }
        let watcher = exchange.watcher ?? .allocate(capacity: 1)
        exchange.watcher = watcher
        shim_ev_io_init(
            watcher,
            { loop, watcher, _ in
                guard let loop, let watcher, let owner = ev_userdata(loop) else { return }
                let raw = UInt64(UInt(bitPattern: watcher.pointee.data))
                Unmanaged<EventLoop>.fromOpaque(owner)._withUnsafeGuaranteedRef {
                    $0.ready(ConnectionID(rawValue: raw))
                }
            }, exchange.descriptor, events,
            UnsafeMutableRawPointer(bitPattern: UInt(exchange.id.rawValue)))
        ev_io_start(loop, watcher)
    }

    private func ready(_ id: ConnectionID) {
        guard let exchange = slots.exchange(id) else { return }
        switch exchange.phase {
        case .writing: write(exchange)
        case .lingering: discard(exchange)
        case .receiving, .waiting, .gone: break
        }
    }

    /// Reads what a peer sends after its answer, so that its end of the connection is not reset before
    /// it has read; for a while, then enough.
    private func discard(_ exchange: HTTPExchange) {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            let count = recv(
                exchange.descriptor, buffer.baseAddress, buffer.count, socketFlags)
            if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { end(exchange) }
        }
    }

    /// Ends the exchange now. Never from a callback of the library for this very socket.
    func end(_ exchange: HTTPExchange) {
        let wsi = exchange.wsi
        if case .gone = exchange.phase { return }
        forget(exchange)
        drop(wsi, abruptly: false)
    }

    /// The socket is going: stop watching it.
    func forget(_ exchange: HTTPExchange) {
        if let watcher = exchange.watcher {
            ev_io_stop(loop, watcher)
            watcher.deallocate()
            exchange.watcher = nil
        }
        if case .gone = exchange.phase { return }
        exchange.phase = .gone
        exchanges -= 1
        bodyBytes -= exchange.request.body.count
        exchange.request.body = []
        exchange.answer = []
    }
}
