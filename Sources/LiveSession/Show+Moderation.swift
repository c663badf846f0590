// Moderation: what staff do about what people say and do. Nobody acts on hosts or moderators but hosts
// on moderators; each action is a fact with its actor.

public import Inventory
import OrderedCollections

/// What is in force against a participant.
public struct Restraint: Hashable, Sendable {
    public internal(set) var mutedUntil: Timestamp?
    public internal(set) var isBanned = false
    /// May watch and chat, not claim.
    public internal(set) var isRestricted = false
}

/// A measure against a participant.
public enum Measure: Hashable, Sendable {
    case timeout(until: Timestamp)
    case ban
    case unban
    case restrict(Bool)
}

extension Show {
    public func restraint(of participant: ParticipantID) -> Restraint? {
        restraints.isEmpty ? nil : restraints[participant]
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
        if measure == .unban, restraints[target]?.isBanned != true {
            return .invalidState("the participant is not banned")
        }
        storeParticipant(target)
        storeParticipant(actor)
        try record(.measureTaken(measure, against: target, by: actor, reason: reason))
        switch measure {
        case .timeout(let until):
            effects.personal.append((target, .timedOut(until: until, reason: reason)))
        case .restrict(let isOn):
            effects.personal.append((target, .restricted(isOn, reason: reason)))
        case .ban:
            try ledger.releaseEverything(of: target, rules: rules, at: now)
            settle()
        case .unban: break
        }
        return nil
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
