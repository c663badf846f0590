// Measures against participants: what is in force, until when, and how it ends.

import Inventory
import Testing

@testable import LiveSession

struct MeasureTests {
    /// What is in force against Ana, in words.
    private func inForce(_ show: Show, _ stage: Stage) -> String {
        guard let restraint = show.restraint(of: stage.ana, at: stage.now) else { return "nothing" }
        return [
            restraint.mutedUntil == nil ? nil : "muted", restraint.isBanned ? "banned" : nil,
            restraint.isRestricted ? "restricted" : nil,
        ].compactMap { $0 }.joined(separator: " ")
    }

    private func told(_ stage: Stage) -> [String] {
        let start = stage.now
        return stage.personal.map { who, notice in
            switch notice {
            case .timedOut(let until, let reason):
                "\(who.index) muted \(until.milliseconds - start.milliseconds) \(reason)"
            case .restricted(let isOn, let until, let reason):
                "\(who.index) restricted \(isOn) "
                    + "\(until.map { "\($0.milliseconds - start.milliseconds)" } ?? "-") \(reason)"
            default: "\(notice)"
            }
        }
    }

    @Test func `what is not in force cannot be lifted`() throws {
        let stage = try Stage()
        for lift in [Measure.untimeout, .unban, .unrestrict] {
            #expect(try stage.take(lift, against: stage.ana) == "invalidState")
        }
        #expect(stage.facts.count == 1, "the start of the show")
        let end = stage.now.adding(seconds: 60)
        let measures: [(Measure, Measure, String)] = [
            (.timeout(until: end), .untimeout, "muted"), (.ban(until: nil), .unban, "banned"),
            (.restrict(until: nil), .unrestrict, "restricted"),
            (.ban(until: end), .unban, "banned"),
            (.restrict(until: end), .unrestrict, "restricted"),
        ]
        for (measure, lift, word) in measures {
            #expect(try stage.take(measure, against: stage.ana) == nil)
            #expect(inForce(stage.show, stage) == word)
            #expect(try stage.take(lift, against: stage.ana) == nil)
            #expect(inForce(stage.show, stage) == "nothing")
            #expect(try stage.take(lift, against: stage.ana) == "invalidState")
        }
    }

    @Test func `a measure with a time ends by the clock, also after a restart`() throws {
        let stage = try Stage()
        let start = stage.now
        try stage.take(.timeout(until: start.adding(seconds: 10)), against: stage.ana)
        try stage.take(.ban(until: start.adding(seconds: 20)), against: stage.ana)
        try stage.take(.restrict(until: start.adding(seconds: 30)), against: stage.ana)
        for (seconds, expected) in [
            (0, "muted banned restricted"), (9, "muted banned restricted"),
            (10, "banned restricted"), (20, "restricted"), (30, "nothing"),
        ] {
            stage.now = start.adding(seconds: seconds)
            #expect(inForce(stage.show, stage) == expected, "after \(seconds) s")
            #expect(inForce(try stage.replayed(), stage) == expected, "after \(seconds) s")
        }
        stage.now = start
        for seconds in [10, 20, 30] {
            #expect(
                stage.show.nextDeadline.map { $0 <= start.adding(seconds: seconds) } == true,
                "nothing wakes the show after \(seconds) s")
            try stage.pass(milliseconds: 10_000)
        }
        #expect(stage.show.nextDeadline == nil)
        #expect(stage.show.restraints.isEmpty)
    }

    @Test func `a second measure of a kind replaces the first one's end`() throws {
        let stage = try Stage()
        let end = stage.now.adding(seconds: 60)
        try stage.take(.ban(until: end), against: stage.ana)
        try stage.take(.ban(until: nil), against: stage.ana)
        try stage.take(.restrict(until: nil), against: stage.ana)
        try stage.take(.restrict(until: end), against: stage.ana)
        try stage.pass(seconds: 60)
        #expect(inForce(stage.show, stage) == "banned")
    }

    @Test func `the participant hears of the measure, of its end and of its lifting`() throws {
        let stage = try Stage()
        let end = stage.now.adding(seconds: 5)
        try stage.take(.timeout(until: end), against: stage.ana, reason: "spam")
        try stage.take(.untimeout, against: stage.ana, reason: "sorry")
        try stage.take(.restrict(until: nil), against: stage.ana)
        try stage.take(.unrestrict, against: stage.ana, reason: "sorry")
        try stage.take(.restrict(until: end), against: stage.ana, reason: "again")
        #expect(
            told(stage) == [
                "0 muted 5000 spam", "0 muted 0 sorry", "0 restricted true - ",
                "0 restricted false - sorry", "0 restricted true 5000 again",
            ])
        stage.clear()
        try stage.pass(seconds: 5)
        #expect(told(stage) == ["0 restricted false - "])
    }

    @Test func `whoever may not take a measure may not lift one`() throws {
        let stage = try Stage()
        let refusal = try stage.run { show, _ in
            try show.setRole(.moderator, of: stage.ana, by: stage.host)
        }
        #expect(refusal == nil)
        for measure in [
            Measure.timeout(until: stage.now.adding(seconds: 9)), .ban(until: nil),
            .restrict(until: nil), .untimeout, .unban, .unrestrict,
        ] {
            #expect(try stage.take(measure, against: stage.ana, by: .moderator) == "forbidden")
            #expect(try stage.take(measure, against: stage.host, by: .moderator) == "forbidden")
            #expect(try stage.take(measure, against: stage.host) == "forbidden")
        }
    }

    @Test func `every measure comes back from its bytes, and those of the first version, too`()
        throws
    {
        let stage = try Stage()
        let end = Timestamp(milliseconds: 77)
        for measure in [
            Measure.timeout(until: end), .untimeout, .ban(until: nil), .ban(until: end), .unban,
            .restrict(until: nil), .restrict(until: end), .unrestrict,
        ] {
            let fact = ShowFact.measureTaken(
                measure, against: stage.ana, by: stage.host, reason: "x")
            #expect(try Stage.decode(Stage.encode(fact)) == fact)
        }
        func first(_ measure: [UInt8]) throws -> ShowFact {
            try Stage.decode([15] + measure + [0, 6, 0])
        }
        func fact(_ measure: Measure) -> ShowFact {
            .measureTaken(measure, against: stage.ana, by: stage.host, reason: "")
        }
        #expect(try Stage.encode(fact(.ban(until: nil))) == Stage.encode(first([2])))
        #expect(try first([2]) == fact(.ban(until: nil)))
        #expect(try first([3]) == fact(.unban))
        #expect(try first([4, 1]) == fact(.restrict(until: nil)))
        #expect(try first([4, 0]) == fact(.unrestrict))
    }
}
