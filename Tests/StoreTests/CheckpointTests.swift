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

    @Test func `a checkpoint is due 250 ms after the last one, if there were commits`() {
        var schedule = CheckpointSchedule()
        var turns: [Bool] = []
        func turn(at now: Int64, afterCommit: Bool = true) {
            if afterCommit { schedule.noteCommit() }
            turns.append(schedule.takeTurn(now: now))
        }
        turn(at: 0, afterCommit: false)
        turn(at: 1000)
        turn(at: 2000, afterCommit: false)
        turn(at: 2000)
        turn(at: 2249)
        turn(at: 2250, afterCommit: false)
        #expect(turns == [false, true, false, true, false, true])
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

    @Test func `an idle store has an empty log, and a closed one none`() throws {
        let store = try scratch.storeWithShow()
        #expect(try store.checkpointWhenIdle() == .done)
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
        #expect(try store.checkpointWhenIdle() != .done)
        try reader.database.execute("COMMIT")
        #expect(try store.checkpointWhenIdle() == .done)
        #expect(try logBytes() == 0)
    }
}
