// The verb for flash sales.

import Testing

@testable import LiveShopConsole

@Suite struct FlashSaleVerbTests {
    @Test(arguments: [
        (
            "flash A 14.90 60s",
            #"flash.start {"sku":"A","price":1490,"duration_seconds":60,"key":"k"}"#
        ),
        (
            "flash A 14.90 2m countdown 0s x50 limit 2",
            #"flash.start {"sku":"A","price":1490,"duration_seconds":120,"per_buyer":2,"#
                + #""quantity":50,"countdown_seconds":0,"key":"k"}"#
        ),
        ("flash stop A", #"flash.stop {"sku":"A","key":"k"}"#),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("flash A 14.90", "flash: something is missing"),
        ("flash A 14.90 60s limit", "something is missing after 'limit'"),
        ("flash A 14.90 60s limit x", "'x' is not a number that is possible there"),
        ("flash A 14.90 60s x0", "'0' is not a number"),
        ("flash A 14.90 60s fast", "'fast' is neither limit, x50 nor countdown"),
        ("flash A dear 60s", "'dear' is not an amount"),
        ("flash stop", "something is missing"),
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
