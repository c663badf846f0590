// The heart: every message of every connection is decided here, one after the other. A batch goes
//
//     begin(at:)            what is overdue ends
//     handle(…)             messages, in the order they came
//     finish(at:)           what is due is announced
//     takeRecords()         → store, in one synced commit
//     takeDeliveries()      → only now does anybody hear of it
//
// If the commit fails, `rollBack` forgets the batch and the sequencer runs it again with
// `isStorageFailing`, which refuses what would have to be stored. Pure: no clock, no I/O, no locks;
// the world outside is `EngineEnvironment`.

import DequeModule
import HeapModule
import Inventory
import LiveSession
import WireProtocol

struct ShowEngine {
    let configuration: EngineConfiguration
    let environment: EngineEnvironment
    var rooms: [Room] = []
    private var roomsByShow: [String: Int] = [:]
    /// Places of rooms that were unloaded.
    private var freeRooms: [Int] = []
    private var nextUnloading = Timestamp.never
    /// All shows, loaded or not.
    var directory = ShowDirectory()
    var sessions = SessionTable()
    var addresses: AddressTable
    var undo: [(ConnectionID, Session?)] = []
    var expiries = Heap<TokenExpiry>()
    /// The number of entries at which those of closed connections are taken out.
    var expiriesMax = 1024
    /// The moment of the batch.
    var now = Timestamp.never
    /// Connections that have not said hello, in the order in which they came, with their last moment.
    private var silent: Deque<(until: Timestamp, connection: ConnectionID)> = []
    /// Connections that are told what they missed, in the order in which they began.
    var catchingUp: Deque<(until: Timestamp, connection: ConnectionID)> = []
    var passedCatchUps: [(until: Timestamp, connection: ConnectionID)] = []
    private var passedSilent: [(until: Timestamp, connection: ConnectionID)] = []
    /// Those that came up in this batch, in case it is taken back.
    private var passedExpiries: [TokenExpiry] = []
    var decoder = RequestDecoder()
    /// Memory for the contents of requests.
    var canonicalContent = JSONWriter()
    /// The newest claim and the hash of its content.
    var lastClaim: (claim: ClaimCreate, hash: ContentHash)?
    /// Memory for replies. Taken out while one is written.
    var replies = JSONWriter()
    var refusals = JSONWriter()
    var deliveries = DeliveryBatch()
    var admissions: [AdmissionRequest] = []
    /// Rooms that this batch touched, each once.
    var touched: [Int] = []
    /// Set while the store refuses commits: nothing that has to be stored is decided.
    private(set) var isStorageFailing = false
    /// What the operator should know, a sentence each.
    private var alarms: [String] = []
    /// What the operator was told and need not be told again, however often somebody runs into it.
    private var told: Set<String> = []
    /// Contradictions of ledgers that this batch ran into: it has to be rolled back.
    private var defects: [EngineDefect] = []

    init(configuration: EngineConfiguration, environment: EngineEnvironment) {
        self.configuration = configuration
        self.environment = environment
        addresses = AddressTable(configuration.settings)
    }

    // MARK: A batch

    /// When the engine has something to do by itself; nil when never.
    var nextDeadline: Timestamp? {
        let shows = rooms.indices.lazy.compactMap { rooms[$0].nextDeadline }.min()
        return [shows, expiries.min?.at, silent.first?.until, catchingUp.first?.until].compactMap {
            $0
        }.min()
    }

    /// Ends what is overdue, before any message of the batch is heard.
    mutating func begin(at now: Timestamp) {
        undo.removeAll(keepingCapacity: true)
        self.now = now
        addresses.forgetSome(at: now)
        dropOldExpiries()
        unloadIdleShows(at: now)
        passedExpiries.removeAll(keepingCapacity: true)
        passedSilent.removeAll(keepingCapacity: true)
        passedCatchUps.removeAll(keepingCapacity: true)
        endSlowCatchUps(at: now)
        while let next = silent.first, next.until <= now {
            passedSilent.append(silent.removeFirst())
            guard case .waiting? = sessions.state(of: next.connection) else { continue }
            close(next.connection, .noHello, "no hello in time")
        }
        while let next = expiries.min, next.at <= now {
            passedExpiries.append(expiries.removeMin())
            guard case .joined(let member)? = sessions.state(of: next.connection),
                member.identity.expiresAt <= now
            else { continue }
            close(next.connection, .unauthorized, "the token has expired")
        }
        if isStorageFailing { return }
        for room in rooms.indices {
            guard let next = rooms[room].nextDeadline, next <= now else { continue }
            inRoom(room, at: now) { show throws(LedgerDefect) in try show.expire(at: now) }
        }
    }

