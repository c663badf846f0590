// The result as JSON: what was asked, so that a run can be repeated, what came of it, and everything that the
// lines for people say, under a name.

import LiveShopClient
import WireProtocol

extension LoadReport {
    /// One object on one line.
    public func json() -> [UInt8] {
        var writer = JSONWriter(capacity: 2048)
        writer.beginObject()
        asked(&writer)
        writer.member("joined", joined)
        writer.member("reconnects", reconnects)
        writer.member("snapshots_on_return", snapshotsOnReturn)
        number("seconds", seconds, &writer)
        number("running_seconds", runningSeconds, &writer)
        number("connections_per_second", connectionsPerSecond, &writer)
        number("claims_per_second", claimsPerSecond, &writer)
        number("deliveries_per_second", deliveriesPerSecond, &writer)
        writer.member("deliveries", deliveries)
        writer.member("received_bytes", receivedBytes)
        writer.member("claims", claims)
        writer.member("granted_units", grantedUnits)
        writer.member("waitlisted", waitlisted)
        writer.member("offers_accepted", offersAccepted)
        writer.member("orders_placed", ordersPlaced)
        writer.member("orders_paid", ordersPaid)
        writer.member("paid_total", paidTotal)
        writer.member("repeated", repeated)
        writer.member("unsent", unsent)
        number("client_busy", clientBusy, &writer)
        writer.member("oversold", oversold)
        counts("outcomes", outcomes, &writer)
        counts("refusals", refusals, &writer)
        stock(&writer)
        latencies(&writer)
        writer.member("interrupted", isInterrupted)
        writer.member("good", isGood)
        writer.member("verdict", verdict)
        refusedEverything(&writer)
        broken(&writer)
        writer.endObject()
        return writer.bytes
    }

    private func asked(_ writer: inout JSONWriter) {
        writer.member("version", options.version)
        writer.member("started_at", time: startedAt)
        writer.key("options")
        writer.beginArray()
        for word in options.given { writer.string(word) }
        writer.endArray()
        writer.member("server", options.server.description)
        writer.member("scenario", scenario)
        writer.member("show", options.show)
        writer.member("viewers", options.viewers)
        writer.member("threads", options.threads)
        writer.member("seed", String(options.seed))
        if let askedSeconds { number("asked_seconds", askedSeconds, &writer) }
    }

    private func stock(_ writer: inout JSONWriter) {
        writer.key("stock")
        writer.beginArray()
        for figures in stock {
            writer.beginObject()
            writer.member("sku", figures.sku)
            writer.member("buyers", figures.buyers)
            writer.member("absent", figures.absent)
            if let onHand = figures.onHand {
                writer.member("available", figures.available ?? 0)
                writer.member("held", figures.held ?? 0)
                writer.member("sold", figures.sold ?? 0)
                writer.member("on_hand", onHand)
            }
            writer.member("oversold", figures.oversold)
            writer.endObject()
        }
        writer.endArray()
    }

    private func latencies(_ writer: inout JSONWriter) {
        writer.key("latency_ms")
        writer.beginObject()
        for latency in latencies {
            writer.key(string: latency.kind)
            writer.beginObject()
            writer.member("count", latency.count)
            number("per_second", latency.perSecond, &writer)
            number("p50", latency.p50, &writer)
            number("p90", latency.p90, &writer)
            number("p99", latency.p99, &writer)
            number("p99_9", latency.p999, &writer)
            number("max", latency.max, &writer)
            writer.endObject()
        }
        writer.endObject()
    }

    private func refusedEverything(_ writer: inout JSONWriter) {
        writer.key("refused_everything")
        writer.beginObject()
        for (kind, codes) in refusedEverything.sorted(by: { $0.key < $1.key }) {
            writer.key(string: kind)
            counts(codes, &writer)
        }
        writer.endObject()
    }

    private func broken(_ writer: inout JSONWriter) {
        writer.key("broken")
        writer.beginArray()
        for violation in violations {
            writer.beginObject()
            writer.member("invariant", violation.invariant.rawValue)
            writer.member("count", violationCounts[violation.invariant] ?? 1)
            writer.member("detail", violation.detail)
            writer.endObject()
        }
        writer.endArray()
    }

    private func counts(
        _ name: StaticString, _ counts: [String: Int], _ writer: inout JSONWriter
    ) {
        writer.key(name)
        self.counts(counts, &writer)
    }

    private func counts(_ counts: [String: Int], _ writer: inout JSONWriter) {
        writer.beginObject()
        for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
            writer.key(string: key)
            writer.integer(count)
        }
        writer.endObject()
    }

    private func number(_ name: StaticString, _ value: Double, _ writer: inout JSONWriter) {
        writer.key(name)
        writer.raw(Array(decimal(value, 3).utf8))
    }
}
