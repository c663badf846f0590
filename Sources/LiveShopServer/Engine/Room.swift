// A show with its audience: who is connected as whom, and what a batch has done to it so far. After
// each command `collect` takes the show's effects apart: facts and events to be stored, messages for
// everybody, notices for some.

import Inventory
import LiveSession
import WireProtocol

struct Room: Sendable {
    let key: Int
    let id: RoomID
    var show: Show
    /// The connections of each participant.
    private var connections = SparseArray(repeating: ConnectionList())
    /// The requests of each participant, over all her connections.
    var rates = SparseArray(repeating: TokenBucket())
    /// The folded names of everybody who has, or had, a rank in the show: no new guest takes them.
    private var staffFolds: Set<String> = []
    /// When the show has something to do by itself, as of the last `noteDeadline`; nil when never.
    private(set) var nextDeadline: Timestamp?
    /// Facts of the batch, not yet collected into records.
    private var facts = ByteWriter()
    private var touchedStock: [VariantID] = []
    /// Memory for the next command's effects.
    private var spareEffects = ShowEffects()
    private var records: RoomRecords
    /// When something was last asked of the show.
    var usedAt = Timestamp.never
    /// The public part of a snapshot, prepared for a crowd, and the version it shows.
    var preparedSnapshot: PreparedSnapshot?

    init(_ stored: StoredShow, id: RoomID) {
        key = stored.key
        self.id = id
        show = stored.show
        records = RoomRecords(key: stored.key)
        staffFolds = Set(show.roster.staffEver().flatMap { NameFold.folds($0.name) })
        noteDeadline()
    }

    /// The place of a room that is not loaded.
    init(unloaded id: RoomID) {
        let headline = ShowHeadline(
            id: "", title: "", currency: "", epoch: "", createdAt: Timestamp(milliseconds: 0))
        self.init(
            StoredShow(key: -1, show: Show(headline: headline, settings: ShowSettings())), id: id)
    }

    /// The room read again from the store: what is known besides stays known.
    init(_ stored: StoredShow, replacing before: Room) {
        self.init(stored, id: before.id)
        staffFolds.formUnion(before.staffFolds)
        for (index, level) in before.show.ledger.levels.enumerated()
        where level.isQuarantined && show.ledger.levels.indices.contains(index) {
            show.quarantine(VariantID(index))
        }
    }

    /// The engine asks for the deadline of every room in every batch, and only those that the batch
    /// touched have another one.
    mutating func noteDeadline() { nextDeadline = show.nextDeadline }

    func connections(of participant: ParticipantID) -> [ConnectionID] {
        connections[participant.index].all
    }

    mutating func join(
        _ connection: ConnectionID, as participant: Participant, at now: Timestamp
    ) -> ParticipantID {
        for free in show.forgetGuests(at: now) { rates[free.index] = TokenBucket() }
        let id = show.connect(participant)
        connections[id.index].append(connection)
        noteName(of: id)
        return id
    }

    /// Whether a name looks like one of the staff's.
    func isStaffName(_ name: String) -> Bool {
        NameFold.isTooClose(name, to: staffFolds)
    }

    /// Keeps the name of somebody with a rank from new guests. Guests who bear it already, or come back
    /// with it, keep it; others see from now on that they are guests.
    mutating func noteName(of id: ParticipantID) {
        let participant = show.roster[id]
        if participant.role.isStaff {
            let folds = Set(NameFold.folds(participant.name))
            if folds.isSubset(of: staffFolds) { return }
            staffFolds.formUnion(folds)
            for (other, present) in show.roster.present() where present.mayBeNamesake {
                if NameFold.isTooClose(present.name, to: folds) {
                    show.roster.setNamesake(other, true)
                }
            }
        } else if participant.mayBeNamesake {
            show.roster.setNamesake(id, isStaffName(participant.name))
        }
    }

    mutating func leave(
        _ connection: ConnectionID, _ participant: ParticipantID, at now: Timestamp
    ) {
        show.disconnect(participant, at: now)
        connections[participant.index].remove(connection)
    }

