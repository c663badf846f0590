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

        init(room: Int, participant: ParticipantID, identity: Identity) {
            self.room = room
            self.participant = participant
            self.identity = identity
        }
    }

    let address: AddressKey
    var state = State.waiting
    /// The requests before `hello`; later ones are counted per participant.
    var rate = TokenBucket()
    /// Since when, and when last, requests came too fast.
    var limited: (since: Timestamp, last: Timestamp)?
}

/// How long a connection may be open without a successful `hello`.
let helloSeconds = 10

/// How long a client may go on sending too fast before it is closed.
let limitedMillisecondsMax: Int64 = 5000

/// Messages that wait for one connection's authentication; more is a flood.
let pendingMessagesMax = 64
