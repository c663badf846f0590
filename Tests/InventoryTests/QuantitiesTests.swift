// Numbers and names: they read back what they write, and nothing foreign makes them trap.

import Inventory
import Testing

struct QuantitiesTests {
    @Test func `a hold's name comes back`() {
        for number in [1, 9, 10, 1_000_000, 2_147_483_647] {
            let id = HoldID(number)
            #expect(HoldID(id.description) == id)
        }
        #expect(HoldID(7).description == "h7")
    }

    @Test(arguments: [
        "", "h", "h0", "h-1", "h+1", "h01", "h1 ", " h1", "H1", "1", "hh1", "h1.0", "h٣",
        "h1\u{301}",
        "h\u{301}1", "h2147483648", "h9223372036854775808", "h99999999999999999999999", "h1\0",
    ])
    func `what is not a hold's name is none`(text: String) {
        #expect(HoldID(text) == nil)
    }

    @Test func `an order's name comes back`() {
        for id in [
            OrderID(high: 0, low: 0), OrderID(high: .max, low: 1),
            OrderID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210),
        ] {
            #expect(id.description.utf8.count == 34)
            #expect(OrderID(id.description) == id)
        }
        #expect(OrderID(high: 0xA, low: 0xB).description == "o_000000000000000a000000000000000b")
    }

    @Test(arguments: [
        "", "o_", "o_0", "o_0000000000000000000000000000000g", "O_0000000000000000000000000000000a",
        "o_0000000000000000000000000000000A", "o_+00000000000000a000000000000000b",
        "o_000000000000000a+00000000000000b", "o_000000000000000a000000000000000b0",
        "o_00000000000000\u{e9}000000000000000b", "o\u{301}000000000000000a000000000000000",
        "h_000000000000000a000000000000000b",
    ])
    func `what is not an order's name is none`(text: String) {
        #expect(OrderID(text) == nil)
    }

    @Test func `time that runs over is never`() {
        let late = Timestamp(milliseconds: .max - 5)
        #expect(late.adding(milliseconds: 5) == .never)
        #expect(late.adding(milliseconds: 6) == .never)
        #expect(Timestamp.never.adding(seconds: 600) == .never)
        #expect(Timestamp(milliseconds: 0).adding(seconds: .max) == .never)
        #expect(Timestamp(milliseconds: 0).adding(seconds: 3) == Timestamp(milliseconds: 3000))
    }

    @Test func `times are ordered`() {
        #expect(Timestamp(milliseconds: -1) < Timestamp(milliseconds: 0))
        #expect(Timestamp(milliseconds: 0) < .never)
    }
}
