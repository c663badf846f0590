// The life of a show: which steps are possible from where, and when claims are open.

import Inventory
import Testing

@testable import LiveSession

struct LifeCycleTests {
    @Test func `a show starts, pauses, resumes and ends`() throws {
        let stage = try Stage(.scheduled)
        #expect(try stage.run { try $0.start(at: $1) } == nil)
        #expect(try stage.run { try $0.pause(at: $1) } == nil)
        #expect(try stage.run { try $0.resume(at: $1) } == nil)
        #expect(try stage.run { try $0.end(at: $1) } == nil)
        #expect(stage.eventNames == ["live", "paused", "live again", "ended"])
        #expect(stage.show.startedAt == stage.now && stage.show.endedAt == stage.now)
    }

    @Test(arguments: ShowStatus.allCases.filter { $0 != .rehearsal })
    func `steps that lead nowhere are refused and change nothing`(_ status: ShowStatus) throws {
        let allowed: [ShowStatus: Set<String>] = [
            .scheduled: ["start"], .live: ["pause", "end"], .paused: ["resume", "end"],
            .ended: ["start"],
        ]
        let steps: [(String, (inout Show, Timestamp) throws -> ShowRefusal?)] = [
            ("start", { try $0.start(at: $1) }), ("pause", { try $0.pause(at: $1) }),
            ("resume", { try $0.resume(at: $1) }), ("end", { try $0.end(at: $1) }),
        ]
        for (name, step) in steps {
            let stage = try Stage(status)
            let facts = stage.facts.count
            let refusal = try stage.run(step)
            if allowed[status]?.contains(name) == true {
                #expect(refusal == nil, "\(name) when \(status)")
            } else {
                #expect(refusal?.kind == "invalidState", "\(name) when \(status)")
                #expect(stage.facts.count == facts && stage.events.isEmpty)
                #expect(stage.show.status == status)
            }
        }
    }

    @Test func `an ended show can be started again for two hours and not longer`() throws {
        let stage = try Stage(.ended)
        stage.now = stage.now.adding(seconds: 7200)
        #expect(try stage.run { try $0.start(at: $1) } == nil)
        #expect(stage.eventNames == ["live"])
        #expect(stage.show.endedAt == nil)

        let late = try Stage(.ended)
        late.now = late.now.adding(milliseconds: 7_200_001)
        #expect(try late.run { try $0.start(at: $1) }?.kind == "invalidState")
        #expect(late.show.status == .ended)
    }

    @Test func `claims are open only while the show is live, or after it with replay sales`() throws
    {
        #expect(try Stage(.scheduled).show.claimsClosed?.kind == "notLive")
        #expect(try Stage(.paused).show.claimsClosed?.kind == "notLive")
        #expect(try Stage(.live).show.claimsClosed == nil)
        #expect(try Stage(.ended).show.claimsClosed?.kind == "ended")
        var settings = ShowSettings()
        settings.replaySales = true
        #expect(try Stage(.ended, settings: settings).show.claimsClosed == nil)
        #expect(try Stage(.paused, settings: settings).show.claimsClosed?.kind == "notLive")
    }

    @Test func `granted roles end with the show`() throws {
        let stage = try Stage()
        #expect(
            try stage.run { show, _ in
                try show.setRole(.moderator, of: stage.ana, by: stage.host)
            } == nil)
        #expect(stage.show.roster[stage.ana].role == .moderator)
        try stage.run { _ = try $0.end(at: $1) }
        #expect(stage.show.roster[stage.ana].role == .viewer)
    }

    @Test func `viewers are people, connections are connections`() throws {
        let stage = try Stage()
        let again = stage.show.connect(
            Participant(subject: "u-ana", name: "Ana", isGuest: false, role: .viewer))
        #expect(again == stage.ana)
        #expect(stage.show.roster.viewers == 4 && stage.show.roster.connections == 5)
        stage.show.disconnect(stage.ana, at: stage.now)
        #expect(stage.show.roster.viewers == 4 && stage.show.roster.connections == 4)
        stage.show.disconnect(stage.ana, at: stage.now)
        #expect(stage.show.roster.viewers == 3 && stage.show.roster.connections == 3)
    }

    @Test func `viewers are counted at most once per second, and the last count arrives`() throws {
        let stage = try Stage()
        try stage.announce()
        stage.clear()
        let isCount: (SharedNotice) -> Bool = {
            if case .viewersCount = $0 { true } else { false }
        }
        for _ in 0..<30 {
            stage.show.disconnect(stage.ana, at: stage.now)
            _ = stage.show.connect(
                Participant(subject: "u-ana", name: "Ana", isGuest: false, role: .viewer))
            try stage.pass(milliseconds: 100)
        }
        #expect(stage.noticesCount(isCount) == 3)
        stage.show.disconnect(stage.ana, at: stage.now)
        stage.clear()
        try stage.pass(milliseconds: 1000)
        #expect(stage.noticesCount(isCount) == 1)
        #expect(stage.show.nextDeadline == nil)
    }
}
