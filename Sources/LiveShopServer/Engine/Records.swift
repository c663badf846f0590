// What one batch writes, room by room. The sequencer turns it into rows and commits it before any of
// the batch's deliveries leaves.

import Inventory
import LiveSession

struct RoomRecords: Sendable {
    struct Event: Sendable {
        let offset: Int
        let payload: [UInt8]
        /// Whom the payload names.
        let participants: [ParticipantID]
    }

    struct Person: Sendable {
        let number: ParticipantID
        let participant: Participant
    }

    struct Stock: Sendable {
        let sku: String
        let onHand: Units
        let held: Units
        let sold: Units
        let isRemoved: Bool
    }

    let key: Int
    /// The number of the journal entry; nil when there are no facts.
    var journal: Int?
    var facts: [UInt8] = []
    var events: [Event] = []
    var chat: [ChatMessage] = []
    var deletedMessages: [Int] = []
    var people: [Person] = []
    var stock: [Stock] = []
    /// What lists tell of the show, when its status changed.
    var listing: ShowListing?

    var isEmpty: Bool {
        journal == nil && events.isEmpty && chat.isEmpty && deletedMessages.isEmpty
            && people.isEmpty && stock.isEmpty
            && listing == nil
    }
}
