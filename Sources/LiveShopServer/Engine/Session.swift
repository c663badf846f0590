// What the engine knows of one connection: from its first byte to its last.

import Inventory
import LiveSession
import WireProtocol

struct Session: Sendable {
    enum State: Sendable {
        /// No `hello` yet, or a refused one that may be tried again.
        case waiting
        /// A `hello` is with authentication; what comes meanwhile waits here.
        case admitting(Hello, RequestID?, pending: [[UInt8]])
        case joined(Membership)
        /// A close was ordered; nothing more is heard.
        case closing
    }

    /// Who the connection is, and in which room.
    struct Membership: Sendable {
        let room: Int
        var participant: ParticipantID
        var identity: Identity
    }

    let address: String
    var state = State.waiting
}

/// Messages that wait for one connection's authentication; more is a flood.
let pendingMessagesMax = 64
