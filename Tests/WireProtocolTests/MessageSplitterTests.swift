// One message, many objects.

import Testing
import WireProtocol

struct MessageSplitterTests {
    @Test(arguments: [
        ("{}", ["{}"]), ("{}\n{\"a\":1}", ["{}", "{\"a\":1}"]),
        ("\n\n{}\n\r\n \t\n[]\n", ["{}", "[]"]),
        ("{}\r\n{}", ["{}", "{}"]), (" {} \t\n {}\r", ["{}", "{}"]), ("\0\n{}", ["\0", "{}"]),
        ("", []), ("\n", []), (" \n\t", []),
    ])
    func `gives every line that is not blank`(text: String, lines: [String]) {
        let bytes = Array(text.utf8)
        let ranges = Array(MessageSplitter(bytes))
        #expect(ranges.map { String(decoding: bytes[$0], as: UTF8.self) } == lines)
    }

    @Test func `stays inside its range`() {
        let bytes = Array("a\nb\nc".utf8)
        #expect(Array(MessageSplitter(bytes, in: 2..<4)) == [2..<3])
        #expect(Array(MessageSplitter(bytes, in: 4..<90)) == [4..<5])
        #expect(Array(MessageSplitter(bytes, in: 80..<90)) == [])
    }
}
