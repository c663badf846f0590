// The verbs for what is on screen: the requests they become, and what is said about wrong lines.

import Testing

@testable import LiveShopConsole

@Suite struct StageVerbTests {
    @Test(arguments: [
        ("pin A", #"product.pin {"sku":"A","key":"k"}"#),
        ("pin A 60s", #"product.pin {"sku":"A","seconds":60,"key":"k"}"#),
        ("pin A 2m", #"product.pin {"sku":"A","seconds":120,"key":"k"}"#),
        ("unpin", #"product.unpin {"key":"k"}"#),
        ("unpin B", #"product.unpin {"product":"p2","key":"k"}"#),
        ("queue A p2 X", #"queue.set {"products":["p1","p2","X"],"key":"k"}"#),
        ("next", #"queue.next {"key":"k"}"#),
        (#"note "Last ten!" 60s"#, #"note.set {"text":"Last ten!","seconds":60,"key":"k"}"#),
        ("note Last  ten 60s", #"note.set {"text":"Last ten","seconds":60,"key":"k"}"#),
        ("note Only 60", #"note.set {"text":"Only 60","key":"k"}"#),
        (#"note "a \"b\" \\ c""#, #"note.set {"text":"a \"b\" \\ c","key":"k"}"#),
        ("note clear", #"note.clear {"key":"k"}"#),
        (#"note "clear""#, #"note.set {"text":"clear","key":"k"}"#),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("pin", "pin: something is missing; write: pin SKU [60s]"),
        ("pin A B C", "'C' is too much"),
        ("pin A soon", "'soon' is not a time in whole seconds"),
        ("pin A 0s", "not a time in whole seconds"),
        ("pin A 1.5s", "not a time in whole seconds"),
        ("queue", "something is missing"),
        ("note", "something is missing"),
        (#"note "open"#, "a quote is not closed"),
        (#"note "a" soon"#, "'soon' is not a time"),
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
