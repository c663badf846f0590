// How a connection becomes somebody: `hello` is checked, authentication asked, and the room joined in
// one step with the snapshot or the replay, so that nothing falls between.

import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    /// A `hello` of the right form. The answer comes when authentication has spoken.
    mutating func begin(
        _ hello: Hello, _ id: RequestID?, on connection: ConnectionID, at now: Timestamp
    ) {
        do throws(LoadFailure) {
            guard let room = try room(of: hello.show),
                hello.token != nil || !self[show: room].headline.isPrivate
            else { return turnAwayFromNothing(connection, id) }
        } catch {
            return refuse(.storageUnavailable, to: id, on: connection)
        }
        if hello.token == nil {
            guard configuration.guests != .deny else {
                return turnAway(
                    connection, id,
                    "a token is needed: guests are not allowed here (serve --guests deny)")
            }
            guard hello.name != nil else {
                return refuse(
                    Refusal(.badRequest, "data.name: is needed without a token"), to: id,
                    on: connection)
            }
        }
        if hello.token == nil, let wait = takeNewGuest(from: connection, at: now) {
            return refuse(
                Refusal(
                    .rateLimited, "too many new guests from this address",
                    retryAfterMilliseconds: wait), to: id, on: connection)
        }
        setState(.admitting(hello, id, pending: []), of: connection)
        admit(
            AdmissionRequest(
                connection: connection, show: hello.show, token: hello.token,
                name: hello.name ?? "", now: now))
    }

    /// Authentication has decided about the connection's `hello`.
    mutating func handle(
        _ admission: Admission, of connection: ConnectionID, at now: Timestamp
    ) {
        guard case .admitting(let hello, let id, let pending)? = sessions.state(of: connection)
        else {
            return
        }
        switch admission {
        case .refused(let reason):
            if isPrivate(hello.show) {
                turnAwayFromNothing(connection, id)
            } else {
                turnAway(connection, id, reason)
            }
        case .nameTaken:
            setState(.waiting, of: connection)
            refuse(.nameTaken, to: id, on: connection)
        case .accepted(let identity):
            join(hello, id, as: identity, on: connection, at: now)
        }
        for message in pending {
            handle(message: message, message.indices, from: connection, at: now)
        }
    }

    /// Counts a new identity for its address, where guests may take or say something. Nil when there is
    /// one left, else the milliseconds until there is.
    private mutating func takeNewGuest(from connection: ConnectionID, at now: Timestamp) -> Int? {
        guard configuration.guests.capabilities != .view,
            let place = sessions[connection]?.addressPlace, addresses[place].limits.guests > 0
        else { return nil }
        return addresses[place].newGuests.take(1, addresses[place].limits.newGuests, at: now)
    }

    /// Closes the oldest connection of somebody who has one too many in the show.
    private mutating func closeOldest(of member: Session.Membership) {
        let most = configuration.settings.connectionsPerParticipant
        let own = rooms[member.room].connections(of: member.participant)
        guard most > 0, own.count > most, let oldest = own.first else { return }
        close(oldest, .serverFull, "too many connections of yours: the oldest is closed")
    }

    /// The address that a guest's requests count for.
    private func countedAddress(of identity: Identity, on connection: ConnectionID) -> Int? {
        guard identity.isGuest, let place = sessions[connection]?.addressPlace,
            addresses[place].limits.requestRate > 0
        else { return nil }
        return place
    }

    private mutating func turnAway(
        _ connection: ConnectionID, _ id: RequestID?, _ reason: String
    ) {
        refuse(Refusal(.unauthorized, reason), to: id, on: connection)
        close(connection, .unauthorized, "unauthorized")
    }

    /// A private show does not exist for those whose token is not good for it.
    private mutating func turnAwayFromNothing(_ connection: ConnectionID, _ id: RequestID?) {
        refuse(Refusal(.notFound, "no such show"), to: id, on: connection)
        close(connection, .showNotFound, "show not found")
    }

    private mutating func isPrivate(_ show: String) -> Bool {
        guard let room = (try? room(of: show)) ?? nil else { return false }
        return self[show: room].headline.isPrivate
    }

    private mutating func join(
        _ hello: Hello, _ id: RequestID?, as identity: Identity, on connection: ConnectionID,
        at now: Timestamp
    ) {
        var identity = identity
        let isForAnother = identity.show.map { $0 != hello.show } ?? false
        if isForAnother || identity.isGuest, isPrivate(hello.show) {
            return turnAwayFromNothing(connection, id)
        }
        if isForAnother { return turnAway(connection, id, "the token is not for this show") }
        if identity.isGuest {
            guard configuration.guests != .deny else {
                return turnAway(connection, id, "guests are not allowed here")
            }
            identity.capabilities = configuration.guests.capabilities
        }
        let index: Int
        do throws(LoadFailure) {
            guard let room = try room(of: hello.show) else {
                return turnAwayFromNothing(connection, id)
            }
            index = room
        } catch {
            setState(.waiting, of: connection)
            return refuse(.storageUnavailable, to: id, on: connection)
        }
        let isNew = hello.token == nil
        if isBanned(identity, in: index, at: now)
            || isNew && isAddressBanned(of: connection, in: index, at: now)
        {
            refuse(Refusal(.banned, "you are banned from this show"), to: id, on: connection)
            return close(connection, .banned, "banned")
        }
        // Others have a name that somebody signed.
        if isNew, rooms[index].isStaffName(identity.name) {
            setState(.waiting, of: connection)
            return refuse(.nameTaken, to: id, on: connection)
        }
        if self[show: index].roster.isFull,
            self[show: index].roster.find(identity.subject) == nil
        {
            setState(.waiting, of: connection)
            return refuse(
                Refusal(.overloaded, "this show takes nobody new"), to: id, on: connection)
        }
        let participant = rooms[index].join(
            connection, as: identity.participant(at: sessions[connection]?.address),
            at: now)
        touch(index)
        // Told once; ten thousand guests' tokens need not be kept.
        let token = identity.issuedToken
        identity.issuedToken = nil
        let member = Session.Membership(
            room: index, participant: participant, identity: identity,
            countedAddress: countedAddress(of: identity, on: connection))
        setState(.joined(member), of: connection)
        watchExpiry(of: connection, at: identity.expiresAt)
        greet(hello, id, member, token, connection, at: now)
        closeOldest(of: member)
    }

    private func isBanned(_ identity: Identity, in index: Int, at now: Timestamp) -> Bool {
        guard let known = self[show: index].roster.find(identity.subject) else { return false }
        return self[show: index].restraint(of: known, at: now)?.isBanned == true
    }

    /// Whether new guests from where a connection comes from stay out. An address that many have, or
    /// that is a proxy's, says nothing of who is there.
    private func isAddressBanned(
        of connection: ConnectionID, in index: Int, at now: Timestamp
    ) -> Bool {
        guard let address = sessions[connection]?.address, address != .unknown,
            self[show: index].keepsOutNewGuests(from: address, at: now)
        else { return false }
        return !address.isLoopback && !configuration.isTrustedProxy(address)
    }
}

extension Refusal {
    fileprivate static let nameTaken = Refusal(
        .badRequest, "data.name: is taken by the staff of this show")
}
