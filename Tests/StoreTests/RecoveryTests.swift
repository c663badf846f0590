// What is left after the process or the power went: the files as they are at that moment are copied
// while the store is open, and opened elsewhere. Every commit that returned must be there; of a log that
// was cut off, a beginning. (Killing the real program under load is the journey tests' part.)

import Foundation
import Testing

@testable import Store

@Suite struct RecoveryTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory() }

    /// A copy of the database and its log as they are now, without the log's index and lock.
    private func crashed(cuttingLogTo logBytes: Int? = nil) throws -> ScratchDirectory {
        let copy = try ScratchDirectory()
        try FileManager.default.createDirectory(
            atPath: copy.data, withIntermediateDirectories: true)
        try scratch.bytes(scratch.database).write(to: URL(fileURLWithPath: copy.database))
        if FileManager.default.fileExists(atPath: scratch.database + "-wal") {
            let log = try scratch.bytes(scratch.database + "-wal")
            try log.prefix(logBytes ?? log.count)
                .write(to: URL(fileURLWithPath: copy.database + "-wal"))
        }
        return copy
    }

    private func commit(_ number: Int64, to store: Store) throws {
        try store.commit {
            $0.journal = [entry(number)]
            $0.events = [event(number, naming: [number])]
            $0.stock = [stock(onHand: 100, held: number)]
        }
    }

    /// The last commit that is there; fails if it is there in part, or one before it is missing.
    private func lastWholeCommit(_ directory: ScratchDirectory) throws -> Int64 {
        let store = try Store.open(directory: directory.data, mode: .readWrite)
        defer { store.close() }
        let numbers = try store.wholeJournal().map(\.number)
        let last = numbers.last ?? 0
        #expect(numbers == Array(0..<last).map { $0 + 1 })
        #expect(try store.events(show: 1, after: 0, limit: 1000).map(\.offset) == numbers)
        #expect(try store.stock(show: 1).map(\.held) == (last == 0 ? [] : [last]))
        if last > 0 { #expect(try store.offsets(show: 1, naming: last) == [last]) }
        #expect(try store.structuralDamage() == [])
        return last
    }

    @Test func `after a crash every commit that returned is there`() throws {
        let store = try scratch.storeWithShow()
        for number in 1...20 as ClosedRange<Int64> {
            try commit(number, to: store)
            if number % 7 == 0 { _ = try store.checkpointIfDue(now: number * 1000) }
            if number % 11 == 0 { try store.checkpoint(.truncate) }
            #expect(try lastWholeCommit(try crashed()) == number)
        }
    }

    @Test func `of a log that was cut off anywhere, whole commits remain`() throws {
        let store = try scratch.storeWithShow()
        try store.checkpoint(.truncate)
        for number in 1...10 as ClosedRange<Int64> { try commit(number, to: store) }
        let log = try scratch.bytes(scratch.database + "-wal").count
        var seen: Set<Int64> = []
        for cut in stride(from: 0, through: log, by: 2999) {
            seen.insert(try lastWholeCommit(try crashed(cuttingLogTo: cut)))
        }
        #expect(try lastWholeCommit(try crashed()) == 10)
        #expect(seen.count > 5, "the cuts should fall into different commits, not \(seen)")
    }

    @Test func `a full disk refuses the commit, keeps what was there, and is over by itself`()
        throws
    {
        let store = try scratch.storeWithShow()
        let pages = try store.database.pragma("page_count")
        #expect(try store.database.pragma("max_page_count = \(pages + 7)") == pages + 7)
        let big = [UInt8](repeating: 7, count: 20_000)
        try store.commit { $0.journal = [entry(1, facts: big)] }
        for _ in 1...3 {
            #expect(throws: StoreError.full) {
                try store.commit {
                    $0.stock = [stock(held: 1)]
                    $0.journal = [entry(2, facts: big)]
                }
            }
        }
        #expect(try store.wholeJournal() == [entry(1, facts: big)])
        #expect(try store.stock(show: 1) == [])
        try store.probe()
        _ = try store.database.pragma("max_page_count = 1000000")
        try store.commit { $0.journal = [entry(2, facts: big)] }
        #expect(try store.lastJournal(show: 1) == 2)
    }

    @Test func `after a failed sync nothing more is written`() throws {
        let store = try scratch.storeWithShow()
        store.syncHasFailed = true
        #expect(throws: StoreError.syncFailed) { try store.commit { $0.journal = [entry(1)] } }
        #expect(throws: StoreError.syncFailed) { try store.probe() }
        #expect(throws: StoreError.syncFailed) { try store.checkpoint(.truncate) }
        #expect(try store.shows() == [show()])
    }
}
