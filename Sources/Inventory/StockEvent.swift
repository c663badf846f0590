/// What the ledger decided, as facts: replayed in order from an empty ledger they rebuild it, which is
/// how a show is loaded and how the audit works. They name people by number only, so that erasing a
/// person leaves them true.
public enum StockEvent: Hashable, Sendable {
    case variantAdded(VariantID, sku: String, onHand: Units, price: Money, limit: Units?)
    case priceSet(VariantID, Money)
    case limitSet(VariantID, Units?)
    case variantRemoved(VariantID)
    case onHandSet(VariantID, Units)
    case claimed(Claim)
    case holdExtended(HoldID, expiresAt: Timestamp)
    case holdReleased(HoldID)
    case holdExpired(HoldID)
    /// Some of a hold's units were given back; the others stay, with the same end.
    case holdReduced(HoldID, by: Units)
    /// Units are added to the participant's offer, or open one: price and end are those of the whole.
    case offered(VariantID, ParticipantID, Offer)
    /// Units are kept for somebody whose open offer has another price; they are offered when it is
    /// accepted, and go on with it when it is not.
    case setAside(VariantID, ParticipantID, Units)
    case offerExpired(VariantID, ParticipantID)
    case waitlistLeft(VariantID, ParticipantID)
    case orderPlaced(OrderPlacement)
    case orderPaid(OrderID, at: Timestamp)
    case orderCancelled(OrderID, Order.CancelReason)
    case orderRefundDue(OrderID)
    case orderRefunded(OrderID, restock: Bool)
}

/// A claim that changed something: units granted, a place in the waitlist, or both.
public struct Claim: Hashable, Sendable {
    /// The place in the show's order of decisions.
    public let seq: Int
    public let time: Timestamp
    /// When the hold ends.
    public let expiresAt: Timestamp
    public let unitPrice: Money
    public let participant: ParticipantID
    public let variant: VariantID
    /// The hold of the granted units; nil when none were.
    public let hold: HoldID?
    /// Whether units come from the participant's own open offer instead of from what is available.
    public let acceptsOffer: Bool
    @Compact public internal(set) var requested: Units
    @Compact public internal(set) var granted: Units
    @Compact public internal(set) var extensions: Int
    /// Units that joined the waitlist.
    @Compact public internal(set) var joined: Units
    /// The entry this claim made or left, for the answer: units wanted and place; 0 when it waits for
    /// nothing.
    @Compact public internal(set) var waiting: Units
    @Compact public internal(set) var place: Int

    /// Whether fewer units were granted than asked for.
    public var isPartial: Bool { granted < requested }
}

public struct OrderPlacement: Hashable, Sendable {
    public let id: OrderID
    public let seq: Int
    public let time: Timestamp
    public let participant: ParticipantID
    public internal(set) var lines: [Line]
    public let discount: Money
    public let payBy: Timestamp

    public struct Line: Hashable, Sendable {
        public let hold: HoldID
        /// What the line says of the thing. Nil in facts of versions that did not record it: the owner
        /// of the ledger then fills in what was true when the order was placed.
        public internal(set) var text: LineText?

        public init(_ hold: HoldID, _ text: LineText? = nil) {
            self.hold = hold
            self.text = text
        }
    }

    /// The placement with texts for the lines that have none.
    public func filled(_ text: (HoldID) -> LineText?) -> OrderPlacement {
        var filled = self
        for place in lines.indices where lines[place].text == nil {
            filled.lines[place].text = text(lines[place].hold)
        }
        return filled
    }
}

/// A rule said no. Returned, never thrown; nothing has changed.
public enum StockRefusal: Error, Hashable, Sendable {
    case unknownVariant
    case quarantined
    case soldOut
    case insufficientStock(available: Units)
    case priceChanged(price: Money)
    case limitReached(limit: Units, remaining: Units)
    case tooManyHolds(limit: Int)
    case waitlistFull
    case unknownHold
    case holdExpired
    case holdNotOpen(Hold.State)
    case noExtensionsLeft
    case notWaiting
    case noOffer
    case unknownOrder
    case orderState(Order.State)
    case belowHeld(minimum: Units)
    case stockChanged(onHand: Units)
    case unitsHeld
    case outOfRange(String)
}
