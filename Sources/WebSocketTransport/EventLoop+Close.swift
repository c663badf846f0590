// Ends: with a close frame where the peer may still read one, and with a deadline in any case. Our close
// frames are written by ourselves, like all others: libwebsockets would set two timers for each in a
// sorted list, which ten thousand at once cannot afford, and only from callbacks of its own. It does
// answer close frames and protocol errors of peers.
//
// After our own close frame nothing is parsed and nothing answered (RFC 6455 §7.1.7): what still comes is
// thrown away unread, until the peer ends the connection or its time is up.

internal import CLibwebsockets
import Glibc
internal import Lanes
internal import WireProtocol

extension EventLoop {
    /// Takes the connection out of everything and sends its close frame after what is in its own queue.
    func beginClose(_ connection: Connection, _ code: CloseCode, reason: String) {
        guard connection.isOpen else { return }
        leave(connection)
        setCloseDeadline(connection)
        connection.phase = .closing
        lws_rx_flow_control(connection.wsi, 0)
        var reason = reason
        while reason.utf8.count > TransportLimits.closeReasonBytesMax { reason.removeLast() }
        connection.queue([
            0x88, UInt8(2 + reason.utf8.count), UInt8(code.rawValue >> 8),
            UInt8(code.rawValue & 0xFF),
        ])
        connection.queue(reason.utf8)
        if !connection.isStalled { sendClosing(connection) }
    }

    func sendClosing(_ connection: Connection) {
        sendDirect(connection)
        if case .closing = connection.phase, connection.queuedBytes == 0,
            lws_partial_buffered(connection.wsi) == 0
        {
            connection.phase = .closed
            hangUp(connection)
        }
    }

    /// All is said: ends our side, and waits for the peer to end its own.
    private func hangUp(_ connection: Connection) {
        shutdown(connection.descriptor, Int32(SHUT_WR))
        connection.watcher = watcher(
            of: connection.descriptor, Int32(EV_READ), for: connection.id)
    }

    /// What a peer sends behind our close frame.
    func discard(_ connection: Connection) {
        if let count = discard(connection.descriptor) {
            connection.discarded += count
            if connection.discarded <= TransportLimits.discardedBytesMax { return }
        }
        stopDiscarding(connection)
        drop(connection.wsi, abruptly: false)
    }

    /// The library begins to close, for whatever reason.
    func libraryCloses(_ connection: Connection) {
        if connection.isOpen, !connection.isEndedByPeer { failing.append(connection.id) }
        abandon(connection)
    }

    /// Once the library has done with the mistake it found: it still owes its close frame and would go on
    /// reading, and answering pings, until the peer answers that.
    func silenceFailing() {
        guard !failing.isEmpty else { return }
        let now = Clock.monotonic()
        for id in failing {
            guard let connection = slots.connection(id) else { continue }
            lws_rx_flow_control(connection.wsi, 0)
            connection.watcher = watcher(
                of: connection.descriptor, Int32(EV_READ), for: connection.id)
            failed.append((id, now + TransportLimits.libraryCloseMilliseconds))
        }
        failing.removeAll(keepingCapacity: true)
    }

    /// By now the library's close frame has left: ends our side.
    func hangUpFailed(at now: Int64) {
        guard !failed.isEmpty else { return }
        for (id, due) in failed where due <= now {
            guard let connection = slots.connection(id) else { continue }
            shutdown(connection.descriptor, Int32(SHUT_WR))
        }
        failed.removeAll { $0.due <= now }
    }

    func stopDiscarding(_ connection: Connection) {
        if let watcher = connection.watcher { stop(watcher) }
        connection.watcher = nil
    }

    private func setCloseDeadline(_ connection: Connection) {
        closeDeadlines.append(
            connection.id, deadline: Clock.monotonic() + TransportLimits.closeMilliseconds)
    }

