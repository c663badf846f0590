// Scenario files: what they mean, and that every mistake is told with its line.

import Foundation
import Testing

@testable import LiveShopLoadTest

private func read(_ text: String) throws(ScenarioProblem) -> ScenarioFile {
    try ScenarioFile(path: "s.yaml", bytes: Array(text.utf8))
}

private func problem(_ text: String) -> String {
    do throws(ScenarioProblem) {
        _ = try read(text)
        return "none"
    } catch {
        return error.message
    }
}

@Suite struct ScenarioFileTests {
    @Test func `a byte-order mark before a scenario is no part of it`() throws {
        let text = "name: x\nviewers: 5\nduration: 10s\nsteps:\n  - {do: chat, rate: 20/s}\n"
        #expect(try read("\u{FEFF}" + text).viewers == read(text).viewers)
    }

    @Test func `a whole file becomes a script`() throws {
        let file = try read(
            """
            name: evening
            viewers: 500
            duration: 1m
            buyers: {order: 70%, pay: 0.9, think: 500ms}
            groups:
              early: 60%
              late: {share: 30%, arrive: 10s, over: 20s}
              few: 12
            steps:
              - {at: 2s, who: host, do: product.pin, data: {sku: A12, seconds: 30, off: no}}
              - at: 3s
                who: early
                do: claim
                sends: 2
              - {do: chat, rate: 20/s}
              - {at: 50s, who: late, share: 10%, do: ping, inflight: 2}
              - {at: 5s, for: 10s, do: claim, sku: [A, B], quantity: 2, rate: 0.5}
              - {at: 30s, do: cut, over: 5s}
            """)
        #expect(file.viewers == 500 && file.orderShare == 0.7 && file.payShare == 0.9)
        #expect(file.acceptShare == nil && file.thinkSeconds == 0.5)
        #expect(file.script.name == "evening" && file.script.length == .seconds(60))
        #expect(file.script.needsHost && file.script.cutsConnections)
        #expect(
            file.script.groups == [
                Script.Group(name: "early", size: .share(0.6)),
                Script.Group(
                    name: "late", size: .share(0.3), arrival: Script.Arrival(at: 10, over: 20)),
                Script.Group(name: "few", size: .count(12)),
            ])
        let claim = Script.ClaimDeed(sends: 2)
        let claims = Script.ClaimDeed(skus: ["A", "B"], quantity: 2)
        let data = Array(#"{"sku":"A12","seconds":30,"off":"no"}"#.utf8)
        #expect(
            file.script.steps == [
                Script.Step(
                    who: .host, at: 2, deed: .request(type: "product.pin", data: data),
                    pace: .once(over: 0)),
                Script.Step(who: .group(0), at: 3, deed: .claim(claim), pace: .once(over: 0)),
                Script.Step(deed: .chat, pace: .rate(perSecond: 20, seconds: 60)),
                Script.Step(
                    who: .group(1), share: 0.1, at: 50, deed: .ping,
                    pace: .inFlight(2, seconds: 10)),
                Script.Step(
                    at: 5, deed: .claim(claims), pace: .rate(perSecond: 0.5, seconds: 10)),
                Script.Step(at: 30, deed: .cut, pace: .once(over: 5)),
            ])
    }

    @Test func `the sample reads, and asks for nothing that the server does not know`() throws {
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let sample = root.appending(path: "samples/load/evening.yaml")
        let file = try ScenarioFile(path: "evening.yaml", bytes: Array(Data(contentsOf: sample)))
        #expect(file.script.needsHost && file.script.cutsConnections)
        #expect(!file.script.steps.contains { $0.deed == .reaction })
    }

    @Test func `quoted values stay text`() throws {
        let file = try read(#"steps: [{who: host, do: note.set, data: {text: "12", on: true}}]"#)
        let data = Array(#"{"text":"12","on":true}"#.utf8)
        #expect(file.script.steps.first?.deed == .request(type: "note.set", data: data))
        #expect(file.script.length == .untilAnswered(staying: 0))
    }

    @Test(arguments: [
        ("", "s.yaml: the file is empty; write steps"),
        ("- a", "s.yaml:1: a scenario is written as lines of 'name: value'"),
        ("viewers: 5", "s.yaml:1: steps are missing: who does what when"),
        ("steps: []", "s.yaml:1: steps is a list, each '- at: …', 1 to 1000 of them"),
        (
            "viewers: many\nsteps: [{do: chat}]",
            "s.yaml:1: viewers is a number from 1 to 100000, not 'many'"
        ),
        (
            "steps: [{do: chat}]\nviewer: 5",
            "s.yaml:2: unknown name 'viewer', did you mean 'viewers'? (known: name, viewers, "
                + "duration, buyers, groups, steps)"
        ),
        (
            "steps:\n- do: chat\n- {at: 3s}",
            "s.yaml:3: 'do' is missing: claim, chat, react, ping, cut, leave or a request like product.pin"
        ),
        (
            "steps:\n- do: chatt",
            "s.yaml:2: nobody can 'chatt', did you mean 'chat'? (known: claim, chat, react, ping, "
                + "cut, leave, or a request like product.pin with its data)"
        ),
        (
            "steps:\n- do: chat\n  who: erly\ngroups: {early: 5}",
            "s.yaml:3: nobody is called 'erly', did you mean 'early'? (known: all, host, early)"
        ),
        (
            "steps: [{do: chat, at: soon}]",
            "s.yaml:1: at is a time like 10s, 500ms or 2m, not 'soon'"
        ),
        ("steps: [{do: chat, at: -3s}]", "s.yaml:1: at is a time like 10s, 500ms or 2m, not '-3s'"),
        ("steps: [{do: chat, at: 25h}]", "s.yaml:1: at is at most 24h, not '25h'"),
        (
            "steps: [{do: chat, rate: 5/s}]",
            "s.yaml:1: say for how long ('for: 10s'), or give the scenario a duration"
        ),
        (
            "steps: [{do: chat, rate: 0, for: 1s}]",
            "s.yaml:1: rate is so many a second like 20/s, up to 1000000, not '0'"
        ),
        (
            "steps: [{do: chat, rate: 1e9, for: 1s}]",
            "s.yaml:1: rate is so many a second like 20/s, up to 1000000, not '1e9'"
        ),
        ("steps: [{do: chat, for: 5s}]", "s.yaml:1: 'for' needs a rate or inflight"),
        (
            "steps: [{do: cut, inflight: 1, for: 5s}]",
            "s.yaml:1: inflight fits claim and ping; give the others a rate"
        ),
        (
            "steps: [{do: ping, inflight: 1, rate: 2, for: 5s}]",
            "s.yaml:1: only one of rate, inflight and over fits a step"
        ),
        (
            "duration: 5s\nsteps: [{do: chat, at: 6s}]",
            "s.yaml:2: this step begins after the scenario's duration"
        ),
        (
            "steps: [{do: chat}]\ngroups: {all: 5}",
            "s.yaml:2: a group cannot be called all, that has a meaning"
        ),
        (
            "steps: [{do: chat}]\ngroups: {a: 60%, b: 50%}",
            "s.yaml:2: the shares of the groups are more than 100%"
        ),
        (
            "steps: [{do: chat}]\ngroups: {a: 0.5}",
            "s.yaml:2: group a is a number of viewers or a share like 60%, not '0.5'"
        ),
        (
            "steps: [{do: chat}]\ngroups: {a: {over: 5s, count: 1}}",
            "s.yaml:2: over needs arrive: from when on they come"
        ),
        (
            "steps: [{do: chat}]\ngroups: {a: {count: 1, share: 5%}}",
            "s.yaml:2: group a needs a share or a count"
        ),
        (
            "steps: [{do: chat, share: 120%}]",
            "s.yaml:1: share is a part of the whole like 30% or 0.3, not '120%'"
        ),
        ("steps: [{do: product.pin, data: 5}]", "s.yaml:1: data is lines of 'name: value'"),
        (
            "steps: [{do: claim, quantity: 0}]",
            "s.yaml:1: quantity is a number from 1 to 999, not '0'"
        ),
        ("a: &x 5", "s.yaml:1: anchors (&) and aliases (*) are not taken; write the value"),
        ("viewers: 5\nviewers: 6\nsteps: [{do: chat}]", "s.yaml:1: viewers is there twice"),
    ])
    func `a mistake is told with its line`(text: String, message: String) {
        #expect(problem(text) == message)
    }

    @Test func `broken YAML and odd bytes are told, not trapped`() {
        #expect(problem("steps: [").hasPrefix("s.yaml:"))
        #expect(problem(String(repeating: "[", count: 200)).hasPrefix("s.yaml:"))
        #expect(throws: ScenarioProblem(message: "s.yaml: the file is not UTF-8")) {
            try ScenarioFile(path: "s.yaml", bytes: [0x73, 0xFF])
        }
    }
}
