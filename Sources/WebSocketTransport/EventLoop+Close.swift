// Ends: with a close frame where the peer may still read one, and with a deadline in any case. A close
// frame can only be sent by the library, from its own callback when the socket is writable; so a close
// is remembered, the callback asked for, and the TCP connection dropped if it does not come in time.

internal import CLibwebsockets
import Glibc
internal import Lanes
internal import WireProtocol

extension EventLoop {
    /// Takes the connection out of everything and sees that its close frame leaves after what is in
    /// its own queue.
    func beginClose(_ connection: Connection, _ code: CloseCode, reason: String) {
        guard connection.isOpen else { return }
        leave(connection)
        connection.phase = .closing(code, reason: reason)
        setCloseDeadline(connection)
        lws_callback_on_writable(connection.wsi)
    }

    private func setCloseDeadline(_ connection: Connection) {
        closeDeadlines.append(
            connection.id, deadline: Clock.monotonic() + TransportLimits.closeMilliseconds)
    }

    /// From the library's callback: hands the close frame over to it.
    func sendClose(_ connection: Connection, _ code: CloseCode, _ reason: String) -> Int32 {
        connection.phase = .gone
        var text = Array(reason.utf8.prefix(120))
        lws_close_reason(
            connection.wsi, lws_close_status(rawValue: UInt32(code.rawValue)), &text, text.count)
        return -1
    }

    /// Nothing is read from or written to the connection any more.
    func abandon(_ connection: Connection) {
        if connection.isOpen {
            leave(connection)
            setCloseDeadline(connection)
        }
        connection.phase = .gone
        unstall(connection)
        connection.direct = []
        connection.directStart = 0
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
                connection.direct = []
                connection.directStart = 0
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
                case .receiving, .waiting, .gone: end(exchange)
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
