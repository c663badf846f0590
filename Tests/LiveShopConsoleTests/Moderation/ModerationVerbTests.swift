// The verbs for measures about people.

import Testing

@testable import LiveShopConsole

@Suite struct ModerationVerbTests {
    @Test(arguments: [
        (
            "timeout Ana 5m be kind",
            #"participant.timeout {"participant":"<Ana>","seconds":300,"reason":"be kind","key":"k"}"#
        ),
        (
            #"timeout "Ana Maria" 3 strikes"#,
            #"participant.timeout {"participant":"<Ana Maria>","reason":"3 strikes","key":"k"}"#
        ),
        ("ban Ana", #"participant.ban {"participant":"<Ana>","key":"k"}"#),
        ("unban Ana", #"participant.unban {"participant":"<Ana>","key":"k"}"#),
        (
            "restrict Ana no shows",
            #"participant.restrict {"participant":"<Ana>","reason":"no shows","key":"k"}"#
        ),
        (
            "ban Ana 7d spam",
            #"participant.ban {"participant":"<Ana>","seconds":604800,"reason":"spam","key":"k"}"#
        ),
        (
            "restrict Ana 30m",
            #"participant.restrict {"participant":"<Ana>","seconds":1800,"key":"k"}"#
        ),
        (
            "lift Ana sorry",
            #"participant.untimeout {"participant":"<Ana>","reason":"sorry","key":"k"} "#
                + #"participant.unban {"participant":"<Ana>","reason":"sorry","key":"k"} "#
                + #"participant.unrestrict {"participant":"<Ana>","reason":"sorry","key":"k"}"#
        ),
        (
            "role Ana co-host",
            #"participant.set_role {"participant":"<Ana>","role":"co_host","key":"k"}"#
        ),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("timeout", "something is missing"),
        ("timeout Ana 0s", "not a time in whole seconds"),
        ("ban Ana 15d", "not a time in whole seconds"),
        ("lift", "something is missing"),
        ("role Ana king", "'king' is no role that can be given"),
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
