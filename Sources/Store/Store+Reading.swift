// Reading rows back: at start, to rebuild the shows; later for replay, reports and audits.

extension Store {
    /// All shows, in the order of their keys.
    public func shows() throws(StoreError) -> [ShowRow] {
        try reading { reader throws(StoreError) in try reader.shows.all(read: ShowRow.init) }
    }

    /// The show people call by this id.
    public func show(id: String) throws(StoreError) -> ShowRow? {
        try reading { reader throws(StoreError) in
            try reader.showByID.first(id, read: ShowRow.init)
        }
    }

    /// The participants of a show, in the order of their numbers.
    public func participants(show: Int64) throws(StoreError) -> [ParticipantRow] {
        try reading { reader throws(StoreError) in
            try reader.participants.all(show) { row in
                ParticipantRow(
                    show: show, number: row.int(0), subject: row.text(1), name: row.text(2),
                    isGuest: row.bool(3), address: row.optionalText(4), role: row.text(5))
            }
        }
    }

    /// The stock of a show, in the order of its SKUs.
    public func stock(show: Int64) throws(StoreError) -> [StockRow] {
        try reading { reader throws(StoreError) in
            try reader.stock.all(show) { row in
                StockRow(
                    show: show, sku: row.text(0), onHand: row.int(1), held: row.int(2),
                    sold: row.int(3))
            }
        }
    }

    /// The newest messages of a show, oldest first.
    ///
    /// - Parameters:
    ///   - count: at most this many.
    ///   - time: none that are older than this, in milliseconds since 1970.
    public func chat(
        show: Int64, last count: Int, since time: Int64 = .min
    ) throws(StoreError) -> [ChatRow] {
        let range = NumberedKey.range(show: show, after: -1)
        var messages: [ChatRow] = []
        try reading { reader throws(StoreError) in
            try reader.chat.forEach(range.first, range.last, Int64(max(count, 0))) { row in
                guard row.int(2) >= time else { return false }
                messages.append(ChatRow(row, show: show))
                return true
            }
        }
        return messages.reversed()
    }

    /// Calls `body` with each message of a show, the newest first, one in memory at a time.
    public func eachMessage(show: Int64, _ body: (ChatRow) -> Void) throws(StoreError) {
        let range = NumberedKey.range(show: show, after: -1)
        let noLimit: Int64 = -1
        try reading { reader throws(StoreError) in
            try reader.chat.forEach(range.first, range.last, noLimit) { row in
                body(ChatRow(row, show: show))
                return true
            }
        }
    }

    /// The events that follow an offset, in order; their `participants` are left empty.
    ///
    /// - Parameter offset: the last one already known; -1 for all.
    public func events(
        show: Int64, after offset: Int64, limit: Int
    ) throws(StoreError) -> [EventRow] {
        let range = NumberedKey.range(show: show, after: offset)
        return try reading { reader throws(StoreError) in
            try reader.events.all(range.first, range.last, Int64(max(limit, 0))) { row in
                EventRow(
                    show: show, offset: NumberedKey.number(row.int(0)), time: row.int(1),
                    payload: row.bytes(2))
            }
        }
    }

    /// The offset of a show's last event, or nil when it has none.
    public func lastOffset(show: Int64) throws(StoreError) -> Int64? {
        let range = NumberedKey.range(show: show, after: -1)
        return try reading { reader throws(StoreError) in
            try reader.lastEvent.first(range.first, range.last) { NumberedKey.number($0.int(0)) }
        }
    }

    /// The offsets of the events that name a participant, in order. Looks at the whole show.
    public func offsets(show: Int64, naming participant: Int64) throws(StoreError) -> [Int64] {
        let range = NumberedKey.range(show: show, after: -1)
        return try reading { reader throws(StoreError) in
            try reader.offsetsNaming.all(range.first, range.last, participant) {
                NumberedKey.number($0.int(0))
            }
        }
    }

    /// Calls `body` with each journal entry that follows a number, in order, one in memory at a time,
    /// until it says false.
    ///
    /// - Parameter number: the last one already known; 0 for all.
    public func journal(
        show: Int64, after number: Int64 = 0, while body: (JournalRow) -> Bool
    ) throws(StoreError) {
        let range = NumberedKey.range(show: show, after: number)
        try reading { reader throws(StoreError) in
            try reader.journal.forEach(range.first, range.last) { row in
                body(
                    JournalRow(
                        show: show, number: NumberedKey.number(row.int(0)), time: row.int(1),
                        facts: row.bytes(2)))
            }
        }
    }

    /// The number of a show's last journal entry, or nil when it has none.
    public func lastJournal(show: Int64) throws(StoreError) -> Int64? {
        let range = NumberedKey.range(show: show, after: -1)
        return try reading { reader throws(StoreError) in
            try reader.lastJournal.first(range.first, range.last) {
                NumberedKey.number($0.int(0))
            }
        }
    }

    /// How far a show's journal and events go, or went before their ends were lost.
    public func extent(show: Int64) throws(StoreError) -> ShowExtent {
        try reading { reader throws(StoreError) in
            try reader.extent.first(show) { ShowExtent(journal: $0.int(0), event: $0.int(1)) }
        } ?? ShowExtent()
    }

    /// Rows whose show, or whose event, does not exist: the table and how many. Looks at everything.
    public func orphans() throws(StoreError) -> [(table: String, rows: Int64)] {
        let tables = [
            ("journal", "key >> 32 NOT IN (SELECT key FROM show)"),
            ("event", "key >> 32 NOT IN (SELECT key FROM show)"),
            ("chat", "key >> 32 NOT IN (SELECT key FROM show)"),
            ("participant", "show NOT IN (SELECT key FROM show)"),
            ("stock", "show NOT IN (SELECT key FROM show)"),
            ("extent", "show NOT IN (SELECT key FROM show)"),
            ("event_participant", "event NOT IN (SELECT key FROM event)"),
        ]
        var found: [(table: String, rows: Int64)] = []
        for (table, condition) in tables {
            let rows = try count(table, where: condition)
            if rows > 0 { found.append((table, rows)) }
        }
        return found
    }

    private func count(_ table: String, where condition: String) throws(StoreError) -> Int64 {
        try reading { _ throws(StoreError) in
            let count = try Statement(
                database, "SELECT count(*) FROM \(table) WHERE \(condition)", subject: table)
            return try count.first { $0.int(0) } ?? 0
        }
    }

    /// How many names in events are of numbers outside a range. Looks at everything.
    public func namesInEvents(outside range: ClosedRange<Int64>) throws(StoreError) -> Int64 {
        try count(
            "event_participant",
            where: "participant NOT BETWEEN \(range.lowerBound) AND \(range.upperBound)")
    }

    /// A value of the small table of settings.
    public func meta(_ key: String) throws(StoreError) -> String? {
        try reading { reader throws(StoreError) in try reader.meta.first(key) { $0.text(0) } }
    }

    /// What is wrong with the structure of the file, in SQLite's words; empty when it is sound. Reads
    /// the whole file.
    public func structuralDamage() throws(StoreError) -> [String] {
        do throws(StoreError) {
            return try reading { _ throws(StoreError) in
                let check = try Statement(database, "PRAGMA integrity_check(20)", subject: "check")
                let findings = try check.all { $0.text(0) }
                return findings == ["ok"] ? [] : findings
            }
        } catch {
            // Of some damage SQLite gives no list.
            if error == .corrupt(path: path) { return [error.description] }
            throw error
        }
    }
}
