// What the rows of the store may hold. A database that somebody changed, or a failing disk, may have any
// number and any text in it. Each row is looked at here before anything counts on from it: the start
// refuses data with a defect in one line that names table and row, and the audit names all of them.

import Inventory
import LiveSession
import Store
import WireProtocol

/// What is wrong with one row, a line each.
struct RowDefects {
    /// Numbers are given one after the other; those near the end of their range are of nobody's making.
    static let numbers: ClosedRange<Int64> = 0...Int64(Int32.max)
    static let participants: ClosedRange<Int64> = 0...Int64(InventoryLimits.participantsMax - 1)
    static let times: ClosedRange<Int64> = 0...InventoryLimits.times.upperBound.milliseconds

    private let row: String
    private(set) var found: [String] = []

    init(table: String, row: String) { self.row = "table \(table), row \(row)" }

    mutating func require(_ range: ClosedRange<Int64>, _ value: Int64, _ column: String) {
        if !range.contains(value) {
            found.append(
                "\(row): \(column) \(value) is not from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    mutating func require(_ isRight: Bool, _ column: String, _ right: String) {
        if !isRight { found.append("\(row): \(column) is not \(right)") }
    }
}

extension ShowRow {
    /// What is wrong with it.
    var defects: [String] {
        var defects = RowDefects(table: "show", row: "\(key)")
        defects.require(RowDefects.numbers, key, "key")
        defects.require(ClientText.isShowID(id), "id", "a show id")
        defects.require(Currency(currency) != nil, "currency", "an ISO 4217 code")
        defects.require(ShowStatus(rawValue: status) != nil, "status", "a status")
        defects.require(
            (1...64).contains(epoch.utf8.count) && epoch.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F },
            "epoch", "1 to 64 printable characters")
        defects.require(RowDefects.times, createdAt, "created_at")
        defects.require(settingsAreReadable, "settings", "what a show's settings are")
        return defects.found
    }

    private var settingsAreReadable: Bool {
        if settings.isEmpty { return true }
        var reader = ByteReader(settings)
        do {
            _ = try reader.readOptional { reader throws(DecodingDefect) in
                try reader.readTimestamp()
            }
            return true
        } catch {
            return false
        }
    }
}

extension ParticipantRow {
    var defects: [String] {
        var defects = RowDefects(table: "participant", row: "\(show)/\(number)")
        defects.require(RowDefects.participants, number, "number")
        defects.require(Role(rawValue: role) != nil, "role", "a role")
        return defects.found
    }
}

extension JournalRow {
    var defects: [String] {
        var defects = RowDefects(table: "journal", row: "\(show)/\(number)")
        defects.require(RowDefects.numbers, number, "number")
        defects.require(RowDefects.times, time, "time")
        return defects.found
    }
}

extension EventRow {
    var defects: [String] {
        var defects = RowDefects(table: "event", row: "\(show)/\(offset)")
        defects.require(RowDefects.numbers, offset, "offset")
        defects.require(RowDefects.times, time, "time")
        return defects.found
    }
}

extension ChatRow {
    /// The message; nil when the row has a defect.
    var content: ChatMessage? {
        var reader = ByteReader(payload)
        guard let said = try? ChatMessage(from: &reader), reader.isAtEnd,
            Int64(said.number) == message, Int64(said.participant.index) == participant,
            said.time.milliseconds == time, said.isWithinLimits
        else { return nil }
        return said
    }

    var defects: [String] {
        var defects = RowDefects(table: "chat", row: "\(show)/\(message)")
        defects.require(RowDefects.numbers, message, "number")
        defects.require(RowDefects.participants, participant, "participant")
        defects.require(RowDefects.times, time, "time")
        defects.require(content != nil, "payload", "this message")
        return defects.found
    }
}

extension ChatMessage {
    fileprivate var isWithinLimits: Bool {
        replyTo.map { RowDefects.numbers.contains(Int64($0)) } ?? true
    }
}

extension ShowExtent {
    func defects(show: Int64) -> [String] {
        var defects = RowDefects(table: "extent", row: "\(show)")
        defects.require(RowDefects.numbers, journal, "journal")
        defects.require(RowDefects.numbers, event, "event")
        return defects.found
    }
}

extension StoreError {
    /// The refusal of a database with these defects; nil when there are none.
    static func damaged(path: String, _ defects: [String]) -> StoreError? {
        guard let first = defects.first else { return nil }
        let others = defects.count > 1 ? " (and \(defects.count - 1) more; see liveshop audit)" : ""
        return .damaged(path: path, what: first + others)
    }
}
