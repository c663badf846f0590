// What happens by itself, when its time has come: holds, offers and unpaid orders end, pins go, grants
// are announced, the latest counts are told.

public import Inventory

extension Show {
    /// When `advance` has something to do next; nil when nothing will happen by itself.
    public var nextDeadline: Timestamp? {
        [
            ledger.nextDeadline, grants.nextDeadline, warnings.nextDeadline,
            notices.nextDeadline, soldOuts.nextDeadline, viewersNotice.nextDeadline,
            pins.compactMap(\.until).min(), note?.until, nextFlashDeadline, nextMeasureEnd,
        ].compactMap { $0 }.min()
    }

    /// Ends what is overdue. Done before the commands of a batch, so that nobody acts on a hold whose
    /// time is up.
    public mutating func expire(at now: Timestamp, limit: Int = .max) throws(LedgerDefect) {
        // A sale that is over prices no offer, also when both ended while nobody was running.
        try advanceFlashSales(at: now)
        if let next = ledger.nextDeadline, next <= now {
            try ledger.expire(at: now, rules: rules, limit: limit)
            try settle()
        }
        for (id, expiresAt) in warnings.take(at: now) {
            guard let hold = ledger.hold(id), hold.state == .open, hold.expiresAt == expiresAt
            else { continue }
            effects.personal.append((hold.participant, .holdExpiring(hold)))
        }
        endMeasures(at: now)
        if let until = note?.until, until <= now { _ = try clearNote() }
        for pin in pins where pin.until.map({ $0 <= now }) ?? false { try unpin(pin) }
    }

    /// Announces what the batch changed. Done after the commands of a batch, and stored with them;
    /// without `storing` only what is not stored anyway.
    public mutating func announce(at now: Timestamp, storing: Bool) throws(LedgerDefect) {
        if storing, let (newest, totals) = grants.take(at: now) {
            try record(.grantsAnnounced(grants.granted))
            if settings.claimFeed != .off {
                effects.events.append(
                    .claimsHeld(
                        GrantAnnouncement(
                            grants: settings.claimFeed == .names ? newest.map(grant) : [],
                            totals: totals.map {
                                .init(sku: ledger.sku(of: $0), claims: $1, units: $2)
                            })))
            }
        }
        if storing {
            for variant in soldOuts.take(at: now) where ledger.available(of: variant) == 0 {
                effects.events.append(.soldOut(sku: ledger.sku(of: variant)))
            }
        }
        // The notices follow the events that are noted by now.
        let asOf = log.lastOffset + effects.events.count
        for (variant, kind) in notices.take(at: now) {
            switch kind {
            case .stock:
                stockToldAt[variant] = asOf
                effects.shared.append(.stockChanged(variant))
            case .waitlist: effects.shared.append(.waitlistLength(variant))
            }
        }
        if !viewersNotice.take(at: now).isEmpty { effects.shared.append(.viewersCount) }
    }

    private func grant(_ claim: Claim) -> GrantAnnouncement.Grant {
        .init(
            participant: claim.participant, sku: ledger.sku(of: claim.variant),
            quantity: claim.granted, seq: claim.seq)
    }
}
