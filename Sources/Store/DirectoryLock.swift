// One writer per data directory. The lock is the kernel's (flock), so it is gone with the process that
// held it, however that ended; the file only says who holds it.

import Glibc

/// The exclusive lock on a data directory, held until it is released.
public final class DirectoryLock {
    private var file: Int32

    /// Takes the lock at once or throws `.inUse`.
    public init(_ directory: DataDirectory) throws(StoreError) {
        try directory.requireOwn()
        let path = directory.path(.lock)
        file = try DirectoryLock.open(path)
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(file)
            file = -1
            guard reason == EWOULDBLOCK else {
                throw .notWritable(path: path, reason: systemErrorText(reason))
            }
            throw .inUse(path: directory.path, process: DirectoryLock.holder(of: path))
        }
        let name = Array("\(getpid())\n".utf8)
        ftruncate(file, 0)
        _ = name.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    /// Opens or makes the file. What else may have its name is not opened, or closed as it was.
    private static func open(_ path: String) throws(StoreError) -> Int32 {
        if let info = try status(of: path, followingLink: false) {
            try requireRegular(info, path, of: geteuid())
        }
        let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let file = Glibc.open(path, flags, 0o600)
        guard file >= 0 else { throw .notWritable(path: path, reason: refusalText(errno, path)) }
        do throws(StoreError) {
            var info = stat()
            guard fstat(file, &info) == 0 else {
                throw .notWritable(path: path, reason: systemErrorText(errno))
            }
            try requireRegular(info, path, of: geteuid())
            return file
        } catch {
            close(file)
            throw error
        }
    }

    /// Gives the lock up; calling it again does nothing.
    public func release() {
        guard file >= 0 else { return }
        ftruncate(file, 0)
        close(file)
        file = -1
    }

    deinit { release() }

    /// The process that wrote its id into the lock file, if any.
    private static func holder(of path: String) -> Int32? {
        guard let bytes = try? readFile(path, limit: 20) else { return nil }
        return Int32(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
    }
}
