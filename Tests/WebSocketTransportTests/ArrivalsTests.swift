// When the words of those who have just come wait for the rest of their herd, and when not.

import Testing
import WireProtocol

@testable import WebSocketTransport

struct ArrivalsTests {
    private func arrivals() -> Arrivals {
        var arrivals = Arrivals()
        arrivals.batch.events.append(
            .opened(ConnectionID(loop: 0, slot: 1, generation: 1), address: "192.0.2.1"))
        return arrivals
    }

    @Test func `nothing waits when nobody is outside`() {
        var arrivals = arrivals()
        arrivals.decide(at: 0)
        #expect(!arrivals.waits)
    }

    @Test func `arrivals wait for a herd until a turn accepts them all`() {
        var arrivals = arrivals()
        for time in [0, 10, 20] as [Int64] {
            arrivals.noteHerd()
            arrivals.decide(at: time)
            #expect(arrivals.waits)
        }
        arrivals.decide(at: 30)
        #expect(!arrivals.waits)
    }

    @Test func `no more wait than are decided in a moment`() {
        var arrivals = arrivals()
        for number in 0..<TransportLimits.arrivalsMax {
            let id = ConnectionID(loop: 0, slot: number, generation: 1)
            arrivals.batch.append(message: "{}".utf8, from: id)
        }
        arrivals.noteHerd()
        arrivals.decide(at: 0)
        #expect(!arrivals.waits)
    }

    @Test func `arrivals wait 250 ms at most, each batch anew`() {
        var arrivals = arrivals()
        for (time, waits) in [(1000, true), (1249, true), (1250, false)] as [(Int64, Bool)] {
            arrivals.noteHerd()
            arrivals.decide(at: time)
            #expect(arrivals.waits == waits)
        }
        let number = arrivals.number
        arrivals.startOver()
        #expect(arrivals.batch.isEmpty && arrivals.number != number)
        arrivals.noteHerd()
        arrivals.decide(at: 1260)
        #expect(!arrivals.waits, "nobody waits")
        arrivals.batch.events.append(.closed(ConnectionID(loop: 0, slot: 1, generation: 1)))
        arrivals.noteHerd()
        arrivals.decide(at: 1400)
        #expect(arrivals.waits)
    }
}