    /// What an event loop reports.
    mutating func handle(_ batch: InboundBatch, _ events: Range<Int>, at now: Timestamp) {
        for event in batch.events[events] {
            switch event {
            case .opened(let connection, let address):
                let address = AddressKey(address) ?? .unknown
                change(connection, to: Session(address: address))
                // Counted from here, so that a hello that waits for a busy server is never too late.
                silent.append((now.adding(seconds: helloSeconds), connection))
            case .message(let connection, let range):
                handle(message: batch.bytes, range, from: connection, at: now)
            case .drained(let connection):
                goOn(catchingUp: connection, at: now)
            case .closed(let connection):
                leave(connection)
                change(connection, to: nil)
            case .request(let exchange, let request):
                deliveries.respond(respond(to: request), to: exchange)
            }
        }
    }

    /// Announces what the batch changed, as far as it is due.
    mutating func finish(at now: Timestamp) {
        for room in touched { rooms[room].noteDeadline() }
        for room in rooms.indices {
            guard let next = rooms[room].nextDeadline, next <= now else { continue }
            let storing = !isStorageFailing
            inRoom(room, at: now) { show throws(LedgerDefect) in
                try show.announce(at: now, storing: storing)
            }
            rooms[room].noteDeadline()
        }
    }

    /// What has to be stored before the deliveries leave.
    mutating func takeRecords() -> [RoomRecords] {
        var records: [RoomRecords] = []
        for room in touched.sorted() {
            if let record = rooms[room].takeRecords() { records.append(record) }
        }
        return records
    }

    /// What is to be sent once the records are stored.
    mutating func takeDeliveries() -> DeliveryBatch {
        touched.removeAll(keepingCapacity: true)
        defer { deliveries = DeliveryBatch(like: deliveries) }
        return deliveries
    }

    mutating func takeAdmissions() -> [AdmissionRequest] {
        defer { admissions.removeAll(keepingCapacity: true) }
        return admissions
    }

    mutating func takeDefects() -> [EngineDefect] {
        defer { defects.removeAll() }
        return defects
    }

    mutating func takeAlarms() -> [String] {
        defer { alarms.removeAll() }
        return alarms
    }

    /// Forgets everything since `begin`: the commit failed. Touched shows are read again, and whoever
    /// was connected to them still is.
    mutating func rollBack() throws(LoadFailure) {
        deliveries = DeliveryBatch()
        admissions.removeAll()
        for (connection, session) in undo.reversed() { put(session, at: connection) }
        undo.removeAll()
        for expiry in passedExpiries { expiries.insert(expiry) }
        silent.prepend(contentsOf: passedSilent)
        catchingUp.prepend(contentsOf: passedCatchUps)
        passedExpiries.removeAll()
        for room in touched { try reload(room) }
        touched.removeAll()
    }

    /// The store refuses commits: from here on nothing is decided that would need one.
    mutating func suspendStorage() { isStorageFailing = true }

    /// The store works again. Everything is read anew, since chat went on unstored meanwhile.
    mutating func resumeStorage() throws(LoadFailure) {
        for room in rooms.indices { try reload(room) }
        isStorageFailing = false
    }

    /// Tells every connection when to come back, spread so that they do not come at once.
    mutating func announceRestart(at now: Timestamp) {
        let joined = sessions.members
        let span = restartSpreadMilliseconds + joined.count
        for (place, (connection, member)) in joined.enumerated() {
            var json = JSONWriter(capacity: 160)
            WireMapping.writeRestarting(
                after: span * place / joined.count, of: self[show: member.room], at: now, to: &json)
            deliveries.send(json.bytes, to: connection)
        }
    }

    mutating func alarmOnce(_ sentence: String) {
        if told.insert(sentence).inserted { alarms.append(sentence) }
    }

    // MARK: Rooms

    /// The room of a show, loading it the first time; nil when there is no such show.
    mutating func room(of show: String) throws(LoadFailure) -> Int? {
        if let known = roomsByShow[show] { return known }
        let found: StoredShow?
        do throws(LoadFailure) {
            found = try environment.load(show)
        } catch {
            alarmOnce("show \(show) cannot be loaded: \(error.reason)")
            throw error
        }
        guard let stored = found else { return nil }
        alarms += stored.findings
        let index = freeRooms.popLast() ?? rooms.count
        let room = Room(stored, id: RoomID(rawValue: UInt32(index)))
        if index == rooms.count { rooms.append(room) } else { rooms[index] = room }
        rooms[index].usedAt = now
        roomsByShow[show] = index
        return index
    }

