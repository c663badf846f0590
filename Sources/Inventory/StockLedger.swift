// Who may have which unit of stock: the ledger of one show. Every operation is decided here, in the
// order in which the sequencer brings it; the decision is recorded as `StockEvent`s, and `apply` is
// the only function that changes anything. Whoever owns the ledger takes the events after each
// operation and stores them before anybody hears of it. No clock, no randomness: both are arguments.
//
// Claims and the waitlist: StockLedger+Claims; ends of holds and offers: StockLedger+Deadlines;
// orders: StockLedger+Orders; late payments: StockLedger+Payments; corrections: StockLedger+Stock;
// prices of flash sales: SpecialPrice.

public struct StockLedger: Sendable {
    public internal(set) var levels: [StockLevel] = []
    @usableFromInline var variantsBySKU: [String: VariantID] = [:]
    var holds = SegmentedArray<Hold>()
    var orders = SegmentedArray<Order>()
    var orderIndexes = DigestIndex()
    var buyers = SparseArray(repeating: Buyer())
    var deadlines = TimeQueue<Deadline>()
    /// Those in force; mostly none.
    var specials: [SpecialPrice] = []
    var lineTexts = LineTexts()
    private var events: [StockEvent] = []

    public init() {}

    /// What one participant has of the show's stock.
    struct Buyer: Sendable {
        /// Her newest hold; the others follow from it (`Hold.earlier`), and among them some that have
        /// ended. A list of her own would be two more places in memory for every claim.
        var newestHold: HoldID?
        var openHoldCount = 0
        /// How many follow from the newest, itself included.
        var chainedHoldCount = 0
        /// Units of all variants in open holds, placed orders and waitlist entries, offers among them.
        var openUnits: Units = 0
        var orders: [Int] = []
        var waiting: [VariantID] = []
        /// Units of one variant, and of the others: most buy one thing.
        private var first: (variant: VariantID, units: Units) = (VariantID(0), 0)
        private var others: [(variant: VariantID, units: Units)] = []

        /// Takes up a hold; gives the one before it, and whether too many follow that have ended.
        mutating func add(_ hold: HoldID) -> (hold: HoldID?, areTooMany: Bool) {
            defer { newestHold = hold }
            openHoldCount += 1
            chainedHoldCount += 1
            return (newestHold, chainedHoldCount > 2 * openHoldCount + 16)
        }

        /// Units of the variant that count against a limit: held, ordered, waited for and offered.
        func counted(_ variant: VariantID) -> Units {
            if first.variant == variant { return first.units }
            return others.first { $0.variant == variant }?.units ?? 0
        }

        mutating func count(_ delta: Units, _ variant: VariantID) {
            if first.variant == variant {
                first.units += delta
            } else if let place = others.firstIndex(where: { $0.variant == variant }) {
                others[place].units += delta
                if others[place].units == 0 { others.remove(at: place) }
            } else if first.units == 0 {
                first = (variant, delta)
            } else {
                others.append((variant, delta))
            }
        }
    }

    /// Takes the facts of the operations since the last call, in order, and leaves an empty array to be
    /// filled next, whose memory is used again.
    public mutating func exchangeEvents(_ empty: inout [StockEvent]) { swap(&events, &empty) }

    /// The same, for who does not ask often.
    public mutating func drainEvents() -> [StockEvent] {
        defer { events = [] }
        return events
    }

    // MARK: Reading

    // Inlined, or the whole ledger would be copied to be asked.
    @inlinable public func variant(sku: String) -> VariantID? { variantsBySKU[sku] }
    @inlinable public func sku(of variant: VariantID) -> String { levels[variant.index].sku }
    @inlinable public func available(of variant: VariantID) -> Units {
        levels[variant.index].available
    }
    public func level(_ variant: VariantID) -> StockLevel { levels[variant.index] }
    public var holdCount: Int { holds.count }
    public var orderCount: Int { orders.count }

    public func hold(_ id: HoldID) -> Hold? {
        id.number > 0 && id.number <= holds.count ? holds[id.number - 1] : nil
    }

    public func order(_ id: OrderID) -> Order? { index(of: id).map { orders[$0] } }
    public func order(at index: Int) -> Order { orders[index] }

    /// Every open hold, in the order of granting. Walks through all holds of the show.
    public func openHolds() -> [Hold] { openHolds(from: 1, of: nil, count: .max) }

    /// The open holds from a number on, of one variant or of all, at most so many.
    public func openHolds(from number: Int, of variant: VariantID?, count: Int) -> [Hold] {
        var open: [Hold] = []
        for index in max(0, number - 1)..<max(0, number - 1, holds.count) {
            let hold = holds[index]
            guard hold.state == .open, variant == nil || hold.variant == variant else { continue }
            open.append(hold)
            if open.count == count { break }
        }
        return open
    }

    public func openHolds(of participant: ParticipantID) -> [Hold] {
        let buyer = buyers[participant.index]
        var open: [Hold] = []
        var next = buyer.newestHold
        while open.count < buyer.openHoldCount, let id = next {
            let hold = holds[id.number - 1]
            if hold.state == .open { open.append(hold) }
            next = hold.earlier
        }
        return open.reversed()
    }

