// The store of the engine's tests: what was committed, in memory. A restart is a new engine over it. It
// is as strict as the real one: a journal or an event log with a gap is a failure of the test.

import Inventory
import LiveSession
import Testing

@testable import LiveShopServer

final class EngineArchive {
    struct Shelf {
        var key: Int
        var headline: ShowHeadline
        var journal: [[UInt8]] = []
        var events: [[UInt8]] = []
        var chat: [ChatMessage] = []
        var people: [Int: Participant] = [:]
        var stock: [String: RoomRecords.Stock] = [:]
        var listing: ShowListing?
    }

    private(set) var shelves: [String: Shelf] = [:]
    var settings = ShowSettings()
    /// Whether commits fail, as on a full disk.
    var isFailing = false
    /// Whether nothing can be read.
    var isUnreadable = false
    private(set) var commits = 0
    /// How many of the newest events a loaded show keeps in memory.
    var recentEvents = ShowLimits.resumeEventsMax

    func create(_ id: String, isPrivate: Bool = false) {
        shelves[id] = Shelf(
            key: shelves.count + 1,
            headline: ShowHeadline(
                id: id, title: "The \(id) show", currency: "EUR", epoch: "k3f9",
                createdAt: Timestamp(milliseconds: 1_795_000_000_000), isPrivate: isPrivate))
    }

    private(set) var loads = 0

    func load(_ id: String) throws(LoadFailure) -> StoredShow? {
        loads += 1
        if isUnreadable { throw LoadFailure(reason: "unreadable") }
        guard let shelf = shelves[id] else { return nil }
        var show = Show(headline: shelf.headline, settings: settings)
        for (number, person) in shelf.people { show.roster.restore(number, person) }
        do {
            for (place, entry) in shelf.journal.enumerated() {
                try show.replay(entry: place + 1, entry)
            }
        } catch {
            throw LoadFailure(reason: "\(error)")
        }
        show.restore(
            log: EventLog(
                lastOffset: shelf.events.count, recent: Array(shelf.events.suffix(recentEvents))),
            chat: ChatLog(lastNumber: shelf.chat.last?.number ?? 0, recent: shelf.chat))
        return StoredShow(key: shelf.key, show: show)
    }

    /// What the rows of the shows tell, oldest first.
    func listings() -> [ShowListing] {
        shelves.values.sorted { $0.key < $1.key }.map {
            $0.listing ?? ShowListing(headline: $0.headline, status: .scheduled)
        }
    }

    func journalEntry(_ key: Int, _ number: Int) throws(LoadFailure) -> [UInt8] {
        guard !isUnreadable, let shelf = shelves.values.first(where: { $0.key == key }),
            shelf.journal.indices.contains(number - 1)
        else { throw LoadFailure(reason: "unreadable") }
        return shelf.journal[number - 1]
    }

    /// The rows of shows are those of an older program: headline and status only.
    func forgetDetails() {
        for id in shelves.keys {
            guard let listing = shelves[id]?.listing else { continue }
            shelves[id]?.listing = ShowListing(headline: listing.headline, status: listing.status)
        }
    }

    /// Cuts the last byte off the last entry of each show.
    func damageLastEntry() {
        for id in shelves.keys {
            guard let last = shelves[id]?.journal.indices.last else { continue }
            shelves[id]?.journal[last].removeLast()
        }
    }

    func commit(_ records: [RoomRecords]) {
        commits += 1
        for room in records {
            guard let id = shelves.first(where: { $0.value.key == room.key })?.key,
                var shelf = shelves[id]
            else {
                Issue.record("records of an unknown show")
                continue
            }
            if let number = room.journal {
                #expect(number == shelf.journal.count + 1, "the journal has a gap")
                shelf.journal.append(room.facts)
            }
            for event in room.events {
                #expect(event.offset == shelf.events.count + 1, "the events have a gap")
                shelf.events.append(event.payload)
                for named in event.participants {
                    #expect(
                        shelf.people[named.index] != nil
                            || room.people.contains { $0.number == named },
                        "an event names somebody the store does not know")
                }
            }
            shelf.chat += room.chat
            shelf.chat.removeAll { room.deletedMessages.contains($0.number) }
            for person in room.people {
                shelf.people[person.number.index] = Participant(
                    subject: person.participant.subject, name: person.participant.name,
                    isGuest: person.participant.isGuest, role: person.participant.tokenRole,
                    address: person.participant.address)
            }
            for stock in room.stock { shelf.stock[stock.sku] = stock.isRemoved ? nil : stock }
            if let listing = room.listing { shelf.listing = listing }
            shelves[id] = shelf
        }
    }
}
