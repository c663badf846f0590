// When things are due and who does them: functions of numbers, tried with numbers.

import LiveShopClient
import Testing

@testable import LiveShopLoadTest

private let second: Int64 = 1_000_000_000

private func options(_ viewers: Int = 10) -> LoadOptions {
    LoadOptions(
        server: ServerAddress(host: "127.0.0.1", port: 1), show: "s", viewers: viewers)
}

private func step(
    _ pace: Script.Pace, _ deed: Script.Deed = .chat, at: Double = 0, share: Double = 1
) -> Script.Step {
    Script.Step(share: share, at: at, deed: deed, pace: pace)
}

@Suite struct ScheduleTests {
    private func schedule(_ step: Script.Step, of count: Int = 10) -> Schedule {
        Schedule(step, crowd: Crowd(0..<count), beginning: 5 * second)
    }

    @Test func `a rate is kept from the beginning to the end, whatever happens`() {
        let schedule = schedule(step(.rate(perSecond: 4, seconds: 10), at: 1))
        #expect(schedule.count == 40)
        #expect(schedule.due(0) == 6 * second)
        #expect(schedule.due(1) == 6 * second + second / 4)
        #expect(schedule.due(39) == 6 * second + 39 * second / 4)
        #expect(schedule.end == 16 * second)
    }

    @Test func `a high rate does not drift`() {
        let schedule = schedule(step(.rate(perSecond: 30_000, seconds: 3600)))
        #expect(schedule.count == 108_000_000)
        #expect(schedule.due(90_000_000) == 5 * second + 3000 * second)
    }

    @Test func `once is at the same moment, or evenly over a time`() {
        let together = schedule(step(.once(over: 0)))
        #expect(together.count == 10 && together.due(9) == 5 * second)
        let spread = schedule(step(.once(over: 5)))
        #expect(spread.due(1) - spread.due(0) == second / 2)
        #expect(spread.due(9) < spread.end)
    }

    @Test func `nobody does nothing`() {
        for pace in [
            Script.Pace.rate(perSecond: 5, seconds: 10), .once(over: 1), .inFlight(3, seconds: 1),
        ] {
            #expect(schedule(step(pace), of: 0).count == 0)
        }
        #expect(schedule(step(.rate(perSecond: 0, seconds: 10))).count == 0)
    }
}

@Suite struct CrowdTests {
    @Test(arguments: [1, 2, 3, 10, 64, 97, 1000])
    func `everybody's turn comes once a round`(count: Int) {
        for rotation in [0, 7919] {
            let crowd = Crowd(5..<(5 + count), rotation: rotation)
            let round = (0..<count).map { crowd[$0] }
            #expect(Set(round) == Set(5..<(5 + count)))
            #expect((0..<count).map { crowd[$0 + count] } == round)
        }
    }

    @Test func `a share is always the same people, another step's are others`() {
        let crowd = Crowd(0..<100, share: 0.1)
        #expect(crowd.count == 10)
        #expect(Set((0..<50).map { crowd[$0] }).count == 10)
        let other = Crowd(0..<100, share: 0.1, rotation: 7919)
        #expect(Set((0..<10).map { crowd[$0] }) != Set((0..<10).map { other[$0] }))
    }
}

@Suite struct AgendaTests {
    private func agenda(
        _ steps: [Script.Step], viewers: Int = 10, number: Int = 0, threads: Int = 1
    ) -> Agenda {
        let script = Script(name: "t", steps: steps, length: .seconds(60))
        return Agenda(
            script, viewers: viewers, beginning: 0, number: number, threads: threads)
    }

    private func all(_ agenda: inout Agenda, now: Int64) -> [Agenda.Action] {
        var actions: [Agenda.Action] = []
        while let action = agenda.take(now: now) { actions.append(action) }
        return actions
    }

    @Test func `a late question gets all that was due, none is skipped`() {
        let steps = [step(.rate(perSecond: 10, seconds: 5))]
        var (late, prompt) = (agenda(steps), agenda(steps))
        var seen: [Agenda.Action] = []
        for now in 0..<500 { seen += all(&prompt, now: Int64(now) * second / 100) }
        #expect(all(&late, now: 60 * second) == seen)
        #expect(seen.count == 50)
        #expect(seen.allSatisfy { $0.due % (second / 10) == 0 })
        #expect(late.isThrough(now: 60 * second) && late.nextDue == nil)
    }

    @Test func `threads share the actions without a gap`() {
        let steps = [step(.rate(perSecond: 7, seconds: 9)), step(.once(over: 2))]
        var whole: [Agenda.Action] = []
        for number in 0..<3 {
            var part = agenda(steps, number: number, threads: 3)
            let actions = all(&part, now: 60 * second)
            #expect(actions.allSatisfy { $0.buyer % 3 == number })
            whole += actions
        }
        var single = agenda(steps)
        func key(_ action: Agenda.Action) -> [Int64] {
            [Int64(action.step), action.due, Int64(action.buyer)]
        }
        let expected = all(&single, now: 60 * second).map(key)
        #expect(Set(whole.map(key)) == Set(expected))
        #expect(whole.count == expected.count)
    }

    @Test func `nothing is early`() {
        var agenda = agenda([step(.once(over: 0), at: 3)])
        #expect(agenda.nextDue == 3 * second)
        #expect(agenda.take(now: 3 * second - 1) == nil)
        #expect(all(&agenda, now: 3 * second).count == 10)
    }

