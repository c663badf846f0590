// The life of a show, its people coming and going, and its settings.

public import Inventory

extension Show {
    public mutating func start(at now: Timestamp) throws(LedgerDefect) -> ShowRefusal? {
        switch status {
        case .scheduled: return try change(to: .live, at: now)
        case .ended:
            let endedAt = endedAt ?? now
            guard endedAt.adding(seconds: ShowLimits.reviveSeconds) >= now else {
                return .invalidState("the show ended more than 2 hours ago")
            }
            return try change(to: .live, at: now)
        case .live, .paused, .rehearsal: return wrongStep("start")
        }
    }

    public mutating func pause(at now: Timestamp) throws(LedgerDefect) -> ShowRefusal? {
        status == .live ? try change(to: .paused, at: now) : wrongStep("pause")
    }

    public mutating func resume(at now: Timestamp) throws(LedgerDefect) -> ShowRefusal? {
        status == .paused ? try change(to: .live, at: now) : wrongStep("resume")
    }

    public mutating func end(at now: Timestamp) throws(LedgerDefect) -> ShowRefusal? {
        guard status == .live || status == .paused else { return wrongStep("end") }
        // What is sold after the end is sold at ordinary prices.
        for sale in flashSales { try end(sale) }
        return try change(to: .ended, at: now)
    }

    /// Why claims are not open now, if they are not.
    public var claimsClosed: ShowRefusal? {
        switch status {
        case .live: nil
        case .ended: settings.replaySales ? nil : .ended
        case .scheduled, .rehearsal, .paused: .notLive(status)
        }
    }

    private mutating func change(
        to new: ShowStatus, at now: Timestamp
    ) throws(LedgerDefect) -> ShowRefusal? {
        let resumes = status == .paused && new == .live
        try record(.statusChanged(new, at: now))
        effects.events.append(.statusChanged(new, resumed: resumes))
        return nil
    }

    private func wrongStep(_ step: String) -> ShowRefusal {
        .invalidState("cannot \(step) a show that is \(status.rawValue)")
    }

    // MARK: People

    /// A connection joins as this participant.
    public mutating func connect(_ participant: Participant) -> ParticipantID {
        let before = roster.find(participant.subject).map { roster[$0] }
        let id = roster.meet(participant)
        roster.connect(id)
        if let address = participant.address, let before, before.address != address {
            guestUnits.move(id, ledger.openUnits(of: id), from: before.address, to: address)
        }
        // A snapshot names the hosts.
        let after = roster[id]
        if after.role != before?.role ?? .viewer
            || (after.role.isStaff && after.name != before?.name)
        {
            version += 1
            structureVersion += 1
        }
        viewersNotice.mark(true)
        return id
    }

    public mutating func disconnect(_ id: ParticipantID, at now: Timestamp) {
        roster.disconnect(id)
        viewersNotice.mark(true)
        if roster.isForgettable(id) {
            departed.append((now.adding(seconds: ShowLimits.guestMemorySeconds), id))
        }
    }

    /// Forgets guests who left a while ago and whom no fact names: their tokens bring them back. Gives
    /// the numbers that are free again.
    public mutating func forgetGuests(at now: Timestamp) -> [ParticipantID] {
        var forgotten: [ParticipantID] = []
        while let next = departed.first, next.until <= now,
            forgotten.count < ShowLimits.guestsForgottenAtOnce
        {
            departed.removeFirst()
            guard roster.isForgettable(next.guest) else { continue }
            roster.forget(next.guest)
            forgotten.append(next.guest)
        }
        return forgotten
    }

    /// Makes sure the store knows the number that the next facts name.
    mutating func storeParticipant(_ id: ParticipantID) {
        if roster.markStored(id) { effects.participants.append(id) }
    }

    // MARK: Settings

    /// Changes settings, all or none. The event tells only what changed. `keepingEqual` also records
    /// values that equal the server's of today, which may be others tomorrow: for a new show.
    public mutating func configure(
        _ changes: [(name: String, value: SettingValue)], keepingEqual: Bool = false
    ) throws(LedgerDefect) -> ShowRefusal? {
        var trial = settings
        for (name, value) in changes {
            guard let setting = ShowSetting.named(name) else {
                return .badRequest(field: name, "is no setting of a show")
            }
            if let form = setting.set(value, in: &trial) { return .badRequest(field: name, form) }
        }
        let before = settings
        let changed = changes.filter { name, _ in
            guard let setting = ShowSetting.named(name) else { return false }
            return keepingEqual || setting.value(in: trial) != setting.value(in: before)
        }
        for (name, value) in changed { try record(.settingSet(name, value)) }
        if !changed.isEmpty { effects.events.append(.roomConfigured(changed)) }
        return nil
    }
}
