// Chat rules, and the log of what was said.

import Inventory
import Testing

@testable import LiveSession

struct ChatTests {
    private func refusal(_ result: Result<ChatMessage, ShowRefusal>) -> String? {
        if case .failure(let refusal) = result { refusal.kind } else { nil }
    }

    @Test func `messages are numbered and carry their author as she was`() throws {
        let stage = try Stage()
        let first = try stage.say("hello", by: stage.cleo).get()
        let second = try stage.say("welcome", by: stage.host).get()
        #expect(first.number == 1 && second.number == 2)
        #expect(first.name == "Cleo" && first.subject == "u-cleo" && first.isGuest)
        #expect(second.role == .host && !second.isGuest)
        #expect(stage.shared.count == 2)
        // The author's row is stored with the first message that names her.
        #expect(stage.stored == [stage.cleo, stage.host])
        _ = try stage.say("again", by: stage.cleo).get()
        #expect(stage.stored.count == 2)
    }

    @Test func `length is counted in code points`() throws {
        let stage = try Stage()
        #expect(refusal(stage.say(String(repeating: "é", count: 200), by: stage.ana)) == nil)
        #expect(
            refusal(stage.say(String(repeating: "é", count: 201), by: stage.ana)) == "badRequest")
        #expect(
            refusal(stage.say(String(repeating: "👩‍🌾", count: 67), by: stage.ana)) == "badRequest")
    }

    @Test func `chat that is off is open to staff`() throws {
        var settings = ShowSettings()
        settings.chat = .off
        let stage = try Stage(settings: settings)
        #expect(refusal(stage.say("hi", by: stage.ana)) == "chatOff")
        #expect(refusal(stage.say("hi", by: stage.host)) == nil)
    }

    @Test func `what is more than everybody can read is stored, and counted with the next`() throws
    {
        var settings = ShowSettings()
        settings.chatRate = 0
        settings.chatPerSecond = 2
        let stage = try Stage(settings: settings)
        func dropped() -> [Int] {
            stage.shared.compactMap {
                if case .chatMessage(_, let dropped) = $0 { dropped } else { nil }
            }
        }
        for _ in 0..<5 { _ = try stage.say("x", by: stage.ana).get() }
        #expect(dropped() == [0, 0])
        #expect(stage.show.chat.newest(10).map(\.number) == [1, 2, 3, 4, 5])
        // Staff is always heard, and takes nobody's place.
        _ = try stage.say("quiet please", by: stage.host).get()
        #expect(dropped() == [0, 0, 3])
        stage.now = stage.now.adding(milliseconds: 999)
        _ = try stage.say("x", by: stage.ben).get()
        #expect(dropped() == [0, 0, 3])
        stage.now = stage.now.adding(milliseconds: 1)
        _ = try stage.say("x", by: stage.ben).get()
        #expect(dropped() == [0, 0, 3, 1])
    }

    @Test func `everything is sent when nothing bounds it`() throws {
        var settings = ShowSettings()
        settings.chatRate = 0
        settings.chatPerSecond = 0
        let stage = try Stage(settings: settings)
        for _ in 0..<50 { _ = try stage.say("x", by: stage.ana).get() }
        #expect(
            stage.noticesCount { if case .chatMessage(_, 0) = $0 { true } else { false } } == 50)
    }

    @Test func `the eleventh message at once is too many, and one comes back every three seconds`()
        throws
    {
        let stage = try Stage()
        for _ in 0..<10 { #expect(refusal(stage.say("x", by: stage.ana)) == nil) }
        guard case .failure(.rateLimited(let wait)) = stage.say("x", by: stage.ana) else {
            Issue.record("was not limited")
            return
        }
        #expect(wait == 3000)
        #expect(refusal(stage.say("x", by: stage.ben)) == nil)
        stage.now = stage.now.adding(milliseconds: 2999)
        #expect(refusal(stage.say("x", by: stage.ana)) == "rateLimited")
        stage.now = stage.now.adding(milliseconds: 1)
        #expect(refusal(stage.say("x", by: stage.ana)) == nil)
        for _ in 0..<100 { #expect(refusal(stage.say("x", by: stage.host)) == nil) }
        #expect(refusal(stage.say("x", by: stage.host)) == "rateLimited")
    }

    @Test func `a muted participant may write again when the time is over`() throws {
        let stage = try Stage()
        let until = stage.now.adding(seconds: 30)
        #expect(
            try stage.run {
                try $0.take(
                    .timeout(until: until), against: stage.ana, by: stage.host, actorRole: .host,
                    reason: "spam", at: $1)
            } == nil)
        #expect(refusal(stage.say("x", by: stage.ana)) == "muted")
        stage.now = until
        #expect(refusal(stage.say("x", by: stage.ana)) == nil)
    }

    @Test func `an answer names a message that is there`() throws {
        let stage = try Stage()
        _ = try stage.say("hello", by: stage.ana).get()
        func reply(to number: Int) -> String? {
            refusal(
                stage.run { show, now in
                    show.say("x", by: stage.ben, replyTo: number, product: nil, at: now)
                })
        }
        #expect(reply(to: 1) == nil)
        #expect(reply(to: 9) == "unknown")
        #expect(try stage.run { show, _ in try show.deleteMessage(1) } == nil)
        #expect(reply(to: 1) == "unknown")
    }

    @Test func `a deleted message is gone once and for all, also after a restart`() throws {
        let stage = try Stage()
        for text in ["one", "two"] { _ = try stage.say(text, by: stage.ana).get() }
        #expect(try stage.run { show, _ in try show.deleteMessage(2) } == nil)
        #expect(stage.eventNames == ["deleted m2"])
        #expect(try stage.run { show, _ in try show.deleteMessage(2) }?.kind == "unknown")
        #expect(try stage.run { show, _ in try show.deleteMessage(3) }?.kind == "unknown")
        let left = Array(stage.show.chat.newest(50))
        #expect(left.map(\.text) == ["one"])

        var again = try stage.replayed()
        again.restore(log: EventLog(), chat: ChatLog(lastNumber: 1, recent: left))
        stage.show = again
        #expect(try stage.run { show, _ in try show.deleteMessage(2) }?.kind == "unknown")
        // The number of a deleted message is never given again.
        #expect(try stage.say("three", by: stage.ana).get().number == 3)
        #expect(stage.show.chat.newest(50).map(\.text) == ["one", "three"])
    }

    @Test func `numbers on the wire have one form`() {
        #expect(ChatMessage.number("m1") == 1)
        for text in ["", "m", "m0", "m01", "m+1", "m-1", "M1", "1", "m1 ", "m99999999999999999999"]
        {
            #expect(ChatMessage.number(text) == nil, "\(text)")
        }
    }

    @Test func `a message keeps everything in its row`() throws {
        let message = ChatMessage(
            number: 7, participant: ParticipantID(3), subject: "u", name: "Ünal", role: .coHost,
            isGuest: true, text: "text\u{1F33B}", replyTo: 5, product: "mug",
            time: Timestamp(milliseconds: 12))
        var writer = ByteWriter()
        message.write(to: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(try ChatMessage(from: &reader) == message && reader.isAtEnd)
    }

    // MARK: The log

    private func message(_ number: Int, at seconds: Int = 0) -> ChatMessage {
        ChatMessage(
            number: number, participant: ParticipantID(0), subject: "u", name: "N", role: .viewer,
            isGuest: false, text: "\(number)", replyTo: nil, product: nil,
            time: Timestamp(milliseconds: Int64(seconds) * 1000))
    }

    @Test func `the log keeps the newest three hundred for those who come back`() {
        var log = ChatLog()
        for number in 1...1000 { log.append(message(number, at: number)) }
        #expect(log.lastNumber == 1000)
        #expect(log.newest(3).map(\.number) == [998, 999, 1000])
        #expect(log.since(Timestamp(milliseconds: 0)).map(\.number) == Array(701...1000))
        #expect(log.since(Timestamp(milliseconds: 998_000)).map(\.number) == [999, 1000])
        #expect(log.since(Timestamp(milliseconds: 2_000_000)).isEmpty)
    }
}
