// One connection of a worker: who is at it, and where it stands.

import LiveShopClient

struct Member {
    enum Presence: Equatable {
        /// Not connected yet.
        case expected
        case opening
        case joined
        /// The connection broke and is to come back.
        case away
        /// Said goodbye.
        case left
        case lost
    }

    struct Marks: OptionSet {
        let rawValue: UInt8
        /// Keeps the worker's picture of the shop up to date.
        static let watches = Marks(rawValue: 1)
        /// Measures how long events and chat take, and counts chat.
        static let listens = Marks(rawValue: 2)
        /// Claims what is pinned next.
        static let awaitsPin = Marks(rawValue: 4)
        /// There before the script begins.
        static let isEarly = Marks(rawValue: 8)
        /// The script cut the connection.
        static let wasCut = Marks(rawValue: 16)
        /// Joined at least once.
        static let hasJoined = Marks(rawValue: 32)
    }

    var machine: ClientStateMachine
    var marks: Marks
    var presence = Presence.expected
    var buyer: Buyer
    /// The buyer's number in the whole run; the host's follows the last buyer's.
    let index: Int
    let source: Endpoint?
    /// When the connection was to be opened or was cut, and when hello was sent, in nanoseconds.
    var connectDue: Int64 = 0
    var helloAt: Int64 = 0
    /// Events up to this one are replayed after a return.
    var liveFrom: Int64 = 0
    /// The step that waits for a pin.
    var pinStep = 0
    var pinDue: Int64 = 0
    var inFlight: [(tag: Int, request: WantedRequest)] = []
    var nextTag = 0
    var ear: Ear

    init(
        _ buyer: Buyer, machine: ClientStateMachine, source: Endpoint?, arrivesEarly: Bool
    ) {
        self.buyer = buyer
        self.machine = machine
        self.source = source
        index = buyer.index
        marks = arrivesEarly ? .isEarly : []
        ear = Ear(buyer: buyer.index, isWhole: arrivesEarly)
    }

    /// Whether it can be asked to do something: now, or when it is back.
    var isThere: Bool {
        switch presence {
        case .joined, .away: true
        case .opening: marks.contains(.hasJoined)
        case .expected, .left, .lost: false
        }
    }

    mutating func answer(to tag: Int) -> WantedRequest? {
        guard let at = inFlight.firstIndex(where: { $0.tag == tag }) else { return nil }
        return inFlight.remove(at: at).request
    }
}
