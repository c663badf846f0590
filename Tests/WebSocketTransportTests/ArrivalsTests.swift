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
        arrivals.endTurn(at: 0)
        #expect(!arrivals.isHeld)
    }

    @Test func `arrivals wait for a herd until a turn accepts them all`() {
        var arrivals = arrivals()
        for time in [0, 10, 20] as [Int64] {
            arrivals.noteHerd()
            arrivals.endTurn(at: time)
            #expect(arrivals.isHeld)
        }
        arrivals.endTurn(at: 30)
        #expect(!arrivals.isHeld)
    }

    @Test func `arrivals wait 250 ms at most, each batch anew`() {
        var arrivals = arrivals()
        for (time, isHeld) in [(1000, true), (1249, true), (1250, false)] as [(Int64, Bool)] {
            arrivals.noteHerd()
            arrivals.endTurn(at: time)
            #expect(arrivals.isHeld == isHeld)
        }
        let number = arrivals.number
        arrivals.startOver()
        #expect(arrivals.batch.isEmpty && arrivals.number != number)
        arrivals.noteHerd()
        arrivals.endTurn(at: 1260)
        #expect(!arrivals.isHeld, "nobody waits")
        arrivals.batch.events.append(.closed(ConnectionID(loop: 0, slot: 1, generation: 1)))
        arrivals.noteHerd()
        arrivals.endTurn(at: 1400)
        #expect(arrivals.isHeld)
    }
}
