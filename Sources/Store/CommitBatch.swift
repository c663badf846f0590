// Everything one commit writes. The sequencer fills it while it decides, hands it to Store.commit and
// empties it, keeping the memory. All of it becomes durable together, or none of it does.

/// The rows of one transaction.
public struct CommitBatch: Sendable {
    /// Names a chat message to be deleted.
    public struct ChatMessage: Sendable, Equatable {
        public var show: Int64
        public var message: Int64
        public init(show: Int64, message: Int64) {
            self.show = show
            self.message = message
        }
    }

    /// Names an SKU that is no longer sold in its show.
    public struct SKU: Sendable, Equatable {
        public var show: Int64
        public var sku: String
        public init(show: Int64, sku: String) {
            self.show = show
            self.sku = sku
        }
    }

    /// One entry of the small table of settings.
    public struct Meta: Sendable, Equatable {
        public var key: String
        public var value: String
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// New shows, and shows whose headline changed.
    public var shows: [ShowRow] = []
    /// New participants, and participants that changed.
    public var participants: [ParticipantRow] = []
    public var journal: [JournalRow] = []
    public var events: [EventRow] = []
    public var chat: [ChatRow] = []
    public var chatDeleted: [ChatMessage] = []
    public var stockRemoved: [SKU] = []
    /// The final numbers of each SKU that changed: one row per SKU, however many claims there were.
    /// Written after `stockRemoved`.
    public var stock: [StockRow] = []
    public var meta: [Meta] = []

    public init() {}

    /// Whether there is nothing to write.
    public var isEmpty: Bool {
        shows.isEmpty && participants.isEmpty && journal.isEmpty && events.isEmpty && chat.isEmpty
            && chatDeleted.isEmpty && stockRemoved.isEmpty && stock.isEmpty && meta.isEmpty
    }

    /// How far the journals and events of the shows go after this batch; 0 where it adds none.
    func extents() -> [(show: Int64, new: ShowExtent)] {
        var extents: [Int64: ShowExtent] = [:]
        for row in journal {
            extents[row.show, default: ShowExtent()].journal = row.number
        }
        for row in events { extents[row.show, default: ShowExtent()].event = row.offset }
        return extents.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Empties the batch for the next commit, keeping the memory of its arrays.
    public mutating func removeAll() {
        shows.removeAll(keepingCapacity: true)
        participants.removeAll(keepingCapacity: true)
        journal.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        chat.removeAll(keepingCapacity: true)
        chatDeleted.removeAll(keepingCapacity: true)
        stockRemoved.removeAll(keepingCapacity: true)
        stock.removeAll(keepingCapacity: true)
        meta.removeAll(keepingCapacity: true)
    }
}
