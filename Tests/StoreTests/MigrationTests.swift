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

    @Test func `what a crash left of a database in the making is cleared away`() throws {
        _ = try DataDirectory(creating: scratch.data)
        try createFile(scratch.database + ".new")
        try createFile(scratch.database + ".new-journal")
        try scratch.closedData()
        #expect(try scratch.files() == ["liveshop.db", "lock"])
    }
}
