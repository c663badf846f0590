// Sessions by their places: a place is used again, by another connection.

import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct SessionTableTests {
    private func connection(_ loop: Int, _ slot: Int, _ generation: UInt32) -> ConnectionID {
        ConnectionID(loop: loop, slot: slot, generation: generation)
    }

    private func address(_ last: UInt64) -> AddressKey { AddressKey(rawValue: last) }

    @Test func `a place that is used again belongs to its newest connection alone`() {
        var table = SessionTable()
        let (first, second) = (connection(0, 5, 1), connection(0, 5, 2))
        table[first] = Session(address: address(1))
        #expect(table[first]?.address == address(1) && table[second] == nil)
        table[first] = nil
        table[second] = Session(address: address(2))
        // Too late: it is gone, and must not take the other with it.
        table[first] = nil
        table[first]?.state = .closing
        #expect(table[first] == nil && table.state(of: first) == nil)
        #expect(table[second]?.address == address(2))
        // A batch that is taken back: the newest change first.
        table[second] = nil
        table[first] = Session(address: address(1))
        #expect(table[first]?.address == address(1) && table[second] == nil)
    }

    @Test func `places of different loops and places never used are apart`() {
        var table = SessionTable()
        table[connection(3, 1000, 1)] = Session(address: address(3))
        for other in [
            connection(0, 0, 1), connection(3, 999, 1), connection(3, 1001, 1),
            connection(2, 1000, 1), connection(255, 0xFF_FFFF, 1),
        ] {
            #expect(table[other] == nil && table.state(of: other) == nil)
        }
        #expect(table[connection(3, 1000, 1)]?.address == address(3))
        #expect(table.members.isEmpty)
    }
}
