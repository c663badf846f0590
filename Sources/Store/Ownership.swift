// Whose the files of a data directory are, and who else may touch them. The server trusts what it finds
// in its directory, so it takes only regular files of its own user, in a directory that nobody else can
// write to. Root is no exception: its files would lock the server's own user out.

import Glibc

extension DataDirectory {
    /// Throws unless the directory is this user's and only this user's to write.
    func requireOwn() throws(StoreError) {
        guard let info = try status(of: path, followingLink: true) else {
            throw .missing(path: path)
        }
        guard info.st_uid == geteuid() else {
            let owner = userName(info.st_uid)
            throw .untrusted(
                path: path,
                reason: "belongs to \(owner); only that user writes there: \(asUser(info.st_uid))")
        }
        guard info.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw .untrusted(
                path: path,
                reason: "can be written by others (mode \(octal(info.st_mode))): chmod 700 \(path)")
        }
    }

    /// Whether other users can look into the directory.
    public var isOpenToOthers: Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & 0o077 != 0
    }

    /// Throws unless the database and its log are regular files of this user, and closes them to others.
    func requireOwnDatabase() throws(StoreError) {
        for name in [databasePath, "\(databasePath)-wal", "\(databasePath)-shm"] {
            guard let info = try status(of: name, followingLink: false) else { continue }
            try requireRegular(info, name, of: geteuid())
            if info.st_mode & 0o077 != 0 { chmod(name, 0o600) }
        }
    }
}

/// Throws unless the file is a regular one of the owner. `info` must not have followed a link.
func requireRegular(_ info: stat, _ path: String, of owner: uid_t) throws(StoreError) {
    let kind = info.st_mode & S_IFMT
    guard kind != S_IFLNK else {
        throw .untrusted(
            path: path, reason: "is a symbolic link; only a regular file is taken there")
    }
    guard kind == S_IFREG else {
        throw .untrusted(path: path, reason: "is not a regular file")
    }
    guard info.st_uid == owner else {
        throw .untrusted(
            path: path,
            reason: "belongs to \(userName(info.st_uid)): chown \(userName(owner)) \(path)")
    }
}

/// Throws if others than its owner may read or write the secret.
func requireSecret(_ info: stat, _ path: String) throws(StoreError) {
    guard info.st_mode & 0o077 == 0 else {
        throw .untrusted(
            path: path,
            reason: "can be used by others (mode \(octal(info.st_mode))): chmod 600 \(path)")
    }
}

/// What is at a path; nil when nothing is there.
func status(of path: String, followingLink: Bool) throws(StoreError) -> stat? {
    var info = stat()
    if (followingLink ? stat(path, &info) : lstat(path, &info)) == 0 { return info }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw .notReadable(path: path, reason: refusalText(errno, path))
}

/// The system's words for an `errno`; for a denied permission also how it is got.
func refusalText(_ code: Int32, _ path: String) -> String {
    let text = systemErrorText(code)
    guard code == EACCES || code == EPERM, let owner = nearestOwner(path), owner != geteuid() else {
        return text
    }
    return "\(text); it belongs to \(userName(owner)): \(asUser(owner))"
}

/// The owner of the path, or of the directory nearest to it that we are told about.
private func nearestOwner(_ path: String) -> uid_t? {
    var path = path[...]
    while !path.isEmpty {
        var info = stat()
        if stat(String(path), &info) == 0 { return info.st_uid }
        guard let slash = path.lastIndex(of: "/") else { return nil }
        path = path[..<slash]
    }
    return nil
}

private func userName(_ user: uid_t) -> String {
    guard let entry = getpwuid(user) else { return "user \(user)" }
    return String(cString: entry.pointee.pw_name)
}

/// How a command is run as another user.
private func asUser(_ user: uid_t) -> String {
    let name = getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "'#\(user)'"
    return "sudo -u \(name) liveshop …"
}

func octal(_ mode: mode_t) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
