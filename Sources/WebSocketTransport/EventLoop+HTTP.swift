// Plain HTTP on the same port: decides about a request, collects its body, hands it to the owner. One
// request per connection. EventLoop+Answer.swift writes the answer and ends the connection.

internal import CLibwebsockets
import Glibc
internal import Lanes
internal import WireProtocol

extension EventLoop {
    /// With TLS: the header of a request without upgrade is there. From the moment the request is complete
    /// libwebsockets does not read this socket any more.
    func requested(_ wsi: OpaquePointer, _ user: UnsafeMutableRawPointer?) -> Int32 {
        guard let user, let peer = peers[wsi] else { return -1 }
        let headers = RequestHeaders(wsi: wsi)
        let now = Clock.monotonic()
        let exchange = HTTPExchange(
            wsi: wsi, descriptor: lws_get_socket_fd(wsi), id: slots.reserve(), peer: peer,
            now: now, deadline: now)
        user.storeBytes(of: exchange.id.rawValue, as: UInt64.self)
        slots.put(.exchange(exchange), at: exchange.id)
        exchanges += 1
        do throws(Refusal) {
            var head = headers.head
            let query = headers.query
            head.path = try RequestTarget(headers.encodedPath.utf8.span).path
            exchange.isHead = head.method == "HEAD"
            peer.client = client(of: head, behind: peer.address)
            guard HTTPRequest.Method(rawValue: head.method) != nil else {
                throw Refusal(status: 501, message: "this method is not implemented")
            }
            let fields = headers.fields(custom: configuration.customHeaders)
            requested(exchange, head, query: query, fields: fields)
        } catch {
            refuse(exchange, error)
        }
        return 0
    }

    /// The header is judged to be HTTP; may it go on?
    func requested(
        _ exchange: HTTPExchange, _ head: RequestHead, query: String, fields: [String: String]
    ) {
        statistics.httpRequests += 1
        exchange.phase = .receiving
        exchange.deadline = Clock.monotonic() + TransportLimits.requestMilliseconds
        exchange.request = HTTPRequest(
            method: HTTPRequest.Method(rawValue: head.method) ?? .get, path: head.path,
            query: query, headers: fields, address: exchange.peer.client.text,
            reachedAt: reachedAt(head, exchange.peer))
        exchange.hasUnwantedBody = head.hasBody
        if let refusal = gate.refusal(ofRequest: head) { return refuse(exchange, refusal) }
        do throws(Refusal) {
            guard let length = try bodyLength(exchange) else { return }
            exchange.hasUnwantedBody = false
            guard length > 0 else { return completed(exchange) }
            receive(length, of: exchange)
        } catch {
            refuse(exchange, error)
        }
    }

    /// How much body there is to read; nil when the request has been answered without it.
    private func bodyLength(_ exchange: HTTPExchange) throws(Refusal) -> Int? {
        let request = exchange.request
        let text = request.headers["content-length"]
        if let text, text.isEmpty || !text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            throw Refusal(status: 400, message: "Content-Length is not a number")
        }
        let isChunked = request.headers["transfer-encoding"] != nil
        guard !isChunked || text == nil else {
            throw Refusal(
                status: 400, message: "Content-Length and Transfer-Encoding exclude each other")
        }
        let length = text.map { Int($0) ?? .max } ?? 0
        switch configuration.bodyRule(request) {
        case .refused(let response):
            guard isChunked || length > 0 else { return 0 }
            statistics.rejected += 1
            respond(exchange, response)
            return nil
        case .upTo(let most):
            let method = request.method
            let mayLackLength =
                method == .get || method == .head || method == .delete
                || method == .options
            guard !isChunked, text != nil || mayLackLength else {
                throw Refusal(status: 411, message: "a body needs a Content-Length")
            }
            guard length <= most else {
                throw Refusal(status: 413, message: "a body has at most \(most) bytes here")
            }
        }
        guard bodyBytes + length <= configuration.bodyBytesTotalMax else {
            throw Refusal(
                status: 503, message: "too many large requests at once",
                headers: [("Retry-After", "1")])
        }
        return length
    }

    /// Reserves the room for the body and reads it as it comes.
    private func receive(_ length: Int, of exchange: HTTPExchange) {
        exchange.bodyLength = length
        bodyBytes += length
        exchange.request.body.reserveCapacity(length)
        if exchange.request.headers["expect"]?.lowercased() == "100-continue" {
            var line = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
            if let wsi = exchange.wsi {
                lws_write(wsi, &line, line.count, LWS_WRITE_HTTP)
            } else {
                // Some bytes into the buffer of a new socket: they fit, or the peer is gone.
                send(exchange.descriptor, line, line.count, socketFlags)
            }
        }
        if exchange.wsi == nil { readBody(exchange) }
    }

    func readBody(_ exchange: HTTPExchange) {
        let missing = exchange.bodyLength - exchange.request.body.count
        let count = recv(
            exchange.descriptor, headerSpace.baseAddress, min(missing, headerSpace.count),
            socketFlags)
        if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { return end(exchange) }
        if count > 0 {
            receivedBody(UnsafeRawBufferPointer(rebasing: headerSpace[..<count]), of: exchange)
        }
        if exchange.request.body.count < exchange.bodyLength {
            watch(exchange, Int32(EV_READ))
        } else {
            completed(exchange)
        }
    }

    func receivedBody(_ bytes: UnsafeRawBufferPointer, of exchange: HTTPExchange) {
        guard case .receiving = exchange.phase else { return }
        let missing = exchange.bodyLength - exchange.request.body.count
        exchange.request.body.append(contentsOf: bytes.prefix(missing))
    }

    /// The request is whole: the owner gets it, nothing is read any more. What it reserved stays so until
    /// it is answered.
    func completed(_ exchange: HTTPExchange) {
        guard case .receiving = exchange.phase else { return }
        exchange.phase = .waiting
        takeOver(exchange, milliseconds: TransportLimits.answerMilliseconds)
        unwatch(exchange)
        pending.events.append(.request(exchange.id, exchange.request))
        exchange.request.body = []
    }

    /// `wss://shop.example`: how the client came here, as far as that can be said.
    private func reachedAt(_ head: RequestHead, _ peer: Peer) -> String? {
        RequestOrigin(
            head, isSecure: usesTLS,
            isBehindProxy: configuration.trustedProxies.contains(peer.address)
        ).socketOrigin(for: peer.client, isDevelopment: configuration.developmentMode)
    }
}