    public func orders(of participant: ParticipantID) -> [Order] {
        buyers[participant.index].orders.map { orders[$0] }
    }

    /// The places of the participant's orders among all, oldest first.
    public func orderIndexes(of participant: ParticipantID) -> [Int] {
        buyers.read(participant.index) { $0.orders }
    }

    /// The variants the participant waits for.
    public func waiting(of participant: ParticipantID) -> [VariantID] {
        buyers[participant.index].waiting
    }

    /// Units of the variant that count against the participant's limit.
    public func countedUnits(of participant: ParticipantID, _ variant: VariantID) -> Units {
        buyers.read(participant.index) { $0.counted(variant) }
    }

    /// Units of all variants that the participant holds, has ordered and not paid, is offered or waits
    /// for: what a hoarder could keep from others.
    public func openUnits(of participant: ParticipantID) -> Units {
        buyers.read(participant.index) { $0.openUnits }
    }

    func index(of order: OrderID) -> Int? {
        orderIndexes.place(of: order) { orders[$0].id == order }
    }

    // MARK: Changing

    /// Applies a fact that was just decided and keeps it for whoever owns the ledger.
    mutating func record(_ event: StockEvent) throws(LedgerDefect) {
        try apply(event)
        events.append(event)
    }

    /// Stops all sales of the variant: its counters cannot be trusted.
    public mutating func quarantine(_ variant: VariantID) {
        levels[variant.index].isQuarantined = true
    }

    /// The one function that changes the ledger: for facts just decided and for facts replayed.
    /// Throws when the fact does not fit, or would break an invariant; the ledger is then not to be
    /// used any more.
    public mutating func apply(_ event: StockEvent) throws(LedgerDefect) {
        guard event.isWithinLimits else { throw LedgerDefect(nil, "out of range: \(event)") }
        switch event {
        case .variantAdded(let variant, let sku, let onHand, let price, let limit):
            guard variant.index == levels.count, variantsBySKU[sku] == nil else {
                throw LedgerDefect(variant, "variant \(sku) was added twice or out of order")
            }
            levels.append(StockLevel(sku: sku, price: price, limit: limit, onHand: onHand))
            variantsBySKU[sku] = variant
        case .priceSet(let variant, let price):
            try check(variant)
            levels[variant.index].price = price
        case .limitSet(let variant, let limit):
            try check(variant)
            levels[variant.index].limit = limit
        case .variantRemoved(let variant):
            try applyRemoval(of: variant)
        case .onHandSet(let variant, let onHand):
            try check(variant)
            levels[variant.index].onHand = onHand
            try checkInvariants(variant)
        case .claimed(let claim):
            try apply(claim)
        case .holdExtended(let id, let expiresAt):
            try endable(id)
            guard holds[id.number - 1].extensionsLeft > 0 else {
                throw LedgerDefect(nil, "hold \(id) has no extensions left")
            }
            holds[id.number - 1].expiresAt = expiresAt
            holds[id.number - 1].extensionsLeft -= 1
            deadlines.insert(Deadline(at: expiresAt, .hold(id)))
        case .holdReleased(let id):
            try end(id, as: .released)
        case .holdExpired(let id):
            try end(id, as: .expired)
        case .holdReduced(let id, let units):
            try reduce(id, by: units)
        case .offered(let variant, let participant, let offer):
            try apply(offer, of: variant, to: participant)
        case .setAside(let variant, let participant, let units):
            try applySettingAside(of: units, variant, for: participant)
        case .offerExpired(let variant, let participant),
            .waitlistLeft(let variant, let participant):
            try leaveWaitlist(variant, participant)
        case .orderPlaced(let placement):
            try apply(placement)
        case .orderPaid(let id, let time):
            try applyPayment(id, at: time)
        case .orderCancelled(let id, let reason):
            try applyCancellation(id, reason)
        case .orderRefundDue(let id):
            try changeOrder(id, from: [.cancelled, .paid], to: .refundDue)
        case .orderRefunded(let id, let restock):
            try applyRefund(id, restock: restock)
        }
    }

    // MARK: Bookkeeping shared by the operations

    func check(_ variant: VariantID) throws(LedgerDefect) {
        guard levels.indices.contains(variant.index), !levels[variant.index].isRemoved else {
            throw LedgerDefect(nil, "variant \(variant.index) does not exist")
        }
    }

    func checkInvariants(_ variant: VariantID) throws(LedgerDefect) {
        if levels[variant.index].isSound { return }
        if let broken = levels[variant.index].brokenInvariant {
            throw LedgerDefect(variant, "\(levels[variant.index].sku): \(broken)")
        }
    }

    /// Units that are open count against the limit of their variant; paid ones still do, and are open
    /// no more.
    mutating func count(
        _ delta: Units, open: Units, _ variant: VariantID, for participant: ParticipantID
    ) {
        buyers[participant.index].count(delta, variant)
        buyers[participant.index].openUnits += open
    }

    /// Counts units that are open now, or were.
    mutating func countOpen(_ delta: Units, _ variant: VariantID, for participant: ParticipantID) {
        count(delta, open: delta, variant, for: participant)
    }
}
