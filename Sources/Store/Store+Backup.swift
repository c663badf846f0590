// A copy of the whole database while a server goes on selling: one step of SQLite's backup, from a
// connection that only reads. The copy appears under its name when it is complete and on disk.

import CSQLite
import Glibc

extension Store {
    /// Copies the database as of now to a new file, 0600.
    ///
    /// - Throws: `StoreError`; what was written until then is removed.
    public func backUp(to file: String) throws(StoreError) {
        if try fileExists(file) { throw .notWritable(path: file, reason: "it exists") }
        let new = "\(file).\(getpid()).new"
        unlink(new)
        do throws(StoreError) {
            try createFile(new)
            try copy(to: new)
            try syncFile(new)
        } catch {
            unlink(new)
            throw error
        }
        // A link, so that two backups at once cannot replace each other.
        guard link(new, file) == 0 else {
            let reason = systemErrorText(errno)
            unlink(new)
            throw .notWritable(path: file, reason: reason)
        }
        unlink(new)
        try syncDirectory(of: file)
    }

    private func copy(to file: String) throws(StoreError) {
        let copy = try Database(path: file, access: .readWrite)
        defer { copy.close() }
        guard let backup = sqlite3_backup_init(copy.handle, "main", database.handle, "main") else {
            throw copy.error(sqlite3_extended_errcode(copy.handle), "backup")
        }
        // All in one step: in small ones it starts over whenever somebody commits.
        let stepped = sqlite3_backup_step(backup, -1)
        let finished = sqlite3_backup_finish(backup)
        guard stepped == SQLITE_DONE, finished == SQLITE_OK else {
            throw copy.error(stepped == SQLITE_DONE ? finished : stepped, "backup")
        }
    }

    /// Makes a data directory from a backup, with the event logs beginning a new life: clients that
    /// were ahead of the backup must not resume into it.
    ///
    /// - Parameter newEpoch: a new short random name, asked for once per show.
    /// - Throws: `.inUse` when a server runs on the directory; `.notWritable` when it has data.
    public static func restore(
        from file: String, to directory: String, newEpoch: () -> String
    ) throws(StoreError) {
        let backup = try Store(backup: file)
        defer { backup.close() }
        let target = try DataDirectory(creating: directory)
        let lock = try DirectoryLock(target)
        defer { lock.release() }
        // A log that was left behind would be taken for the restored file's own.
        for kind in ["", "-wal", "-shm"] {
            let old = target.databasePath + kind
            if try fileExists(old) {
                throw .notWritable(path: old, reason: "it exists; move it away first")
            }
        }
        let stage = try DataDirectory(creating: "\(target.path)/restore.\(getpid())")
        defer { stage.removeAll() }
        try backup.backUp(to: stage.databasePath)
        let restored = try Store.open(directory: stage.path, mode: .readWrite)
        var batch = CommitBatch()
        for var show in try restored.shows() {
            show.epoch = newEpoch()
            batch.shows.append(show)
        }
        try restored.commit(batch)
        restored.close()
        guard rename(stage.databasePath, target.databasePath) == 0 else {
            throw .notWritable(path: target.databasePath, reason: systemErrorText(errno))
        }
        try syncDirectory(of: target.databasePath)
    }
}

extension DataDirectory {
    /// Removes a directory that was made for a moment.
    fileprivate func removeAll() {
        unlink(databasePath)
        unlink("\(databasePath)-wal")
        unlink("\(databasePath)-shm")
        unlink(path(.lock))
        rmdir(path)
    }
}
