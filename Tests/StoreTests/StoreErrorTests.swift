// Result codes become errors, and errors become sentences without SQL.

import CSQLite
import Foundation
import Testing

@testable import Store

@Suite struct StoreErrorTests {
    private func error(_ code: Int32, errno: Int32 = 0) -> StoreError {
        StoreError(code: code, systemError: errno, path: "/d/liveshop.db", subject: "event")
    }

    @Test func `a failed sync stops the process, of a file and of a directory`() {
        #expect(error(shim_SQLITE_IOERR_FSYNC, errno: EIO) == .syncFailed)
        #expect(error(shim_SQLITE_IOERR_DIR_FSYNC, errno: EIO) == .syncFailed)
        #expect(error(shim_SQLITE_IOERR_FSYNC, errno: ENOSPC) == .syncFailed)
        #expect(StoreError.syncFailed.consequence == .stop)
    }

    @Test func `a full disk and a failing one can be tried again`() {
        #expect(error(SQLITE_FULL) == .full)
        #expect(error(SQLITE_IOERR | 19 << 8, errno: ENOSPC) == .full)
        #expect(error(SQLITE_IOERR | 3 << 8, errno: EIO) == .ioFailed(code: SQLITE_IOERR | 3 << 8))
        #expect(error(SQLITE_BUSY) == .busy)
        for error in [StoreError.full, .busy, .ioFailed(code: 1), error(SQLITE_READONLY)] {
            #expect(error.consequence == .retryLater)
        }
    }

    @Test func `what opens wrongly has its own error`() {
        #expect(error(SQLITE_CORRUPT) == .corrupt(path: "/d/liveshop.db"))
        #expect(error(SQLITE_NOTADB) == .corrupt(path: "/d/liveshop.db"))
        #expect(
            error(SQLITE_CANTOPEN, errno: EACCES)
                == .notReadable(path: "/d/liveshop.db", reason: "permission denied"))
    }

    @Test(arguments: [
        StoreError.missing(path: "/d"), .foreign(path: "/d"), .corrupt(path: "/d"),
        .newer(path: "/d", version: 9, known: 1), .older(path: "/d", version: 0, known: 1),
        .inUse(path: "/d", process: 7), .inUse(path: "/d", process: nil),
        .notWritable(path: "/d", reason: "no"), .notReadable(path: "/d", reason: "no"),
        .changedWhileReading(path: "/d"), .notDurable(path: "/d"),
        .oversold(show: 1, sku: "/d"),
    ])
    func `a sentence names what it is about`(error: StoreError) {
        #expect(error.description.contains("/d"))
        #expect(!error.description.contains("\n"))
    }
}
