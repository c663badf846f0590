// The audit: every show's journal is replayed from its first entry into an empty ledger, and whatever
// else the database holds is compared with the result. Names each difference; changes nothing.

import Inventory
import LiveSession
import Store
import WireProtocol

public struct Audit: Sendable {
    /// One line each; empty when everything agrees.
    public private(set) var differences: [String] = []
    public private(set) var shows = 0
    public private(set) var entries = 0
    public private(set) var events = 0

    init(of repository: ShowRepository) throws(StoreError) {
        let store = repository.store
        for damage in try store.structuralDamage() { differences.append("file: \(damage)") }
        for (table, rows) in try store.orphans() {
            differences.append("\(table): \(rows) rows belong to nothing that is there")
        }
        let strangers = try store.namesInEvents(outside: RowDefects.participants)
        if strangers > 0 {
            differences.append(
                "event_participant: \(strangers) rows name nobody who could be there")
        }
        for row in try store.shows() {
            shows += 1
            let defects = row.defects
            differences += defects
            if defects.isEmpty { try auditShow(row, repository) }
        }
    }

    private mutating func auditShow(
        _ row: ShowRow, _ repository: ShowRepository
    ) throws(StoreError) {
        let store = repository.store
        try auditRows(row, store)
        guard let show = try replay(row, repository) else { return }
        if show.status.rawValue != row.status {
            note(row, "the journal says \(show.status.rawValue), the table \(row.status)")
        }
        let found = try repository.foundExtent(of: show, row)
        for difference in try store.extent(show: row.key).differences(from: found) {
            note(row, difference)
        }
        try compareStock(of: show, row, store)
        try compareEvents(of: show, row, store)
        try comparePeople(of: show, row, store)
        let held = show.ledger.recountHeld()
        for (index, level) in show.ledger.levels.enumerated() {
            if let broken = level.brokenInvariant { note(row, "\(level.sku): \(broken)") }
            if level.available > 0, level.waitlist.inOrder.contains(where: { $0.unserved > 0 }) {
                note(row, "\(level.sku): units are available while somebody waits")
            }
            if held[index] != level.held {
                note(
                    row,
                    "\(level.sku): holds, offers and orders make \(held[index]) held units, "
                        + "the counter says \(level.held)")
            }
        }
    }

    /// Numbers and texts of rows that could not have been written.
    private mutating func auditRows(_ row: ShowRow, _ store: Store) throws(StoreError) {
        differences += try store.participants(show: row.key).flatMap(\.defects)
        differences += try store.extent(show: row.key).defects(show: row.key)
        var found: [String] = []
        try store.eachMessage(show: row.key) { found += $0.defects }
        differences += found
    }

    /// The show as its journal alone makes it; nil when the journal cannot be replayed.
    private mutating func replay(
        _ row: ShowRow, _ repository: ShowRepository
    ) throws(StoreError) -> Show? {
        var show = Show(headline: ShowHeadline(row), settings: repository.settings)
        var problem: String?
        var defects: [String] = []
        try repository.store.journal(show: row.key) { entry in
            defects += entry.defects
            do {
                try show.replay(entry: Int(entry.number), entry.facts)
            } catch let gap as JournalGap {
                problem = gap.description
                return false
            } catch {
                problem = "journal entry \(entry.number): \(error)"
                return false
            }
            return true
        }
        differences += defects
        entries += show.lastEntry
        guard let problem else { return show }
        note(row, problem)
        return nil
    }

    private mutating func compareStock(
        of show: Show, _ row: ShowRow, _ store: Store
    ) throws(StoreError) {
        var stored: [String: StockRow] = [:]
        for stock in try store.stock(show: row.key) { stored[stock.sku] = stock }
        for level in show.ledger.levels where !level.isRemoved {
            let expected = StockRow(
                show: row.key, sku: level.sku, onHand: Int64(level.onHand),
                held: Int64(level.held), sold: Int64(level.sold))
            if let difference = StockDifference(expected, stored.removeValue(forKey: level.sku)) {
                note(row, difference.sentence)
            }
        }
        for sku in stored.keys.sorted() {
            note(row, "stock of \(sku): the table has a row, the journal knows no such SKU")
        }
    }

    /// Offsets without a gap, each event well formed and saying of itself what the table says.
    private mutating func compareEvents(
        of show: Show, _ row: ShowRow, _ store: Store
    ) throws(StoreError) {
        var position: Int64 = 0
        while true {
            let page = try store.events(show: row.key, after: position, limit: 1000)
            if page.isEmpty { return }
            for event in page {
                if event.offset != position + 1 {
                    note(row, "event \(position + 1) is missing")
                }
                position = event.offset
                events += 1
                differences += event.defects
                guard let json = try? JSONDocument(parsing: event.payload),
                    let offset = json.member(json.root, "offset"),
                    json.integer(offset) == event.offset,
                    let id = json.member(json.root, "show"), json.string(id) == row.id
                else {
                    note(row, "event \(event.offset) is damaged")
                    continue
                }
            }
        }
    }

    /// Everybody the ledger names has a row.
    private mutating func comparePeople(
        of show: Show, _ row: ShowRow, _ store: Store
    ) throws(StoreError) {
        let known = Set(try store.participants(show: row.key).map { Int($0.number) })
        for number in show.ledger.participants() where !known.contains(number.index) {
            note(row, "participant \(number.index) has units, but no row")
        }
    }

    private mutating func note(_ row: ShowRow, _ difference: String) {
        differences.append("show \(row.id): \(difference)")
    }
}
