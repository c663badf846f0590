// The durable half of the engine: rows in, rows out. The sequencer owns the one Store that writes and
// calls `commit` once per batch; reports and replays open others for reading only. A Store stays on the
// thread that opened it. It knows nothing of shows or ledgers, and nobody else knows SQLite.
//
// `commit` returns only when the batch is on disk (WAL, synchronous=FULL): what is sent to clients after
// it survives a loss of power. If it throws, nothing of the batch is kept and the store stays usable.

/// One connection to the data of one LiveShop server.
public final class Store {
    public enum Mode: Sendable {
        /// The writer of data that exists.
        case readWrite
        /// The writer; directory and database are made if they are not there.
        case create
        /// A reader. Changes nothing and takes no lock; other processes may be writing.
        case readOnly
    }

    /// The database file.
    public let path: String
    let mode: Mode
    let database: Database
    var reader: RowReader?
    var writer: BatchWriter?
    var checkpoints = CheckpointSchedule()
    /// Once a sync has failed, nothing more is written: the next sync would seem to succeed.
    var syncHasFailed = false
    /// Whether this writer has committed or moved the log. Before that, its owner may still find that the
    /// data is damaged; then file and log are left as they were found.
    private var isTaken = false
    private let lock: DirectoryLock?
    /// What the file was when it was opened without any lock; nil when SQLite's own locks protect reads.
    private let unlockedFile: FileStamp?

    /// Opens the data in a directory.
    ///
    /// The writer holds the directory's lock until it is closed, so there is one at a time. A file that
    /// is foreign, newer, damaged or in use is refused and left unchanged.
    ///
    /// - Parameter directory: the data directory; for reading also a database file, such as a backup.
    public static func open(directory: String, mode: Mode) throws(StoreError) -> Store {
        switch mode {
        case .readOnly:
            return try Store(readOnly: DataDirectory.databasePath(of: directory))
        case .readWrite:
            return try Store(writer: try DataDirectory(existing: directory), mode: mode)
        case .create:
            return try Store(writer: try DataDirectory(creating: directory), mode: mode)
        }
    }

    private init(writer directory: DataDirectory, mode: Mode) throws(StoreError) {
        path = directory.databasePath
        self.mode = mode
        unlockedFile = nil
        if mode == .readWrite, try !fileExists(path) { throw .missing(path: path) }
        lock = try DirectoryLock(directory)
        try directory.requireOwnDatabase()
        if try !fileExists(path) { try Store.createDatabase(path) }

        let header = try DatabaseHeader(of: path)
        try header.requireCurrentOrOlder(path: path)
        let hadLog = try fileExists(path + "-wal")
        try requireWritable(path)
        // SQLite makes its log beside the database.
        try requireWritable(directory: directory.path)
        database = try Database(path: path, access: .readWrite)
        // Until the owner goes on with it, closing must not move the log into the file: see `isTaken`.
        try database.configure(Store.noCheckpointOnClose, hadLog)
        try Store.requireKnownVersion(database)
        try Store.configureWriter(database)
        try Schema.migrate(database)
        reader = try RowReader(database)
        writer = try BatchWriter(database)
    }

    /// A file to be copied as it is; one of an earlier version, too.
    convenience init(backup path: String) throws(StoreError) {
        try self.init(readOnly: DataDirectory.databasePath(of: path), takesOlder: true)
    }

    private init(readOnly path: String, takesOlder: Bool = false) throws(StoreError) {
        self.path = path
        mode = .readOnly
        lock = nil
        writer = nil
        if try !fileExists(path) { throw .missing(path: path) }
        let header = try DatabaseHeader(of: path)
        try header.requireCurrentOrOlder(path: path)
        // Without a log beside it the file is complete and nobody writes it: reading it as immutable
        // needs no files beside it. Should a server start meanwhile, `reading` finds out.
        if try fileExists(path + "-wal") {
            unlockedFile = nil
            database = try Database(path: path, access: .readOnly)
        } else {
            unlockedFile = try FileStamp(of: path)
            database = try Database(path: path, access: .immutable)
        }
        try database.execute("PRAGMA busy_timeout = \(Store.busyMilliseconds)")
        try database.execute("PRAGMA query_only = ON")
        try database.execute("PRAGMA trusted_schema = OFF")
        let version = try Store.requireKnownVersion(database)
        if version < Schema.version {
            guard takesOlder else {
                throw .older(path: path, version: version, known: Schema.version)
            }
            return
        }
        reader = try RowReader(database)
    }

    /// Writes all rows of the batch in one transaction and returns when it is on disk.
    ///
    /// - Throws: `StoreError`; its `consequence` says what to do. Nothing of the batch is kept, except
    ///   after `.syncFailed`, when nobody can know.
    public func commit(_ batch: CommitBatch) throws(StoreError) {
        guard let writer else {
            throw .notWritable(path: path, reason: "it was opened for reading")
        }
        if syncHasFailed { throw .syncFailed }
        if batch.isEmpty { return }
        try writer.begin.run()
        do throws(StoreError) {
            try writer.write(batch)
            try writer.commit.run()
        } catch {
            database.rollBack()
            syncHasFailed = error == .syncFailed
            throw error
        }
        take()
        checkpoints.noteCommit(logBytes: writer.log.bytes)
    }

    /// The data is good: from here on closing may move the log into the file.
    func take() {
        if isTaken { return }
        // Nothing depends on its success: the log that stays holds everything.
        _ = try? database.configure(Store.noCheckpointOnClose, false)
        isTaken = true
    }

    /// Makes a tiny synced commit, to learn whether storage works again after a failure.
    public func probe() throws(StoreError) {
        // A checkpoint lets the log start over, which may be all the space there is.
        if writer != nil { try checkpoint(.passive) }
        try withoutWaiting { () throws(StoreError) in
            try setMeta("probe", to: String(checkpoints.commits))
        }
    }

    /// Sets one value of the small table of settings, in a commit of its own.
    public func setMeta(_ key: String, to value: String) throws(StoreError) {
        var batch = CommitBatch()
        batch.meta.append(CommitBatch.Meta(key: key, value: value))
        try commit(batch)
    }

    /// Moves the log into the database, closes it and gives up the lock. The store is not used again.
    /// If nothing was committed, file and log stay as they were.
    public func close() {
        // Should this fail, or a reader be in the way, the log stays and holds everything.
        if writer != nil, isTaken { _ = try? checkpoint(.truncate) }
        reader = nil
        writer = nil
        database.close()
        lock?.release()
    }

    deinit { close() }

    /// Runs one read; reports a file that was changed underneath rather than what was read from it.
    func reading<Result>(
        _ body: (RowReader) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        guard let reader else { throw .notReadable(path: path, reason: "it is closed") }
        do throws(StoreError) {
            let result = try body(reader)
            try unlockedFile?.requireUnchanged(path)
            return result
        } catch {
            try unlockedFile?.requireUnchanged(path)
            throw error
        }
    }
}
