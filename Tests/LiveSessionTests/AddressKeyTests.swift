// Addresses as people are counted by them.

import Testing

@testable import LiveSession

struct AddressKeyTests {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8::9", "2001:db8:0:0::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"), ("::1", "0:0:0:0::/64"),
        ("fe80::1%eth0", "fe80:0:0:0::/64"),
    ])
    func `an IPv4 address counts for itself, an IPv6 address for its network`(
        _ text: String, _ counted: String
    ) throws {
        let key = try #require(AddressKey(text))
        #expect(key.description == counted)
        #expect(AddressKey(key.description) == key)
    }

    @Test func `neighbours in a network are one, networks are not`() {
        #expect(AddressKey("2001:db8:1:2::1") == AddressKey("2001:db8:1:2:ffff::"))
        #expect(AddressKey("2001:db8:1:2::1") != AddressKey("2001:db8:1:3::1"))
        #expect(AddressKey("192.0.2.1") != AddressKey("192.0.2.2"))
    }

    @Test(arguments: [
        "", "?", "1.2.3", "1.2.3.256", "1:2:3", "1::2::3", "12345::", "g::", "localhost",
    ])
    func `what is no address is none`(_ text: String) {
        #expect(AddressKey(text) == nil)
    }

    @Test func `loopback is told from the rest`() {
        #expect(AddressKey("127.3.2.1")?.isLoopback == true)
        #expect(AddressKey("::1")?.isLoopback == true)
        #expect(AddressKey("192.0.2.1")?.isLoopback == false)
        #expect(AddressKey("2001:db8::1")?.isLoopback == false)
    }
}
