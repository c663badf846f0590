// What one address may have, counted over all loops.

import Testing

@testable import WebSocketTransport

struct SharedCountsTests {
    private let few = AddressLimits(connections: 3, joinsPerSecond: 2)

    @Test func `an address opens so many connections a second, and another one its own`() {
        let counts = SharedCounts()
        func admits(_ address: UInt64, at now: Int64, _ limits: AddressLimits?) -> Bool {
            counts.admit(address, at: now, max: 10, limits)
        }
        #expect(admits(1, at: 5000, few) && admits(1, at: 5999, few))
        #expect(!admits(1, at: 5999, few))
        #expect(admits(2, at: 5999, few) && admits(1, at: 5999, nil))
        // The next second: room for joins again, but no more than three at a time.
        #expect(!admits(1, at: 6000, few))
        counts.dismiss(1)
        #expect(admits(1, at: 6000, few))
        #expect(!admits(1, at: 6001, few))
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
        ("192.0.2.1", "::ffff:192.0.2.1", true),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", false), ("0:0:ffff:c000:201::", "192.0.2.1", false),
    ])
    func `an IPv4 address counts for itself, an IPv6 address for its /64`(
        one: String, other: String, isSame: Bool
    ) throws {
        let keys = try [one, other].map { try #require(NetworkAddress($0)).countingKey }
        #expect((keys[0] == keys[1]) == isSame)
    }

    @Test func `what was refused does not count`() {
        let counts = SharedCounts()
        for _ in 0..<5 { #expect(!counts.admit(1, at: 1000, max: 0, few)) }
        #expect(counts.admit(1, at: 1000, max: 1, few))
        #expect(!counts.admit(2, at: 1000, max: 1, few))
        counts.dismiss(1)
        #expect(counts.admit(2, at: 1000, max: 1, few))
    }
}
