// Why the store refused or failed, in words an operator can act on. Every error of SQLite ends here
// (StoreError+SQLite.swift), so nothing outside this module sees a result code or a line of SQL. The
// sequencer looks at `consequence`; what a client hears of it is not decided here.

/// A refusal to open the data, or a failure to read or write it.
public enum StoreError: Error, Equatable, Sendable {
    /// There is no data at this path, and nobody asked to create it.
    case missing(path: String)
    /// The file is there, but LiveShop did not make it.
    case foreign(path: String)
    /// The file was made by a later version of LiveShop.
    case newer(path: String, version: Int64, known: Int64)
    /// The file was made by an earlier version and is opened for reading only, so it cannot be updated.
    case older(path: String, version: Int64, known: Int64)
    /// The file is LiveShop's but its structure is damaged.
    case corrupt(path: String)
    /// The file's structure is whole, but what it holds cannot be; `what` names the table and the row.
    case damaged(path: String, what: String)
    /// Another process owns the data; `process` is its id where it is known.
    case inUse(path: String, process: Int32?)
    /// The file, its directory or its file system does not allow writing.
    case notWritable(path: String, reason: String)
    /// The file or directory cannot be opened or read.
    case notReadable(path: String, reason: String)
    /// The file or directory is not as it has to be for its content to be trusted.
    case untrusted(path: String, reason: String)
    /// A file opened without a lock was changed by a server that started meanwhile.
    case changedWhileReading(path: String)
    /// SQLite would not promise that a commit is on disk when it returns.
    case notDurable(path: String)
    /// No space is left on the device. The transaction was rolled back.
    case full
    /// Something else holds the database's own lock for longer than the store waits.
    case busy
    /// The device failed; the code is SQLite's extended result code. The transaction was rolled back.
    case ioFailed(code: Int32)
    /// A sync failed: what is on disk is unknown, and a second sync may lie.
    case syncFailed
    /// A stock row would have promised more units than exist. The transaction was rolled back.
    case oversold(show: Int64, sku: String)
    /// A row broke another rule of its table: a defect of the caller. The transaction was rolled back.
    case constraint(String)
}

extension StoreError {
    /// What the owner of the store does next.
    public enum Consequence: Sendable {
        /// Nothing can be done now; the same commit may succeed later.
        case retryLater
        /// The process stops at once and recovers from disk.
        case stop
        /// The batch is wrong: it is decided again without what it did.
        case defect
        /// The data cannot be used until a person has done something.
        case refuse
    }

    /// What the owner of the store does next.
    public var consequence: Consequence {
        switch self {
        case .full, .busy, .ioFailed, .notWritable, .changedWhileReading: .retryLater
        case .syncFailed: .stop
        case .oversold, .constraint: .defect
        case .missing, .foreign, .newer, .older, .corrupt, .damaged, .inUse, .notReadable,
            .untrusted,
            .notDurable:
            .refuse
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let path):
            "there is no LiveShop data at \(path)"
        case .foreign(let path):
            "\(path) is not a LiveShop database; it was left unchanged"
        case .newer(let path, let version, let known):
            "\(path) was written by a newer LiveShop (format \(version), this program knows \(known)); "
                + "it was left unchanged"
        case .older(let path, let version, let known):
            "\(path) has the older format \(version) (this program reads \(known)); "
                + "start the server on it once to update it"
        case .corrupt(let path):
            "\(path) is damaged; it was left unchanged; restore a backup"
        case .damaged(let path, let what):
            "\(path) is damaged; it was left unchanged; restore a backup; \(what)"
        case .inUse(let path, let process):
            if let process {
                "\(path) is in use by process \(process)"
            } else {
                "\(path) is in use by another process"
            }
        case .notWritable(let path, let reason):
            "\(path) cannot be written: \(reason)"
        case .notReadable(let path, let reason):
            "\(path) cannot be read: \(reason)"
        case .untrusted(let path, let reason):
            "\(path) \(reason)"
        case .changedWhileReading(let path):
            "\(path) was changed by a server while it was read; try again"
        case .notDurable(let path):
            "\(path) cannot be used: SQLite does not sync each commit there"
        case .full:
            "no space is left on the disk"
        case .busy:
            "another program holds the database"
        case .ioFailed(let code):
            "the disk failed (code \(code))"
        case .syncFailed:
            "the disk did not confirm a write; stopping, to recover from what is on it"
        case .oversold(let show, let sku):
            "more units of \(sku) (show \(show)) would have been promised than exist"
        case .constraint(let what):
            "a row was refused: \(what)"
        }
    }
}
