// A text file of the data directory to which several processes append lines, each wholly or not at all.
// Used for the names of staff: the server and `liveshop token` both add to them.

import Glibc

public struct SharedLines: Sendable {
    private let directory: DataDirectory
    private let path: String
    private var stamp: FileStamp?

    public init(_ directory: DataDirectory, _ file: DataDirectory.File) {
        self.directory = directory
        path = directory.path(file)
    }

    /// The lines, if the file was written since the last call; nil when it is as it was, or not there.
    public mutating func readIfChanged() throws(StoreError) -> [String]? {
        guard try isThere() else { return nil }
        let now = try FileStamp(of: path)
        guard now != stamp else { return nil }
        let bytes = try readFile(path, limit: now.size)
        stamp = now
        return bytes.split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Adds a line, which must hold no line end, and waits until it is on disk.
    public func append(_ line: String) throws(StoreError) {
        let isNew = try !isThere()
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .notWritable(path: path, reason: systemErrorText(errno)) }
        defer { close(file) }
        if isNew { try giveToOwner(file) }
        // In one call, so that lines of two processes do not mix; led by a line end, so that what a
        // crash left of another line stays apart. Empty lines are none.
        let bytes = Array("\n\(line)\n".utf8)
        let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count else {
            throw errno == ENOSPC || written >= 0
                ? .full : .notWritable(path: path, reason: systemErrorText(errno))
        }
        guard fsync(file) == 0 else { throw .syncFailed }
        if isNew { try syncDirectory(of: path) }
    }

    /// Whether the file is there; throws if it is not a regular one of the directory's owner.
    private func isThere() throws(StoreError) -> Bool {
        guard let owner = try status(of: directory.path, followingLink: true)?.st_uid,
            let info = try status(of: path, followingLink: false)
        else { return false }
        try requireRegular(info, path, of: owner)
        return true
    }

    /// What root makes in the directory of another user has to be that user's, or locks the server out.
    private func giveToOwner(_ file: Int32) throws(StoreError) {
        guard geteuid() == 0, let owner = try status(of: directory.path, followingLink: true) else {
            return
        }
        guard fchown(file, owner.st_uid, owner.st_gid) == 0 else {
            throw .notWritable(path: path, reason: systemErrorText(errno))
        }
    }
}
