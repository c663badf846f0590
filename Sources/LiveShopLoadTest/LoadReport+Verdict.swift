// Whether a run was good, and if not, why: in the order in which one would want to know.

import LiveShopClient

extension LoadReport {
    /// Whether the script was played to its end, everybody joined, every kind of request was taken at
    /// least once, and every invariant held.
    public var isGood: Bool { failure == nil && !isInterrupted }

    /// Why the run counts as failed, in one line; nil when it does not. Of a run that was interrupted
    /// only what is broken is known, not what would still have come.
    public var failure: String? { isInterrupted ? broken : notJoined ?? refusedKind ?? broken }

    /// One line for people.
    var verdict: String {
        if let failure { return "FAILED, \(failure)" }
        return isInterrupted
            ? "interrupted, all invariants held so far" : "all invariants hold"
    }

    private var notJoined: String? {
        guard let (reason, count) = refusals.max(by: { $0.value < $1.value }) else { return nil }
        let missing = options.viewers - joined
        return "\(missing) of \(options.viewers) buyers could not join, \(count) of them: \(reason)"
    }

    /// A run in which nothing of a kind was taken says nothing about that kind.
    private var refusedKind: String? {
        guard let (kind, codes) = refusedEverything.min(by: { $0.key < $1.key }),
            let (code, count) = codes.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })
        else { return nil }
        let others = refusedEverything.count - 1
        return "every \(printable(kind)) was refused, \(count) with \(printable(code)) "
            + "(--expect \(printable(code)) if that is right)"
            + (others > 0 ? " (and \(others) other kinds of requests)" : "")
    }

    private var broken: String? {
        guard let first = violations.first else { return nil }
        let others = violationCounts.count - 1
        return "broken: \(first.invariant.rawValue): \(first.detail)"
            + (others > 0 ? " (and \(others) other invariants)" : "")
    }
}
