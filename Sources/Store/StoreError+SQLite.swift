// Turns SQLite's extended result codes into StoreError: the one place that knows the codes. A code that
// no case is made for is a defect of this module and is reported with its number.

import CSQLite
import Glibc

extension StoreError {
    /// The error for a failed call.
    ///
    /// - Parameters:
    ///   - code: SQLite's extended result code.
    ///   - systemError: `errno` of the failed system call, 0 if there was none.
    ///   - path: the database file.
    ///   - subject: what was being read or written, for example "journal entry".
    init(code: Int32, systemError: Int32, path: String, subject: String) {
        switch code & 0xFF {
        case SQLITE_FULL:
            self = .full
        case SQLITE_IOERR:
            self = StoreError.ioError(code: code, systemError: systemError, path: path)
        case SQLITE_READONLY:
            self = .notWritable(path: path, reason: "the file or its directory is read-only")
        case SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_AUTH:
            self = .notReadable(path: path, reason: systemErrorText(systemError))
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            self = .corrupt(path: path)
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
            self = .busy
        case SQLITE_CONSTRAINT:
            self = .constraint("\(subject): \(StoreError.rule(brokenWith: code))")
        case SQLITE_TOOBIG:
            self = .constraint("\(subject): too large")
        default:
            self = .ioFailed(code: code)
        }
    }

    private static func ioError(code: Int32, systemError: Int32, path: String) -> StoreError {
        if code == shim_SQLITE_IOERR_FSYNC || code == shim_SQLITE_IOERR_DIR_FSYNC {
            return .syncFailed
        }
        switch systemError {
        case ENOSPC, EDQUOT: return .full
        case EROFS: return .notWritable(path: path, reason: systemErrorText(systemError))
        default: return .ioFailed(code: code)
        }
    }

    private static func rule(brokenWith code: Int32) -> String {
        switch code {
        case shim_SQLITE_CONSTRAINT_UNIQUE, shim_SQLITE_CONSTRAINT_PRIMARYKEY,
            shim_SQLITE_CONSTRAINT_ROWID:
            "it is there already"
        case shim_SQLITE_CONSTRAINT_FOREIGNKEY:
            "its show is not there"
        default:
            "a value is out of its range"
        }
    }
}

/// The system's words for an `errno`.
func systemErrorText(_ code: Int32) -> String {
    code == 0 ? "it cannot be opened" : String(cString: strerror(code)).lowercased()
}
