// The verbs for the life of a show: the requests they become.

import Testing

@testable import LiveShopConsole

@Suite struct ShowVerbTests {
    @Test(arguments: [
        ("start", #"show.start {"key":"k"}"#),
        ("  pause  ", #"show.pause {"key":"k"}"#),
        ("resume", #"show.resume {"key":"k"}"#),
        ("end", #"show.end {"key":"k"}"#),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("start now", "'now' is too much")
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