    @Test func `a closed loop is through when its time is over`() {
        var agenda = agenda([step(.inFlight(2, seconds: 4), .ping)])
        #expect(all(&agenda, now: 0).count == 10)
        #expect(!agenda.isThrough(now: 3 * second))
        #expect(agenda.goesOn(step: 0, now: 3 * second))
        #expect(agenda.isThrough(now: 4 * second))
        #expect(!agenda.goesOn(step: 0, now: 4 * second) && !agenda.goesOn(step: 9, now: 0))
    }
}

@Suite struct ScriptTests {
    @Test func `groups come in order, the rest belongs to nobody`() {
        let script = Script(
            name: "t",
            groups: [
                Script.Group(name: "a", size: .share(0.5)),
                Script.Group(
                    name: "b", size: .count(30), arrival: Script.Arrival(at: 10, over: 30)),
                Script.Group(name: "c", size: .count(500)),
            ], length: .seconds(1))
        #expect(script.ranges(viewers: 100) == [0..<50, 50..<80, 80..<100])
        #expect(script.ranges(viewers: 3) == [0..<2, 2..<3, 3..<3])
        #expect(script.countAtStart(viewers: 100) == 70)
        let ranges = script.ranges(viewers: 100)
        #expect(script.arrival(of: 49, ranges) == nil)
        #expect(script.arrival(of: 50, ranges) == 10)
        #expect(script.arrival(of: 65, ranges) == 25)
    }

    @Test func `the tenth that does one step is not the tenth that does the next`() {
        let tenth = step(.once(over: 0), share: 0.1)
        let script = Script(name: "t", steps: [tenth, tenth], length: .seconds(1))
        func people(_ number: Int) -> Set<Int> {
            let crowd = script.crowd(ofStep: number, viewers: 100)
            return Set((0..<10).map { crowd[$0] })
        }
        #expect(people(0).isDisjoint(with: people(1)))
    }

    @Test func `the host follows the last buyer`() {
        var script = Script(name: "t", length: .seconds(1))
        #expect(!script.needsHost)
        script.steps = [
            Script.Step(
                who: .host, deed: .request(type: "show.start", data: []), pace: .once(over: 0))
        ]
        #expect(script.needsHost && script.countAtStart(viewers: 7) == 8)
        #expect(script.crowd(ofStep: 0, viewers: 7)[0] == 7)
    }

    @Test func `the flash sale waits for the pin, the others claim at their rate`() {
        var options = options()
        options.durationSeconds = 8
        let sale = ScenarioName.flashSale.script(options)
        #expect(sale.length == .untilAnswered(staying: 8))
        #expect(
            sale.steps == [
                step(.once(over: 0), .claim(Script.ClaimDeed(waitsForPin: true)))
            ])
        options.skus = ["A", "B"]
        options.rate = 50
        let storm = ScenarioName.reconnectStorm.script(options)
        #expect(storm.cutsConnections && storm.length == .seconds(8))
        #expect(storm.steps.last == step(.once(over: 0), .cut, at: 2))
        #expect(
            storm.steps.contains(
                step(
                    .rate(perSecond: 50, seconds: 8), .claim(Script.ClaimDeed(skus: ["A", "B"])))))
        let chat = ScenarioName.chatStorm.script(options)
        #expect(chat.steps == [step(.rate(perSecond: 50, seconds: 8), .chat)])
    }

    @Test func `claims is a closed loop, or a rate when there is one`() {
        var options = options()
        options.inFlight = 8
        options.kind = .ping
        let loop = ScenarioName.claims.script(options)
        #expect(loop.steps == [step(.inFlight(8, seconds: 10), .ping)])
        options.claimRate = 100
        let rate = ScenarioName.claims.script(options)
        #expect(rate.steps == [step(.rate(perSecond: 100, seconds: 10), .ping)])
    }
}

@Suite struct TimersTests {
    @Test func `what is due comes in order, never early and once`() {
        var timers = Timers<String>(now: 0)
        timers.add("b", at: 5_000_001)
        timers.add("a", at: 2_000_000)
        timers.add("late", at: -7)
        #expect(timers.nextDue == 1_000_000)
        let first = timers.take(now: 5_500_000)
        #expect(first == ["late", "a"])
        #expect(timers.nextDue == 6_000_000)
        let (early, due) = (timers.take(now: 5_999_999), timers.take(now: 6_000_000))
        #expect(early.isEmpty && due == ["b"])
        #expect(timers.count == 0 && timers.nextDue == nil)
    }

    @Test func `a far time is reached in one step`() {
        var timers = Timers<Int>(now: 0)
        for number in 0..<100 { timers.add(number, at: Int64(number) * 3600 * second) }
        #expect(timers.take(now: 98 * 3600 * second) == Array(0...98))
        #expect(timers.count == 1)
    }

    @Test func `what is not wanted any more is handed back`() {
        var timers = Timers<Int>(now: 0)
        for number in 0..<10 { timers.add(number, at: Int64(number) * second) }
        let odd = timers.removeAll { $0 % 2 == 1 }
        #expect(odd.sorted() == [1, 3, 5, 7, 9])
        #expect(timers.count == 5 && timers.take(now: 60 * second) == [0, 2, 4, 6, 8])
    }
}
