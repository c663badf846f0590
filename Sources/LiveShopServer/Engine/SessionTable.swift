// The sessions of all open connections, each where its id says: by event loop and slot there. Every
// message asks for one.

import Inventory
import LiveSession
import WireProtocol

struct SessionTable {
    /// A session, or the room for one. Not an optional: that is copied whole to see whose it is.
    private struct Place {
        var connection: ConnectionID?
        var session = Session(address: AddressKey(rawValue: 0))
    }

    private var loops: [[Place]] = []

    subscript(connection: ConnectionID) -> Session? {
        get {
            guard has(connection) else { return nil }
            return loops[connection.loop][connection.slot].session
        }
        set {
            if newValue == nil, !has(connection) { return }
            makeRoom(for: connection)
            loops[connection.loop][connection.slot] =
                newValue.map { Place(connection: connection, session: $0) } ?? Place()
        }
    }

    /// The state alone; a whole session is dear to copy.
    func state(of connection: ConnectionID) -> Session.State? {
        guard has(connection) else { return nil }
        return loops[connection.loop][connection.slot].session.state
    }

    /// How far the connection has caught up; nil when it has nothing to catch up with.
    func catchUp(of connection: ConnectionID) -> CatchUp? {
        guard has(connection) else { return nil }
        return loops[connection.loop][connection.slot].session.catchUp
    }

    /// Requests before `hello` are counted here.
    mutating func takeRequests(
        _ count: Int, of connection: ConnectionID, _ rate: Rate, at now: Timestamp
    ) -> Int? {
        guard has(connection) else { return nil }
        return loops[connection.loop][connection.slot].session.rate.take(count, rate, at: now)
    }

    /// The place of the address of a connection that has asked for something before; nil the first time.
    mutating func addressOfStranger(_ connection: ConnectionID) -> Int? {
        guard has(connection) else { return nil }
        let isFirst = !loops[connection.loop][connection.slot].session.hasAsked
        loops[connection.loop][connection.slot].session.hasAsked = true
        return isFirst ? nil : loops[connection.loop][connection.slot].session.addressPlace
    }

    /// Everybody who joined, in an order that is the same in every run.
    var members: [(connection: ConnectionID, member: Session.Membership)] {
        loops.joined().compactMap { place in
            guard let connection = place.connection,
                case .joined(let member) = place.session.state
            else { return nil }
            return (connection, member)
        }
    }

    private func has(_ connection: ConnectionID) -> Bool {
        let (loop, slot) = (connection.loop, connection.slot)
        return loop < loops.count && slot < loops[loop].count
            && loops[loop][slot].connection == connection
    }

    private mutating func makeRoom(for connection: ConnectionID) {
        while loops.count <= connection.loop { loops.append([]) }
        let missing = connection.slot + 1 - loops[connection.loop].count
        guard missing > 0 else { return }
        loops[connection.loop].append(contentsOf: repeatElement(Place(), count: missing))
    }
}
