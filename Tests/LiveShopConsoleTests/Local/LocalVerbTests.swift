// The verbs of the console itself.

import Testing

@testable import LiveShopConsole

@Suite struct LocalVerbTests {
    @Test(arguments: [
        ("watch claims", "watch claims"),
        ("run a.txt", "run a.txt"),
        ("wait 10s", "wait 10.0"),
        ("wait 1.5", "wait 1.5"),
        ("wait 250ms", "wait 0.25"),
        ("wait sold_out A", "for sold_out A 60.0"),
        ("wait sold_out A 5s", "for sold_out A 5.0"),
        ("wait product.pinned", "for product.pinned - 60.0"),
        ("help", "help "),
        ("help pin", "help pin"),
        ("quit", "quit"),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("watch everything", "'everything' is none of these"),
        ("wait", "something is missing"),
        ("wait 99999999s", "is neither a time"),
        ("wait Sold!", "is neither a time such as 10s nor an event"),
        ("wait sold_out A B", "is neither"),
        ("help pni", "did you mean 'pin'?"),
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
