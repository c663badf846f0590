// The first look at what arrives: what is a matter of course, and what is not.

import LiveShopClient
import Testing

@testable import LiveShopLoadTest

private func event(_ offset: Int, _ text: String = "x") -> [UInt8] {
    Array(
        #"{"type":"claim.held","show":"s","offset":\#(offset),"time":"t","data":{"x":"\#(text)"}}"#
            .utf8)
}

private let chat = Array(#"{"type":"chat.message","show":"s","time":"t","data":{}}"#.utf8)

private enum Seen: Equatable {
    case done, event(Int64), otherEvent(Int64), unknown
}

private struct Crew {
    var intake: Intake

    /// Three connections at offset 4; `marks` are those of the last.
    init(marks: Member.Marks = []) {
        let options = LoadOptions(
            server: ServerAddress(host: "127.0.0.1", port: 1), show: "s", viewers: 3)
        let hello = Array(
            #"{"type":"reply","id":1,"data":{"epoch":"e","offset":4,"resumed":false,"you":{}}}"#
                .utf8)
        let members = (0..<3).map { index in
            var member = Member(
                Buyer(index: index, plan: Buyer.Plan(options)),
                machine: ClientStateMachine(
                    ClientIdentity(show: "s", name: "x"), reconnects: false, seed: 1),
                source: nil, arrivesEarly: true)
            _ = member.machine.opened()
            _ = member.machine.received(hello.span)
            member.presence = .joined
            if index == 2 { member.marks = marks }
            return member
        }
        intake = Intake(members)
        intake.events.joined(LogPosition(epoch: "e", offset: 4))
    }

    mutating func take(_ bytes: [UInt8], _ slot: Int) -> Seen {
        switch intake.look(at: bytes.span, slot) {
        case .done: .done
        case .event(_, let offset): .event(offset)
        case .otherEvent(_, let offset): .otherEvent(offset)
        case .unknown: .unknown
        }
    }
}

@Suite struct IntakeTests {
    @Test func `the same event at everybody is a matter of course`() {
        var crew = Crew()
        for offset in 5..<9 {
            for slot in 0..<3 { #expect(crew.take(event(offset), slot) == .done) }
        }
        #expect(crew.intake.messages == 12)
        #expect(crew.intake.members.allSatisfy { $0.machine.position?.offset == 8 })
    }

    @Test func `another event under the same offset is found`() {
        var crew = Crew()
        #expect(crew.take(event(5, "a"), 0) == .done)
        #expect(crew.take(event(5, "b"), 1) == .otherEvent(5))
        #expect(crew.take(event(5, "a"), 2) == .done)
    }

    @Test func `a gap, a repetition and a reply are for the state machine`() {
        var crew = Crew()
        #expect(crew.take(event(6), 0) == .unknown)
        #expect(crew.take(event(5), 0) == .done)
        #expect(crew.take(event(5), 0) == .unknown)
        #expect(crew.take(event(6), 1) == .unknown)
        #expect(crew.take(Array(#"{"type":"reply","id":3,"data":{}}"#.utf8), 0) == .unknown)
        #expect(crew.take(Array("nonsense".utf8), 0) == .unknown)
        #expect(crew.intake.messages == 1)
    }

    @Test func `chat is counted, and read only by those who listen`() {
        var crew = Crew(marks: .listens)
        for _ in 0..<2 {
            #expect(crew.take(chat, 0) == .done)
            #expect(crew.take(chat, 1) == .done)
            #expect(crew.take(chat, 2) == .unknown)
        }
        #expect(crew.intake.messages == 4)
        #expect(crew.take(event(5), 2) == .event(5))
    }

    @Test func `a notice before joining is not passed over`() {
        var crew = Crew()
        #expect(crew.take(chat, 0) == .done)
        crew.intake.members[1].presence = .opening
        #expect(crew.take(chat, 1) == .unknown)
    }

    @Test func `personal notices and those of restarts are never passed over`() {
        var crew = Crew()
        for type in ["hold.expired", "waitlist.offered", "order.paid", "server.restarting"] {
            let notice = Array(#"{"type":"\#(type)","show":"s","time":"t","data":{}}"#.utf8)
            #expect(crew.take(notice, 0) == .unknown)
            #expect(crew.take(notice, 0) == .unknown)
        }
    }
}
