// The verbs for the chat.

import Testing

@testable import LiveShopConsole

@Suite struct ChatVerbTests {
    @Test(arguments: [
        (#"say  hello  "you"  "#, #"chat.send {"text":"hello  \"you\"  ","key":"k"}"#),
        ("delete m12", #"chat.delete {"message":"m12","key":"k"}"#),
        ("delete 12", #"chat.delete {"message":"m12","key":"k"}"#),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("say", "something is missing")
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
