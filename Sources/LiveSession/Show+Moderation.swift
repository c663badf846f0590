// Moderation: what staff do about what people say and do. Nobody acts on hosts or moderators but hosts
// on moderators; each action is a fact with its actor.

public import Inventory
import OrderedCollections

/// What is in force against a participant.
public struct Restraint: Hashable, Sendable {
    /// How long a measure is in force.
    public enum Term: Hashable, Sendable {
        case untilLifted
        case until(Timestamp)

        init(_ end: Timestamp?) { self = end.map(Term.until) ?? .untilLifted }

        public var end: Timestamp? {
            if case .until(let end) = self { end } else { nil }
        }
    }

    public internal(set) var mutedUntil: Timestamp?
    /// Shut out of the show.
    public internal(set) var ban: Term?
    /// May watch and chat, not claim.
    public internal(set) var restriction: Term?

    public var isBanned: Bool { ban != nil }
    public var isRestricted: Bool { restriction != nil }

    /// When the next part of it ends.
    var nextEnd: Timestamp? {
        [mutedUntil, ban?.end, restriction?.end].compactMap { $0 }.min()
    }

    /// What is left of it at a moment; nil when nothing is.
    func inForce(at now: Timestamp) -> Restraint? {
        guard let nextEnd, nextEnd <= now else { return self == Restraint() ? nil : self }
        var rest = self
        if let end = mutedUntil, end <= now { rest.mutedUntil = nil }
        if let end = ban?.end, end <= now { rest.ban = nil }
        if let end = restriction?.end, end <= now { rest.restriction = nil }
        return rest == Restraint() ? nil : rest
    }
}

/// A measure against a participant, or its end before its time. Without an end it is in force until it
/// is lifted. The clock ends the others: no fact says so, since the measure has its end.
public enum Measure: Hashable, Sendable {
    case timeout(until: Timestamp)
    case untimeout
    case ban(until: Timestamp?)
    case unban
    case restrict(until: Timestamp?)
    case unrestrict
}

extension Show {
    /// What is in force against a participant at a moment.
    public func restraint(of participant: ParticipantID, at now: Timestamp) -> Restraint? {
        restraints.isEmpty ? nil : restraints[participant]?.inForce(at: now)
    }

    /// Whether a guest who is banned was last seen at an address, so that new guests from there stay out.
    public func keepsOutNewGuests(from address: AddressKey, at now: Timestamp) -> Bool {
        restraints.contains { target, restraint in
            restraint.isBanned && roster.address(of: target) == address
                && restraint.inForce(at: now)?.isBanned == true
        }
    }

    /// Takes a measure. `reason` goes to the participant.
    public mutating func take(
        _ measure: Measure, against target: ParticipantID, by actor: ParticipantID,
        actorRole: Role, reason: String, at now: Timestamp
    ) throws(LedgerDefect) -> ShowRefusal? {
        let role = roster[target].role
        guard !role.isStaff || (actorRole >= .coHost && role == .moderator) else {
            return .forbidden("nobody can act on hosts, and only hosts on moderators")
        }
        let restraint = restraint(of: target, at: now)
        switch measure {
        case .untimeout where restraint?.mutedUntil == nil:
            return .invalidState("the participant is not timed out")
        case .unban where restraint?.ban == nil:
            return .invalidState("the participant is not banned")
        case .unrestrict where restraint?.restriction == nil:
            return .invalidState("the participant is not restricted")
        default: break
        }
        storeParticipant(target)
        storeParticipant(actor)
        try record(.measureTaken(measure, against: target, by: actor, reason: reason))
        switch measure {
        case .timeout(let until):
            effects.personal.append((target, .timedOut(until: until, reason: reason)))
        case .untimeout:
            effects.personal.append((target, .timedOut(until: now, reason: reason)))
        case .restrict(let until):
            effects.personal.append((target, .restricted(true, until: until, reason: reason)))
            // Units would be offered to somebody who may not take them.
            try ledger.leaveWaitlists(by: target, rules: rules, at: now)
            try settle()
        case .unrestrict:
            effects.personal.append((target, .restricted(false, until: nil, reason: reason)))
        case .ban:
            try ledger.releaseEverything(of: target, rules: rules, at: now)
            try settle()
        case .unban: break
        }
        return nil
    }

