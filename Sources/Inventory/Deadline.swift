// What stands in the one queue for everything that ends by itself. No entry is taken out early: a hold
// that was released or extended leaves its old one behind, and whoever takes it out checks the hold.

/// When something ends by itself.
struct Deadline: Comparable, Sendable {
    enum Subject: Hashable, Sendable {
        case hold(HoldID)
        case offer(VariantID, ParticipantID)
        case payment(OrderID)
    }

    let at: Timestamp
    let subject: Subject

    init(at: Timestamp, _ subject: Subject) {
        self.at = at
        self.subject = subject
    }

    /// Equal times are ordered by subject, so that a run repeats itself exactly.
    static func < (a: Deadline, b: Deadline) -> Bool { a.order < b.order }
    static func == (a: Deadline, b: Deadline) -> Bool { a.order == b.order }

    private var order: (Int64, Int, UInt64, UInt64) {
        switch subject {
        case .hold(let id): (at.milliseconds, 0, UInt64(id.number), 0)
        case .offer(let variant, let participant):
            (at.milliseconds, 1, UInt64(variant.index), UInt64(participant.index))
        case .payment(let id): (at.milliseconds, 2, id.high, id.low)
        }
    }
}
