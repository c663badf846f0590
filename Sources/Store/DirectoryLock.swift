// One writer per data directory. The lock is the kernel's (flock), so it is gone with the process that
// held it, however that ended; the file only says who holds it.

import Glibc

/// The exclusive lock on a data directory, held until it is released.
public final class DirectoryLock {
    private var file: Int32

    /// Takes the lock at once or throws `.inUse`.
    public init(_ directory: DataDirectory) throws(StoreError) {
        let path = directory.path(.lock)
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .notWritable(path: path, reason: systemErrorText(errno)) }
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
