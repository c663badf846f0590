// The reply to a `hello` that was let in: a snapshot, or what was missed, and then the room. What was
// missed goes out in pages, the next one when the socket has taken the last: so a client that reads
// slowly keeps a page waiting and no more, and no step here is long. Only at its end does the connection
// hear its room; what happens until then is in the log, and so in the pages.

import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    /// The reply to `hello`, and what follows it.
    mutating func greet(
        _ hello: Hello, _ id: RequestID?, _ member: Session.Membership, _ token: String?,
        _ connection: ConnectionID, at now: Timestamp
    ) {
        let start = resumeStart(hello.resume, member, at: now)
        let snapshot = start == nil ? snapshot(of: member.room, at: now) : nil
        if let id {
            welcome(id, member, token, snapshot, connection, at: now)
        }
        let lastOffset = self[show: member.room].log.lastOffset
        guard let offset = start ?? snapshot?.offset, start != nil || offset < lastOffset else {
            return deliveries.join(connection, rooms[member.room].id)
        }
        setCatchUp(
            CatchUp(start: offset, offset: offset, until: now.adding(seconds: drainSeconds)),
            of: connection)
        goOn(catchingUp: connection, at: now)
    }

    private mutating func welcome(
        _ id: RequestID, _ member: Session.Membership, _ token: String?,
        _ snapshot: PreparedSnapshot?, _ connection: ConnectionID, at now: Timestamp
    ) {
        let capabilities = capabilities(of: member)
        var json = JSONWriter()
        swap(&json, &replies)
        json.removeAll()
        WireMapping.beginReply(to: id, &json)
        WireMapping.beginWelcome(
            member, capabilities, token, resumed: snapshot == nil,
            offset: snapshot?.offset ?? self[show: member.room].log.lastOffset,
            of: self[show: member.room], at: now, to: &json)
        guard let snapshot else {
            json.endObject()
            json.endObject()
            deliveries.send(json, to: connection)
            swap(&json, &replies)
            return
        }
        if snapshot.isShared {
            deliveries.send(first: json, to: connection)
            deliveries.sendShared(snapshot.frames, to: connection)
            // The next member follows a comma.
            json.removeAll()
            json.raw([])
            WireMapping.endWelcome(of: self[show: member.room], to: &json)
            deliveries.send(last: json, to: connection)
        } else {
            json.raw(snapshot.members)
            WireMapping.endWelcome(of: self[show: member.room], to: &json)
            deliveries.send(json, to: connection)
        }
        swap(&json, &replies)
    }

    /// Where a resume begins; nil when the client has to start from a snapshot: its position is none, or
    /// what it missed is too much or more than it may ask for now.
    private mutating func resumeStart(
        _ resume: Hello.Resume?, _ member: Session.Membership, at now: Timestamp
    ) -> Int? {
        guard let resume, resume.epoch == self[show: member.room].headline.epoch,
            let offset = Int(exactly: resume.offset),
            let missed = self[show: member.room].log.extent(after: offset),
            missed.events <= ShowLimits.resumeEventsMax, missed.bytes <= ShowLimits.resumeBytesMax
        else { return nil }
        let price = missed.bytes / configuration.pageBytes
        guard price == 0 || take(price, of: member, at: now) == nil else { return nil }
        return offset
    }

    /// The socket has taken what it was sent: the next page, or the room.
    mutating func goOn(catchingUp connection: ConnectionID, at now: Timestamp) {
        guard var catchUp = sessions.catchUp(of: connection),
            case .joined(let member)? = sessions.state(of: connection)
        else { return }
        let room = member.room
        guard let events = self[show: room].log.events(after: catchUp.offset) else {
            return close(connection, .tooSlow, "too slow")
        }
        var pages = PageWriter()
        for event in events {
            pages.add(event, to: connection, &deliveries)
            catchUp.offset += 1
            if pages.total >= configuration.pageBytes { break }
        }
        guard catchUp.offset == self[show: room].log.lastOffset else {
            pages.end(to: connection, &deliveries)
            setCatchUp(catchUp, of: connection)
            return deliveries.reportDrained(connection)
        }
        addNotices(since: catchUp.start, room, &pages, connection, at: now)
        pages.end(to: connection, &deliveries)
        setCatchUp(nil, of: connection)
        deliveries.join(connection, rooms[room].id)
    }

    /// The chat of the last minutes, and the stock that was told meanwhile.
    private mutating func addNotices(
        since offset: Int, _ room: Int, _ pages: inout PageWriter, _ connection: ConnectionID,
        at now: Timestamp
    ) {
        let show = self[show: room]
        let since = now.adding(seconds: -ShowLimits.chatReplaySeconds)
        for said in show.chat.since(since) {
            var json = JSONWriter(capacity: 256)
            WireMapping.write(said, replayed: true, of: show, to: &json)
            pages.add(json.bytes, to: connection, &deliveries)
        }
        for variant in show.stockTold(since: offset) {
            var json = JSONWriter(capacity: 192)
            WireMapping.write(SharedNotice.stockChanged(variant), of: show, at: now, to: &json)
            pages.add(json.bytes, to: connection, &deliveries)
        }
    }

    private mutating func snapshot(of index: Int, at now: Timestamp) -> PreparedSnapshot {
        if let prepared = rooms[index].preparedSnapshot,
            prepared.isGood(for: self[show: index], at: now)
        {
            return prepared
        }
        let prepared = PreparedSnapshot(
            of: self[show: index], sharedAbove: configuration.sharedSnapshotBytes, at: now)
        rooms[index].preparedSnapshot = prepared
        return prepared
    }
}

/// Puts many objects into a message, so that a client can begin to read.
private struct PageWriter {
    private var message: [UInt8] = []
    private(set) var total = 0

    mutating func add(
        _ object: [UInt8], to connection: ConnectionID, _ deliveries: inout DeliveryBatch
    ) {
        if !message.isEmpty, message.count + object.count > messageBytes {
            end(to: connection, &deliveries)
        }
        if !message.isEmpty { message.append(0x0A) }
        message += object
        total += object.count
    }

    mutating func end(to connection: ConnectionID, _ deliveries: inout DeliveryBatch) {
        if !message.isEmpty { deliveries.send(message, to: connection) }
        message.removeAll(keepingCapacity: true)
    }
}

/// A message of replayed events is about this long.
private let messageBytes = 16_384
/// How long a client may take to hear what it missed.
private let drainSeconds = 30
