// What is not a usable LiveShop database is refused with its own reason and left as it was.

import Foundation
import Testing

@testable import Store

@Suite struct OpeningTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory() }

    /// Opens in every mode, expects the error each time, and that no byte and no file changed.
    private func expectRefusal(
        _ error: StoreError, modes: [Store.Mode] = [.readOnly, .readWrite, .create]
    ) throws {
        let bytes = try scratch.bytes(scratch.database)
        let files = try scratch.files().filter { $0 != "lock" }
        for mode in modes {
            #expect(throws: error) { try Store.open(directory: scratch.data, mode: mode) }
            #expect(try scratch.bytes(scratch.database) == bytes)
            #expect(try scratch.files().filter { $0 != "lock" } == files)
        }
    }

    private func writeDatabase(_ bytes: Data) throws {
        try FileManager.default.createDirectory(
            atPath: scratch.data, withIntermediateDirectories: true)
        try bytes.write(to: URL(fileURLWithPath: scratch.database))
    }

    @Test func `data that is not there is made only on request`() throws {
        for mode in [Store.Mode.readOnly, .readWrite] {
            #expect(throws: StoreError.missing(path: scratch.data)) {
                try Store.open(directory: scratch.data, mode: mode)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.data))
        _ = try DataDirectory(creating: scratch.data)
        for mode in [Store.Mode.readOnly, .readWrite] {
            #expect(throws: StoreError.missing(path: scratch.database)) {
                try Store.open(directory: scratch.data, mode: mode)
            }
        }
        #expect(try scratch.files() == [])
        try Store.open(directory: scratch.data, mode: .create).close()
        #expect(try scratch.files() == ["liveshop.db", "lock"])
    }

    @Test func `only the owner can look inside`() throws {
        let store = try scratch.storeWithShow()
        func mode(_ path: String) throws -> Int {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return try #require(attributes[.posixPermissions] as? Int)
        }
        #expect(try mode(scratch.data) == 0o700)
        #expect(
            try scratch.files() == ["liveshop.db", "liveshop.db-shm", "liveshop.db-wal", "lock"])
        for file in try scratch.files() { #expect(try mode("\(scratch.data)/\(file)") == 0o600) }
        withExtendedLifetime(store) {}
    }

    @Test func `a text file is foreign`() throws {
        try writeDatabase(Data("this is my shopping list, not a database\n".utf8))
        try expectRefusal(.foreign(path: scratch.database))
    }

    @Test func `another program's SQLite database is foreign`() throws {
        try scratch.closedData()
        let database = try Database(path: scratch.database, access: .readWrite)
        try database.execute("PRAGMA journal_mode = DELETE; PRAGMA application_id = 7")
        database.close()
        try expectRefusal(.foreign(path: scratch.database))
    }

    @Test func `an empty or cut off file is damaged`() throws {
        try writeDatabase(Data())
        try expectRefusal(.corrupt(path: scratch.database))
        try writeDatabase(Data("SQLite format 3\u{0}".utf8))
        try expectRefusal(.corrupt(path: scratch.database))
    }

    @Test func `a file with a damaged table is refused when it is opened`() throws {
        try scratch.closedData()
        var bytes = try scratch.bytes(scratch.database)
        bytes.replaceSubrange(100..<4096, with: Data(repeating: 0x5A, count: 3996))
        try writeDatabase(bytes)
        try expectRefusal(.corrupt(path: scratch.database))
    }

    @Test func `damage further in is found by the structural check`() throws {
        let store = try scratch.storeWithShow()
        try store.commit { $0.journal = (1...500).map { entry($0) } }
        store.close()
        var bytes = try scratch.bytes(scratch.database)
        let end = bytes.count
        bytes.replaceSubrange(end - 4096..<end, with: Data(repeating: 0x5A, count: 4096))
        try writeDatabase(bytes)
        let reader = try Store.open(directory: scratch.data, mode: .readOnly)
        #expect(try reader.structuralDamage() != [])
    }

    @Test func `a newer format is refused`() throws {
        try scratch.closedData()
        let database = try Database(path: scratch.database, access: .readWrite)
        try database.execute("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99")
        database.close()
        try expectRefusal(
            .newer(path: scratch.database, version: 99, known: Schema.version))
    }

    @Test func `a newer format that only the log knows of is refused`() throws {
        let live = try ScratchDirectory()
        let store = try live.storeWithShow()
        try store.database.execute("PRAGMA user_version = 99")
        try FileManager.default.copyItem(atPath: live.data, toPath: scratch.data)
        let log = try scratch.bytes(scratch.database + "-wal")
        let bytes = try scratch.bytes(scratch.database)
        for mode in [Store.Mode.readWrite, .create, .readOnly] {
            #expect(
                throws: StoreError.newer(
                    path: scratch.database, version: 99, known: Schema.version)
            ) { try Store.open(directory: scratch.data, mode: mode) }
            #expect(try scratch.bytes(scratch.database) == bytes)
            #expect(try scratch.bytes(scratch.database + "-wal") == log)
        }
    }

    @Test func `what its owner finds damaged is closed as it was found, log and all`() throws {
        let live = try ScratchDirectory()
        let store = try live.storeWithShow()
        try store.commit { $0.journal = [entry(1)] }
        try FileManager.default.copyItem(atPath: live.data, toPath: scratch.data)
        let log = try scratch.bytes(scratch.database + "-wal")
        let bytes = try scratch.bytes(scratch.database)
        #expect(!log.isEmpty)
        for _ in 1...2 {
            let opened = try Store.open(directory: scratch.data, mode: .create)
            #expect(try opened.wholeJournal().count == 1)
            opened.close()
            #expect(try scratch.bytes(scratch.database) == bytes)
            #expect(try scratch.bytes(scratch.database + "-wal") == log)
        }
    }

    @Test func `data in use is refused to a second writer, which names the process`() throws {
        let store = try scratch.storeWithShow()
        for mode in [Store.Mode.readWrite, .create] {
            #expect(throws: StoreError.inUse(path: scratch.data, process: getpid())) {
                try Store.open(directory: scratch.data, mode: mode)
            }
        }
        store.close()
        try Store.open(directory: scratch.data, mode: .readWrite).close()
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `a read-only file or directory is refused to a writer and served to a reader`() throws {
        try scratch.closedData()
        chmod(scratch.database, 0o400)
        #expect(
            throws: StoreError.notWritable(path: scratch.database, reason: "permission denied")
        ) { try Store.open(directory: scratch.data, mode: .readWrite) }
        chmod(scratch.database, 0o600)
        chmod(scratch.data, 0o500)
        defer { chmod(scratch.data, 0o700) }
        #expect(throws: StoreError.notWritable(path: scratch.data, reason: "permission denied")) {
            try Store.open(directory: scratch.data, mode: .readWrite)
        }
        #expect(try Store.open(directory: scratch.data, mode: .readOnly).shows() == [show()])
    }

    @Test func `a connection that does not sync each commit is refused`() throws {
        let store = try scratch.storeWithShow()
        try Store.requireFullSync(store.database)
        try store.database.execute("PRAGMA synchronous = NORMAL")
        #expect(throws: StoreError.notDurable(path: scratch.database)) {
            try Store.requireFullSync(store.database)
        }
    }

    @Test func `the pragmas are in force`() throws {
        let store = try scratch.storeWithShow()
        #expect(try store.database.pragma("synchronous") == 2)
        #expect(try store.database.pragma("wal_autocheckpoint") == 0)
        #expect(try store.database.pragma("foreign_keys") == 1)
        #expect(try store.database.pragma("secure_delete") == 0)
        #expect(try store.database.pragma("trusted_schema") == 0)
        #expect(try store.database.pragma("busy_timeout") == 200)
        #expect(try store.database.pragma("application_id") == Schema.applicationID)
        #expect(try store.database.pragma("user_version") == Schema.version)
    }
}
