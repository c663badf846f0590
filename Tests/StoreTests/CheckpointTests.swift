// When the log is moved, and what a reader that stays open does to it.

import Foundation
import Testing

@testable import Store

@Suite struct CheckpointTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory() }

    private func logBytes() throws -> Int {
        try scratch.bytes(scratch.database + "-wal").count
    }

    /// Which of the turns of a loop are taken: each at a time, after a commit that left a log of so
    /// many times 128 KiB, or after none.
    private func taken(_ turns: [(now: Int64, log: Int64?)]) -> [Bool] {
        var schedule = CheckpointSchedule()
        return turns.map { turn in
            if let log = turn.log { schedule.noteCommit(logBytes: log << 17) }
            return schedule.takeTurn(now: turn.now)
        }
    }

    @Test func `a checkpoint is due 250 ms after the last one, if there were commits`() {
        #expect(
            taken([(0, nil), (1000, 1), (2000, nil), (2000, 1), (2249, 1), (2250, nil)])
                == [false, true, false, true, false, true])
    }

    @Test func `a checkpoint is due earlier when 512 KiB have gathered since the last one`() {
        #expect(
            taken([(0, 1), (10, 3), (20, 5), (30, 6), (40, 8), (50, 9)])
                == [true, false, true, false, false, true])
        // The log starts over when all of it was moved.
        #expect(taken([(0, 20), (10, 1), (20, 3), (30, 4)]) == [true, false, false, true])
    }

    @Test func `the length of the log is known after each commit`() throws {
        let store = try scratch.storeWithShow()
        try store.commit { $0.journal = [entry(1, facts: [UInt8](repeating: 1, count: 50_000))] }
        #expect(Int(try #require(store.writer).log.bytes) == (try logBytes()) - 32)
    }

    @Test func `the log does not grow while checkpoints are made`() throws {
        let store = try scratch.storeWithShow()
        let facts = [UInt8](repeating: 1, count: 50_000)
        for number in 1...40 as ClosedRange<Int64> {
            try store.commit { $0.journal = [entry(number, facts: facts)] }
            #expect(try store.checkpointIfDue(now: number * 1000) == .done)
        }
        #expect(try logBytes() < 200_000)
        #expect(try store.checkpointIfDue(now: 100_000) == .notDue)
    }

    @Test func `the log is emptied once after five seconds without a commit, and not between two`()
        throws
    {
        let store = try scratch.storeWithShow()
        try store.commit { $0.journal = [entry(1)] }
        #expect(try store.checkpointWhenIdle(now: 1000) == .done)
        #expect(try store.checkpointWhenIdle(now: 4000) == .notDue)
        try store.commit { $0.journal = [entry(2)] }
        #expect(try store.checkpointWhenIdle(now: 6000) == .done)
        #expect(try store.checkpointWhenIdle(now: 10_999) == .notDue)
        #expect(try logBytes() > 0)
        #expect(try store.checkpointWhenIdle(now: 11_000) == .done)
        #expect(try logBytes() == 0)
        #expect(try store.checkpointWhenIdle(now: 20_000) == .notDue)
    }

    @Test func `a closed store has no log`() throws {
        let store = try scratch.storeWithShow()
        #expect(try store.checkpoint(.truncate) == .done)
        #expect(try logBytes() == 0)
        store.close()
        #expect(try scratch.files() == ["liveshop.db", "lock"])
    }

    @Test func `a reader that stays open makes the log grow, which is reported`() throws {
        let store = try scratch.storeWithShow()
        let reader = try Store.open(directory: scratch.data, mode: .readOnly)
        try reader.database.execute("BEGIN")
        #expect(try reader.shows().count == 1)
        let facts = [UInt8](repeating: 1, count: 2_000_000)
        var outcome = Store.Checkpoint.notDue
        for number in 1...40 as ClosedRange<Int64> {
            try store.commit { $0.journal = [entry(number, facts: facts)] }
            outcome = try store.checkpointIfDue(now: number * 1000)
        }
        guard case .logTooLong(let bytes) = outcome else {
            Issue.record("expected a warning, not \(outcome)")
            return
        }
        #expect(bytes > 64 << 20)
        // Nothing empties it, however often it is tried, until the reader ends.
        _ = try store.checkpointWhenIdle(now: 50_000)
        #expect(try store.checkpointWhenIdle(now: 55_000) != .done)
        #expect(try store.checkpointWhenIdle(now: 55_001) != .done)
        try reader.database.execute("COMMIT")
        #expect(try store.checkpointWhenIdle(now: 55_002) == .done)
        #expect(try logBytes() == 0)
    }
}
