// The rows of the tables, as they go in and as they come out. Values only: what they mean is known to
// the engine. Times are milliseconds since 1970 (UTC); payloads and facts are bytes the store never reads.

/// A show's headline. What happened in it is in its journal.
public struct ShowRow: Sendable, Equatable {
    /// The number the other rows name it by: 0 ≤ key < 2³¹, given by the caller.
    public var key: Int64
    /// The name people give it; unique.
    public var id: String
    public var title: String
    /// ISO 4217, three letters.
    public var currency: String
    public var status: String
    /// The life of the event log; a client's offset counts only within it.
    public var epoch: String
    public var createdAt: Int64
    public var isPrivate: Bool
    /// Settings, encoded by the caller.
    public var settings: [UInt8]

    public init(
        key: Int64, id: String, title: String, currency: String, status: String, epoch: String,
        createdAt: Int64, isPrivate: Bool = false, settings: [UInt8] = []
    ) {
        self.key = key
        self.id = id
        self.title = title
        self.currency = currency
        self.status = status
        self.epoch = epoch
        self.createdAt = createdAt
        self.isPrivate = isPrivate
        self.settings = settings
    }
}

/// The numbers of a show's last journal entry and last event, written with them; 0 for none.
public struct ShowExtent: Sendable, Equatable {
    public var journal: Int64 = 0
    public var event: Int64 = 0

    public init(journal: Int64 = 0, event: Int64 = 0) {
        self.journal = journal
        self.event = event
    }
}

/// What one commit did to one show.
public struct JournalRow: Sendable, Equatable {
    public var show: Int64
    /// 1, 2, 3 … without a gap within the show; below 2³².
    public var number: Int64
    public var time: Int64
    public var facts: [UInt8]

    public init(show: Int64, number: Int64, time: Int64, facts: [UInt8]) {
        self.show = show
        self.number = number
        self.time = time
        self.facts = facts
    }
}

/// A public event, as the bytes that go to clients.
public struct EventRow: Sendable, Equatable {
    public var show: Int64
    /// The place in the show's log; below 2³².
    public var offset: Int64
    public var time: Int64
    public var payload: [UInt8]
    /// Numbers of the participants the event names, each once. Written, but not read back with the
    /// event: `Store.offsets(show:naming:)` asks from the other side.
    public var participants: [Int64]

    public init(
        show: Int64, offset: Int64, time: Int64, payload: [UInt8], participants: [Int64] = []
    ) {
        self.show = show
        self.offset = offset
        self.time = time
        self.payload = payload
        self.participants = participants
    }
}

/// A chat message, as the bytes that go to clients.
public struct ChatRow: Sendable, Equatable {
    public var show: Int64
    /// The message's number in its show; below 2³².
    public var message: Int64
    public var participant: Int64
    public var time: Int64
    public var payload: [UInt8]

    public init(show: Int64, message: Int64, participant: Int64, time: Int64, payload: [UInt8]) {
        self.show = show
        self.message = message
        self.participant = participant
        self.time = time
        self.payload = payload
    }
}

/// Who takes part in a show.
public struct ParticipantRow: Sendable, Equatable {
    public var show: Int64
    public var number: Int64
    /// The identity that was proven (a token's subject, a guest's id); unique within the show.
    public var subject: String
    public var name: String
    public var isGuest: Bool
    /// Where a guest was last seen: an IPv4 address or an IPv6 /64, as text.
    public var address: String?
    public var role: String

    public init(
        show: Int64, number: Int64, subject: String, name: String, isGuest: Bool,
        address: String? = nil, role: String
    ) {
        self.show = show
        self.number = number
        self.subject = subject
        self.name = name
        self.isGuest = isGuest
        self.address = address
        self.role = role
    }
}

/// The stock of one SKU. The table refuses a row that promises more than there is:
/// held ≥ 0, sold ≥ 0, held + sold ≤ on hand.
public struct StockRow: Sendable, Equatable {
    public var show: Int64
    public var sku: String
    public var onHand: Int64
    public var held: Int64
    public var sold: Int64

    public init(show: Int64, sku: String, onHand: Int64, held: Int64, sold: Int64) {
        self.show = show
        self.sku = sku
        self.onHand = onHand
        self.held = held
        self.sold = sold
    }
}
