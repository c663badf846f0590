// Who is connected: sessions come, change and go, each change so that a batch that could not be stored can be
// taken back.

import HeapModule
import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    /// Changes a session so that a failed commit can take it back.
    mutating func change(_ connection: ConnectionID, to session: Session?) {
        undo.append((connection, sessions[connection]))
        put(session, at: connection)
    }

    /// Puts a session in its place, or takes it away, and keeps count of the addresses.
    mutating func put(_ session: Session?, at connection: ConnectionID) {
        let before = sessions[connection]
        sessions[connection] = session
        if before == nil, let session {
            sessions[connection]?.addressPlace = addresses.enter(session.address)
        } else if session == nil, let before {
            addresses.leave(before.addressPlace)
        }
    }

    mutating func setCatchUp(_ catchUp: CatchUp?, of connection: ConnectionID) {
        let before = sessions[connection]
        undo.append((connection, before))
        if before?.catchUp == nil, let catchUp { catchingUp.append((catchUp.until, connection)) }
        sessions[connection]?.catchUp = catchUp
    }

    mutating func endSlowCatchUps(at now: Timestamp) {
        while let next = catchingUp.first, next.until <= now {
            passedCatchUps.append(catchingUp.removeFirst())
            guard sessions.catchUp(of: next.connection)?.until == next.until else { continue }
            close(next.connection, .tooSlow, "too slow")
        }
    }

    /// A connection that closes leaves its entry behind; they are taken out before they are as many again
    /// as the connections. Not within a batch, which may bring closed ones back.
    mutating func dropOldExpiries() {
        guard expiries.count > expiriesMax else { return }
        expiries = Heap(
            sessions.members.map {
                TokenExpiry(at: $0.member.identity.expiresAt, connection: $0.connection)
            })
        expiriesMax = max(1024, expiries.count * 2)
    }

    mutating func setState(_ state: Session.State, of connection: ConnectionID) {
        undo.append((connection, sessions[connection]))
        sessions[connection]?.state = state
    }

    mutating func leave(_ connection: ConnectionID) {
        guard case .joined(let member)? = sessions.state(of: connection) else { return }
        rooms[member.room].leave(connection, member.participant, at: now)
        touch(member.room)
    }

    mutating func close(_ connection: ConnectionID, _ code: CloseCode, _ reason: String) {
        leave(connection)
        setState(.closing, of: connection)
        sessions[connection]?.catchUp = nil
        deliveries.close(connection, code, reason: reason)
    }

    mutating func touch(_ room: Int) {
        if touched.last == room || touched.contains(room) { return }
        touched.append(room)
        rooms[room].usedAt = now
    }

    mutating func admit(_ request: AdmissionRequest) { admissions.append(request) }

    /// Entries of tokens that will end.
    var expiryCount: Int { expiries.count }

    mutating func watchExpiry(of connection: ConnectionID, at time: Timestamp) {
        expiries.insert(TokenExpiry(at: time, connection: connection))
    }
}
