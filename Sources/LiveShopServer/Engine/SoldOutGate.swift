// That a SKU has sold out is an event: stored for ever, sent to everybody. A buyer who takes the last unit and
// gives it back, again and again, must not fill the log with it, so it is told at most once in ten seconds
// and SKU. What came in between is told at the end of that time, if it is still true.

import Inventory

struct SoldOutGate: Sendable {
    static let milliseconds = 10_000

    private var told: [String: Timestamp] = [:]
    /// Those to be told later, in the order in which they sold out.
    private var waiting: [String] = []

    /// When something that was held back is due.
    var nextDeadline: Timestamp? { waiting.compactMap(end).min() }

    /// Whether it may be told now; if not, it is kept for later.
    mutating func admits(_ sku: String, at now: Timestamp) -> Bool {
        if let end = end(of: sku), now < end {
            if !waiting.contains(sku) { waiting.append(sku) }
            return false
        }
        told[sku] = now
        return true
    }

    /// What was held back and is due, if it is still true.
    mutating func take(at now: Timestamp, where isSoldOut: (String) -> Bool) -> [String] {
        let due = waiting.filter { sku in end(of: sku).map { $0 <= now } ?? true }
        guard !due.isEmpty else { return [] }
        waiting.removeAll { due.contains($0) }
        let tellable = due.filter(isSoldOut)
        for sku in tellable { told[sku] = now }
        return tellable
    }

    private func end(of sku: String) -> Timestamp? {
        told[sku]?.adding(milliseconds: Self.milliseconds)
    }
}
