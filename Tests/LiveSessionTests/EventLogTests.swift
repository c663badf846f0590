// The window of events in memory: offsets without a gap, and when the store has to be asked.

import Testing

@testable import LiveSession

struct EventLogTests {
    private func payload(_ number: Int, bytes: Int = 10) -> [UInt8] {
        var payload = [UInt8](repeating: 0, count: bytes)
        payload[0] = UInt8(truncatingIfNeeded: number)
        return payload
    }

    @Test func `an empty log has nothing, and nothing is missing`() {
        let log = EventLog()
        #expect(log.nextOffset == 1 && log.firstKept == 1)
        #expect(log.events(after: 0)?.count == 0)
        #expect(log.events(after: 1) == nil)
    }

    @Test func `the events after an offset come in order`() {
        var log = EventLog()
        for number in 1...5 { log.append(payload(number)) }
        #expect(log.lastOffset == 5)
        #expect(log.events(after: 0)?.map(\.[0]) == [1, 2, 3, 4, 5])
        #expect(log.events(after: 3)?.map(\.[0]) == [4, 5])
        #expect(log.events(after: 5)?.isEmpty == true)
        #expect(log.events(after: 6) == nil)
    }

    @Test func `a log that goes on knows only its newest events`() {
        let log = EventLog(lastOffset: 100, recent: [payload(99), payload(100)])
        #expect(log.firstKept == 99 && log.nextOffset == 101)
        #expect(log.events(after: 98)?.map(\.[0]) == [99, 100])
        #expect(log.events(after: 97) == nil)
        let empty = EventLog(lastOffset: 100)
        #expect(empty.events(after: 100)?.isEmpty == true && empty.events(after: 99) == nil)
    }

    @Test func `the window forgets the oldest bytes, never the offsets`() throws {
        var log = EventLog()
        let size = ShowLimits.eventWindowBytes / 2000
        for number in 1...5000 { log.append(payload(number, bytes: size)) }
        #expect(log.lastOffset == 5000)
        #expect((2990...3002).contains(log.firstKept))
        let kept = try #require(log.events(after: log.firstKept - 1))
        #expect(kept.count == 5000 - log.firstKept + 1)
        #expect(kept.first?[0] == UInt8(truncatingIfNeeded: log.firstKept))
        #expect(kept.last?[0] == UInt8(truncatingIfNeeded: 5000))
        #expect(kept.allSatisfy { !$0.isEmpty })
        #expect(log.events(after: log.firstKept - 2) == nil)
    }

    @Test func `an event bigger than the window is kept all the same`() {
        var log = EventLog()
        log.append(payload(1))
        log.append(payload(2, bytes: ShowLimits.eventWindowBytes + 1))
        #expect(log.firstKept == 2 && log.events(after: 1)?.count == 1)
    }
}
