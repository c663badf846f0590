// What the store's tests share: a directory that vanishes with the test, and rows with defaults.

import Foundation
import Store

/// A directory for one test, removed when it goes out of scope.
final class ScratchDirectory {
    let path: String

    init() throws {
        let base = FileManager.default.temporaryDirectory.path
        path = "\(base)/liveshop-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var data: String { "\(path)/data" }
    var database: String { "\(data)/liveshop.db" }

    /// The bytes of a file below the directory.
    func bytes(_ file: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: file))
    }

    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: data).sorted()
    }

    /// A store with one show, whose key is 1.
    func storeWithShow() throws -> Store {
        let store = try Store.open(directory: data, mode: .create)
        var batch = CommitBatch()
        batch.shows = [show()]
        try store.commit(batch)
        return store
    }

    /// Data with one show, closed in good order.
    func closedData() throws {
        try storeWithShow().close()
    }
}

func show(_ key: Int64 = 1, id: String = "drop", status: String = "scheduled") -> ShowRow {
    ShowRow(
        key: key, id: id, title: "The Drop", currency: "EUR", status: status, epoch: "e1",
        createdAt: 1_700_000_000_000, settings: Array("{}".utf8))
}

func entry(_ number: Int64, show: Int64 = 1, facts: [UInt8] = [1, 2, 3]) -> JournalRow {
    JournalRow(show: show, number: number, time: 1000 &+ number, facts: facts)
}

func event(_ offset: Int64, show: Int64 = 1, naming participants: [Int64] = []) -> EventRow {
    EventRow(
        show: show, offset: offset, time: 1000 &+ offset, payload: Array("event \(offset)".utf8),
        participants: participants)
}

func stock(
    _ sku: String = "A", show: Int64 = 1, onHand: Int64 = 10, held: Int64 = 0, sold: Int64 = 0
) -> StockRow {
    StockRow(show: show, sku: sku, onHand: onHand, held: held, sold: sold)
}

func message(_ number: Int64, show: Int64 = 1, time: Int64 = 0) -> ChatRow {
    ChatRow(
        show: show, message: number, participant: 7, time: time,
        payload: Array("message \(number)".utf8))
}

func participant(_ number: Int64, subject: String, show: Int64 = 1) -> ParticipantRow {
    ParticipantRow(
        show: show, number: number, subject: subject, name: "Ann", isGuest: false, role: "viewer")
}

extension Store {
    /// Commits what `fill` puts into an empty batch.
    func commit(_ fill: (inout CommitBatch) -> Void) throws {
        var batch = CommitBatch()
        fill(&batch)
        try commit(batch)
    }

    /// The journal of a show, all of it.
    func wholeJournal(show: Int64 = 1) throws -> [JournalRow] {
        var rows: [JournalRow] = []
        try journal(show: show) { row in
            rows.append(row)
            return true
        }
        return rows
    }
}
