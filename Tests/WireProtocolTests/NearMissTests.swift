// "Did you mean …?"

import Testing
import WireProtocol

@Suite struct NearMissTests {
    @Test(arguments: [
        ("shwo", "show"), ("hots", "host"), ("serv", "serve"), ("laod", "load"),
        ("imp", "import"), ("tokne", "token"),
    ])
    func `a slip finds its word`(word: String, expected: String) {
        let commands = ["serve", "show", "import", "host", "load", "token", "events", "audit"]
        #expect(NearMiss.of(word, in: commands) == expected)
    }

    @Test(arguments: ["", "x", "dance", "s", "e"])
    func `something else finds nothing`(word: String) {
        #expect(NearMiss.of(word, in: ["serve", "show", "import", "host", "events"]) == nil)
    }
}
