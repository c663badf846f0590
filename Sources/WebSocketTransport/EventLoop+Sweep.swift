// The sweep: visits the members of rooms with something to send, a slice per turn, and gives each all
// it is behind by in one send. And the one place that writes frames to sockets, `push`.
//
// A socket that takes less than offered makes its connection *stalled*: it leaves the sweep, and goes on
// when libwebsockets reports it writable. Nobody else notices.

internal import CLibwebsockets
import Glibc
internal import WireProtocol

extension EventLoop {
    enum Push {
        /// So many bytes went to the kernel or are in the library's care; always whole frames. Fewer
        /// than offered: the connection is stalled now.
        case taken(Int)
        /// The socket is broken.
        case failed
    }

    /// Offers whole frames to a connection that is not stalled.
    ///
    /// The bytes go straight to the socket. When it takes a part, the rest of the frame in the middle
    /// is left to the library, which would otherwise put its pongs and close frames in there.
    func push(_ frames: UnsafeRawBufferPointer, to connection: Connection) -> Push {
        guard let start = frames.baseAddress, !frames.isEmpty else { return .taken(0) }
        // The library still owes the socket something: the handshake's answer or a pong.
        guard lws_partial_buffered(connection.wsi) == 0 else {
            stall(connection)
            return .taken(0)
        }
        if usesTLS { return pushThroughLibrary(frames, to: connection) }
        let offered = min(frames.count, TransportLimits.sendBytesMax)
        var sent = send(connection.descriptor, start, offered, socketFlags)
        statistics.sends += 1
        if sent < 0 {
            guard errno == EAGAIN || errno == EINTR || errno == ENOBUFS else { return .failed }
            sent = 0
        }
        statistics.bytesSent += sent
        if sent == frames.count { return .taken(sent) }
        let whole = FrameWalk.boundary(atOrAfter: sent, in: frames)
        if whole > sent {
            let rest = UnsafeMutablePointer(
                mutating: start.advanced(by: sent).assumingMemoryBound(to: UInt8.self))
            guard lws_write(connection.wsi, rest, whole - sent, LWS_WRITE_HTTP) >= 0 else {
                return .failed
            }
            statistics.bytesSent += whole - sent
            connection.handedBytes = whole - sent
        }
        if sent == offered, lws_partial_buffered(connection.wsi) == 0 { return .taken(whole) }
        stall(connection)
        return .taken(whole)
    }

    /// With TLS the library writes; it keeps what the socket does not take.
    private func pushThroughLibrary(
        _ frames: UnsafeRawBufferPointer, to connection: Connection
    ) -> Push {
        guard let start = frames.baseAddress else { return .taken(0) }
        let offered = FrameWalk.boundary(
            atOrAfter: min(frames.count, TransportLimits.libraryWriteBytes), in: frames)
        let bytes = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
        statistics.sends += 1
        guard lws_write(connection.wsi, bytes, offered, LWS_WRITE_HTTP) >= 0 else { return .failed }
        statistics.bytesSent += offered
        if lws_partial_buffered(connection.wsi) != 0 {
            connection.handedBytes = offered
            stall(connection)
        }
        return .taken(offered)
    }

    private func stall(_ connection: Connection) {
        if connection.stalledIndex == nil {
            connection.stalledIndex = stalled.count
            stalled.append(connection)
        }
        lws_callback_on_writable(connection.wsi)
    }

    func unstall(_ connection: Connection) {
        guard let index = connection.stalledIndex else { return }
        connection.stalledIndex = nil
        connection.handedBytes = 0
        let last = stalled.removeLast()
        if last !== connection {
            stalled[index] = last
            last.stalledIndex = index
        }
    }

    /// Sends from the connection's own queue.
    func sendDirect(_ connection: Connection) {
        while connection.queuedBytes > 0, !connection.isStalled {
            let result = connection.withNext { push($0, to: connection) }
            guard case .taken(let count) = result else { return doom(connection) }
            connection.took(count)
        }
        if connection.queuedBytes == 0 {
            connection.dropDirect()
            reportDrained(connection)
        } else {
            connection.allowance = min(connection.allowance, connection.queuedBytes)
            if connection.directStart > 65_536, connection.directStart * 2 > connection.direct.count
            {
                connection.direct.removeFirst(connection.directStart)
                connection.directStart = 0
            }
        }
    }

    /// Tells the owner, if it wants to know, that the connection has taken all that is its own.
    func reportDrained(_ connection: Connection) {
        guard connection.reportsDrained, connection.isOpen, !connection.isStalled,
            connection.queuedBytes == 0
        else { return }
        connection.reportsDrained = false
        pending.events.append(.drained(connection.id))
    }