    /// The room of a show that is loaded already.
    func loadedRoom(of show: String) -> Int? { roomsByShow[show] }

    /// Forgets shows that are over and that nobody has asked for in a while; the store has all of them.
    /// Not within a batch, which may be taken back.
    private mutating func unloadIdleShows(at now: Timestamp) {
        guard now >= nextUnloading || nextUnloading == .never else { return }
        nextUnloading = now.adding(seconds: unloadingSeconds)
        for (id, index) in roomsByShow.sorted(by: { $0.value < $1.value }) {
            guard rooms[index].show.isIdle,
                now.milliseconds - rooms[index].usedAt.milliseconds
                    >= Int64(idleSeconds) * 1000
            else { continue }
            directory.keep(rooms[index].show.listing)
            rooms[index] = Room(unloaded: rooms[index].id)
            roomsByShow[id] = nil
            freeRooms.append(index)
        }
    }

    /// A room's show to look at: in place, since a whole show is dear to copy.
    subscript(show room: Int) -> Show {
        _read { yield rooms.span[room].show }
        _modify { yield &rooms[room].show }
    }

    /// The headline of the show with a store's key, if it is loaded.
    func headline(_ key: Int) -> ShowHeadline? {
        rooms.first { $0.key == key }?.show.headline
    }

    /// Stops selling a SKU; false when it is not known, or stopped already.
    mutating func quarantine(_ sku: String, inShow key: Int) -> Bool {
        guard let room = rooms.firstIndex(where: { $0.key == key }),
            let variant = self[show: room].variant(sku: sku),
            !self[show: room].ledger.level(variant).isQuarantined
        else { return false }
        self[show: room].quarantine(variant)
        return true
    }

    private mutating func reload(_ room: Int) throws(LoadFailure) {
        let id = self[show: room].headline.id
        guard let stored = try environment.load(id) else {
            throw LoadFailure(reason: "show \(id) is gone from the store")
        }
        let before = rooms[room]
        rooms[room] = Room(stored, replacing: before)
        // What was said while nothing could be stored is nowhere else; else the store has it all, and
        // this batch's will be said again.
        if isStorageFailing { self[show: room].restore(chat: before.show.chat) }
        for (connection, member) in sessions.members where member.room == room {
            let participant = rooms[room].join(
                connection, as: member.identity.participant(at: sessions[connection]?.address),
                at: now)
            // Who has no row yet may get another number; what she sent too fast stays hers.
            rooms[room].rates[participant.index] = before.rates[member.participant.index]
            sessions[connection]?.state = .joined(
                .init(
                    room: room, participant: participant, identity: member.identity,
                    countedAddress: member.countedAddress))
        }
        rooms[room].noteDeadline()
    }

    /// Runs something of a show that nobody asked for, and collects what it did.
    private mutating func inRoom(
        _ room: Int, at now: Timestamp, _ body: (inout Show) throws(LedgerDefect) -> Void
    ) {
        touch(room)
        do throws(LedgerDefect) {
            try body(&rooms[room].show)
        } catch {
            defect(error, in: room)
        }
        collect(room, at: now)
    }

    /// Takes apart what a command did that has no requester.
    private mutating func collect(_ room: Int, at now: Timestamp) {
        var unused = JSONWriter()
        rooms[room].collect(at: now, own: &unused, into: &deliveries)
    }

    /// The ledger contradicts itself: the batch is forgotten and decided again without the variant.
    mutating func defect(_ defect: LedgerDefect, in room: Int) {
        let show = self[show: room]
        defects.append(
            EngineDefect(
                show: rooms[room].key, sku: defect.variant.map { show.sku(of: $0) },
                sentence: "show \(show.headline.id): \(defect.description)"))
    }
}

private let restartSpreadMilliseconds = 5000
/// How long a show that is over stays in memory, and how often that is looked at.
private let idleSeconds = 600
private let unloadingSeconds = 60

/// A contradiction in a show's ledger, and the SKU to blame if one is.
struct EngineDefect: Sendable {
    let show: Int
    let sku: String?
    let sentence: String
}

/// When a connection's token ends.
struct TokenExpiry: Comparable {
    let at: Timestamp
    let connection: ConnectionID

    static func < (a: TokenExpiry, b: TokenExpiry) -> Bool {
        (a.at, a.connection.rawValue) < (b.at, b.connection.rawValue)
    }
}

extension Identity {
    /// As the show keeps them; of guests alone it keeps the address, too.
    func participant(at address: AddressKey?) -> Participant {
        Participant(
            subject: subject, name: name, isGuest: isGuest, role: role,
            address: isGuest ? address : nil)
    }
}
