// How holds and offers end: by their owner, or by time. One queue of deadlines for everything; an
// expiry is a decision like any other, recorded and committed. Entries are not taken out when something
// ends early or is extended; when one comes up, it is checked against the thing it belongs to.

extension StockLedger {
    /// When `expire(at:)` has something to do next; nil when nothing ever ends by itself. May be early:
    /// something may have ended before its time.
    public var nextDeadline: Timestamp? { deadlines.next?.at }

    /// Ends everything whose time has come, at most `limit` things, and gives what it frees to those
    /// who wait. Nothing ends before its time.
    public mutating func expire(
        at now: Timestamp, rules: StockRules, limit: Int = .max
    ) throws(LedgerDefect) {
        var remaining = limit
        while remaining > 0, let next = deadlines.next, next.at <= now {
            deadlines.removeNext()
            remaining -= 1
            switch next.subject {
            case .hold(let id):
                guard let hold = hold(id), hold.state == .open, hold.expiresAt == next.at else {
                    continue
                }
                try record(.holdExpired(id))
                try serveWaitlist(of: hold.variant, rules: rules, at: now)
            case .offer(let variant, let participant):
                guard
                    levels[variant.index].waitlist.entry(of: participant)?.offer?.expiresAt
                        == next.at
                else { continue }
                try record(.offerExpired(variant, participant))
                try serveWaitlist(of: variant, rules: rules, at: now)
            case .payment(let id):
                guard let order = order(id), order.state == .placed, order.payBy <= now else {
                    continue
                }
                try cancel(order, .ranOut, rules: rules, at: now)
            }
        }
    }

    /// Gives a hold back, or some of its units. Returns the units, or why not.
    public mutating func release(
        _ id: HoldID, units: Units? = nil, by participant: ParticipantID, rules: StockRules,
        at now: Timestamp
    ) throws(LedgerDefect) -> Result<HoldRelease, StockRefusal> {
        switch ownOpenHold(id, participant, at: now) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let hold):
            let released = units ?? hold.quantity
            guard (1...hold.quantity).contains(released) else {
                return .failure(.outOfRange("quantity"))
            }
            let isWhole = released == hold.quantity
            try record(isWhole ? .holdReleased(id) : .holdReduced(id, by: released))
            try serveWaitlist(of: hold.variant, rules: rules, at: now)
            return .success(
                HoldRelease(released: released, remaining: hold.quantity - released))
        }
    }

    /// Prolongs a hold from its old end.
    public mutating func extend(
        _ id: HoldID, by participant: ParticipantID, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Hold, StockRefusal> {
        switch ownOpenHold(id, participant, at: now) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let hold):
            guard hold.extensionsLeft > 0 else { return .failure(.noExtensionsLeft) }
            let expiresAt = hold.expiresAt.adding(seconds: rules.extensionSeconds)
            try record(.holdExtended(id, expiresAt: expiresAt))
            return .success(holds[id.number - 1])
        }
    }

    /// Gives back a participant's offers and places in waitlists.
    public mutating func leaveWaitlists(
        by participant: ParticipantID, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) {
        for variant in waiting(of: participant) {
            try record(.waitlistLeft(variant, participant))
            try serveWaitlist(of: variant, rules: rules, at: now)
        }
    }

    /// Gives back what a participant has not ordered: open holds, offers and places in waitlists. The
    /// places first, or the participant would be offered what was just given back.
    public mutating func releaseEverything(
        of participant: ParticipantID, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) {
        try leaveWaitlists(by: participant, rules: rules, at: now)
        for hold in openHolds(of: participant) {
            try record(.holdReleased(hold.id))
            try serveWaitlist(of: hold.variant, rules: rules, at: now)
        }
    }

    /// The hold if it is the participant's and open; somebody else's is as unknown as none.
    func ownOpenHold(
        _ id: HoldID, _ participant: ParticipantID, at now: Timestamp
    ) -> Result<Hold, StockRefusal> {
        guard let hold = hold(id), hold.participant == participant else {
            return .failure(.unknownHold)
        }
        switch hold.state {
        case .open where hold.expiresAt > now: return .success(hold)
        case .open, .expired: return .failure(.holdExpired)
        case .ordered, .released: return .failure(.holdNotOpen(hold.state))
        }
    }

    // MARK: Applying

    func endable(_ id: HoldID) throws(LedgerDefect) {
        guard let hold = hold(id), hold.state == .open else {
            throw LedgerDefect(nil, "hold \(id) ended twice or never was")
        }
    }

    /// Takes the holds that have ended out of a participant's chain, when there are more of them than
    /// open ones: seldom, so that it costs a claim next to nothing.
    mutating func shortenChain(of participant: ParticipantID) {
        let open = openHolds(of: participant)
        var earlier: HoldID?
        for hold in open {
            holds[hold.id.number - 1].earlier = earlier
            earlier = hold.id
        }
        buyers[participant.index].newestHold = earlier
        buyers[participant.index].chainedHoldCount = open.count
    }

    mutating func end(_ id: HoldID, as state: Hold.State) throws(LedgerDefect) {
        try endable(id)
        let hold = holds[id.number - 1]
        holds[id.number - 1].state = state
        buyers[hold.participant.index].openHoldCount -= 1
        if state == .ordered { return }
        try giveBack(hold.quantity, of: hold)
    }

    mutating func reduce(_ id: HoldID, by units: Units) throws(LedgerDefect) {
        try endable(id)
        let hold = holds[id.number - 1]
        guard units > 0, units < hold.quantity else {
            throw LedgerDefect(hold.variant, "hold \(id) of \(hold.quantity) gave \(units) back")
        }
        holds[id.number - 1].quantity -= units
        try giveBack(units, of: hold)
    }

    private mutating func giveBack(_ units: Units, of hold: Hold) throws(LedgerDefect) {
        levels[hold.variant.index].held -= units
        countOpen(-units, hold.variant, for: hold.participant)
        count(-units, inSpecial: hold.special, of: hold.participant)
        try checkInvariants(hold.variant)
    }
}
