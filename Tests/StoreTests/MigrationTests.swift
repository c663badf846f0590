// The migrator: each step once, each wholly or not at all.

import Testing

@testable import Store

@Suite struct MigrationTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory() }

    @Test func `steps that the file has not seen are run, each once`() throws {
        let store = try scratch.storeWithShow()
        let steps = Schema.steps + ["CREATE TABLE second(a)", "ALTER TABLE second ADD COLUMN b"]
        try Schema.migrate(store.database, steps: steps)
        try Schema.migrate(store.database, steps: steps)
        #expect(try store.database.pragma("user_version") == Int64(steps.count))
        try store.database.execute("INSERT INTO second VALUES(1, 2)")
    }

    @Test func `a step that fails leaves nothing of itself`() throws {
        let store = try scratch.storeWithShow()
        let steps = Schema.steps + ["CREATE TABLE second(a)", "CREATE TABLE third(a); NONSENSE"]
        #expect(throws: StoreError.self) { try Schema.migrate(store.database, steps: steps) }
        #expect(try store.database.pragma("user_version") == Schema.version + 1)
        try store.database.execute("CREATE TABLE third(a)")
    }

    @Test func `an older file is updated by a writer and refused to a reader`() throws {
        let store = try scratch.storeWithShow()
        try store.database.execute("PRAGMA user_version = 0")
        #expect(
            throws: StoreError.older(path: scratch.database, version: 0, known: Schema.version)
        ) { try Store.open(directory: scratch.data, mode: .readOnly) }
    }

    @Test func `an older file gets what it lacks: how far its rows go`() throws {
        _ = try DataDirectory(creating: scratch.data)
        try createFile(scratch.database)
        let database = try Database(path: scratch.database, access: .readWrite)
        try Schema.migrate(database, steps: Array(Schema.steps.prefix(1)))
        try database.execute(
            """
            INSERT INTO show VALUES(1, 'a', 'A', 'EUR', 'live', 'e', 1, 0, x'');
            INSERT INTO show VALUES(2, 'b', 'B', 'EUR', 'live', 'e', 1, 0, x'');
            INSERT INTO show VALUES(3, 'c', 'C', 'EUR', 'live', 'e', 1, 0, x'');
            INSERT INTO journal VALUES(1 << 32 | 1, 1, x'00'), (1 << 32 | 2, 1, x'00'),
              (2 << 32 | 7, 1, x'00');
            INSERT INTO event VALUES(1 << 32 | 9, 1, x'00')
            """)
        try Schema.migrate(database)
        database.close()
        let store = try Store.open(directory: scratch.data, mode: .readOnly)
        #expect(try store.extent(show: 1) == ShowExtent(journal: 2, event: 9))
        #expect(try store.extent(show: 2) == ShowExtent(journal: 7, event: 0))
        #expect(try store.extent(show: 3) == ShowExtent())
    }

    @Test func `how far a show goes is written with its rows, and stays when they are gone`() throws
    {
        let store = try scratch.storeWithShow()
        #expect(try store.extent(show: 1) == ShowExtent())
        var batch = CommitBatch()
        batch.journal = [entry(1), entry(2)]
        try store.commit(batch)
        batch.journal = []
        batch.events = [event(1)]
        try store.commit(batch)
        #expect(try store.extent(show: 1) == ShowExtent(journal: 2, event: 1))
        #expect(try store.orphans().isEmpty)
        try store.database.execute("DELETE FROM journal; DELETE FROM event")
        #expect(try store.extent(show: 1) == ShowExtent(journal: 2, event: 1))
    }

    @Test func `what a crash left of a database in the making is cleared away`() throws {
        _ = try DataDirectory(creating: scratch.data)
        try createFile(scratch.database + ".new")
        try createFile(scratch.database + ".new-journal")
        try scratch.closedData()
        #expect(try scratch.files() == ["liveshop.db", "lock"])
    }
}