    /// The peer closes, or answers our close. 0 lets the library answer, −1 ends the connection.
    func peerCloses(_ connection: Connection, _ body: UnsafeMutableRawBufferPointer) -> Int32 {
        if case .closed = connection.phase {
            abandon(connection)
            return -1
        }
        if body.count != 1 { connection.isEndedByPeer = true }
        if connection.isOpen, body.count == 1 { failing.append(connection.id) }
        abandon(connection)
        // The library would echo these, although a server must not send them (RFC 6455 §7.4).
        let illegal = CloseCode.protocolError.rawValue
        if body.count == 1 {
            lws_close_reason(
                connection.wsi, lws_close_status(rawValue: UInt32(illegal)), nil, 0)
            return -1
        }
        if body.count >= 2, Int(body[0]) << 8 | Int(body[1]) >= 5000 {
            body[0] = UInt8(illegal >> 8)
            body[1] = UInt8(illegal & 0xFF)
        }
        return 0
    }

    /// Nothing is read from or written to the connection any more.
    func abandon(_ connection: Connection) {
        if connection.isOpen {
            leave(connection)
            setCloseDeadline(connection)
        }
        connection.phase = .gone
        unstall(connection)
        connection.dropDirect()
    }

    /// Out of its room, and the owner is told.
    private func leave(_ connection: Connection) {
        leaveRoom(connection)
        connection.message = []
        if connection.isAnnounced { pending.events.append(.closed(connection.id)) }
    }

    func leaveRoom(_ connection: Connection) {
        guard let room = connection.room else { return }
        room.remove(connection)
        if room.members.isEmpty, !room.isScheduled { rooms[room.id] = nil }
    }

    /// The socket is broken; to be ended after what is being iterated over.
    func doom(_ connection: Connection) {
        abandon(connection)
        doomed.append(connection.id)
    }

    func endDoomed() {
        while let id = doomed.popLast() {
            if let connection = slots.connection(id) { drop(connection.wsi, abruptly: true) }
        }
    }

    /// Ends the TCP connection now. Never from a callback of this very socket. `abruptly` forgets what
    /// the kernel still has to send, which a peer that reads nothing would keep there for minutes.
    func drop(_ wsi: OpaquePointer, abruptly: Bool) {
        if abruptly {
            var never = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                lws_get_socket_fd(wsi), SOL_SOCKET, SO_LINGER, &never,
                socklen_t(MemoryLayout<linger>.size))
        }
        if lws_partial_buffered(wsi) == 0 {
            lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC)
        } else {
            // Killed at once, the library would first wait for its rest to leave.
            lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC)
            if let library { lws_cancel_service(library.context) }
        }
    }

    /// Overrun: the owner could not deliver for too long, so nobody here can go on without a gap.
    func giveEverybodyUp() {
        deliveries.removeAll()
        nextDelivery = 0
        _ = port.mailbox.drain(into: &deliveries, waitingUntil: 0)
        deliveries.removeAll()
        complain(.error, "this event loop is overloaded: its connections are closed to resume")
        for slot in 0..<slots.capacity {
            switch slots.endpoint(atSlot: slot) {
            case .connection(let connection) where connection.isOpen:
                statistics.closedTooSlow += 1
                connection.dropDirect()
                beginClose(connection, .tooSlow, reason: "server overloaded")
            case .exchange(let exchange): end(exchange)
            default: break
            }
        }
    }

    func beginStop(_ stop: LoopPort.Stop) {
        stopping = stop
        stopListening()
        for slot in 0..<slots.capacity {
            switch slots.endpoint(atSlot: slot) {
            case .connection(let connection) where connection.isOpen:
                keepUnsent(connection, UnsafeRawBufferPointer(start: nil, count: 0))
                beginClose(connection, stop.code, reason: "")
            case .exchange(let exchange):
                // An answer that is being written is finished; a request nobody answers any more is not.
                switch exchange.phase {
                case .writing, .lingering: break
                case .arriving, .receiving, .waiting, .gone: end(exchange)
                }
            default: break
            }
        }
        endDoomed()
    }

    /// Ends the run when nobody is left or the time is up.
    func endStop(_ stop: LoopPort.Stop) {
        if slots.occupied == 0 || Clock.monotonic() >= stop.deadline { endRun() }
    }
}
