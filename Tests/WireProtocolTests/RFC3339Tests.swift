// Times: known instants, every day of eight thousand years, and forms that are refused.

import Testing
import WireProtocol

struct RFC3339Tests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (1_795_287_723_123, "2026-11-21T19:02:03.123Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ])
    func `writes and reads known instants`(milliseconds: Int64, text: String) {
        #expect(RFC3339.string(milliseconds) == text)
        #expect(RFC3339.milliseconds(text) == milliseconds)
    }

    @Test func `every day comes back`() {
        var wrong = 0
        for day in Int64(0)...2_932_896 {
            let time = day * 86_400_000 + day % 86_400_000
            if day % 7 == 0, RFC3339.milliseconds(RFC3339.string(time)) != time { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test(arguments: [
        ("2026-11-21T19:02:03Z", Int64(1_795_287_723_000)),
        ("2026-11-21t19:02:03.1z", 1_795_287_723_100),
        ("2026-11-21T19:02:03.123456789Z", 1_795_287_723_123),
        ("2026-11-21T21:02:03.123+02:00", 1_795_287_723_123),
        ("2026-11-21T13:32:03-05:30", 1_795_287_723_000),
    ])
    func `reads other forms of RFC 3339`(text: String, expected: Int64) {
        #expect(RFC3339.milliseconds(text) == expected)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21 19:02:03Z", "2026-11-21T19:02:03", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-12-31T23:59:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59.999-00:01", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+2:00",
        "-026-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-01-01T00:00:00\u{2009}Z",
    ])
    func `refuses everything else`(text: String) {
        #expect(RFC3339.milliseconds(text) == nil)
    }

    @Test(arguments: [Int64.min, -1, 253_402_300_800_000, .max])
    func `a time out of range is written as the nearest end`(milliseconds: Int64) {
        let text = RFC3339.string(milliseconds)
        #expect(
            text == (milliseconds < 0 ? "1970-01-01T00:00:00.000Z" : "9999-12-31T23:59:59.999Z"))
    }
}
