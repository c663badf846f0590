// What buyers do: claims, holds, waitlist, orders. The ledger decides; this turns its facts into the
// show's, and into what others hear.

public import Inventory
import OrderedCollections

extension Show {
    /// The place in the order of decisions that the next stored answer takes.
    public var nextSeq: Int { lastSeq + 1 }

    /// The first answer to a key, if it was used before. Changes nothing: `mutating` has it asked where
    /// it is, since a whole show is dear to copy and this is asked for every claim.
    public mutating func answer(to key: KeyDigest) -> Answer? { answers.answer(to: key) }

    /// Keeps an answer under its key. Claims keep theirs themselves.
    public mutating func remember(
        _ reply: [UInt8], as seq: Int, _ idempotency: Idempotency, of participant: ParticipantID
    ) throws(LedgerDefect) {
        storeParticipant(participant)
        try record(.answered(seq: seq, idempotency, reply: reply))
    }

    public mutating func claim(
        _ request: ClaimRequest, _ idempotency: Idempotency, at now: Timestamp
    ) throws(LedgerDefect) -> Result<ClaimDecision, ShowRefusal> {
        if restraint(of: request.participant, at: now)?.isRestricted == true {
            return .failure(.restricted)
        }
        if let refusal = guestRefusal(of: request) { return .failure(refusal) }
        var request = request
        var rules = rules
        if let sale = runningSale(of: request.variant) {
            if let refusal = refusal(of: request, in: sale) { return .failure(refusal) }
            rules.holdSeconds = settings.flashHoldSeconds
            rules.extensions = 0
            request.grantMax = sale.remaining
        }
        switch try ledger.claim(request, seq: nextSeq, rules: rules, at: now) {
        case .failure(let refusal): return .failure(.stock(refusal))
        case .success(let decision):
            storeParticipant(request.participant)
            settle(idempotency)
            try endIfTaken(request.variant)
            return .success(decision)
        }
    }

