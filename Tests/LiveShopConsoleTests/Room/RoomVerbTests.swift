// The verb for the settings of the room.

import Testing

@testable import LiveShopConsole

@Suite struct RoomVerbTests {
    @Test(arguments: [
        ("room", "room"),
        ("room slow 10s", #"room.configure {"slow_mode_seconds":10,"key":"k"}"#),
        ("room slow off", #"room.configure {"slow_mode_seconds":0,"key":"k"}"#),
        ("room hold_seconds 5m", #"room.configure {"hold_seconds":300,"key":"k"}"#),
        ("room pins 2", #"room.configure {"pins":2,"key":"k"}"#),
        ("room chat off", #"room.configure {"chat":"off","key":"k"}"#),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("room slow", "something is missing")
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
