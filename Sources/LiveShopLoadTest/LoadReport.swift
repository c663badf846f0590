// The result of a load test: figures, latencies, verdict; here as lines for people, in LoadReport+JSON for
// scripts.

import LiveShopClient

public struct LoadReport: Sendable {
    /// What was asked for.
    public let options: LoadOptions
    public var scenario: String
    /// How long the script was to last; nil: until everything was answered.
    public var askedSeconds: Double?
    /// When the first connections were opened, in milliseconds since 1970.
    public var startedAt: Int64 = 0
    public var joined = 0
    /// Connections that broke or were cut and came back.
    public var reconnects = 0
    /// Of those that came back, how many got a snapshot instead of what they had missed.
    public var snapshotsOnReturn = 0
    /// From the first connection to the last goodbye.
    public var seconds = 0.0
    /// How long the script was played.
    public var runningSeconds = 0.0
    /// Somebody ended the run before the script did.
    public var isInterrupted = false
    public var connectionsPerSecond = 0.0
    /// Events and notices per second, over all connections, while the script ran.
    public var deliveriesPerSecond = 0.0
    public var deliveries: Int64 = 0
    public var receivedBytes: Int64 = 0
    /// "claim held" → 100, "claim sold_out" → 7.
    public var outcomes: [String: Int] = [:]
    public var claims = 0
    public var grantedUnits = 0
    public var waitlisted = 0
    public var offersAccepted = 0
    public var ordersPlaced = 0
    public var ordersPaid = 0
    /// Minor units of the show's currency.
    public var paidTotal: Int64 = 0
    public var repeated = 0
    /// Actions of the script that nobody could do, because nobody was there.
    public var unsent = 0
    /// Why buyers could not join.
    public var refusals: [String: Int] = [:]
    /// Kinds of requests of which the server took not one, "claim" or "product.pin", with the codes of
    /// the refusals that were not expected.
    public var refusedEverything: [String: [String: Int]] = [:]
    public var stock: [StockFigures] = []
    public var latencies: [LatencySummary] = []
    /// How much of a core the busiest thread of the load test used while the script ran, 0 … 1.
    public var clientBusy = 0.0
    public var violations: [Violation] = []
    public var violationCounts: [Invariant: Int] = [:]

    /// The stock of one claimed SKU at the end.
    public struct StockFigures: Sendable {
        public var sku: String
        /// Units that the run's buyers hold, ordered, bought or are offered.
        public var buyers: Int
        /// Units that buyers had who left or were lost.
        public var absent: Int
        /// The server's last numbers; nil when it sent none.
        public var available: Int?
        public var held: Int?
        public var sold: Int?
        public var onHand: Int?
        /// Units beyond what there was; 0 unless something is badly broken.
        public var oversold: Int { onHand.map { max(0, buyers - $0) } ?? 0 }
    }

    public var oversold: Int { stock.reduce(0) { $0 + $1.oversold } }

    init(_ options: LoadOptions, _ script: Script) {
        self.options = options
        scenario = script.name
        askedSeconds = script.seconds
    }

    // MARK: Text

    /// For a terminal or a log; no control characters.
    public func lines() -> [String] {
        var lines = [
            "\(printable(scenario)) on \(options.show): \(joined) of \(options.viewers) buyers, "
                + "seed \(options.seed), \(decimal(seconds, 1)) s",
            "  connections/s \(decimal(connectionsPerSecond, 0)) · claims/s "
                + "\(decimal(claimsPerSecond, 0)) · deliveries/s \(decimal(deliveriesPerSecond, 0))"
                + " (\(deliveries) deliveries, \(receivedBytes / 1_000_000) MB)",
        ]
        if reconnects > 0 {
            lines.append(
                "  returns \(reconnects), with a snapshot instead of the missed events: "
                    + "\(snapshotsOnReturn)")
        }
        for (outcome, count) in outcomes.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(outcome): \(count)")
        }
        if ordersPlaced > 0 || offersAccepted > 0 {
            lines.append(
                "  orders placed \(ordersPlaced), paid \(ordersPaid), total \(paidTotal); "
                    + "offers accepted \(offersAccepted)")
        }
        for figures in stock {
            let server =
                figures.onHand.map {
                    "available \(figures.available ?? 0) + held \(figures.held ?? 0) + sold "
                        + "\(figures.sold ?? 0) = on hand \($0)"
                } ?? "no stock.changed came"
            lines.append(
                "  \(printable(figures.sku)): buyers have \(figures.buyers)"
                    + (figures.absent > 0 ? " and those who left had \(figures.absent)" : "")
                    + "; \(server); "
                    + "oversold: \(figures.oversold)")
        }
        lines.append(row(["ms", "count", "per s", "p50", "p90", "p99", "p99.9", "max"]))
        for latency in latencies {
            lines.append(
                row(
                    [latency.kind, String(latency.count), decimal(latency.perSecond, 0)]
                        + [latency.p50, latency.p90, latency.p99, latency.p999, latency.max]
                        .map { decimal($0, 2) }))
        }
        lines += warnings
        for (reason, count) in refusals.sorted(by: { $0.value > $1.value }).prefix(5) {
            lines.append("  could not join: \(count) × \(reason)")
        }
        for invariant in Invariant.allCases {
            guard let count = violationCounts[invariant] else { continue }
            lines.append("  BROKEN \(invariant.rawValue) (\(count)×)")
            for violation in violations where violation.invariant == invariant {
                lines.append("    \(violation.detail)")
            }
        }
        lines.append("  verdict: \(verdict)")
        return lines
    }

    /// What makes the figures say less than they seem to.
    private var warnings: [String] {
        var lines: [String] = []
        if let late = latencies.first(where: { $0.kind == Measured.late.rawValue }),
            late.p99 > LoadReport.lateMilliseconds
        {
            lines.append(
                "  the load test fell behind: its requests left up to \(decimal(late.max, 1)) ms late"
                    + " (p99 \(decimal(late.p99, 1)) ms); the latencies include it")
        }
        if clientBusy > LoadReport.busyShare {
            lines.append(
                "  the load test was the limit: a thread of it was busy \(decimal(clientBusy * 100, 0))"
                    + " % of the time (--threads, or a machine of its own)")
        }
        if unsent > 0 { lines.append("  \(unsent) actions had nobody to do them") }
        return lines
    }

    private static let lateMilliseconds = 5.0
    private static let busyShare = 0.9

    /// Answers to claims per second.
    public var claimsPerSecond: Double {
        latencies.first { $0.kind == RequestKind.claim.rawValue }?.perSecond ?? 0
    }

    private func row(_ cells: [String]) -> String {
        let widths = [9, 10, 9, 9, 9, 9, 9, 9]
        let padded = zip(cells, widths).enumerated().map { index, pair in
            let (cell, width) = pair
            let blanks = String(repeating: " ", count: max(0, width - cell.count))
            return index == 0 ? cell + blanks : blanks + cell
        }
        return "  " + padded.joined()
    }
}

/// A non-negative number with a fixed count of decimals, without a locale.
func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "0" }
    var scale: Int64 = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int64(min(max(0, value), 1e12) * Double(scale) + 0.5)
    guard places > 0 else { return String(scaled) }
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
}
