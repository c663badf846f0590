// What a command did, besides its answer: facts for the journal, events for everybody, notices for
// some. The show collects them; whoever drives it takes them after each command, stores the facts and
// events, and only then lets anybody hear of them.

public import Inventory

/// Something everybody may know, for ever. Becomes a wire event with an offset.
public enum PublicEvent: Sendable {
    /// `resumed`: live again after a pause, rather than started.
    case statusChanged(ShowStatus, resumed: Bool)
    case productAdded(String)
    case productUpdated(String)
    case productRemoved(String)
    case catalogueChanged(productsTotal: Int)
    case pinned(Pin)
    case unpinned(String)
    case soldOut(sku: String)
    case restocked(sku: String)
    case queueChanged([String])
    case priceChanged(sku: String, price: Money, priorPrice: Money)
    case claimsHeld(GrantAnnouncement)
    case roomConfigured([(name: String, value: SettingValue)])
    case flashScheduled(FlashSale)
    case flashStarted(FlashSale)
    case flashEnded(FlashSale)
    case chatDeleted(Int)
    case noteSet(Note)
    case noteCleared
}

/// Grants since the last announcement.
public struct GrantAnnouncement: Sendable {
    public struct Grant: Sendable {
        public let participant: ParticipantID
        public let sku: String
        public let quantity: Units
        public let seq: Int
    }

    public struct Total: Sendable {
        public let sku: String
        public let claims: Int
        public let units: Units
    }

    /// The newest, oldest first; empty when the feed shows counts only.
    public let grants: [Grant]
    public let totals: [Total]
}

/// Something that concerns one participant; goes to all her connections.
public enum PersonalNotice: Sendable {
    case holdCreated(Hold)
    case holdExtended(Hold)
    case holdExpiring(Hold)
    case holdExpired(Hold)
    /// So many units were given back; when some are left, the hold goes on with those.
    case holdReleased(Hold, released: Units)
    case waitlistJoined(VariantID, quantity: Units, place: Int)
    case waitlistOffered(VariantID, Offer)
    case waitlistPassed(VariantID)
    case orderPlaced(Order)
    case orderPaid(Order)
    case orderCancelled(Order)
    case orderRefundDue(Order)
    case orderRefunded(Order)
    /// Over at once when the timeout was lifted: `until` is then the present.
    case timedOut(until: Timestamp, reason: String)
    /// `until`: nil until it is lifted, and when it ended.
    case restricted(Bool, until: Timestamp?, reason: String)
    case roleChanged(Role)
}

/// Something everybody hears that is not kept; the latest value counts.
public enum SharedNotice: Sendable {
    case stockChanged(VariantID)
    case waitlistLength(VariantID)
    case viewersCount
    /// `dropped`: how many others were stored and not sent since the last one that was.
    case chatMessage(ChatMessage, dropped: Int)
}

public struct ShowEffects: Sendable {
    public var facts: [ShowFact] = []
    public var events: [PublicEvent] = []
    public var personal: [(ParticipantID, PersonalNotice)] = []
    public var shared: [SharedNotice] = []
    /// Participants whose row is to be written with the facts that name them.
    public var participants: [ParticipantID] = []
    /// Variants whose counters changed.
    public var stock: [VariantID] = []
    /// Messages that are stored and not sent: more were said than anybody can read.
    public var unheard: [ChatMessage] = []
    /// Messages whose row is to be taken out of the store.
    public var deletedMessages: [Int] = []

    public init() {}

    /// Forgets everything and keeps the memory.
    public mutating func removeAll() {
        // Most commands do one or two of these, and there is one for each message.
        if !facts.isEmpty { facts.removeAll(keepingCapacity: true) }
        if !events.isEmpty { events.removeAll(keepingCapacity: true) }
        if !personal.isEmpty { personal.removeAll(keepingCapacity: true) }
        if !shared.isEmpty { shared.removeAll(keepingCapacity: true) }
        if !participants.isEmpty { participants.removeAll(keepingCapacity: true) }
        if !stock.isEmpty { stock.removeAll(keepingCapacity: true) }
        if !unheard.isEmpty { unheard.removeAll(keepingCapacity: true) }
        if !deletedMessages.isEmpty { deletedMessages.removeAll(keepingCapacity: true) }
    }

    public var isEmpty: Bool {
        facts.isEmpty && events.isEmpty && personal.isEmpty && shared.isEmpty
            && participants.isEmpty && stock.isEmpty && unheard.isEmpty && deletedMessages.isEmpty
    }
}
