// Who takes part in a simulated show, and what each of them has asked for and knows.

import LiveSession
import LiveShopClient
import WireProtocol

@testable import LiveShopServer

/// A participant. She may be connected several times, and come back under a new token.
final class Person {
    let subject: String
    let name: String
    let role: Role
    let isGuest: Bool
    let show: String
    /// Requests with a key that she may repeat.
    var keyed: [Asked] = []
    /// What she has seen of her own, newest last.
    var holds: [String] = []
    /// Those that have not ended, as far as she knows.
    var openHolds: [String] = []
    var orders: [String] = []
    /// SKUs that she was offered.
    var offers: [String] = []
    var nextKey = 1

    init(subject: String, name: String, role: Role, isGuest: Bool, show: String) {
        self.subject = subject
        self.name = name
        self.role = role
        self.isGuest = isGuest
        self.show = show
    }
}

/// A request as a person means it: the same content may be sent many times.
struct Asked {
    let type: String
    let data: JSONValue
    let key: String?
    /// Two requests mean the same if this is the same.
    let content: Int
}

/// A request on its way: from one client, over any number of connections.
struct Sent {
    let asked: Asked
    let client: Int
    var isAnswered = false
}

final class SimulatedClient {
    let number: Int
    let person: Person
    var machine: ClientStateMachine
    /// The connection it has or is opening.
    var link: ConnectionID?
    /// What it believes the show to be.
    var view: PublicView?
    /// Her open holds as this client believes them; nil when another connection may know better.
    var holds: Set<String>?
    var hasEnded = false
    /// The id that its machine gives the next request.
    var nextID = 2

    init(number: Int, person: Person, token: String?, seed: UInt64) {
        self.number = number
        self.person = person
        machine = ClientStateMachine(
            ClientIdentity(show: person.show, token: token, name: person.name),
            reconnects: true, seed: seed)
    }
}
