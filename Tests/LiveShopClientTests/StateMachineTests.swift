// The client's state machine, transition by transition, without a socket or a clock.

import Testing
import WireProtocol

@testable import LiveShopClient

private func machine(
    token: String? = nil, name: String? = "Ana", reconnects: Bool = true
) -> ClientStateMachine {
    ClientStateMachine(
        ClientIdentity(show: "spring", token: token, name: name), reconnects: reconnects, seed: 1)
}

private func helloReply(
    epoch: String = "e1", offset: Int, resumed: Bool = false, token: String? = nil
) -> String {
    let you = token.map { #"{"participant":"p","token":"\#($0)"}"# } ?? #"{"participant":"p"}"#
    return #"{"type":"reply","id":1,"data":{"protocol":"liveshop.v1","epoch":"\#(epoch)","#
        + #""offset":\#(offset),"resumed":\#(resumed),"you":\#(you)}}"#
}

private func event(_ offset: Int) -> String {
    #"{"type":"product.pinned","show":"spring","offset":\#(offset),"time":"x","data":{}}"#
}

extension ClientStateMachine {
    fileprivate mutating func take(_ text: String) -> ReceivedAction {
        let bytes = Array(text.utf8)
        return received(bytes.span)
    }

    /// A machine that has joined at an offset.
    fileprivate mutating func join(offset: Int, token: String? = nil) {
        _ = opened()
        _ = take(helloReply(offset: offset, token: token))
    }
}

private func isEvent(_ action: ClientStateMachine.ReceivedAction) -> Bool {
    if case .event = action { true } else { false }
}

private func joined(_ action: ClientStateMachine.ReceivedAction) -> ClientStateMachine.Joined? {
    if case .joined(let joined) = action { joined } else { nil }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

private let lost = ConnectionEnding.lost(reason: "cut")

@Suite struct JoiningTests {
    @Test func `the first hello names show and guest and resumes nothing`() {
        var machine = machine()
        #expect(
            text(machine.opened())
                == #"{"id":1,"type":"hello","data":{"show":"spring","name":"Ana"}}"#)
        #expect(machine.state == .joining)
    }

    @Test func `a token wins over a name`() {
        var machine = machine(token: "T")
        #expect(
            text(machine.opened())
                == #"{"id":1,"type":"hello","data":{"show":"spring","token":"T"}}"#)
    }

    @Test func `the reply to hello gives the position`() throws {
        var machine = machine()
        _ = machine.opened()
        let action = try #require(joined(machine.take(helloReply(offset: 41))))
        #expect(!action.isResumed && !action.isReturn && action.resend.isEmpty)
        #expect(machine.state == .joined)
        #expect(machine.position == LogPosition(epoch: "e1", offset: 41))
    }

    @Test func `a refused hello is reported and waits for the close`() {
        var machine = machine()
        _ = machine.opened()
        let action = machine.take(
            #"{"type":"error","id":1,"error":{"code":"unauthorized","message":"no"}}"#)
        guard case .refused = action else {
            Issue.record("\(action)")
            return
        }
        let ending = ConnectionEnding.closed(code: 4500, reason: "unauthorized")
        #expect(machine.closed(ending, at: 0) == .end(ending.failure))
    }

    @Test func `an event before the reply to hello is a fault`() {
        var machine = machine()
        _ = machine.opened()
        #expect(machine.take(event(1)) == .fault(.beforeJoining))
    }
}

@Suite struct EventOrderTests {
    @Test func `events in order move the position`() {
        var machine = machine()
        machine.join(offset: 2)
        #expect(isEvent(machine.take(event(3))) && isEvent(machine.take(event(4))))
        #expect(machine.position?.offset == 4)
    }

    @Test(arguments: [2, 1, 4, 100])
    func `a repeated or missing event is a gap`(offset: Int) {
        var machine = machine()
        machine.join(offset: 2)
        #expect(
            machine.take(event(offset)) == .fault(.gap(expected: 3, received: Int64(offset))))
    }

    @Test func `notices do not move the position`() {
        var machine = machine()
        machine.join(offset: 2)
        guard case .notice = machine.take(#"{"type":"viewers.count","show":"s","data":{}}"#)
        else {
            Issue.record("a notice was expected")
            return
        }
        #expect(machine.position?.offset == 2)
    }

    @Test(arguments: ["", "{}", "[]", "7", #"{"type":7}"#, #"{"type":"reply"}"#, #"{"type":"re"#])
    func `what is no message is a fault and nothing else`(message: String) {
        var machine = machine()
        machine.join(offset: 2)
        #expect(machine.take(message) == .fault(.unreadable))
    }
}

@Suite struct RequestTests {
    @Test func `requests before joining are sent with the join`() throws {
        var machine = machine()
        let early = machine.request("ping", data: Array("{}".utf8), isRepeatable: true, tag: 9)
        #expect(early == nil)
        _ = machine.opened()
        let action = try #require(joined(machine.take(helloReply(offset: 0))))
        #expect(action.resend.map(text) == [#"{"id":2,"type":"ping","data":{}}"#])
    }

    @Test func `an answer finds its request once`() throws {
        var machine = machine()
        machine.join(offset: 0)
        let sent = machine.request("ping", data: Array("{}".utf8), isRepeatable: true, tag: 9)
        #expect(sent.map(text) == #"{"id":2,"type":"ping","data":{}}"#)
        let reply = #"{"type":"reply","id":2,"data":{"a":1}}"#
        #expect(machine.take(reply) == .answered(tag: 9, isError: false, data: 30))
        #expect(machine.unansweredCount == 0)
        #expect(machine.take(reply) == .fault(.answerToNothing(id: 2)))
    }

    @Test func `members in another order are understood`() {
        var machine = machine()
        machine.join(offset: 0)
        _ = machine.request("ping", data: Array("{}".utf8), isRepeatable: true, tag: 9)
        let reply = #"{ "data" : {"id":5,"type":"x}"}, "id" : 2 , "type" : "reply" }"#
        #expect(machine.take(reply) == .answered(tag: 9, isError: false, data: 11))
    }

    @Test func `an error without id belongs to nobody`() {
        var machine = machine()
        machine.join(offset: 0)
        let action = machine.take(#"{"type":"error","error":{"code":"bad_json"}}"#)
        #expect(action == .complaint(error: 24))
    }
}

@Suite struct ReconnectTests {
    @Test func `a lost connection is resumed from the last event`() throws {
        var machine = machine()
        machine.join(offset: 2, token: "T9")
        _ = machine.take(event(3))
        guard case .connect(let at) = machine.closed(lost, at: 1000) else {
            Issue.record("it should come back")
            return
        }
        #expect(at > 1000)
        #expect(machine.state == .waiting(until: at))
        machine.connecting()
        #expect(
            text(machine.opened())
                == #"{"id":1,"type":"hello","data":{"show":"spring","token":"T9","#
                + #""resume":{"epoch":"e1","offset":3}}}"#)
        let action = try #require(joined(machine.take(helloReply(offset: 5, resumed: true))))
        #expect(action.isResumed && action.isReturn)
        #expect(isEvent(machine.take(event(4))) && isEvent(machine.take(event(5))))
        #expect(machine.take(event(7)) == .fault(.gap(expected: 6, received: 7)))
    }

    @Test func `a snapshot replaces the position`() {
        var machine = machine()
        machine.join(offset: 7)
        _ = machine.closed(lost, at: 0)
        _ = machine.opened()
        _ = machine.take(helloReply(epoch: "e2", offset: 3))
        #expect(machine.position == LogPosition(epoch: "e2", offset: 3))
    }

    @Test func `resumed in another epoch or in the past is a fault`() {
        for (epoch, offset) in [("e2", 9), ("e1", 6)] {
            var machine = machine()
            machine.join(offset: 7)
            _ = machine.closed(lost, at: 0)
            _ = machine.opened()
            let action = machine.take(helloReply(epoch: epoch, offset: offset, resumed: true))
            #expect(action == .fault(.gap(expected: 7, received: Int64(offset))))
        }
    }

    @Test func `repeatable requests come again word for word, others are lost`() throws {
        var machine = machine()
        machine.join(offset: 0)
        let claim = machine.request(
            "claim.create", data: Array(#"{"sku":"A","key":"k"}"#.utf8), isRepeatable: true, tag: 1)
        _ = machine.request("queue.next", data: Array("{}".utf8), isRepeatable: false, tag: 2)
        _ = machine.closed(lost, at: 0)
        _ = machine.opened()
        let action = try #require(joined(machine.take(helloReply(offset: 0, resumed: true))))
        #expect(action.resend == [try #require(claim)])
        #expect(action.lost == [2])
        let reply = machine.take(#"{"type":"reply","id":2,"data":{}}"#)
        #expect(reply == .answered(tag: 1, isError: false, data: 30))
    }

    @Test(arguments: [1001, 1006, 4008, 4009, 4029, 4030, 4401])
    func `these close codes lead to a reconnect`(code: UInt16) {
        var machine = machine()
        machine.join(offset: 0)
        let action = machine.closed(.closed(code: code, reason: ""), at: 0)
        guard case .connect = action else {
            Issue.record("\(code): \(action)")
            return
        }
    }

    @Test(arguments: [1000, 1002, 1003, 1007, 1009, 4500, 4501, 4502, 4999])
    func `these close codes end it`(code: UInt16) {
        var machine = machine()
        machine.join(offset: 0)
        let ending = ConnectionEnding.closed(code: code, reason: "r")
        #expect(machine.closed(ending, at: 0) == .end(ending.failure))
        #expect(machine.state == .ended(ending.failure))
        #expect(machine.closed(lost, at: 0) == .end(ending.failure))
    }

    @Test func `without leave to reconnect every end is final`() {
        var machine = machine(reconnects: false)
        machine.join(offset: 0)
        #expect(machine.closed(lost, at: 0) == .end(lost.failure))
    }

    @Test func `the delay of a restart is waited at least`() {
        var machine = machine()
        machine.join(offset: 0)
        _ = machine.take(
            #"{"type":"server.restarting","show":"s","data":{"reconnect_after_ms":4000}}"#)
        let action = machine.closed(.closed(code: 1001, reason: ""), at: 100)
        guard case .connect(let at) = action else {
            Issue.record("\(action)")
            return
        }
        #expect((4100...4200).contains(at))
    }

    @Test func `a refused handshake ends it, a busy server does not`() {
        for (status, isFinal) in [(403, true), (400, true), (429, false), (503, false)] {
            var machine = machine()
            let ending = ConnectionEnding.failed(
                .handshake(.refused(status: status, detail: "")))
            if case .end = machine.closed(ending, at: 0) {
                #expect(isFinal, "\(status)")
            } else {
                #expect(!isFinal, "\(status)")
            }
        }
    }
}

@Suite struct BackoffTests {
    @Test func `delays grow to their limit and never exceed it`() {
        var backoff = Backoff(seed: 3)
        let delays = (0..<40).map { _ in backoff.nextDelay() }
        #expect((100...200).contains(delays[0]))
        #expect(delays.allSatisfy { $0 <= Backoff.limitMilliseconds })
        #expect(delays[20...].allSatisfy { $0 >= Backoff.limitMilliseconds / 2 })
        backoff.reset()
        #expect((100...200).contains(backoff.nextDelay()))
    }

    @Test func `one seed gives one sequence`() {
        var (first, second, other) = (Backoff(seed: 1), Backoff(seed: 1), Backoff(seed: 2))
        let sequence = (0..<10).map { _ in first.nextDelay() }
        #expect(sequence == (0..<10).map { _ in second.nextDelay() })
        #expect(sequence != (0..<10).map { _ in other.nextDelay() })
    }

    @Test func `a foolish advice is bounded`() {
        var backoff = Backoff(seed: 1)
        #expect(backoff.nextDelay(advised: -5) >= 0)
        #expect(backoff.nextDelay(advised: .max) < 4_000_000)
    }
}

@Suite struct NextEventTests {
    @Test func `the next event needs nothing else`() {
        var machine = machine()
        let early = machine.isNext(1)
        machine.join(offset: 7)
        let (next, again, gap) = (machine.isNext(8), machine.isNext(8), machine.isNext(10))
        #expect(!early && next && !again && !gap)
        #expect(machine.position?.offset == 8)
        #expect(machine.take(event(10)) == .fault(.gap(expected: 9, received: 10)))
        let after = machine.isNext(11)
        #expect(after)
    }
}
