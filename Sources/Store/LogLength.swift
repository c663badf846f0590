// How long the write-ahead log is after each commit, as SQLite reports it to its hook. The schedule of
// checkpoints needs it; asking the file system at each commit would cost a system call.

import CSQLite

/// The length of the log of one writing connection. Lives as long as the connection.
final class LogLength {
    private let database: Database
    private var frames: Int32 = 0

    init(_ database: Database) {
        self.database = database
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(database.handle, LogLength.noteFrames, context)
    }

    deinit { sqlite3_wal_hook(database.handle, nil, nil) }

    /// The length after the last commit, in bytes.
    var bytes: Int64 { LogLength.bytes(frames: frames) }

    /// A frame is a page and its header.
    static func bytes(frames: Int32) -> Int64 { Int64(max(frames, 0)) * (4096 + 24) }

    /// Called by SQLite within each commit, on the connection's thread.
    private static let noteFrames:
        @convention(c) (
            UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32
        ) -> Int32 = { context, _, _, frames in
            if let context {
                Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().frames = frames
            }
            return SQLITE_OK
        }
}
