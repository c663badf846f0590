// The public feed of grants: what has been granted and not yet announced, and the running totals. The
// first grant after a quiet moment is announced at once; under load all grants of 250 ms share one
// event, which names the newest.

import Inventory

struct GrantFeed: Sendable {
    private(set) var granted = 0
    private var announcedCount = 0
    /// The newest unannounced grants, oldest first; at most twice what one event names.
    private var pending: [Claim] = []
    private var concerned: [VariantID] = []
    private var totals: [(claims: Int, units: Units)] = []
    private var lastAnnounced = Timestamp(milliseconds: .min)

    mutating func add(_ claim: Claim) {
        granted += 1
        pending.append(claim)
        if pending.count >= 2 * ShowLimits.announcedClaimsMax {
            pending.removeFirst(pending.count - ShowLimits.announcedClaimsMax)
        }
        while totals.count <= claim.variant.index { totals.append((0, 0)) }
        totals[claim.variant.index].claims += 1
        totals[claim.variant.index].units += claim.granted
        if !concerned.contains(claim.variant) { concerned.append(claim.variant) }
    }

    /// All grants up to this count are known to everybody.
    mutating func announced(_ count: Int) {
        announcedCount = max(announcedCount, count)
        if announcedCount >= granted {
            pending.removeAll(keepingCapacity: true)
            concerned.removeAll(keepingCapacity: true)
        }
    }

    var nextDeadline: Timestamp? {
        granted == announcedCount
            ? nil
            : lastAnnounced.milliseconds == .min
                ? lastAnnounced
                : lastAnnounced.adding(milliseconds: ShowLimits.announceMilliseconds)
    }

    /// The announcement that is due now, if any.
    mutating func take(at now: Timestamp) -> (newest: [Claim], totals: [(VariantID, Int, Units)])? {
        guard let due = nextDeadline, due <= now else { return nil }
        lastAnnounced = now
        let newest = Array(pending.suffix(ShowLimits.announcedClaimsMax))
        return (newest, concerned.map { ($0, totals[$0.index].claims, totals[$0.index].units) })
    }
}

/// When to tell a buyer that her hold is about to end.
struct WarningQueue: Sendable {
    private struct Warning: Comparable, Sendable {
        let at: Timestamp
        let hold: HoldID
        let expiresAt: Timestamp

        static func < (a: Warning, b: Warning) -> Bool {
            (a.at, a.hold.number) < (b.at, b.hold.number)
        }
    }

    private var queue = TimeQueue<Warning>()

    var nextDeadline: Timestamp? { queue.next?.at }

    /// A hold that is not longer than the warning gets none.
    mutating func add(
        _ hold: HoldID, expiresAt: Timestamp, grantedAt: Timestamp?, _ rules: StockRules
    ) {
        guard rules.warningSeconds > 0 else { return }
        let at = expiresAt.adding(seconds: -rules.warningSeconds)
        if let grantedAt, at <= grantedAt { return }
        queue.insert(Warning(at: at, hold: hold, expiresAt: expiresAt))
    }

    /// The holds to warn about now, each with the end it had when the warning was set.
    mutating func take(at now: Timestamp) -> [(HoldID, expiresAt: Timestamp)] {
        var due: [(HoldID, expiresAt: Timestamp)] = []
        while let next = queue.next, next.at <= now {
            queue.removeNext()
            due.append((next.hold, next.expiresAt))
        }
        return due
    }
}
