// What a report says of a run: when it failed and why, and when the load test itself was too slow.

import LiveShopClient
import Testing
import WireProtocol

@testable import LiveShopLoadTest

private func report(
    expecting: Set<String> = [], _ change: (inout WorkerResult) -> Void
) -> LoadReport {
    var result = WorkerResult()
    result.joined = 2
    change(&result)
    return report([result], expecting: expecting)
}

private func report(
    _ results: [WorkerResult], expecting: Set<String> = [], _ course: Course = Course(seconds: 1)
) -> LoadReport {
    var options = LoadOptions(
        server: ServerAddress(host: "127.0.0.1", port: 1), show: "s", viewers: 2)
    options.expectedRefusals = expecting
    return LoadReport(options, ScenarioName.flashSale.script(options), results, course)
}

@Suite struct ReportTests {
    @Test func `a run in which every claim is refused failed`() {
        let claims = ["claim": Answers(refusals: ["not_live": 2])]
        let refused = report { $0.findings.answers = claims }
        #expect(!refused.isGood)
        #expect(refused.failure?.contains("not_live") == true)
        #expect(refused.lines().last?.contains("FAILED") == true)
        let expected = report(expecting: ["not_live"]) { $0.findings.answers = claims }
        #expect(expected.isGood)
    }

    @Test func `so did a run in which all requests of another kind are refused`() {
        let refused = report {
            $0.findings.answers = [
                "claim": Answers(taken: 5, refusals: ["sold_out": 95]),
                "reaction": Answers(refusals: ["unknown_type": 10, "forbidden": 3]),
                "product.pin": Answers(taken: 1),
            ]
        }
        #expect(refused.refusedEverything.keys.sorted() == ["reaction"])
        #expect(
            refused.failure
                == "every reaction was refused, 10 with unknown_type "
                + "(--expect unknown_type if that is right)")
    }

    @Test func `what one thread saw refused may have been taken from another`() {
        var (first, second) = (WorkerResult(), WorkerResult())
        first.findings.answers = ["chat": Answers(refusals: ["muted": 3])]
        second.findings.answers = ["chat": Answers(taken: 1, refusals: ["muted": 2])]
        #expect(report([first, second]).isGood)
        second.findings.answers["chat"]?.taken = 0
        #expect(report([first, second]).refusedEverything == ["chat": ["muted": 5]])
    }

    @Test func `a run in which one claim was granted is good`() {
        let granted = report {
            $0.findings.answers = ["claim": Answers(taken: 1, refusals: ["sold_out": 2])]
            $0.findings.claims = [
                ClaimRecord(buyer: 0, key: "k", sku: "A", seq: 1, hold: "h", grantedUnits: 1)
            ]
        }
        #expect(granted.isGood && granted.grantedUnits == 1)
    }

    @Test func `an interrupted run is judged by what it saw`() {
        var result = WorkerResult()
        result.joined = 1
        result.withoutPin = 1
        result.refusals = ["not_found: no such show": 1]
        result.findings.answers = ["claim": Answers(refusals: ["not_live": 2])]
        let course = Course(seconds: 1, wasInterrupted: true)
        let stopped = report([result], course)
        #expect(stopped.failure == nil && !stopped.isGood)
        #expect(stopped.lines().last == "  verdict: interrupted, all invariants held so far")
        result.unanswered = 1
        #expect(report([result], course).failure?.contains("1 requests have no answer") == true)
        #expect(!report([result], course).isGood)
    }

    @Test func `the load test says when it was too slow itself`() {
        let good = report { result in
            for _ in 0..<100 { result.latencies.record(.late, from: 0, to: 1_000_000) }
        }
        #expect(!good.lines().contains { $0.contains("fell behind") })
        let slow = report { result in
            for _ in 0..<100 { result.latencies.record(.late, from: 0, to: 30_000_000) }
            result.runningNanoseconds = 100
            result.busyNanoseconds = 95
            result.unsent = 3
        }
        #expect(slow.lines().contains { $0.contains("fell behind") && $0.contains("30.0 ms") })
        #expect(slow.lines().contains { $0.contains("busy 95 %") })
        #expect(slow.lines().contains { $0.contains("3 actions had nobody to do them") })
        #expect(slow.isGood)
    }

    @Test func `percentiles and rates come from when things were due`() throws {
        var latencies = Latencies()
        for number in 0..<1000 {
            let due = Int64(number) * 10_000_000
            latencies.record(.claim, from: due, to: due + Int64(number + 1) * 1_000_000)
        }
        var other = Latencies()
        other.record(.claim, from: 0, to: 2_000_000_000)
        latencies.add(other)
        let claim = try #require(latencies.summary(.claim))
        #expect(claim.count == 1001 && claim.kind == "claim")
        #expect(abs(claim.p50 - 500) < 5 && abs(claim.p99 - 990) < 10)
        #expect(abs(claim.max - 2000) < 2)
        #expect(abs(claim.perSecond - 91) < 1)
        #expect(latencies.summary(.ping) == nil)
    }

    @Test func `the JSON says what was asked, so that a run can be repeated`() throws {
        var options = LoadOptions(
            server: ServerAddress(host: "10.0.0.1", port: 80), show: "s", viewers: 7)
        options.threads = 2
        options.durationSeconds = 9
        options.version = "9.8.7"
        options.given = ["--show", "s"]
        let course = Course(startedAt: 1_700_000_000_000, seconds: 11)
        let script = ScenarioName.steady.script(options)
        let json = try JSONDocument(parsing: LoadReport(options, script, [], course).json())
        func text(_ name: String) -> String? {
            json.member(json.root, named: name).map {
                String(decoding: json.rawBytes($0), as: UTF8.self)
            }
        }
        #expect(text("version") == #""9.8.7""#)
        #expect(text("started_at") == #""2023-11-14T22:13:20.000Z""#)
        #expect(text("options") == #"["--show","s"]"#)
        #expect(text("server") == #""http://10.0.0.1:80""#)
        #expect(text("scenario") == #""steady""#)
        #expect(text("show") == #""s""#)
        #expect(text("viewers") == "7" && text("threads") == "2" && text("seed") == #""1""#)
        #expect(text("asked_seconds") == "9.000" && text("seconds") == "11.000")
        #expect(text("interrupted") == "false")
    }

    @Test func `the JSON names what the verdict says`() throws {
        let refused = report {
            $0.findings.answers = ["chat": Answers(refusals: ["muted": 3])]
            $0.runningNanoseconds = 2_500_000_000
        }
        let text = String(decoding: refused.json(), as: UTF8.self)
        #expect(text.contains(#""running_seconds":2.500,"#))
        #expect(text.contains(#""refused_everything":{"chat":{"muted":3}}"#))
        #expect(text.contains(#""verdict":"FAILED, every chat was refused, 3 with muted"#))
    }

    @Test func `the JSON is one object that parses`() throws {
        let bytes = report { result in
            result.latencies.record(.comeback, from: 0, to: 5_000_000)
            result.findings.outcomes = ["claim held": 1]
        }.json()
        let document = try JSONDocument(parsing: bytes)
        let latency = try #require(document.member(document.root, "latency_ms"))
        #expect(document.member(latency, "return") != nil)
        #expect(document.member(document.root, "good").flatMap(document.bool) == true)
        #expect(!bytes.contains(0x0A))
    }
}
