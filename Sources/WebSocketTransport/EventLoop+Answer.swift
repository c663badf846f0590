// Writes the answer to a request and ends its connection: what the peer still sends is read and thrown
// away for a while, so that it can read the answer before its end of the connection is reset.

internal import CLibwebsockets
import Glibc
internal import Lanes
internal import WireProtocol

extension EventLoop {
    func takeOver(_ exchange: HTTPExchange, milliseconds: Int64) {
        exchange.deadline = Clock.monotonic() + milliseconds
        guard let wsi = exchange.wsi else { return }
        lws_rx_flow_control(wsi, 0)
        lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0)
    }

    func respond(_ exchange: HTTPExchange, _ response: HTTPResponse) {
        exchange.phase = .writing
        giveBack(exchange)
        takeOver(exchange, milliseconds: TransportLimits.takeMilliseconds)
        exchange.answer = HTTPAnswer.bytes(response, isHead: exchange.isHead)
        if let wsi = exchange.wsi {
            lws_rx_flow_control(wsi, 1)
            lws_callback_on_writable(wsi)
        } else {
            write(exchange)
        }
    }

    /// With TLS the library writes the answer, piece by piece. −1 when all is written.
    func writeThroughLibrary(_ exchange: HTTPExchange) -> Int32 {
        guard let wsi = exchange.wsi, case .writing = exchange.phase else { return 0 }
        let size = min(
            exchange.answer.count - exchange.written, TransportLimits.libraryWriteBytes)
        let result = exchange.answer.withUnsafeMutableBytes { bytes in
            lws_write(
                wsi,
                bytes.baseAddress?.advanced(by: exchange.written)
                    .assumingMemoryBound(to: UInt8.self), size, LWS_WRITE_HTTP)
        }
        exchange.written += size
        exchange.deadline = Clock.monotonic() + TransportLimits.takeMilliseconds
        guard result >= 0, exchange.written < exchange.answer.count else { return -1 }
        lws_callback_on_writable(wsi)
        return 0
    }

    /// Writes what the socket takes, then waits until it takes more, or for the peer's end.
    private func write(_ exchange: HTTPExchange) {
        while exchange.written < exchange.answer.count {
            let sent = exchange.answer.withUnsafeBytes { bytes in
                send(
                    exchange.descriptor, bytes.baseAddress?.advanced(by: exchange.written),
                    bytes.count - exchange.written, socketFlags)
            }
            if sent < 0 {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { return end(exchange) }
                return watch(exchange, Int32(EV_WRITE))
            }
            exchange.written += sent
            exchange.deadline = Clock.monotonic() + TransportLimits.takeMilliseconds
        }
        exchange.phase = .lingering
        exchange.answer = []
        exchange.deadline =
            Clock.monotonic()
            + (exchange.hasUnwantedBody
                ? TransportLimits.unwantedBodyMilliseconds : TransportLimits.lingerMilliseconds)
        shutdown(exchange.descriptor, Int32(SHUT_WR))
        watch(exchange, Int32(EV_READ))
    }

    func watch(_ exchange: HTTPExchange, _ events: Int32) {
        if let watcher = exchange.watcher {
            if watcher.pointee.events & events != 0 { return }
            unwatch(exchange)
        }
        exchange.watcher = watcher(of: exchange.descriptor, events, for: exchange.id)
    }

    func unwatch(_ exchange: HTTPExchange) {
        if let watcher = exchange.watcher { stop(watcher) }
        exchange.watcher = nil
    }

    /// A watcher of ours that calls `ready`.
    func watcher(
        of descriptor: Int32, _ events: Int32, for id: ConnectionID
    ) -> UnsafeMutablePointer<ev_io> {
        let watcher = UnsafeMutablePointer<ev_io>.allocate(capacity: 1)
        shim_ev_io_init(
            watcher,
            { loop, watcher, _ in
                guard let loop, let watcher, let owner = ev_userdata(loop) else { return }
                let raw = UInt64(UInt(bitPattern: watcher.pointee.data))
                Unmanaged<EventLoop>.fromOpaque(owner)._withUnsafeGuaranteedRef {
                    $0.ready(ConnectionID(rawValue: raw))
                }
            }, descriptor, events, UnsafeMutableRawPointer(bitPattern: UInt(id.rawValue)))
        ev_io_start(loop, watcher)
        return watcher
    }

    func stop(_ watcher: UnsafeMutablePointer<ev_io>) {
        ev_io_stop(loop, watcher)
        watcher.deallocate()
    }

    private func ready(_ id: ConnectionID) {
        switch slots[id] {
        case .exchange(let exchange): ready(exchange)
        case .connection(let connection): discard(connection)
        case nil: break
        }
    }

    private func ready(_ exchange: HTTPExchange) {
        switch exchange.phase {
        case .arriving: readHeader(exchange)
        case .receiving: readBody(exchange)
        case .writing: write(exchange)
        case .lingering:
            guard let count = discard(exchange.descriptor) else { return end(exchange) }
            exchange.discarded += count
            if exchange.discarded > TransportLimits.discardedBytesMax { end(exchange) }
        case .waiting, .gone: break
        }
    }

    /// Takes what the peer sent and throws it away, without a copy. Nil: there is no more to come.
    func discard(_ descriptor: Int32) -> Int? {
        let flags = socketFlags | Int32(MSG_TRUNC)
        let count = recv(descriptor, nil, TransportLimits.discardBytes, flags)
        if count > 0 { return count }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : nil
    }

    /// Ends the exchange now. Never from a callback of the library for this very socket.
    func end(_ exchange: HTTPExchange) {
        if case .gone = exchange.phase { return }
        forget(exchange)
        if let wsi = exchange.wsi { return drop(wsi, abruptly: false) }
        close(exchange.descriptor)
        farewell(exchange.peer)
        slots.remove(exchange.id)
    }

    /// The socket is going: stop watching it.
    func forget(_ exchange: HTTPExchange) {
        unwatch(exchange)
        if case .gone = exchange.phase { return }
        exchange.phase = .gone
        exchanges -= 1
        giveBack(exchange)
        exchange.answer = []
    }

    /// The body is of no use any more, and its room is free.
    private func giveBack(_ exchange: HTTPExchange) {
        bodyBytes -= exchange.bodyLength
        exchange.bodyLength = 0
        exchange.request.body = []
    }
}
