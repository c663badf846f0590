// What moderators ask for: notes, deletions, measures against participants, roles.

import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    mutating func moderate(
        _ body: RequestBody, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        switch body {
        case .noteSet(let text, let seconds):
            try run(call) { show throws(LedgerDefect) in
                try show.setNote(text, seconds: seconds.map { Int($0) }, at: call.now)
            }
            data.beginObject()
            if let note = self[show: call.room].note { WireMapping.writeMembers(note, to: &data) }
            data.endObject()
        case .noteClear:
            try obey(call) { show throws(LedgerDefect) in try show.clearNote() }
            data.beginObject()
            data.endObject()
        case .chatDelete(let message):
            guard let number = ChatMessage.number(message) else {
                throw .refused(Refusal(.notFound, "no such message"))
            }
            let role = actorRole(call)
            try obey(call) { show throws(LedgerDefect) in
                if let refusal = show.refusal(
                    ofDeleting: number, by: call.participant, actorRole: role)
                {
                    return refusal
                }
                return try show.deleteMessage(number)
            }
            data.beginObject()
            data.member("message", message)
            data.endObject()
        case .participantTimeout(let order):
            let until = call.now.adding(seconds: Int(order.seconds ?? defaultTimeoutSeconds))
            try take(.timeout(until: until), until: until, order, call, &data)
        case .participantUntimeout(let order): try take(.untimeout, order, call, &data)
        case .participantBan(let order):
            let until = end(of: order, call)
            try take(.ban(until: until), until: until, order, call, &data)
            banConnections(of: order.participant, call)
        case .participantUnban(let order):
            try take(.unban, order, call, &data)
        case .participantRestrict(let order):
            let until = end(of: order, call)
            try take(.restrict(until: until), until: until, order, call, &data)
        case .participantUnrestrict(let order): try take(.unrestrict, order, call, &data)
        case .participantSetRole(let participant, let role):
            try setRole(role, of: participant, call, &data)
        default: return
        }
    }

    /// When a measure with a time ends.
    private func end(of order: ParticipantMeasure, _ call: Call) -> Timestamp? {
        order.seconds.map { call.now.adding(seconds: Int($0)) }
    }

    private mutating func take(
        _ measure: Measure, until: Timestamp? = nil, _ order: ParticipantMeasure, _ call: Call,
        _ data: inout JSONWriter
    ) throws(CallFailure) {
        let target = try participant(order.participant, call)
        let role = actorRole(call)
        try obey(call) { show throws(LedgerDefect) in
            try show.take(
                measure, against: target, by: call.participant, actorRole: role,
                reason: order.reason, at: call.now)
        }
        data.beginObject()
        data.member("participant", order.participant)
        if let until { data.member("until", time: until.milliseconds) }
        data.endObject()
    }

    private func actorRole(_ call: Call) -> Role {
        capabilities(of: call.member).contains(.host) ? .host : .moderator
    }

    /// Closes all connections of somebody who was just banned.
    private mutating func banConnections(of subject: String, _ call: Call) {
        guard let target = self[show: call.room].roster.find(subject) else { return }
        var unused = JSONWriter()
        rooms[call.room].collect(at: call.now, own: &unused, into: &deliveries)
        for connection in rooms[call.room].connections(of: target) {
            close(connection, .banned, "banned")
        }
    }

    private mutating func setRole(
        _ role: GrantedRole, of subject: String, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let target = try participant(subject, call)
        guard let granted = Role(rawValue: role.rawValue) else { return }
        try obey(call) { show throws(LedgerDefect) in
            try show.setRole(granted, of: target, by: call.participant)
        }
        rooms[call.room].noteName(of: target)
        data.beginObject()
        data.member("participant", subject)
        data.member("role", role.rawValue)
        data.endObject()
    }

    private func participant(_ subject: String, _ call: Call) throws(CallFailure) -> ParticipantID {
        guard let known = self[show: call.room].roster.find(subject) else {
            throw .refused(Refusal(.notFound, "no such participant"))
        }
        return known
    }
}

private let defaultTimeoutSeconds: Int64 = 300
