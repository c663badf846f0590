// A backup is a whole, readable copy made beside a writer; a restored directory begins new event logs.

import Testing

@testable import Store

@Suite struct BackupTests {
    @Test func `a copy made while the writer goes on holds a whole commit and no more`() throws {
        let directory = try ScratchDirectory()
        let store = try directory.storeWithShow()
        try store.commit { $0.journal = [entry(1)] }
        let reader = try Store.open(directory: directory.data, mode: .readOnly)
        try reader.backUp(to: "\(directory.path)/copy.db")
        try store.commit { $0.journal = [entry(2)] }

        let copy = try Store.open(directory: "\(directory.path)/copy.db", mode: .readOnly)
        #expect(try copy.lastJournal(show: 1) == 1)
        #expect(try copy.structuralDamage() == [])
        #expect(try store.lastJournal(show: 1) == 2)
    }

    @Test func `a backup never replaces a file`() throws {
        let directory = try ScratchDirectory()
        let store = try directory.storeWithShow()
        try store.backUp(to: "\(directory.path)/copy.db")
        #expect(
            throws: StoreError.notWritable(path: "\(directory.path)/copy.db", reason: "it exists")
        ) { try store.backUp(to: "\(directory.path)/copy.db") }
    }

    @Test func `a restored directory has everything and new epochs`() throws {
        let directory = try ScratchDirectory()
        let store = try directory.storeWithShow()
        try store.commit { $0.journal = [entry(1)] }
        try store.backUp(to: "\(directory.path)/copy.db")
        try Store.restore(
            from: "\(directory.path)/copy.db", to: "\(directory.path)/new", newEpoch: { "fresh" })

        let restored = try Store.open(directory: "\(directory.path)/new", mode: .readWrite)
        #expect(try restored.shows().map(\.epoch) == ["fresh"])
        #expect(try restored.lastJournal(show: 1) == 1)
        #expect(try restored.stock(show: 1) == store.stock(show: 1))
    }

    @Test(arguments: ["-wal", "-shm"])
    func `restore refuses a directory where a log was left behind`(kind: String) throws {
        let directory = try ScratchDirectory()
        let store = try directory.storeWithShow()
        try store.backUp(to: "\(directory.path)/copy.db")
        store.close()
        let target = try DataDirectory(creating: "\(directory.path)/target")
        try createFile(target.databasePath + kind)
        #expect(
            throws: StoreError.notWritable(
                path: target.databasePath + kind, reason: "it exists; move it away first")
        ) {
            try Store.restore(
                from: "\(directory.path)/copy.db", to: target.path, newEpoch: { "x" })
        }
        #expect(try !fileExists(target.databasePath))
    }

    @Test func `a backup of an earlier version is restored and brought up to date`() throws {
        let directory = try ScratchDirectory()
        let file = "\(directory.path)/old.db"
        try createFile(file)
        let old = try Database(path: file, access: .readWrite)
        try Schema.migrate(old, steps: Array(Schema.steps.prefix(1)))
        try old.execute(
            """
            INSERT INTO show VALUES(1, 'a', 'A', 'EUR', 'live', 'e', 1, 0, x'');
            INSERT INTO journal VALUES(1 << 32 | 1, 1, x'00')
            """)
        old.close()
        try Store.restore(from: file, to: directory.data, newEpoch: { "x" })
        let restored = try Store.open(directory: directory.data, mode: .readOnly)
        #expect(try restored.shows().map(\.epoch) == ["x"])
        #expect(try restored.extent(show: 1) == ShowExtent(journal: 1))
    }

    @Test func `restore refuses a directory in use and one that has data`() throws {
        let directory = try ScratchDirectory()
        let store = try directory.storeWithShow()
        try store.backUp(to: "\(directory.path)/copy.db")
        #expect {
            try Store.restore(
                from: "\(directory.path)/copy.db", to: directory.data, newEpoch: { "x" })
        } throws: { error in
            if case .inUse? = error as? StoreError { true } else { false }
        }
        store.close()
        #expect {
            try Store.restore(
                from: "\(directory.path)/copy.db", to: directory.data, newEpoch: { "x" })
        } throws: { error in
            if case .notWritable? = error as? StoreError { true } else { false }
        }
    }
}
