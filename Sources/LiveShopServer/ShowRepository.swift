// Between the engine's values and the store's rows: a show is its journal replayed, with the people,
// the newest events and the newest chat beside it. Used by the sequencer, and by commands that work on
// a data directory no server uses.

import Inventory
import LiveSession
import Store
import WireProtocol

struct ShowRepository {
    let store: Store
    /// What the operator presets for every show.
    let settings: ShowSettings

    /// How many of the newest events are read for clients that come back: all that one may have missed.
    private static let recentEvents = ShowLimits.resumeEventsMax

    // MARK: Reading

    func listings() throws(LoadFailure) -> [ShowListing] {
        do throws(StoreError) {
            return try store.shows().map { ShowListing($0) }
        } catch {
            throw LoadFailure(reason: error.description)
        }
    }

    /// Rebuilds a show; nil when there is none of this id.
    func load(_ id: String) throws(LoadFailure) -> StoredShow? {
        do throws(StoreError) {
            guard let row = try store.show(id: id) else { return nil }
            return try load(row)
        } catch {
            throw LoadFailure(reason: error.description)
        }
    }

    private func load(_ row: ShowRow) throws(StoreError) -> StoredShow {
        try refuse(row.defects)
        var show = Show(headline: ShowHeadline(row), settings: settings)
        let people = try store.participants(show: row.key)
        try refuse(people.flatMap(\.defects))
        for person in people {
            // Tokens of earlier versions gave names as they were.
            let name = ClientText.clean(person.name)
            show.roster.restore(
                Int(person.number),
                Participant(
                    subject: person.subject, name: name.isEmpty ? "?" : name,
                    isGuest: person.isGuest, role: Role(rawValue: person.role) ?? .viewer,
                    address: person.address.flatMap { AddressKey($0) }))
        }
        var findings: [String] = []
        try store.journal(show: row.key) { entry in
            findings += entry.defects
            guard findings.isEmpty else { return false }
            do {
                try show.replay(entry: Int(entry.number), entry.facts)
            } catch {
                findings.append("show \(row.id): journal entry \(entry.number): \(error)")
                return false
            }
            return true
        }
        // Her number would go to the next who comes, and her units with it.
        let numbers = Set(people.map { Int($0.number) })
        for number in show.ledger.participants() where !numbers.contains(number.index) {
            findings.append("show \(row.id): participant \(number.index) has units, but no row")
        }
        try refuse(findings)
        let extent = try store.extent(show: row.key)
        try refuse(extent.defects(show: row.key))
        let found = try foundExtent(of: show, row)
        let lost = extent.differences(from: found).map { "show \(row.id): \($0)" }
        // No offset is given twice, whoever has heard it: clients that miss what is lost start anew.
        let lastOffset = max(found.event, extent.event)
        let said = try store.chat(show: row.key, last: ShowLimits.chatReplayMax)
        try refuse(said.flatMap(\.defects))
        let chat = said.compactMap(\.content)
        show.restore(
            log: EventLog(
                lastOffset: Int(lastOffset),
                recent: try recentEvents(of: row.key, until: lastOffset)),
            chat: ChatLog(lastNumber: chat.last?.number ?? 0, recent: chat))
        findings = try lost + quarantineDifferences(of: &show, row)
        return StoredShow(key: Int(row.key), show: show, findings: findings)
    }

    private func refuse(_ defects: [String]) throws(StoreError) {
        if let refusal = StoreError.damaged(path: store.path, defects) { throw refusal }
    }

    /// Refuses data whose list of shows has defects: whatever else there is belongs to one of them.
    func requireSoundShows() throws(StoreError) -> [ShowRow] {
        let rows = try store.shows()
        try refuse(rows.flatMap(\.defects))
        return rows
    }

    /// How far the journal that was replayed and the table of events go.
    func foundExtent(of show: Show, _ row: ShowRow) throws(StoreError) -> ShowExtent {
        ShowExtent(
            journal: Int64(show.lastEntry), event: try store.lastOffset(show: row.key) ?? 0)
    }