    public mutating func acceptOffer(
        of variant: VariantID, by participant: ParticipantID, unitPrice: Money?,
        _ idempotency: Idempotency, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Claim, ShowRefusal> {
        switch try ledger.acceptOffer(
            of: variant, by: participant, unitPrice: unitPrice, seq: nextSeq, rules: rules, at: now)
        {
        case .failure(let refusal): return .failure(.stock(refusal))
        case .success(let claim):
            settle(idempotency)
            return .success(claim)
        }
    }

    public mutating func leaveWaitlist(
        of variant: VariantID, by participant: ParticipantID, at now: Timestamp
    ) throws(LedgerDefect) -> ShowRefusal? {
        let refusal = try ledger.leaveWaitlist(of: variant, by: participant, rules: rules, at: now)
        settle()
        return refusal.map(ShowRefusal.stock)
    }

    public mutating func release(
        _ hold: HoldID, by participant: ParticipantID, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Units, ShowRefusal> {
        let result = try ledger.release(hold, by: participant, rules: rules, at: now)
        settle()
        return result.mapError(ShowRefusal.stock)
    }

    public mutating func extend(
        _ hold: HoldID, by participant: ParticipantID, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Hold, ShowRefusal> {
        let result = try ledger.extend(hold, by: participant, rules: rules, at: now)
        settle()
        return result.mapError(ShowRefusal.stock)
    }

    public mutating func placeOrder(
        _ id: OrderID, of holds: [HoldID], by participant: ParticipantID, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, ShowRefusal> {
        let result = try ledger.placeOrder(
            id, of: holds, by: participant, seq: nextSeq, rules: rules, at: now)
        settle()
        return result.mapError(ShowRefusal.stock)
    }

    /// A payment for an order of the participant, or of anybody when nil (the shop's callback).
    public mutating func pay(
        _ id: OrderID, by participant: ParticipantID?, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, ShowRefusal> {
        guard let order = ledger.order(id), participant == nil || order.participant == participant
        else { return .failure(.unknown("order")) }
        let result = try ledger.pay(id, at: now)
        settle()
        return result.mapError(ShowRefusal.stock)
    }

    public mutating func cancelOrder(
        _ id: OrderID, by participant: ParticipantID?, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, ShowRefusal> {
        let result = try ledger.cancel(id, by: participant, rules: rules, at: now)
        settle()
        return result.mapError(ShowRefusal.stock)
    }

    // MARK: From the ledger to the show

    /// Takes what the ledger decided: keeps it as facts, tells whom it concerns, and sees what sold out.
    mutating func settle(_ idempotency: Idempotency? = nil) {
        var decided: [StockEvent] = []
        swap(&decided, &spareEvents)
        ledger.exchangeEvents(&decided)
        if !decided.isEmpty { version += 1 }
        let told = effects.personal.count
        for event in decided {
            follow(event)
            if case .claimed(let claim) = event, let idempotency {
                answers.remember(claim, idempotency)
                effects.facts.append(.claimed(claim, idempotency))
            } else {
                effects.facts.append(.stock(event))
            }
            tell(event)
        }
        decided.removeAll(keepingCapacity: true)
        swap(&decided, &spareEvents)
        // Whoever's units changed was told so.
        for place in told..<effects.personal.count {
            recountUnits(of: effects.personal[place].0)
        }
        for place in settled.indices {
            let variant = settled[place]
            let available = ledger.available(of: variant)
            if available == 0, availableSeen[variant.index] > 0 {
                effects.events.append(.soldOut(sku: ledger.sku(of: variant)))
            }
            availableSeen[variant.index] = available
            stockNotices.mark(variant)
            effects.stock.append(variant)
        }
        settled.removeAll(keepingCapacity: true)
    }

    /// Notes that the counters of a variant changed.
    private mutating func moved(_ variant: VariantID) {
        if !settled.contains(variant) { settled.append(variant) }
    }

    /// Notes who hears of a fact, and whose counters it changed.
    private mutating func tell(_ event: StockEvent) {
        switch event {
        case .variantAdded(let variant, _, _, _, _), .variantRemoved(let variant):
            // Its product's event tells; a catalogue of thousands would drown everybody in counts.
            effects.stock.append(variant)
        case .onHandSet(let variant, _): moved(variant)
        case .priceSet, .limitSet: break
        case .claimed(let claim):
            if let id = claim.hold, let hold = ledger.hold(id) {
                effects.personal.append((claim.participant, .holdCreated(hold)))
            }
            if claim.joined > 0 {
                effects.personal.append(
                    (
                        claim.participant,
                        .waitlistJoined(claim.variant, quantity: claim.waiting, place: claim.place)
                    ))
            }
            if claim.joined > 0 || claim.acceptsOffer { waitlistNotices.mark(claim.variant) }
            if claim.granted > 0 { moved(claim.variant) }
        case .holdExtended(let id, _): tell(of: id, PersonalNotice.holdExtended, moved: false)
        case .holdReleased(let id): tell(of: id, PersonalNotice.holdReleased, moved: true)
        case .holdExpired(let id): tell(of: id, PersonalNotice.holdExpired, moved: true)
        case .offered(let variant, let participant, _, _, _):
            if let offer = ledger.level(variant).waitlist.entry(of: participant)?.offer {
                effects.personal.append((participant, .waitlistOffered(variant, offer)))
            }
            moved(variant)
        case .offerExpired(let variant, let participant),
            .waitlistLeft(let variant, let participant):
            effects.personal.append((participant, .waitlistPassed(variant)))
            waitlistNotices.mark(variant)
            moved(variant)
        case .orderPlaced(let placement):
            tell(of: placement.id, PersonalNotice.orderPlaced, moved: false)
        case .orderPaid(let id, _): tell(of: id, PersonalNotice.orderPaid, moved: true)
        case .orderCancelled(let id): tell(of: id, PersonalNotice.orderCancelled, moved: true)
        case .orderRefundDue(let id): tell(of: id, PersonalNotice.orderRefundDue, moved: true)
        case .orderRefunded(let id, _): tell(of: id, PersonalNotice.orderRefunded, moved: true)
        }
    }

    private mutating func tell(
        of id: HoldID, _ notice: (Hold) -> PersonalNotice, moved hasMoved: Bool
    ) {
        guard let hold = ledger.hold(id) else { return }
        effects.personal.append((hold.participant, notice(hold)))
        if hasMoved { moved(hold.variant) }
    }

    private mutating func tell(
        of id: OrderID, _ notice: (Order) -> PersonalNotice, moved hasMoved: Bool
    ) {
        guard let order = ledger.order(id) else { return }
        effects.personal.append((order.participant, notice(order)))
        if hasMoved { for line in order.lines { moved(line.variant) } }
    }
}
