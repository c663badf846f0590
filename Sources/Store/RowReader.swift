// Reads rows. The statements are prepared once, when the database is opened.

final class RowReader {
    let shows: Statement
    let showByID: Statement
    let participants: Statement
    let stock: Statement
    let chat: Statement
    let events: Statement
    let lastEvent: Statement
    let offsetsNaming: Statement
    let journal: Statement
    let lastJournal: Statement
    let extent: Statement
    let meta: Statement

    init(_ database: Database) throws(StoreError) {
        let showColumns =
            "SELECT key, id, title, currency, status, epoch, created_at, is_private, settings FROM show"
        shows = try Statement(database, "\(showColumns) ORDER BY key", subject: "show")
        showByID = try Statement(database, "\(showColumns) WHERE id = ?", subject: "show")
        participants = try Statement(
            database,
            """
            SELECT number, subject, name, is_guest, address, role FROM participant
            WHERE show = ? ORDER BY number
            """, subject: "participant")
        stock = try Statement(
            database, "SELECT sku, on_hand, held, sold FROM stock WHERE show = ? ORDER BY sku",
            subject: "stock")
        chat = try Statement(
            database,
            """
            SELECT key, participant, time, payload FROM chat
            WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT ?
            """, subject: "chat message")
        events = try Statement(
            database,
            """
            SELECT key, time, payload FROM event WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?
            """, subject: "event")
        lastEvent = try Statement(
            database,
            "SELECT key FROM event WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1",
            subject: "event")
        offsetsNaming = try Statement(
            database,
            """
            SELECT event FROM event_participant WHERE event BETWEEN ? AND ? AND participant = ?
            ORDER BY event
            """, subject: "name in an event")
        journal = try Statement(
            database,
            "SELECT key, time, facts FROM journal WHERE key BETWEEN ? AND ? ORDER BY key",
            subject: "journal entry")
        lastJournal = try Statement(
            database,
            "SELECT key FROM journal WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1",
            subject: "journal entry")
        extent = try Statement(
            database, "SELECT journal, event FROM extent WHERE show = ?", subject: "extent")
        meta = try Statement(
            database, "SELECT value FROM meta WHERE key = ?", subject: "setting")
    }
}

extension ChatRow {
    /// Reads the columns in the order RowReader selects them.
    init(_ row: Row, show: Int64) {
        self.init(
            show: show, message: NumberedKey.number(row.int(0)), participant: row.int(1),
            time: row.int(2), payload: row.bytes(3))
    }
}

extension ShowRow {
    /// Reads the columns in the order RowReader selects them.
    init(_ row: Row) {
        self.init(
            key: row.int(0), id: row.text(1), title: row.text(2), currency: row.text(3),
            status: row.text(4), epoch: row.text(5), createdAt: row.int(6),
            isPrivate: row.bool(7), settings: row.bytes(8))
    }
}
