// A prepared statement: prepared once, then bound, stepped and reset as often as needed. Text and bytes
// are copied by SQLite when they are bound, so no pointer of ours outlives the call.

import CSQLite

/// A value that can take the place of a `?`.
protocol Bindable {
    func bind(to statement: OpaquePointer?, at index: Int32) -> Int32
}

extension Int64: Bindable {
    func bind(to statement: OpaquePointer?, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, self)
    }
}

extension Bool: Bindable {
    func bind(to statement: OpaquePointer?, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, self ? 1 : 0)
    }
}

extension String: Bindable {
    func bind(to statement: OpaquePointer?, at index: Int32) -> Int32 {
        var copy = self
        return copy.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { text in
                // An empty string may have no address, and that would be bound as NULL.
                guard let start = text.baseAddress else {
                    return sqlite3_bind_text(statement, index, "", 0, shim_SQLITE_TRANSIENT())
                }
                return sqlite3_bind_text64(
                    statement, index, start, UInt64(text.count), shim_SQLITE_TRANSIENT(),
                    UInt8(SQLITE_UTF8))
            }
        }
    }
}

extension [UInt8]: Bindable {
    func bind(to statement: OpaquePointer?, at index: Int32) -> Int32 {
        if isEmpty { return sqlite3_bind_zeroblob(statement, index, 0) }
        return withUnsafeBytes { bytes in
            sqlite3_bind_blob64(
                statement, index, bytes.baseAddress, UInt64(bytes.count), shim_SQLITE_TRANSIENT())
        }
    }
}

extension Optional: Bindable where Wrapped: Bindable {
    func bind(to statement: OpaquePointer?, at index: Int32) -> Int32 {
        switch self {
        case .none: sqlite3_bind_null(statement, index)
        case .some(let value): value.bind(to: statement, at: index)
        }
    }
}

/// A prepared statement of one connection.
final class Statement {
    private let database: Database
    private let subject: String
    private var handle: OpaquePointer?

    /// - Parameter subject: what the statement is about, for error messages: "journal entry".
    init(_ database: Database, _ sql: String, subject: String) throws(StoreError) {
        self.database = database
        self.subject = subject
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        try database.check(
            sqlite3_prepare_v3(database.handle, sql, -1, flags, &handle, nil), subject)
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs a statement that gives no rows.
    func run<each Value: Bindable>(_ values: repeat each Value) throws(StoreError) {
        try bind(repeat each values)
        let code = sqlite3_step(handle)
        // The error is described before the reset, which forgets it.
        let failure =
            code == SQLITE_DONE || code == SQLITE_ROW ? nil : database.error(code, subject)
        sqlite3_reset(handle)
        if let failure { throw failure }
    }

    /// Calls `body` for each row until it says false or the rows end.
    func forEach<each Value: Bindable>(
        _ values: repeat each Value, while body: (Row) -> Bool
    ) throws(StoreError) {
        try bind(repeat each values)
        defer { sqlite3_reset(handle) }
        while true {
            let code = sqlite3_step(handle)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw database.error(code, subject) }
            if !body(Row(statement: handle)) { return }
        }
    }

    /// All rows.
    func all<Result, each Value: Bindable>(
        _ values: repeat each Value, read: (Row) -> Result
    ) throws(StoreError) -> [Result] {
        var results: [Result] = []
        try forEach(repeat each values) { row in
            results.append(read(row))
            return true
        }
        return results
    }

    /// The first row, or nil when there is none.
    func first<Result, each Value: Bindable>(
        _ values: repeat each Value, read: (Row) -> Result
    ) throws(StoreError) -> Result? {
        var result: Result?
        try forEach(repeat each values) { row in
            result = read(row)
            return false
        }
        return result
    }

    private func bind<each Value: Bindable>(_ values: repeat each Value) throws(StoreError) {
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            let code = value.bind(to: handle, at: index)
            guard code == SQLITE_OK else { throw database.error(code, subject) }
        }
    }
}

/// The row a statement stands on; valid until the next step.
struct Row {
    fileprivate let statement: OpaquePointer?

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func bool(_ column: Int32) -> Bool { int(column) != 0 }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? {
        sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : text(column)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, column))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
