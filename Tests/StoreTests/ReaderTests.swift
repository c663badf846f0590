// Reading beside a server, after one, and from a copy.

import Foundation
import Testing

@testable import Store

@Suite struct ReaderTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory() }

    @Test func `a reader sees each commit of a running server`() throws {
        let store = try scratch.storeWithShow()
        let reader = try Store.open(directory: scratch.data, mode: .readOnly)
        #expect(try reader.wholeJournal() == [])
        try store.commit { $0.journal = [entry(1)] }
        #expect(try reader.wholeJournal() == [entry(1)])
        try store.checkpoint(.truncate)
        try store.commit { $0.journal = [entry(2)] }
        #expect(try reader.lastJournal(show: 1) == 2)
    }

    @Test func `a reader cannot write`() throws {
        let store = try scratch.storeWithShow()
        let reader = try Store.open(directory: scratch.data, mode: .readOnly)
        #expect(throws: StoreError.self) { try reader.commit { $0.journal = [entry(1)] } }
        #expect(throws: StoreError.self) { try reader.probe() }
        #expect(throws: StoreError.self) { try reader.database.execute("DELETE FROM show") }
        #expect(try reader.checkpointIfDue(now: 0) == .notDue)
        #expect(try reader.checkpointWhenIdle(now: 0) == .notDue)
        withExtendedLifetime(store) {}
    }

    @Test func `reading data at rest makes no files and changes none`() throws {
        try scratch.closedData()
        let bytes = try scratch.bytes(scratch.database)
        let files = try scratch.files()
        let reader = try Store.open(directory: scratch.data, mode: .readOnly)
        #expect(try reader.shows() == [show()])
        #expect(try scratch.files() == files)
        reader.close()
        #expect(try scratch.files() == files)
        #expect(try scratch.bytes(scratch.database) == bytes)
    }

    @Test func `a database file alone, under any name, can be read`() throws {
        try scratch.closedData()
        let copy = "\(scratch.path)/backup 100%? #1.db"
        try FileManager.default.copyItem(atPath: scratch.database, toPath: copy)
        let reader = try Store.open(directory: copy, mode: .readOnly)
        #expect(try reader.shows() == [show()])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
                == ["backup 100%? #1.db", "data"])
    }

    @Test func `a reader of data at rest notices that a server started`() throws {
        try scratch.closedData()
        let reader = try Store.open(directory: scratch.data, mode: .readOnly)
        #expect(try reader.shows() == [show()])
        let store = try Store.open(directory: scratch.data, mode: .readWrite)
        try store.commit { $0.shows = [show(status: "live")] }
        #expect(throws: StoreError.changedWhileReading(path: scratch.database)) {
            try reader.shows()
        }
        store.close()
        #expect(throws: StoreError.changedWhileReading(path: scratch.database)) {
            try reader.shows()
        }
        #expect(
            try Store.open(directory: scratch.data, mode: .readOnly).shows()
                == [show(status: "live")])
    }

    @Test func `a closed store says so`() throws {
        let store = try scratch.storeWithShow()
        store.close()
        store.close()
        #expect(throws: StoreError.self) { try store.shows() }
        #expect(throws: StoreError.self) { try store.commit { $0.journal = [entry(1)] } }
    }
}