    mutating func apply(_ measure: Measure, against target: ParticipantID) {
        var restraint = restraints[target] ?? Restraint()
        switch measure {
        case .timeout(let until): restraint.mutedUntil = until
        case .untimeout: restraint.mutedUntil = nil
        case .ban(let until): restraint.ban = .init(until)
        case .unban: restraint.ban = nil
        case .restrict(let until): restraint.restriction = .init(until)
        case .unrestrict: restraint.restriction = nil
        }
        restraints[target] = restraint == Restraint() ? nil : restraint
        nextMeasureEnd = restraints.values.lazy.compactMap(\.nextEnd).min()
    }

    /// Forgets the measures whose time is over. Nobody has to be told of a timeout's end: its notice
    /// named it.
    mutating func endMeasures(at now: Timestamp) {
        guard let nextMeasureEnd, nextMeasureEnd <= now else { return }
        for target in restraints.keys.sorted(by: { $0.index < $1.index }) {
            guard let before = restraints[target] else { continue }
            let rest = before.inForce(at: now)
            restraints[target] = rest
            if before.isRestricted, rest?.isRestricted != true {
                effects.personal.append((target, .restricted(false, until: nil, reason: "")))
            }
        }
        self.nextMeasureEnd = restraints.values.lazy.compactMap(\.nextEnd).min()
    }

    /// Why somebody may not delete a message: only hosts delete what others with a rank wrote. Of a
    /// message that is no longer among the newest nobody here knows the author.
    public func refusal(
        ofDeleting number: Int, by actor: ParticipantID, actorRole: Role
    ) -> ShowRefusal? {
        guard actorRole < .coHost, let message = chat.message(number),
            message.participant != actor,
            message.role.isStaff || roster[message.participant].role.isStaff
        else { return nil }
        return .forbidden("only hosts delete what hosts and moderators wrote")
    }

    /// Takes a message away from everybody, for ever.
    public mutating func deleteMessage(_ number: Int) throws(LedgerDefect) -> ShowRefusal? {
        guard number <= chat.lastNumber, !chat.isDeleted(number) else { return .unknown("message") }
        try record(.messageDeleted(number))
        effects.events.append(.chatDeleted(number))
        effects.deletedMessages.append(number)
        return nil
    }

    // MARK: Note

    public mutating func setNote(
        _ text: String, seconds: Int?, at now: Timestamp
    ) throws(LedgerDefect) {
        let note = Note(text: text, until: seconds.map { now.adding(seconds: $0) })
        try record(.noteSet(note))
        effects.events.append(.noteSet(note))
    }

    public mutating func clearNote() throws(LedgerDefect) -> ShowRefusal? {
        guard note != nil else { return .invalidState("there is no note") }
        try record(.noteCleared)
        effects.events.append(.noteCleared)
        return nil
    }

    // MARK: Roles

    /// Grants a role until the show ends.
    public mutating func setRole(
        _ role: Role, of target: ParticipantID, by actor: ParticipantID
    ) throws(LedgerDefect) -> ShowRefusal? {
        guard roster[target].role < .host else {
            return .forbidden("a host's role comes with the token")
        }
        // It would have no end.
        if status == .ended, role != .viewer { return .ended }
        storeParticipant(target)
        storeParticipant(actor)
        try record(.roleSet(target, role, by: actor))
        effects.personal.append((target, .roleChanged(role)))
        return nil
    }
}

/// A line that everybody sees until its time or until it is cleared.
public struct Note: Hashable, Sendable {
    public let text: String
    public let until: Timestamp?
}
