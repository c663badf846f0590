// Durations per kind in HdrHistograms, microseconds, three digits, and from when to when they were
// measured. One set per worker, added up at the end.

import Histogram

/// What is measured.
enum Measured: String, CaseIterable, Sendable {
    /// From when a connection was to be opened until the WebSocket is open.
    case connect
    /// From `hello` to its answer.
    case join
    /// From a cut to the answer to the next `hello`.
    case comeback = "return"
    /// Requests, from when they were due to their answer.
    case claim, accept, order, pay, chat, reaction, ping, request
    /// From an event's time by the server's clock until it is here.
    case event
    /// From when a chat message was due at its sender until it is here.
    case heard
    /// How long after it was due a request left: the load test's own delay.
    case late

    init(_ kind: RequestKind) {
        self =
            switch kind {
            case .claim: .claim
            case .accept: .accept
            case .order: .order
            case .pay: .pay
            case .chat: .chat
            case .reaction: .reaction
            case .ping: .ping
            case .other: .request
            }
    }
}

struct Latencies: Sendable {
    private static let maxMicroseconds: UInt64 = 3_600_000_000

    private struct Series {
        var histogram = Histogram<UInt64>(
            highestTrackableValue: maxMicroseconds, numberOfSignificantValueDigits: .three)
        /// When the first began and the last ended.
        var from = Int64.max
        var until = Int64.min

        mutating func record(from start: Int64, to end: Int64) {
            let microseconds = UInt64(max(0, end &- start)) / 1000
            histogram.record(min(microseconds, Latencies.maxMicroseconds))
            from = min(from, start)
            until = max(until, end)
        }

        mutating func add(_ other: Series) {
            histogram.add(other.histogram)
            from = min(from, other.from)
            until = max(until, other.until)
        }
    }

    private var series = [Series?](repeating: nil, count: Measured.allCases.count)

    init() {}

    private static func index(_ measured: Measured) -> Int {
        switch measured {
        case .connect: 0
        case .join: 1
        case .comeback: 2
        case .claim: 3
        case .accept: 4
        case .order: 5
        case .pay: 6
        case .chat: 7
        case .reaction: 8
        case .ping: 9
        case .request: 10
        case .event: 11
        case .heard: 12
        case .late: 13
        }
    }

    /// What began at `start` ended at `end`, in nanoseconds of one clock.
    mutating func record(_ measured: Measured, from start: Int64, to end: Int64) {
        let index = Latencies.index(measured)
        if series[index] == nil { series[index] = Series() }
        series[index]?.record(from: start, to: end)
    }

    mutating func add(_ other: Latencies) {
        for (index, added) in other.series.enumerated() {
            guard let added else { continue }
            guard series[index] != nil else {
                series[index] = added
                continue
            }
            series[index]?.add(added)
        }
    }

    func summary(_ measured: Measured) -> LatencySummary? {
        guard let series = series[Latencies.index(measured)] else { return nil }
        let histogram = series.histogram
        func milliseconds(_ percentile: Double) -> Double {
            Double(min(histogram.valueAtPercentile(percentile), histogram.maxRecorded)) / 1000
        }
        let span = Double(series.until - series.from) / 1e9
        return LatencySummary(
            kind: measured.rawValue, count: Int(clamping: histogram.totalCount),
            perSecond: span > 0 ? Double(histogram.totalCount) / span : 0, p50: milliseconds(50),
            p90: milliseconds(90), p99: milliseconds(99), p999: milliseconds(99.9),
            max: Double(histogram.maxRecorded) / 1000)
    }

    var summaries: [LatencySummary] { Measured.allCases.compactMap { summary($0) } }
}

/// Percentiles of one kind, in milliseconds.
public struct LatencySummary: Equatable, Sendable {
    public var kind: String
    public var count: Int
    /// From the first beginning to the last end.
    public var perSecond: Double
    public var p50: Double
    public var p90: Double
    public var p99: Double
    public var p999: Double
    public var max: Double
}
