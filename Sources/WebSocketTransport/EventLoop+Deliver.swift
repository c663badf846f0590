// What the owner wants done: each batch in order, unicast frames gathered per connection and sent at
// once, broadcasts appended to their rooms' logs for the sweep.

internal import CLibwebsockets
internal import Lanes
internal import WireProtocol

extension EventLoop {
    /// Takes what the mailbox holds and carries it out, unless the rooms have so much to send already
    /// that the mailbox had better fill up.
    func carryOutDeliveries() {
        if nextDelivery == deliveries.count {
            nextDelivery = 0
            _ = port.mailbox.drain(into: &deliveries, waitingUntil: 0)
        }
        while nextDelivery < deliveries.count, !hasTooMuchUnswept {
            carryOut(deliveries[nextDelivery])
            nextDelivery += 1
        }
        if nextDelivery == deliveries.count {
            deliveries.removeAll(keepingCapacity: true)
            nextDelivery = 0
        }
    }

    private var hasTooMuchUnswept: Bool {
        let bound = configuration.sendQueueBytes * TransportLimits.unsweptQueuesMax
        return scheduled.contains { $0.log.count > bound }
    }

    private func carryOut(_ batch: DeliveryBatch) {
        batch.bytes.withUnsafeBytes { bytes in
            for operation in batch.operations { carryOut(operation, bytes) }
            for connection in dirty {
                flush(connection, batch: bytes)
                reportDrained(connection)
            }
        }
        dirty.removeAll(keepingCapacity: true)
        endTooSlow()
    }

    private func carryOut(
        _ operation: DeliveryBatch.Operation, _ bytes: UnsafeRawBufferPointer
    ) {
        switch operation {
        case .send(let id, let range):
            guard let connection = slots.connection(id), connection.isOpen else { return }
            gather(range, for: connection, bytes)
        case .sendShared(let id, let frames):
            guard let connection = slots.connection(id), connection.isOpen else { return }
            markDirty(connection)
            connection.queue(bytes[connection.batchRange])
            connection.batchRange = 0..<0
            connection.queue(shared: frames)
        case .reportDrained(let id):
            guard let connection = slots.connection(id), connection.isOpen else { return }
            markDirty(connection)
            connection.reportsDrained = true
        case .join(let id, let room):
            guard let connection = slots.connection(id), connection.isOpen else { return }
            join(connection, room)
        case .broadcast(let id, let range, let urgency):
            guard let room = rooms[id] else { return }
            room.log.append(UnsafeRawBufferPointer(rebasing: bytes[range]))
            statistics.broadcasts += 1
            room.want(urgency)
            schedule(room)
        case .close(let id, let code, let reason):
            guard let connection = slots.connection(id), connection.isOpen else { return }
            keepUnsent(connection, bytes)
            beginClose(connection, code, reason: reason)
        case .respond(let id, let response):
            guard let exchange = slots.exchange(id), case .waiting = exchange.phase else { return }
            respond(exchange, response)
        }
    }

    /// Remembers frames of the batch for one connection; neighbours in the batch stay one range, which
    /// is sent without a copy.
    private func gather(
        _ range: Range<Int>, for connection: Connection, _ bytes: UnsafeRawBufferPointer
    ) {
        if !connection.isDirty {
            markDirty(connection)
            connection.batchRange = range
        } else if connection.batchRange.upperBound == range.lowerBound {
            connection.batchRange = connection.batchRange.lowerBound..<range.upperBound
        } else {
            connection.queue(bytes[connection.batchRange])
            connection.batchRange = range
        }
    }

    /// Notes that the connection has something to send after the batch.
    private func markDirty(_ connection: Connection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        connection.batchRange = 0..<0
        dirty.append(connection)
    }

    private func join(_ connection: Connection, _ id: RoomID) {
        connection.hasJoined = true
        if connection.room?.id == id { return }
        leaveRoom(connection)
        let room = rooms[id] ?? Room(id: id)
        rooms[id] = room
        room.add(connection)
        connection.allowance = connection.queuedBytes + connection.batchRange.count
        connection.allowanceDeadline = Clock.monotonic() + configuration.allowanceMilliseconds
    }

    /// Sends what the batch brought for the connection, after what waited already.
    private func flush(_ connection: Connection, batch bytes: UnsafeRawBufferPointer) {
        connection.isDirty = false
        let range = connection.batchRange
        connection.batchRange = 0..<0
        guard connection.isOpen, !range.isEmpty || connection.queuedBytes > 0 else { return }
        if connection.isStalled || connection.queuedBytes > 0 {
            connection.queue(bytes[range])
            if !connection.isStalled { sendDirect(connection) }
            return
        }
        let frames = UnsafeRawBufferPointer(rebasing: bytes[range])
        if let room = connection.room, connection.cursor < room.log.end,
            frames.count + room.log.end - connection.cursor <= TransportLimits.gatheredBytesMax
        {
            return flush(frames, withBacklogOf: room, to: connection)
        }
        switch push(frames, to: connection) {
        case .taken(let count) where count < frames.count:
            connection.queue(frames[count...])
            if !connection.isStalled { sendDirect(connection) }
        case .taken: break
        case .failed: doom(connection)
        }
    }

    /// Sends a connection's own frames together with what it is behind by in its room: somebody who asks
    /// all the time hears the room for nothing, and the sweep has one send less to make.
    private func flush(
        _ frames: UnsafeRawBufferPointer, withBacklogOf room: Room, to connection: Connection
    ) {
        gathered.removeAll(keepingCapacity: true)
        gathered.append(contentsOf: frames)
        gathered.append(contentsOf: room.log.bytes(from: connection.cursor))
        guard case .taken(let count) = gathered.withUnsafeBytes({ push($0, to: connection) }) else {
            return doom(connection)
        }
        if count < frames.count {
            connection.queue(frames[count...])
            if !connection.isStalled { sendDirect(connection) }
            return
        }
        let start = connection.cursor
        connection.cursor += count - frames.count
        room.noteRider()
        statistics.framesSent += room.frames(from: start, to: connection.cursor)
    }

    /// Before a close: what the batch and the room still owe the connection goes to its own queue.
    func keepUnsent(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) {
        if !connection.batchRange.isEmpty {
            connection.queue(bytes[connection.batchRange])
            connection.batchRange = 0..<0
        }
        if let room = connection.room, connection.cursor < room.log.end {
            connection.queue(room.log.bytes(from: connection.cursor))
            connection.cursor = room.log.end
        }
        if !connection.isStalled { sendDirect(connection) }
    }

    func schedule(_ room: Room) {
        guard !room.isScheduled else { return }
        room.isScheduled = true
        scheduled.append(room)
    }
}
