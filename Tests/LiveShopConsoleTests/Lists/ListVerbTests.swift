// The verbs that ask for lists.

import Testing

@testable import LiveShopConsole

@Suite struct ListVerbTests {
    @Test(arguments: [
        ("viewers", "viewers.list {}"),
        ("holds", "holds.list {}"),
        ("orders", "orders.list {}"),
        ("holds A", #"holds.list {"sku":"A"}"#),
        ("waitlist A", #"waitlist.list {"sku":"A"}"#),
        ("waitlist", "waitlist.list {}"),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("waitlist A B", "'B' is too much")
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
