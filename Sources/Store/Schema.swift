// The tables, and how an older file becomes a current one. A step is never changed once released: a new
// shape is a new step at the end, and `user_version` in the file counts the steps it has seen.
//
// Rows that come in an order of their own per show (journal, events, chat) have one integer as their
// key: the show in the upper bits, the number below. So a commit appends to one place of each table,
// big payloads stay out of the search path, and a show's rows are one range to read.

enum Schema {
    /// `application_id` of a LiveShop database: "LvSh".
    static let applicationID: Int64 = 0x4C76_5368

    /// The version this program writes.
    static var version: Int64 { Int64(steps.count) }

    static let steps: [String] = [
        """
        CREATE TABLE meta(
          key TEXT PRIMARY KEY,
          value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE show(
          key INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          title TEXT NOT NULL,
          currency TEXT NOT NULL,
          status TEXT NOT NULL,
          epoch TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          is_private INTEGER NOT NULL,
          settings BLOB NOT NULL
        ) STRICT;

        -- The durable truth: what each commit did, as the engine encoded it. key = show << 32 | number.
        CREATE TABLE journal(
          key INTEGER PRIMARY KEY,
          time INTEGER NOT NULL,
          facts BLOB NOT NULL
        ) STRICT;

        -- Public events as the bytes that went out, so that replay is a copy. key = show << 32 | offset.
        CREATE TABLE event(
          key INTEGER PRIMARY KEY,
          time INTEGER NOT NULL,
          payload BLOB NOT NULL
        ) STRICT;

        -- Which participants an event names. In the order of events, so that writing appends; only
        -- erasing a person looks from the other side, and may scan.
        CREATE TABLE event_participant(
          event INTEGER NOT NULL,
          participant INTEGER NOT NULL,
          PRIMARY KEY(event, participant)
        ) STRICT, WITHOUT ROWID;

        -- key = show << 32 | message.
        CREATE TABLE chat(
          key INTEGER PRIMARY KEY,
          participant INTEGER NOT NULL,
          time INTEGER NOT NULL,
          payload BLOB NOT NULL
        ) STRICT;

        CREATE TABLE participant(
          show INTEGER NOT NULL REFERENCES show,
          number INTEGER NOT NULL,
          subject TEXT NOT NULL,
          name TEXT NOT NULL,
          is_guest INTEGER NOT NULL,
          address TEXT,
          role TEXT NOT NULL,
          PRIMARY KEY(show, number),
          UNIQUE(show, subject)
        ) STRICT, WITHOUT ROWID;

        -- The CHECK is the last guard against overselling, should the ledger ever be wrong.
        CREATE TABLE stock(
          show INTEGER NOT NULL REFERENCES show,
          sku TEXT NOT NULL,
          on_hand INTEGER NOT NULL,
          held INTEGER NOT NULL,
          sold INTEGER NOT NULL,
          PRIMARY KEY(show, sku),
          CHECK(held >= 0 AND sold >= 0 AND held + sold <= on_hand)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        -- How far each show's journal and events go: rows that are lost at an end leave no gap.
        CREATE TABLE extent(
          show INTEGER PRIMARY KEY REFERENCES show,
          journal INTEGER NOT NULL,
          event INTEGER NOT NULL
        ) STRICT;

        INSERT INTO extent SELECT key,
          coalesce((SELECT max(journal.key) & 0xFFFFFFFF FROM journal
            WHERE journal.key BETWEEN show.key << 32 AND show.key << 32 | 0xFFFFFFFF), 0),
          coalesce((SELECT max(event.key) & 0xFFFFFFFF FROM event
            WHERE event.key BETWEEN show.key << 32 AND show.key << 32 | 0xFFFFFFFF), 0)
        FROM show;
        """,
    ]

    /// Brings a database to this program's version, each step in a transaction of its own.
    static func migrate(_ database: Database) throws(StoreError) {
        try migrate(database, steps: steps)
    }

    static func migrate(_ database: Database, steps: [String]) throws(StoreError) {
        let version = Int(try database.pragma("user_version"))
        guard version < steps.count else { return }
        for step in version..<steps.count {
            try database.execute("BEGIN IMMEDIATE")
            do throws(StoreError) {
                try database.execute(steps[step])
                if step == 0 { try database.execute("PRAGMA application_id = \(applicationID)") }
                try database.execute("PRAGMA user_version = \(step + 1)")
                try database.execute("COMMIT")
            } catch {
                database.rollBack()
                throw error
            }
        }
    }
}

/// The key of a row that is numbered within its show.
enum NumberedKey {
    /// Numbers and offsets of one show: 32 bits, unsigned.
    static let numbers: ClosedRange<Int64> = 0...0xFFFF_FFFF
    /// Keys of shows: 31 bits.
    static let shows: ClosedRange<Int64> = 0...0x7FFF_FFFF

    /// The key, or an error when a part does not fit.
    static func key(show: Int64, number: Int64, _ subject: String) throws(StoreError) -> Int64 {
        guard shows.contains(show), numbers.contains(number) else {
            throw .constraint("\(subject): show \(show) or number \(number) is out of its range")
        }
        return show << 32 | number
    }

    /// The number within the show.
    static func number(_ key: Int64) -> Int64 { key & numbers.upperBound }

    /// The first and the last key that follow `number` in a show; an empty range if there is none.
    static func range(show: Int64, after number: Int64) -> (first: Int64, last: Int64) {
        guard shows.contains(show), number < numbers.upperBound else { return (1, 0) }
        return (show << 32 | (max(number, -1) + 1), show << 32 | numbers.upperBound)
    }
}
