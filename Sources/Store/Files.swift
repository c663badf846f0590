// The few system calls that the data directory and the database files need, with their errors as
// StoreError. No file is ever made readable for others: 0600 is set when it is created, not after.

import Glibc

/// Whether something is there. A directory that may not be looked into is an error, not a no.
func fileExists(_ path: String) throws(StoreError) -> Bool {
    try status(of: path, followingLink: true) != nil
}

/// Throws unless the file can be opened for writing. Does not change it.
func requireWritable(_ path: String) throws(StoreError) {
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { throw .notWritable(path: path, reason: refusalText(errno, path)) }
    close(file)
}

/// Throws unless files can be made in the directory.
func requireWritable(directory: String) throws(StoreError) {
    guard access(directory, W_OK | X_OK) == 0 else {
        throw .notWritable(path: directory, reason: refusalText(errno, directory))
    }
}

/// Makes a new, empty file that only its owner can read.
func createFile(_ path: String) throws(StoreError) {
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .notWritable(path: path, reason: refusalText(errno, path)) }
    close(file)
}

/// The first `limit` bytes of a file.
func readFile(_ path: String, limit: Int) throws(StoreError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .notReadable(path: path, reason: refusalText(errno, path)) }
    defer { close(file) }
    return try readOpen(file, path, limit: limit)
}

/// The text of a secret: a regular file, no link, of its directory's owner, that nobody else may use.
func readSecretFile(_ path: String, of owner: uid_t, limit: Int) throws(StoreError) -> [UInt8] {
    if let info = try status(of: path, followingLink: false) {
        try requireRegular(info, path, of: owner)
    }
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw .notReadable(path: path, reason: refusalText(errno, path)) }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0 else {
        throw .notReadable(path: path, reason: systemErrorText(errno))
    }
    try requireRegular(info, path, of: owner)
    try requireSecret(info, path)
    return try readOpen(file, path, limit: limit)
}

/// The text of a secret that an operator names: several users may share it, but not everybody. It may be
/// a link, or come through a pipe.
public func readSharedSecret(_ path: String) throws(StoreError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .notReadable(path: path, reason: refusalText(errno, path)) }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0 else {
        throw .notReadable(path: path, reason: systemErrorText(errno))
    }
    if info.st_mode & S_IFMT == S_IFREG, info.st_mode & 0o007 != 0 {
        throw .untrusted(
            path: path,
            reason: "can be used by everybody (mode \(octal(info.st_mode))): chmod o= \(path)")
    }
    return try readOpen(file, path, limit: 64 << 10)
}

private func readOpen(_ file: Int32, _ path: String, limit: Int) throws(StoreError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
        let got = bytes.withUnsafeMutableBytes { buffer in
            read(file, buffer.baseAddress?.advanced(by: count), limit - count)
        }
        if got == 0 { break }
        if got < 0 {
            if errno == EINTR { continue }
            throw .notReadable(path: path, reason: systemErrorText(errno))
        }
        count += got
    }
    return Array(bytes.prefix(count))
}

/// Writes a new file and syncs it.
func writeNewFile(_ path: String, _ text: String) throws(StoreError) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .notWritable(path: path, reason: systemErrorText(errno)) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
            write(file, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        }
        if count < 0 {
            if errno == EINTR { continue }
            throw errno == ENOSPC
                ? .full : .notWritable(path: path, reason: systemErrorText(errno))
        }
        written += count
    }
    guard fsync(file) == 0 else { throw .syncFailed }
}

/// Waits until a file's bytes are on disk.
func syncFile(_ path: String) throws(StoreError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    guard file >= 0, fsync(file) == 0 else {
        throw .notWritable(path: path, reason: systemErrorText(errno))
    }
}

/// Makes a rename or a new name in the directory of this file durable.
func syncDirectory(of path: String) throws(StoreError) {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else {
        throw .notReadable(path: directory, reason: systemErrorText(errno))
    }
    defer { close(file) }
    guard fsync(file) == 0 else { throw .syncFailed }
}

/// What a file was at some moment: tells whether somebody wrote it since.
struct FileStamp: Equatable, Sendable {
    let size: Int
    private let seconds: Int
    private let nanoseconds: Int
    private let inode: UInt

    init(of path: String) throws(StoreError) {
        var info = stat()
        guard stat(path, &info) == 0 else {
            throw .notReadable(path: path, reason: refusalText(errno, path))
        }
        size = info.st_size
        seconds = info.st_mtim.tv_sec
        nanoseconds = info.st_mtim.tv_nsec
        inode = info.st_ino
    }

    /// Throws if the file was written, replaced, or got a log beside it.
    func requireUnchanged(_ path: String) throws(StoreError) {
        let hasLog = try fileExists(path + "-wal")
        guard try FileStamp(of: path) == self, !hasLog else {
            throw .changedWhileReading(path: path)
        }
    }
}