    /// Takes what the last command did. `requester` gets her own notices in `own`, to travel with her
    /// reply in one frame; everybody else gets hers through `deliveries`.
    mutating func collect(
        at now: Timestamp, requester: ConnectionID? = nil, own: inout JSONWriter,
        into deliveries: inout DeliveryBatch
    ) {
        var effects = ShowEffects()
        swap(&effects, &spareEffects)
        show.exchangeEffects(&effects)
        defer {
            effects.removeAll()
            swap(&effects, &spareEffects)
        }
        if effects.isEmpty { return }
        for fact in effects.facts {
            fact.write(to: &facts)
            if case .statusChanged = fact { records.listing = show.listing }
        }
        for number in effects.participants {
            records.people.append(.init(number: number, participant: show.roster[number]))
        }
        if !effects.unheard.isEmpty { records.chat += effects.unheard }
        if !effects.deletedMessages.isEmpty { records.deletedMessages += effects.deletedMessages }
        for variant in effects.stock where !touchedStock.contains(variant) {
            touchedStock.append(variant)
        }
        for event in effects.events { publish(event, at: now, into: &deliveries) }
        for (participant, notice) in effects.personal {
            tell(participant, notice, at: now, requester, &own, &deliveries)
        }
        if !effects.shared.isEmpty { spread(effects.shared, at: now, into: &deliveries) }
    }

    /// Everything the batch did to this room, for the store; nil when nothing is to be stored.
    mutating func takeRecords() -> RoomRecords? {
        if !facts.isEmpty {
            records.journal = show.endEntry()
            records.facts = facts.bytes
            facts.removeAll()
        }
        for variant in touchedStock {
            let level = show.ledger.level(variant)
            records.stock.append(
                .init(
                    sku: level.sku, onHand: level.onHand, held: level.held, sold: level.sold,
                    isRemoved: level.isRemoved))
        }
        touchedStock.removeAll(keepingCapacity: true)
        defer { records = RoomRecords(key: key) }
        return records.isEmpty ? nil : records
    }

    // MARK: Messages

    private mutating func publish(
        _ event: PublicEvent, at now: Timestamp, into deliveries: inout DeliveryBatch
    ) {
        let offset = show.log.nextOffset
        var writer = JSONWriter(capacity: 256)
        let named = WireMapping.write(event, offset: offset, of: show, at: now, to: &writer)
        show.append(event: writer.bytes)
        records.events.append(.init(offset: offset, payload: writer.bytes, participants: named))
        deliveries.broadcast(writer.bytes, to: id, .prompt)
    }

    private func tell(
        _ participant: ParticipantID, _ notice: PersonalNotice, at now: Timestamp,
        _ requester: ConnectionID?, _ own: inout JSONWriter, _ deliveries: inout DeliveryBatch
    ) {
        if let requester,
            connections.read(participant.index, { $0.holdsOnly(requester) })
        {
            return tell(notice, at: now, in: &own)
        }
        var others: JSONWriter?
        for connection in connections(of: participant) {
            if connection == requester {
                tell(notice, at: now, in: &own)
                continue
            }
            if others == nil {
                var writer = JSONWriter(capacity: 256)
                WireMapping.write(notice, of: show, at: now, to: &writer)
                others = writer
            }
            if let others { deliveries.send(others.bytes, to: connection) }
        }
    }

    /// Adds a notice to a reply.
    private func tell(
        _ notice: PersonalNotice, at now: Timestamp, in own: inout JSONWriter
    ) {
        own.newline()
        WireMapping.write(notice, of: show, at: now, to: &own)
    }

    /// Sends shared notices, all in one message: each message is a header and a place in every viewer's log.
    private mutating func spread(
        _ notices: [SharedNotice], at now: Timestamp, into deliveries: inout DeliveryBatch
    ) {
        var writer = JSONWriter(capacity: 256)
        for notice in notices {
            if case .chatMessage(let message, _) = notice { records.chat.append(message) }
            if !writer.isEmpty { writer.newline() }
            WireMapping.write(notice, of: show, at: now, to: &writer)
        }
        deliveries.broadcast(writer.bytes, to: id, .relaxed)
    }
}

extension Participant {
    /// Whether the name was chosen freely, and by somebody who never had a rank.
    fileprivate var mayBeNamesake: Bool { isGuest && !wasStaff }
}
