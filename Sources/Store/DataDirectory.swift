// The data directory: which files it has, and how its small text files (keys, tokens) are read and
// written. Only the owner may look inside: the directory is 0700, its files are 0600. Used by the server
// at start and by the commands that take `--data`.

import Glibc

/// The directory a server keeps its data in.
public struct DataDirectory: Sendable {
    /// The files of a data directory.
    public enum File: String, Sendable, CaseIterable {
        /// The SQLite database.
        case database = "liveshop.db"
        /// Held locked by the one process that writes.
        case lock = "lock"
        /// What tokens are signed with; one line.
        case secretKey = "secret.key"
        /// A host's token for use on this machine; one line.
        case hostToken = "host.token"
        /// An administrator's token for use on this machine; one line.
        case adminToken = "admin.token"
        /// What receipts are signed with; one line.
        case receiptKey = "receipt.key"
        /// The names of staff that guests may not take; a line for each, added by the server and by
        /// `liveshop token`.
        case staffNames = "staff.names"
    }

    /// The directory, without a slash at its end.
    public let path: String

    /// A directory that exists.
    public init(existing path: String) throws(StoreError) {
        self.path = DataDirectory.withoutTrailingSlashes(path)
        guard try isDirectory(self.path) else { throw .missing(path: self.path) }
    }

    /// A directory that is made, 0700, if it is not there; its parents, too. One that is there and empty
    /// becomes 0700; one with files is left as it is, since it may be meant for more than this.
    public init(creating path: String) throws(StoreError) {
        self.path = DataDirectory.withoutTrailingSlashes(path)
        if try isDirectory(self.path) {
            if isOwnAndEmpty(self.path) { chmod(self.path, 0o700) }
            return
        }
        var parent = ""
        for part in self.path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
            parent += "\(part)/"
            if try !isDirectory(parent) { try DataDirectory.make(parent, 0o755) }
        }
        try DataDirectory.make(self.path, 0o700)
        guard try isDirectory(self.path) else {
            throw .notWritable(path: self.path, reason: "it is not a directory")
        }
    }

    /// The path of one of the directory's files.
    public func path(_ file: File) -> String { "\(path)/\(file.rawValue)" }

    /// The path of the database.
    public var databasePath: String { path(.database) }

    /// The text of a one-line file without its line end, or nil when it is not there. All such files are
    /// secrets: one that others may use is refused.
    public func read(_ file: File) throws(StoreError) -> String? {
        guard let directory = try status(of: path, followingLink: true),
            try status(of: path(file), followingLink: false) != nil
        else { return nil }
        let bytes = try readSecretFile(path(file), of: directory.st_uid, limit: 64 << 10)
        // Some editors begin a file with a byte-order mark.
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let text = String(decoding: bytes.dropFirst(hasMark ? 3 : 0), as: UTF8.self)
        return String(text.prefix { !$0.isNewline })
    }

    /// Writes a one-line file; a reader sees the old line or the new one, never a part.
    public func replace(_ file: File, with line: String) throws(StoreError) {
        let new = "\(path(file)).\(getpid()).new"
        unlink(new)
        try writeNewFile(new, line + "\n")
        guard rename(new, path(file)) == 0 else {
            let reason = systemErrorText(errno)
            unlink(new)
            throw .notWritable(path: path(file), reason: reason)
        }
        try syncDirectory(of: new)
    }

    /// The line of a file that is written once and then kept: `make` is called if it is not there.
    /// When two processes make it at once, both get the line of the first.
    public func readOrMake(_ file: File, _ make: () -> String) throws(StoreError) -> String {
        if let line = try read(file) { return try require(line, file) }
        try requireOwn()
        let new = "\(path(file)).\(getpid()).new"
        unlink(new)
        try writeNewFile(new, make() + "\n")
        defer { unlink(new) }
        guard link(new, path(file)) == 0 || errno == EEXIST else {
            throw .notWritable(path: path(file), reason: systemErrorText(errno))
        }
        try syncDirectory(of: new)
        return try require(try read(file) ?? "", file)
    }

    /// The server's secret: made of 32 random bytes (base64url) when it is not there.
    public func secretKey() throws(StoreError) -> String {
        try readOrMake(.secretKey) { randomLine() }
    }

    /// The database that a path given for reading means: a directory's, or the file itself.
    static func databasePath(of path: String) throws(StoreError) -> String {
        let path = withoutTrailingSlashes(path)
        guard try fileExists(path) else { throw .missing(path: path) }
        return try isDirectory(path) ? "\(path)/\(File.database.rawValue)" : path
    }

    private func require(_ line: String, _ file: File) throws(StoreError) -> String {
        if line.isEmpty { throw .notReadable(path: path(file), reason: "it is empty") }
        return line
    }

    private static func make(_ path: String, _ mode: mode_t) throws(StoreError) {
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw .notWritable(path: path, reason: refusalText(errno, path))
        }
        do throws(StoreError) {
            // What is stored below is only there if the directory is.
            try syncDirectory(of: path)
        } catch {
            if error == .syncFailed { throw error }
            // A parent that may be passed but not read cannot be synced by us.
        }
    }

    private static func withoutTrailingSlashes(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path.isEmpty ? "." : path
    }
}

private func isDirectory(_ path: String) throws(StoreError) -> Bool {
    guard let info = try status(of: path, followingLink: true) else { return false }
    return info.st_mode & S_IFMT == S_IFDIR
}

/// Whether the directory is this user's, not shared (sticky) like /tmp, and has nothing in it.
private func isOwnAndEmpty(_ path: String) -> Bool {
    var info = stat()
    guard stat(path, &info) == 0, info.st_uid == geteuid(), info.st_mode & S_ISVTX == 0,
        let listing = opendir(path)
    else { return false }
    defer { closedir(listing) }
    var entries = 0
    while readdir(listing) != nil { entries += 1 }
    return entries <= 2  // itself and its parent
}

/// 32 random bytes of the system's generator in base64url, 43 characters.
private func randomLine() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    var text: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for byte in bytes {
        bits = bits << 8 | UInt32(byte)
        bitCount += 8
        while bitCount >= 6 {
            bitCount -= 6
            text.append(alphabet[Int(bits >> bitCount & 63)])
        }
    }
    if bitCount > 0 { text.append(alphabet[Int(bits << (6 - bitCount) & 63)]) }
    return String(decoding: text, as: UTF8.self)
}
