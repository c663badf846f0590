// From an accepted socket to a request: the header is looked at in the kernel's buffer until it is whole,
// so an unfinished one costs no memory here, then read and judged by our own reader. An upgrade goes on to
// libwebsockets as a request in the plainest form, so its own reading of headers, which normalises paths
// and takes much that is no HTTP, never meets what a peer wrote.

internal import CLibwebsockets
import Glibc
internal import Lanes
internal import WireProtocol

extension EventLoop {
    func arrive(_ descriptor: Int32, _ peer: Peer) {
        let now = Clock.monotonic()
        let exchange = HTTPExchange(
            wsi: nil, descriptor: descriptor, id: slots.reserve(), peer: peer, now: now,
            deadline: now + Int64(max(1, configuration.handshakeSeconds)) * 1000)
        slots.put(.exchange(exchange), at: exchange.id)
        exchanges += 1
        readHeader(exchange)
    }

    func readHeader(_ exchange: HTTPExchange) {
        let space = headerSpace.count
        let count = recv(
            exchange.descriptor, headerSpace.baseAddress, space, socketFlags | Int32(MSG_PEEK))
        if count < 0, errno == EAGAIN || errno == EINTR { return wait(for: exchange, beyond: 0) }
        // Readable without more to read is the peer's end.
        guard count > exchange.seen else { return end(exchange) }
        do throws(Refusal) {
            let header = UnsafeRawBufferPointer(
                rebasing: UnsafeRawBufferPointer(headerSpace)[..<count])
            guard let reader = try RequestReader(header) else {
                return wait(for: exchange, beyond: count)
            }
            lookFor(exchange.seen > 0 ? 1 : 0, of: exchange)
            // What was looked at is taken, what follows it stays.
            guard
                recv(exchange.descriptor, headerSpace.baseAddress, reader.length, socketFlags)
                    == reader.length
            else { return end(exchange) }
            read(reader, of: exchange)
        } catch {
            if error == RequestReader.tooLarge {
                complain(
                    .warning,
                    "refused a request whose header is larger than \(TransportLimits.headerBytesMax) "
                        + "bytes or \(TransportLimits.headerLinesMax) lines")
            }
            statistics.httpRequests += 1
            refuse(exchange, error)
        }
    }

    /// Waits until the kernel has more of the header than was seen.
    private func wait(for exchange: HTTPExchange, beyond seen: Int) {
        exchange.seen = seen
        if seen > 0 { lookFor(seen + 1, of: exchange) }
        watch(exchange, Int32(EV_READ))
    }

    /// From how many bytes on the socket is called readable; 0 leaves it.
    private func lookFor(_ count: Int, of exchange: HTTPExchange) {
        guard count > 0 else { return }
        var count = Int32(count)
        setsockopt(
            exchange.descriptor, SOL_SOCKET, SO_RCVLOWAT, &count,
            socklen_t(MemoryLayout<Int32>.size))
    }

    private func read(_ reader: RequestReader, of exchange: HTTPExchange) {
        let head = reader.head
        let peer = exchange.peer
        peer.client = client(of: head, behind: peer.address)
        exchange.isHead = head.method == "HEAD"
        if head.upgrade != nil {
            if let refusal = gate.refusal(ofUpgrade: head) { return refuse(exchange, refusal) }
            let takesSubprotocol = head.subprotocols.map { !$0.isEmpty } ?? false
            let request = gate.plainUpgrade(key: head.key ?? "", echoing: takesSubprotocol)
            forget(exchange)
            slots.remove(exchange.id)
            return hand(exchange.descriptor, of: peer, having: request)
        }
        requested(exchange, head, query: reader.target.query, fields: reader.dictionary())
    }

    /// Answers a request that goes no further.
    func refuse(_ exchange: HTTPExchange, _ refusal: Refusal) {
        count(refusal)
        respond(exchange, HTTPAnswer.response(refusal))
    }

    /// The address a request counts for.
    func client(of head: RequestHead, behind peer: NetworkAddress) -> NetworkAddress {
        if head.namesClient, !configuration.developmentMode,
            !configuration.trustedProxies.contains(peer), counts.takeProxyWarning()
        {
            log(
                TransportLogLine(
                    level: .warning,
                    message: "a request names the client it was forwarded for, but comes from no "
                        + "trusted proxy: behind a proxy all clients count as one address until "
                        + "--trusted-proxy names it (this is said once)"))
        }
        return configuration.trustedProxies.client(behind: peer, forwardedFor: head.forwardedFor)
    }
}

extension RequestReader {
    /// What decides about admission.
    var head: RequestHead {
        let forwardedFor = value("x-forwarded-for")
        return RequestHead(
            method: method, path: target.path, isHTTP11: isHTTP11, host: value("host"),
            origin: value("origin"),
            isForwarded: has("x-forwarded-", asPrefix: true) || has("forwarded") || has("via")
                || has("x-real-ip"),
            namesClient: forwardedFor != nil || has("forwarded") || has("x-real-ip"),
            forwardedFor: forwardedFor, forwardedHost: value("x-forwarded-host"),
            forwardedProto: value("x-forwarded-proto"),
            hasBody: has("transfer-encoding") || (value("content-length") ?? "0") != "0",
            upgrade: value("upgrade"), connection: value("connection"),
            version: value("sec-websocket-version"), key: value("sec-websocket-key"),
            subprotocols: value("sec-websocket-protocol"))
    }
}
