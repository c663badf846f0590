// A store in memory that fails as disks and processes do. `durable` is what a crash leaves; a commit
// is in it wholly or not at all, like a transaction. Reads like ShowRepository: a show is its journal
// replayed, with the people, events and chat beside it.

import Inventory
import LiveSession

@testable import LiveShopServer

final class SimulatedStore: CommitStore {
    /// The rows of one show.
    struct Tables {
        var headline: ShowHeadline
        var status = ShowStatus.scheduled
        var journal: [(number: Int, time: Timestamp, facts: [UInt8])] = []
        var events: [(offset: Int, payload: [UInt8])] = []
        var chat: [Int: ChatMessage] = [:]
        var people: [Int: Participant] = [:]
        var stock: [String: StockRow] = [:]
    }

    struct StockRow: Equatable {
        var onHand: Int
        var held: Int
        var sold: Int
    }

    /// What the next commit meets.
    enum Fault {
        case failsOnce
        case crashBefore
        case crashAfter
        /// The transaction is written in part; the process dies before its end mark.
        case torn
    }

    private(set) var durable: [Int: Tables] = [:]
    /// A transaction without its end mark. Recovery drops it.
    private var tail: [RoomRecords] = []
    var fault: Fault?
    var isFull = false
    /// The process is dying: the decider's failure is the simulated one.
    private(set) var hasCrashed = false
    /// What was committed since the last look.
    private var committed: [(records: RoomRecords, at: Timestamp)] = []
    /// What the operator presets for every show.
    let settings: ShowSettings

    init(settings: ShowSettings) { self.settings = settings }

    func create(_ headline: ShowHeadline, key: Int) { durable[key] = Tables(headline: headline) }

    func takeCommitted() -> [(records: RoomRecords, at: Timestamp)] {
        defer { committed = [] }
        return committed
    }

    /// What opening the file after a crash does.
    func recover() {
        hasCrashed = false
        fault = nil
        tail = []
    }

    // MARK: Writing

    func probe() throws(CommitFailure) {
        if isFull { throw CommitFailure(consequence: .retryLater, reason: "the disk is full") }
    }

    func makeDurable(
        _ records: [RoomRecords], headlines: (Int) -> ShowHeadline?, at now: Timestamp
    ) throws(CommitFailure) {
        try probe()
        let met = fault
        fault = nil
        switch met {
        case .failsOnce: throw CommitFailure(consequence: .retryLater, reason: "the disk failed")
        case .crashBefore: throw crash()
        case .torn:
            tail = Array(records.prefix(1))
            throw crash()
        case .crashAfter, nil: break
        }
        try check(records)
        for room in records {
            write(room, at: now)
            committed.append((room, now))
        }
        if met != nil { throw crash() }
    }

    private func crash() -> CommitFailure {
        hasCrashed = true
        return CommitFailure(consequence: .stop, reason: "simulated crash")
    }

    /// What the tables refuse by their constraints.
    private func check(_ records: [RoomRecords]) throws(CommitFailure) {
        for room in records {
            for row in room.stock where !row.isRemoved {
                if row.held < 0 || row.sold < 0 || row.held + row.sold > row.onHand {
                    throw CommitFailure(
                        consequence: .oversold(show: room.key, sku: row.sku),
                        reason: "more units of \(row.sku) promised than exist")
                }
            }
        }
    }

    private func write(_ room: RoomRecords, at now: Timestamp) {
        guard var tables = durable[room.key] else { return }
        if let number = room.journal { tables.journal.append((number, now, room.facts)) }
        tables.events += room.events.map { ($0.offset, $0.payload) }
        for message in room.chat { tables.chat[message.number] = message }
        for number in room.deletedMessages { tables.chat[number] = nil }
        for person in room.people { tables.people[person.number.index] = person.participant }
        for row in room.stock {
            tables.stock[row.sku] =
                row.isRemoved
                ? nil : StockRow(onHand: row.onHand, held: row.held, sold: row.sold)
        }
        if let listing = room.listing { tables.status = listing.status }
        durable[room.key] = tables
    }

    // MARK: Reading

    func load(_ id: String) throws(LoadFailure) -> StoredShow? {
        guard let (key, tables) = durable.first(where: { $0.value.headline.id == id }) else {
            return nil
        }
        var show = Show(headline: tables.headline, settings: settings)
        for number in tables.people.keys.sorted() {
            guard let person = tables.people[number] else { continue }
            show.roster.restore(
                number,
                Participant(
                    subject: person.subject, name: person.name, isGuest: person.isGuest,
                    role: person.role))
        }
        for entry in tables.journal {
            do {
                try show.replay(entry: entry.number, entry.facts)
            } catch {
                throw LoadFailure(reason: "journal entry \(entry.number): \(error)")
            }
        }
        let recent = tables.events.suffix(Self.recentEvents).map(\.payload)
        let chat = tables.chat.keys.sorted().suffix(ShowLimits.chatReplayMax)
            .compactMap { tables.chat[$0] }
        show.restore(
            log: EventLog(lastOffset: tables.events.last?.offset ?? 0, recent: recent),
            chat: ChatLog(lastNumber: chat.last?.number ?? 0, recent: chat))
        return StoredShow(key: key, show: show)
    }

    func journalEntry(_ key: Int, _ number: Int) throws(LoadFailure) -> [UInt8] {
        guard let entry = durable[key]?.journal.first(where: { $0.number == number }) else {
            throw LoadFailure(reason: "journal entry \(number) is missing")
        }
        return entry.facts
    }

    /// Few, so that some who come back have missed more than is in memory.
    private static let recentEvents = 20
}