    /// The newest events up to an offset, without those before a gap.
    private func recentEvents(
        of key: Int64, until last: Int64
    ) throws(StoreError) -> [[UInt8]] {
        let rows = try store.events(
            show: key, after: max(0, last - Int64(Self.recentEvents)), limit: Self.recentEvents)
        try refuse(rows.flatMap(\.defects))
        var expected = last
        var recent: [[UInt8]] = []
        for row in rows.reversed() where row.offset == expected {
            recent.append(row.payload)
            expected -= 1
        }
        return recent.reversed()
    }

    /// The ledger's self-check: the replayed counters and the stored ones must agree. What differs is
    /// not sold until somebody has looked at it.
    private func quarantineDifferences(
        of show: inout Show, _ row: ShowRow
    ) throws(StoreError) -> [String] {
        var stored: [String: StockRow] = [:]
        for stock in try store.stock(show: row.key) { stored[stock.sku] = stock }
        var findings: [String] = []
        for (index, level) in show.ledger.levels.enumerated() where !level.isRemoved {
            let expected = StockRow(
                show: row.key, sku: level.sku, onHand: Int64(level.onHand),
                held: Int64(level.held), sold: Int64(level.sold))
            if let difference = StockDifference(expected, stored[level.sku]) {
                findings.append("show \(row.id): \(difference.sentence); \(level.sku) is not sold")
                show.quarantine(VariantID(index))
            }
        }
        return findings
    }

    /// The facts of one journal entry.
    func journalEntry(_ key: Int, _ number: Int) throws(LoadFailure) -> [UInt8] {
        var facts: [UInt8]?
        do throws(StoreError) {
            try store.journal(show: Int64(key), after: Int64(number) - 1) { entry in
                if entry.number == number { facts = entry.facts }
                return false
            }
        } catch {
            throw LoadFailure(reason: error.description)
        }
        guard let facts else { throw LoadFailure(reason: "journal entry \(number) is missing") }
        return facts
    }

    // MARK: Writing

    /// A key that no show has.
    func newKey() throws(StoreError) -> Int {
        Int(try requireSoundShows().map(\.key).max() ?? 0) + 1
    }

    /// Adds a new show with what its first commands did, in one commit. The caller has looked that the
    /// id is free.
    func create(
        _ headline: ShowHeadline, key: Int, _ records: RoomRecords?, at now: Timestamp
    ) throws(StoreError) {
        var batch = CommitBatch()
        batch.shows.append(
            ShowRow(key: Int64(key), ShowListing(headline: headline, status: .scheduled)))
        if let records { batch.append(records, headline: headline, at: now) }
        try store.commit(batch)
    }

    /// Makes the records durable, all or none.
    func commit(
        _ records: [RoomRecords], headlines: (Int) -> ShowHeadline?, at now: Timestamp
    ) throws(StoreError) {
        var batch = CommitBatch()
        for room in records { batch.append(room, headline: headlines(room.key), at: now) }
        try store.commit(batch)
    }
}

extension CommitBatch {
    fileprivate mutating func append(
        _ room: RoomRecords, headline: ShowHeadline?, at now: Timestamp
    ) {
        let show = Int64(room.key)
        if let number = room.journal {
            journal.append(
                JournalRow(
                    show: show, number: Int64(number), time: now.milliseconds,
                    facts: room.facts))
        }
        for event in room.events {
            events.append(
                EventRow(
                    show: show, offset: Int64(event.offset), time: now.milliseconds,
                    payload: event.payload,
                    participants: event.participants.map { Int64($0.index) }))
        }
        for message in room.chat {
            var writer = ByteWriter()
            message.write(to: &writer)
            chat.append(
                ChatRow(
                    show: show, message: Int64(message.number),
                    participant: Int64(message.participant.index),
                    time: message.time.milliseconds, payload: writer.bytes))
        }
        for message in room.deletedMessages {
            chatDeleted.append(
                CommitBatch.ChatMessage(show: show, message: Int64(message)))
        }
        for person in room.people {
            participants.append(
                ParticipantRow(
                    show: show, number: Int64(person.number.index),
                    subject: person.participant.subject, name: person.participant.name,
                    isGuest: person.participant.isGuest,
                    address: person.participant.address?.description,
                    role: person.participant.tokenRole.rawValue))
        }
        for level in room.stock {
            if level.isRemoved {
                stockRemoved.append(CommitBatch.SKU(show: show, sku: level.sku))
            } else {
                stock.append(
                    StockRow(
                        show: show, sku: level.sku, onHand: Int64(level.onHand),
                        held: Int64(level.held), sold: Int64(level.sold)))
            }
        }
        if let listing = room.listing {
            shows.append(ShowRow(key: show, listing))
        }
    }
}

