// The connections of one participant, in the order in which they came. Most have one, which stands here
// itself: a list would be another place in memory for every answer, and fifty bytes for every viewer.

import WireProtocol

struct ConnectionList: Sendable {
    private var first: ConnectionID?
    private var others: [ConnectionID] = []

    var all: [ConnectionID] { first.map { [$0] + others } ?? [] }

    func holdsOnly(_ connection: ConnectionID) -> Bool { first == connection && others.isEmpty }

    mutating func append(_ connection: ConnectionID) {
        if first == nil {
            first = connection
        } else {
            others.append(connection)
        }
    }

    mutating func remove(_ connection: ConnectionID) {
        if first == connection {
            first = others.isEmpty ? nil : others.removeFirst()
        } else {
            others.removeAll { $0 == connection }
        }
    }
}
