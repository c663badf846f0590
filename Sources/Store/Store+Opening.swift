// The steps of opening a database: making a new one, settings of the writing connection, and the checks
// that must pass before anything is changed.

import CSQLite
import Glibc

extension Store {
    /// How long opening and reading wait for another program that holds the database's own lock.
    static let busyMilliseconds: Int32 = 5000
    /// How long a commit does. Everybody waits behind it, and what is refused may be tried again.
    static let commitBusyMilliseconds: Int32 = 200
    static let noCheckpointOnClose = SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE

    /// Makes an empty database under another name and renames it when it is whole, so that a crash
    /// never leaves half a database behind. The caller holds the directory's lock.
    static func createDatabase(_ path: String) throws(StoreError) {
        let new = path + ".new"
        for leftover in [new, new + "-journal"] { unlink(leftover) }
        try createFile(new)
        let database = try Database(path: new, access: .readWrite)
        try database.execute("PRAGMA synchronous = FULL")
        try Schema.migrate(database)
        database.close()
        guard rename(new, path) == 0 else {
            throw .notWritable(path: path, reason: systemErrorText(errno))
        }
        try syncDirectory(of: path)
    }

    /// Refuses a newer version that only the log knows of, and a file that SQLite cannot read.
    @discardableResult
    static func requireKnownVersion(_ database: Database) throws(StoreError) -> Int64 {
        let version = try database.pragma("user_version")
        guard version <= Schema.version else {
            throw .newer(path: database.path, version: version, known: Schema.version)
        }
        return version
    }

    static func configureWriter(_ database: Database) throws(StoreError) {
        let settings = [
            "busy_timeout = \(busyMilliseconds)",
            "journal_mode = WAL",
            "synchronous = FULL",
            "wal_autocheckpoint = 0",
            "foreign_keys = ON",
            "secure_delete = OFF",
            "cache_size = -4096",
            "temp_store = MEMORY",
            "mmap_size = 0",
            "trusted_schema = OFF",
            "journal_size_limit = 67108864",
        ]
        for setting in settings { try database.execute("PRAGMA \(setting)") }
        try requireFullSync(database)
        try requireWriteTransactions(database)
        sqlite3_busy_timeout(database.handle, commitBusyMilliseconds)
    }

    /// SQLite opens a file that it cannot open for writing for reading, silently, and stays with that:
    /// the database, which it says when asked, or the log, which shows when writing begins.
    private static func requireWriteTransactions(_ database: Database) throws(StoreError) {
        guard sqlite3_db_readonly(database.handle, "main") == 0 else {
            throw .notWritable(path: database.path, reason: "it could only be opened for reading")
        }
        try database.execute("BEGIN IMMEDIATE")
        database.rollBack()
    }

    /// Refuses to run if a commit would not be synced: 2 is FULL.
    static func requireFullSync(_ database: Database) throws(StoreError) {
        guard try database.pragma("synchronous") == 2 else {
            throw .notDurable(path: database.path)
        }
    }
}

/// The first 100 bytes of a database file, read without SQLite, so that refusing it changes nothing.
struct DatabaseHeader {
    private let bytes: [UInt8]

    init(of path: String) throws(StoreError) {
        bytes = try readFile(path, limit: 100)
    }

    /// Refuses what is not a LiveShop database, or one of a later version.
    func requireCurrentOrOlder(path: String) throws(StoreError) {
        if bytes.isEmpty { throw .corrupt(path: path) }
        guard bytes.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw .foreign(path: path)
        }
        guard bytes.count == 100 else { throw .corrupt(path: path) }
        guard field(at: 68) == Schema.applicationID else { throw .foreign(path: path) }
        let version = field(at: 60)
        guard version >= 1 else { throw .corrupt(path: path) }
        guard version <= Schema.version else {
            throw .newer(path: path, version: version, known: Schema.version)
        }
    }

    private func field(at offset: Int) -> Int64 {
        bytes[offset..<offset + 4].reduce(0) { value, byte in value << 8 | Int64(byte) }
    }
}