    /// Sends all the connection is behind by: its own frames first, then the room's.
    private func catchUp(_ connection: Connection) {
        sendDirect(connection)
        guard connection.isOpen, !connection.isStalled, let room = connection.room,
            connection.cursor < room.log.end
        else { return }
        let start = connection.cursor
        guard case .taken(let count) = push(room.log.bytes(from: start), to: connection) else {
            return doom(connection)
        }
        connection.cursor += count
        statistics.framesSent += room.frames(from: start, to: connection.cursor)
        if !connection.isStalled, connection.cursor < room.log.end {
            room.unfinished = min(room.unfinished, connection.cursor)
        }
    }

    /// The socket takes bytes again, and the library owes it nothing.
    func becameWritable(_ connection: Connection) {
        guard connection.isStalled else { return }
        unstall(connection)
        switch connection.phase {
        case .open:
            catchUp(connection)
            guard connection.isOpen, !connection.isStalled, let room = connection.room else {
                return
            }
            if connection.cursor < room.log.end {
                room.want(.prompt)
                schedule(room)
            } else if room.log.count > 0 {
                // It may have been the last that needed the log.
                room.want(.relaxed)
                schedule(room)
            }
        case .closing: sendClosing(connection)
        case .closed, .gone: break
        }
    }

    /// One slice of sweeping. Returns how long the loop may wait for the next: 0 not at all, nil
    /// without end, else microseconds.
    func sweep() -> Int64? {
        guard !scheduled.isEmpty else { return nil }
        let now = monotonicMicroseconds()
        var budget = TransportLimits.sweepSliceTotal
        var wait: Int64?
        var visited = 0
        let roomsAtStart = scheduled.count
        while visited < roomsAtStart, budget > 0, !scheduled.isEmpty {
            if nextScheduled >= scheduled.count { nextScheduled = 0 }
            let room = scheduled[nextScheduled]
            visited += 1
            if room.position == nil {
                guard let urgency = room.wanted, !room.members.isEmpty else {
                    unschedule(at: nextScheduled)
                    continue
                }
                let due = room.due(for: urgency)
                guard due <= now else {
                    wait = min(wait ?? .max, due - now)
                    nextScheduled += 1
                    continue
                }
                room.beginSweep(at: now)
            }
            sweepSlice(of: room, budget: &budget)
            // Its turn comes again right away when it is not through, or wants more.
            wait = 0
            nextScheduled += 1
        }
        // Where the sequencer shares this core it would else wait for the end of our time slice, some
        // milliseconds, at each of its steps: when it is called, and when its commit is on disk.
        if budget < TransportLimits.sweepSliceTotal { sched_yield() }
        return budget > 0 ? wait : 0
    }

    private func sweepSlice(of room: Room, budget: inout Int) {
        var slice = min(budget, TransportLimits.sweepSlice)
        // Members that are up to date cost next to nothing, but a turn must end.
        var looks = TransportLimits.sweepSlice * 16
        budget -= slice
        while slice > 0, looks > 0, let position = room.position, position < room.members.count {
            let connection = room.members[position]
            room.position = position + 1
            if position + 4 < room.members.count {
                shim_prefetch(Unmanaged.passUnretained(room.members[position + 4]).toOpaque())
                shim_prefetch(
                    UnsafeRawPointer(room.members[position + 2].wsi)
                        + TransportLimits.libraryBacklogOffset)
            }
            looks -= 1
            if connection.isStalled || connection.cursor == room.log.end { continue }
            slice -= 1
            catchUp(connection)
        }
        budget += slice
        if let position = room.position, position >= room.members.count { endSweep(of: room) }
    }

    private func endSweep(of room: Room) {
        room.position = nil
        var floor = min(room.sweepEnd, room.unfinished)
        for connection in stalled where connection.room === room {
            floor = min(floor, connection.cursor)
        }
        room.log.discard(before: floor)
        if room.unfinished < room.log.end { room.want(.prompt) }
    }

    private func unschedule(at index: Int) {
        scheduled[index].isScheduled = false
        if scheduled[index].members.isEmpty { rooms[scheduled[index].id] = nil }
        scheduled.remove(at: index)
    }

    /// Closes those that are behind by more than the limit.
    func endTooSlow() {
        guard !stalled.isEmpty else { return }
        for connection in stalled
        where connection.isOpen && connection.backlogBytes > configuration.sendQueueBytes {
            closeTooSlow(connection)
        }
    }

    /// Closes those that have not taken their snapshot in time, whatever else they do.
    func endUndrained(at now: Int64) {
        for connection in stalled
        where connection.isOpen && connection.allowance > 0 && connection.allowanceDeadline <= now {
            closeTooSlow(connection)
        }
    }

    private func closeTooSlow(_ connection: Connection) {
        statistics.closedTooSlow += 1
        connection.dropDirect()
        beginClose(connection, .tooSlow, reason: "too slow")
    }
}

func monotonicMicroseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * TransportLimits.microsecondsPerSecond + Int64(time.tv_nsec) / 1000
}
