// Moving the write-ahead log into the database file. Only the writing connection does it, between two
// commits: a second connection that checkpoints would never catch up and would be exposed to a bug of
// SQLite 3.40.1 (WAL reset). Called by the sequencer, every turn of its loop.

import CSQLite

/// When the log is next moved: 250 ms after the last time while there are commits, and earlier when
/// there is much of it, because commits wait while it is moved. Its file is emptied after five quiet
/// seconds, not sooner: making it longer again costs each sync of a commit about as much as the commit.
struct CheckpointSchedule {
    static let intervalMilliseconds: Int64 = 250
    /// Moving this much takes about 2 ms where the disk is a virtual one, of which one is for the syncs;
    /// eight times as much took 6 ms and more, and one claim in a hundred waited for it.
    static let pendingBytesMax: Int64 = 512 << 10
    static let logBytesMax: Int64 = 64 << 20
    static let quietMilliseconds: Int64 = 5000

    private(set) var commits: UInt64 = 0
    private var hasNewCommits = false
    private var lastTime: Int64?
    private var logBytes: Int64 = 0
    private var logBytesMoved: Int64 = 0
    private var commitsWhenQuiet: UInt64?
    private var quietSince: Int64 = 0
    private var isEmpty = false

    /// Notes that a commit made the log as long as this.
    mutating func noteCommit(logBytes: Int64) {
        commits &+= 1
        hasNewCommits = true
        isEmpty = false
        // A log that was moved whole starts over.
        if logBytes < self.logBytes { logBytesMoved = 0 }
        self.logBytes = logBytes
    }

    /// Whether a checkpoint is due; if it is, the next one is 250 ms or 512 KiB away.
    mutating func takeTurn(now: Int64) -> Bool {
        guard hasNewCommits else { return false }
        if let lastTime, now >= lastTime, now - lastTime < CheckpointSchedule.intervalMilliseconds,
            logBytes - logBytesMoved < CheckpointSchedule.pendingBytesMax
        {
            return false
        }
        lastTime = now
        logBytesMoved = logBytes
        hasNewCommits = false
        return true
    }

    /// Whether it has been quiet for long enough to empty the log, which has not been done yet.
    mutating func isQuiet(now: Int64) -> Bool {
        if commitsWhenQuiet != commits {
            commitsWhenQuiet = commits
            quietSince = now
        }
        return !isEmpty && now - quietSince >= CheckpointSchedule.quietMilliseconds
    }

    mutating func noteEmptied() { isEmpty = true }
}

extension Store {
    /// What became of a checkpoint.
    public enum Checkpoint: Sendable, Equatable {
        /// Nothing was to be done yet.
        case notDue
        /// Done, or as far as readers allow.
        case done
        /// The log has passed 64 MiB: a reader stays open too long. Worth a line in the server's log.
        case logTooLong(bytes: Int64)
        /// It failed and will be tried again; nothing is lost, the log holds everything.
        case failed(StoreError)
    }

    /// While busy: moves the log every 250 ms or 512 KiB, without waiting for readers.
    ///
    /// - Parameter now: milliseconds of a clock that only moves forward.
    /// - Throws: `.syncFailed` only.
    public func checkpointIfDue(now: Int64) throws(StoreError) -> Checkpoint {
        guard writer != nil, checkpoints.takeTurn(now: now) else { return .notDue }
        return try checkpoint(.passive)
    }

    /// When idle: the same, and after five seconds without a commit shortens the log to nothing, unless
    /// a reader is in the way.
    ///
    /// - Parameter now: milliseconds of a clock that only moves forward.
    /// - Throws: `.syncFailed` only.
    public func checkpointWhenIdle(now: Int64) throws(StoreError) -> Checkpoint {
        guard writer != nil, checkpoints.isQuiet(now: now) else {
            return try checkpointIfDue(now: now)
        }
        return try checkpoint(.truncate)
    }

    enum CheckpointKind {
        /// Moves what can be moved without waiting.
        case passive
        /// Also empties the log's file, if no reader needs it.
        case truncate
    }

    /// Moves the log now.
    @discardableResult
    func checkpoint(_ kind: CheckpointKind) throws(StoreError) -> Checkpoint {
        if syncHasFailed { throw .syncFailed }
        take()
        let mode =
            switch kind {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        var frames: Int32 = 0
        // Commits wait behind this, so it must not wait for readers.
        let code = withoutWaiting {
            sqlite3_wal_checkpoint_v2(database.handle, nil, mode, &frames, nil)
        }
        // Busy: a reader still needs a part of the log. The rest has been moved.
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else {
            let error = database.error(code, "checkpoint")
            if error == .syncFailed {
                syncHasFailed = true
                throw error
            }
            return .failed(error)
        }
        if kind == .truncate, frames == 0 { checkpoints.noteEmptied() }
        let bytes = LogLength.bytes(frames: frames)
        return bytes > CheckpointSchedule.logBytesMax ? .logTooLong(bytes: bytes) : .done
    }

    /// Runs something of the writer that gives up at once when another program holds the database.
    func withoutWaiting<Result, Failure>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        sqlite3_busy_timeout(database.handle, 0)
        defer { sqlite3_busy_timeout(database.handle, Store.commitBusyMilliseconds) }
        return try body()
    }
}
