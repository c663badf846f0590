// What the engine knows of one connection: from its first byte to its last.

import Inventory
import LiveSession
import WireProtocol

struct Session: Sendable {
    enum State: Sendable {
        /// No `hello` yet, or a refused one that may be tried again.
        case waiting
        /// A `hello` is with authentication; what comes meanwhile waits here.
        indirect case admitting(Hello, RequestID?, pending: [[UInt8]])
        case joined(Membership)
        /// A close was ordered; nothing more is heard.
        case closing
    }

    /// Who the connection is, and in which room. An object, because it is handed on with every request.
    final class Membership: Sendable {
        let room: Int
        let participant: ParticipantID
        let identity: Identity
        /// The place of the address that a guest's requests count for, too; nil when nothing is counted.
        let countedAddress: Int?
        /// Hosts and admins are not counted.
        let isCounted: Bool

        init(
            room: Int, participant: ParticipantID, identity: Identity, countedAddress: Int? = nil
        ) {
            self.countedAddress = countedAddress
            isCounted = identity.capabilities.isDisjoint(with: [.host, .admin])
            self.room = room
            self.participant = participant
            self.identity = identity
        }
    }

    let address: AddressKey
    /// Its place in the engine's table of addresses.
    var addressPlace = 0
    var state = State.waiting
    /// The requests before `hello`; later ones are counted per participant.
    var rate = TokenBucket()
    /// Whether a request came before `hello` was answered.
    var hasAsked = false
    /// How far the connection has been told what it missed; nil once it hears its room.
    var catchUp: CatchUp?
    /// Since when, and when last, requests came too fast.
    var limited: (since: Timestamp, last: Timestamp)?
}

/// A connection that is told what it missed, a page whenever its socket has taken the last one, until it
/// hears its room.
struct CatchUp: Sendable {
    /// The offset the client had.
    let start: Int
    /// The last event that it was sent.
    var offset: Int
    /// When it is given up.
    let until: Timestamp
}

/// How long a connection may be open without a successful `hello`.
let helloSeconds = 10

/// How long a client may go on sending too fast before it is closed.
let limitedMillisecondsMax: Int64 = 5000

/// Messages that wait for one connection's authentication; more is a flood.
let pendingMessagesMax = 64
