// Limits and directions of reading.

import Testing

@testable import Store

@Suite struct ReadingTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory() }

    @Test func `events follow an offset, in order, as many as asked for`() throws {
        let store = try scratch.storeWithShow()
        try store.commit { $0.events = (1...10).map { event($0) } }
        #expect(try store.events(show: 1, after: 3, limit: 2) == [event(4), event(5)])
        #expect(try store.events(show: 1, after: 9, limit: 5) == [event(10)])
        #expect(try store.events(show: 1, after: 10, limit: 5) == [])
        #expect(try store.events(show: 1, after: 0, limit: 0) == [])
        #expect(try store.events(show: 1, after: 0, limit: -1) == [])
        #expect(try store.lastOffset(show: 1) == 10)
    }

    @Test func `chat gives the newest, oldest first, none older than asked for`() throws {
        let store = try scratch.storeWithShow()
        try store.commit { $0.chat = (1...10).map { message($0, time: $0 * 100) } }
        #expect(try store.chat(show: 1, last: 3).map(\.message) == [8, 9, 10])
        #expect(try store.chat(show: 1, last: 9, since: 900).map(\.message) == [9, 10])
        #expect(try store.chat(show: 1, last: 0) == [])
        #expect(try store.chat(show: 2, last: 5) == [])
    }

    @Test func `the journal is read from a number on and stops when told to`() throws {
        let store = try scratch.storeWithShow()
        try store.commit { $0.journal = (1...10).map { entry($0) } }
        var seen: [Int64] = []
        try store.journal(show: 1, after: 4) { row in
            seen.append(row.number)
            return row.number < 7
        }
        #expect(seen == [5, 6, 7])
        try store.commit { $0.journal = [entry(11)] }
        #expect(try store.wholeJournal().map(\.number) == Array(1...11))
    }

    @Test func `settings are replaced`() throws {
        let store = try scratch.storeWithShow()
        try store.setMeta("k", to: "1")
        try store.setMeta("k", to: "2")
        #expect(try store.meta("k") == "2")
    }
}
