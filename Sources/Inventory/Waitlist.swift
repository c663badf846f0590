// The queue of one SKU: who waits, for how many, in which order, and what is offered to whom. It only
// keeps the order; when units are offered is the ledger's business. Places are asked for by thousands
// of clients that reconnect at once, so they are counted with a Fenwick tree and not by walking.

/// Units set aside for somebody who waited, until a time.
public struct Offer: Hashable, Sendable {
    public var quantity: Units
    public var unitPrice: Money
    public var expiresAt: Timestamp
    /// The special price its units are in; 0 is none.
    public internal(set) var special = 0
}

/// One participant's entry: `quantity` units are still wanted, the offered ones among them.
public struct WaitlistEntry: Hashable, Sendable {
    public let participant: ParticipantID
    public internal(set) var quantity: Units
    public internal(set) var offer: Offer?
    /// Units kept until the open offer, which has another price, is accepted.
    public internal(set) var setAside: Units = 0
    /// The special price in whose time it joined; 0 is none.
    public let special: Int

    /// Units that are wanted and not yet offered.
    var unoffered: Units { quantity - (offer?.quantity ?? 0) }

    /// Units that are wanted and neither offered nor set aside.
    public var unserved: Units { unoffered - setAside }

    /// Units that nobody else can have.
    var reserved: Units { (offer?.quantity ?? 0) + setAside }
}

public struct Waitlist: Sendable {
    // Tickets are handed out in order; a ticket's entry is nil once it has gone.
    private var entries: [WaitlistEntry?] = []
    private var tickets: [ParticipantID: Int] = [:]
    private var alive = FenwickTree()
    /// No entry before this ticket wants more than it is offered.
    private var firstUnserved = 0
    /// Sum of the units in open offers and set aside.
    public private(set) var reserved: Units = 0

    public var count: Int { tickets.count }
    public var isEmpty: Bool { tickets.isEmpty }

    public func entry(of participant: ParticipantID) -> WaitlistEntry? {
        tickets[participant].flatMap { entries[$0] }
    }

    /// 1 is the head; nil when the participant does not wait.
    public func place(of participant: ParticipantID) -> Int? {
        tickets[participant].map { alive.sum(through: $0) }
    }

    /// The entries in order of their places.
    public var inOrder: some Sequence<WaitlistEntry> { entries.lazy.compactMap { $0 } }

    /// The first entry that wants more than is offered to it or set aside.
    public mutating func nextUnserved() -> WaitlistEntry? {
        while firstUnserved < entries.count {
            if let entry = entries[firstUnserved], entry.unserved > 0 { return entry }
            firstUnserved += 1
        }
        return nil
    }

    mutating func append(_ participant: ParticipantID, quantity: Units, special: Int) {
        compactIfSparse()
        tickets[participant] = entries.count
        entries.append(
            WaitlistEntry(
                participant: participant, quantity: quantity, offer: nil, special: special))
        alive.append(1)
    }

    /// Adds units to the participant's offer, or opens one: then first with what was set aside. Gives
    /// how many were.
    mutating func add(_ offer: Offer, for participant: ParticipantID) -> Units {
        guard let ticket = tickets[participant], let entry = entries[ticket] else { return 0 }
        let kept = entry.offer == nil ? min(entry.setAside, offer.quantity) : 0
        reserved += offer.quantity - kept
        if let open = entry.offer {
            entries[ticket]?.offer?.quantity = open.quantity + offer.quantity
        } else {
            entries[ticket]?.offer = offer
            entries[ticket]?.setAside -= kept
        }
        return kept
    }

    mutating func setAside(_ units: Units, for participant: ParticipantID) {
        guard let ticket = tickets[participant] else { return }
        reserved += units
        entries[ticket]?.setAside += units
    }

    /// The offer became a hold; the entry goes when nothing more is wanted.
    mutating func acceptOffer(of participant: ParticipantID) {
        guard let ticket = tickets[participant], let offer = entries[ticket]?.offer else { return }
        reserved -= offer.quantity
        entries[ticket]?.offer = nil
        entries[ticket]?.quantity -= offer.quantity
        if entries[ticket]?.quantity == 0 { remove(participant) }
    }

    mutating func remove(_ participant: ParticipantID) {
        guard let ticket = tickets.removeValue(forKey: participant) else { return }
        reserved -= entries[ticket]?.reserved ?? 0
        entries[ticket] = nil
        alive.add(-1, at: ticket)
    }

    /// Drops the places of those who left once they are the majority.
    private mutating func compactIfSparse() {
        guard entries.count > 1024, entries.count > 2 * tickets.count else { return }
        let remaining = entries.compactMap { $0 }
        entries = remaining
        firstUnserved = 0
        alive = FenwickTree()
        for (ticket, entry) in remaining.enumerated() {
            tickets[entry.participant] = ticket
            alive.append(1)
        }
    }
}

/// Prefix sums that can be changed and appended to in O(log n).
private struct FenwickTree: Sendable {
    private var tree: [Int32] = []

    mutating func append(_ value: Int32) {
        let index = tree.count + 1
        var sum = value
        var step = 1
        while index & step == 0 {
            sum += tree[index - step - 1]
            step <<= 1
        }
        tree.append(sum)
    }

    mutating func add(_ delta: Int32, at position: Int) {
        var index = position + 1
        while index <= tree.count {
            tree[index - 1] += delta
            index += index & -index
        }
    }

    func sum(through position: Int) -> Int {
        var index = position + 1
        var sum = 0
        while index > 0 {
            sum += Int(tree[index - 1])
            index -= index & -index
        }
        return sum
    }
}
