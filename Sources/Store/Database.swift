// One SQLite connection: open it, run a line of SQL, prepare statements, turn result codes into errors.
// Used by Store and by nobody else. It belongs to the thread that opened it (SQLITE_OPEN_NOMUTEX) and
// must never be handed to another one.

import CSQLite
import Glibc

/// One connection to one database file.
final class Database {
    enum Access {
        /// Reads and writes; the file is there already.
        case readWrite
        /// Reads a file that other connections may be writing.
        case readOnly
        /// Reads a file that nobody is writing, without locks and without creating files beside it.
        case immutable
    }

    let path: String
    private(set) var handle: OpaquePointer?

    init(path: String, access: Access) throws(StoreError) {
        self.path = path
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        var name = path
        switch access {
        case .readWrite:
            flags |= SQLITE_OPEN_READWRITE
        case .readOnly:
            flags |= SQLITE_OPEN_READONLY
        case .immutable:
            flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            name = "file:\(Database.escapedForURI(path))?immutable=1"
        }
        let code = sqlite3_open_v2(name, &handle, flags, nil)
        guard code == SQLITE_OK else {
            let systemError = sqlite3_system_errno(handle)
            close()
            throw StoreError(code: code, systemError: systemError, path: path, subject: "database")
        }
        try configure(SQLITE_DBCONFIG_DQS_DDL, false)
        try configure(SQLITE_DBCONFIG_DQS_DML, false)
        try configure(SQLITE_DBCONFIG_DEFENSIVE, true)
    }

    deinit { close() }

    /// Sets one boolean option of the connection (`SQLITE_DBCONFIG_…`).
    func configure(_ option: Int32, _ on: Bool) throws(StoreError) {
        try check(shim_sqlite3_db_config_flag(handle, option, on ? 1 : 0), "option")
    }

    /// Runs statements that take no values and give no rows that matter.
    func execute(_ sql: String, _ subject: String = "database") throws(StoreError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil), subject)
    }

    /// The integer that a pragma answers with.
    func pragma(_ name: String) throws(StoreError) -> Int64 {
        let statement = try Statement(self, "PRAGMA \(name)", subject: "pragma")
        return try statement.first { row in row.int(0) } ?? 0
    }

    /// Ends the open transaction, if there is one, without keeping anything of it.
    func rollBack() {
        // SQLite has rolled back by itself after some errors; asking again then is an error to ignore.
        if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
    }

    /// Closes the connection; calling it again does nothing.
    func close() {
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Throws unless the code is `SQLITE_OK`.
    func check(_ code: Int32, _ subject: String) throws(StoreError) {
        if code != SQLITE_OK { throw error(code, subject) }
    }

    /// The error for a result code of a call on this connection.
    func error(_ code: Int32, _ subject: String) -> StoreError {
        // SQLite does not keep the reason of a failed write; right after it, the system still does.
        let current = errno
        let kept = sqlite3_system_errno(handle)
        return StoreError(
            code: code, systemError: kept == 0 ? current : kept, path: path, subject: subject)
    }

    private static func escapedForURI(_ path: String) -> String {
        var escaped = ""
        for character in path {
            switch character {
            case "%": escaped += "%25"
            case "?": escaped += "%3f"
            case "#": escaped += "%23"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
