// Writes the rows of a batch, inside the transaction that Store.commit has opened. The statements are
// prepared once, when the database is opened for writing.

final class BatchWriter {
    let begin: Statement
    let commit: Statement
    let log: LogLength
    private let show: Statement
    private let participant: Statement
    private let journal: Statement
    private let event: Statement
    private let eventParticipant: Statement
    private let chat: Statement
    private let chatDelete: Statement
    private let stockDelete: Statement
    private let stock: Statement
    private let extent: Statement
    private let meta: Statement

    init(_ database: Database) throws(StoreError) {
        log = LogLength(database)
        begin = try Statement(database, "BEGIN IMMEDIATE", subject: "transaction")
        commit = try Statement(database, "COMMIT", subject: "transaction")
        show = try Statement(
            database,
            """
            INSERT INTO show VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT(key) DO UPDATE SET id = ?2, title = ?3, currency = ?4, status = ?5,
              epoch = ?6, created_at = ?7, is_private = ?8, settings = ?9
            """, subject: "show")
        participant = try Statement(
            database,
            """
            INSERT INTO participant VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT(show, number) DO UPDATE SET subject = ?3, name = ?4, is_guest = ?5,
              address = ?6, role = ?7
            """, subject: "participant")
        journal = try Statement(
            database, "INSERT INTO journal VALUES(?, ?, ?)", subject: "journal entry")
        event = try Statement(database, "INSERT INTO event VALUES(?, ?, ?)", subject: "event")
        eventParticipant = try Statement(
            database, "INSERT INTO event_participant VALUES(?, ?)", subject: "name in an event")
        chat = try Statement(
            database, "INSERT INTO chat VALUES(?, ?, ?, ?)", subject: "chat message")
        chatDelete = try Statement(
            database, "DELETE FROM chat WHERE key = ?", subject: "chat message")
        stockDelete = try Statement(
            database, "DELETE FROM stock WHERE show = ? AND sku = ?", subject: "stock")
        stock = try Statement(
            database,
            """
            INSERT INTO stock VALUES(?1, ?2, ?3, ?4, ?5)
            ON CONFLICT(show, sku) DO UPDATE SET on_hand = ?3, held = ?4, sold = ?5
            """, subject: "stock")
        extent = try Statement(
            database,
            """
            INSERT INTO extent VALUES(?1, ?2, ?3) ON CONFLICT(show) DO UPDATE SET
              journal = max(journal, ?2), event = max(event, ?3)
            """, subject: "extent")
        meta = try Statement(
            database,
            "INSERT INTO meta VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = ?2",
            subject: "setting")
    }

    /// Writes all rows. Shows come first, because other rows refer to them.
    func write(_ batch: CommitBatch) throws(StoreError) {
        for row in batch.shows { try write(row) }
        for row in batch.participants { try write(row) }
        for row in batch.journal {
            let key = try NumberedKey.key(show: row.show, number: row.number, "journal entry")
            try journal.run(key, row.time, row.facts)
        }
        for row in batch.events { try write(row) }
        for row in batch.chat {
            let key = try NumberedKey.key(show: row.show, number: row.message, "chat message")
            try chat.run(key, row.participant, row.time, row.payload)
        }
        for row in batch.chatDeleted {
            let key = try NumberedKey.key(show: row.show, number: row.message, "chat message")
            try chatDelete.run(key)
        }
        for row in batch.stockRemoved { try stockDelete.run(row.show, row.sku) }
        for row in batch.stock { try write(row) }
        for (show, new) in batch.extents() { try extent.run(show, new.journal, new.event) }
        for row in batch.meta { try meta.run(row.key, row.value) }
    }

    private func write(_ row: ShowRow) throws(StoreError) {
        guard NumberedKey.shows.contains(row.key) else {
            throw .constraint("show: key \(row.key) is out of its range")
        }
        try show.run(
            row.key, row.id, row.title, row.currency, row.status, row.epoch, row.createdAt,
            row.isPrivate, row.settings)
    }

    private func write(_ row: ParticipantRow) throws(StoreError) {
        try participant.run(
            row.show, row.number, row.subject, row.name, row.isGuest, row.address, row.role)
    }

    private func write(_ row: EventRow) throws(StoreError) {
        let key = try NumberedKey.key(show: row.show, number: row.offset, "event")
        try event.run(key, row.time, row.payload)
        for participant in row.participants { try eventParticipant.run(key, participant) }
    }

    private func write(_ row: StockRow) throws(StoreError) {
        do throws(StoreError) {
            try stock.run(row.show, row.sku, row.onHand, row.held, row.sold)
        } catch {
            if case .constraint = error, row.promisesTooMuch {
                throw .oversold(show: row.show, sku: row.sku)
            }
            throw error
        }
    }
}

extension StockRow {
    /// What the table's CHECK refuses; used to name the refusal, never instead of the CHECK.
    fileprivate var promisesTooMuch: Bool {
        let (promised, overflow) = held.addingReportingOverflow(sold)
        return held < 0 || sold < 0 || overflow || promised > onHand
    }
}