extension ShowExtent {
    /// How what was found differs from how far it should go, a sentence each.
    func differences(from found: ShowExtent) -> [String] {
        [("journal entry", journal, found.journal), ("event", event, found.event)]
            .compactMap { name, expected, last in
                if last < expected { return "\(name) \(last + 1) is missing, and all after it" }
                return last > expected
                    ? "\(name) \(expected + 1) is more than there should be" : nil
            }
    }
}

/// How the stored counters of a SKU differ from the replayed ones.
struct StockDifference {
    let sentence: String

    /// Nil when they agree.
    init?(_ replayed: StockRow, _ stored: StockRow?) {
        guard replayed != stored else { return nil }
        let found = stored.map { "on hand \($0.onHand), held \($0.held), sold \($0.sold)" }
        sentence =
            "stock of \(replayed.sku): the journal gives on hand \(replayed.onHand), "
            + "held \(replayed.held), sold \(replayed.sold); the table has \(found ?? "no row")"
    }
}

extension ShowHeadline {
    init(_ row: ShowRow) {
        var reader = ByteReader(row.settings)
        let scheduled = try? reader.readOptional { reader throws(DecodingDefect) in
            try reader.readTimestamp()
        }
        self.init(
            id: row.id, title: row.title, currency: row.currency, epoch: row.epoch,
            createdAt: Timestamp(milliseconds: row.createdAt), scheduledAt: scheduled ?? nil,
            isPrivate: row.isPrivate)
    }
}

extension ShowListing {
    /// From the row alone. Rows of older programs end after the first member.
    init(_ row: ShowRow) {
        self.init(
            headline: ShowHeadline(row), status: ShowStatus(rawValue: row.status) ?? .scheduled)
        var reader = ByteReader(row.settings)
        func time(_ reader: inout ByteReader) throws(DecodingDefect) -> Timestamp? {
            try reader.readOptional { reader throws(DecodingDefect) in try reader.readTimestamp() }
        }
        do throws(DecodingDefect) {
            _ = try time(&reader)
            if reader.isAtEnd { return }
            startedAt = try time(&reader)
            endedAt = try time(&reader)
            hosts = try reader.readList { reader throws(DecodingDefect) in try reader.readString() }
            productCount = try reader.readOptional { reader throws(DecodingDefect) in
                try reader.readInt()
            }
        } catch {
            // The list tells less then; the journal has it all.
            return
        }
    }
}

extension ShowRow {
    init(key: Int64, _ listing: ShowListing) {
        let headline = listing.headline
        var writer = ByteWriter()
        writer.write(headline.scheduledAt) { $0.write($1) }
        writer.write(listing.startedAt) { $0.write($1) }
        writer.write(listing.endedAt) { $0.write($1) }
        writer.write(list: listing.hosts) { $0.write($1) }
        writer.write(listing.productCount) { $0.write($1) }
        self.init(
            key: key, id: headline.id, title: headline.title, currency: headline.currency,
            status: listing.status.rawValue, epoch: headline.epoch,
            createdAt: headline.createdAt.milliseconds, isPrivate: headline.isPrivate,
            settings: writer.bytes)
    }
}
