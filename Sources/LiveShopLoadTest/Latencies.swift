// Durations per kind in HdrHistograms, microseconds, three digits. One set per worker, added up at the
// end.

import Histogram

struct Latencies: Sendable {
    private static let maxMicroseconds: UInt64 = 3_600_000_000
    private var histograms: [String: Histogram<UInt64>] = [:]

    init() {}

    mutating func record(_ kind: String, nanoseconds: Int64) {
        let microseconds = UInt64(max(0, nanoseconds)) / 1000
        histograms[
            kind,
            default: Histogram<UInt64>(
                highestTrackableValue: Latencies.maxMicroseconds,
                numberOfSignificantValueDigits: .three)
        ].record(min(microseconds, Latencies.maxMicroseconds))
    }

    mutating func add(_ other: Latencies) {
        for (kind, histogram) in other.histograms {
            if histograms[kind] == nil {
                histograms[kind] = histogram
            } else {
                histograms[kind]?.add(histogram)
            }
        }
    }

    /// Milliseconds, by kind in alphabetical order.
    var summaries: [LatencySummary] {
        histograms.sorted { $0.key < $1.key }.map { kind, histogram in
            func milliseconds(_ percentile: Double) -> Double {
                Double(min(histogram.valueAtPercentile(percentile), histogram.maxRecorded)) / 1000
            }
            return LatencySummary(
                kind: kind, count: Int(clamping: histogram.totalCount), p50: milliseconds(50),
                p90: milliseconds(90), p99: milliseconds(99), p999: milliseconds(99.9),
                max: Double(histogram.maxRecorded) / 1000)
        }
    }
}

/// Percentiles of one kind, in milliseconds.
public struct LatencySummary: Equatable, Sendable {
    public var kind: String
    public var count: Int
    public var p50: Double
    public var p90: Double
    public var p99: Double
    public var p999: Double
    public var max: Double
}
