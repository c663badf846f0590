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
        if mayNotBuy(request.participant, at: now) { return .failure(.restricted) }
        if let refusal = guestRefusal(of: request) { return .failure(refusal) }
        let rules = runningSale(of: request.variant) == nil ? rules : saleRules
        switch try ledger.claim(request, seq: nextSeq, rules: rules, at: now) {
        case .failure(let refusal): return .failure(.stock(refusal))
        case .success(let decision):
            storeParticipant(request.participant)
            try settle(idempotency)
            return .success(decision)
        }
    }

    public mutating func acceptOffer(
        of variant: VariantID, by participant: ParticipantID, unitPrice: Money?,
        _ idempotency: Idempotency, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Claim, ShowRefusal> {
        if mayNotBuy(participant, at: now) { return .failure(.restricted) }
        let special = ledger.offer(of: variant, to: participant)?.special ?? 0
        let rules = special == 0 ? rules : saleRules
        switch try ledger.acceptOffer(
            of: variant, by: participant, unitPrice: unitPrice, seq: nextSeq, rules: rules, at: now)
        {
        case .failure(let refusal): return .failure(.stock(refusal))
        case .success(let claim):
            try settle(idempotency)
            return .success(claim)
        }
    }

    public mutating func leaveWaitlist(
        of variant: VariantID, by participant: ParticipantID, at now: Timestamp
    ) throws(LedgerDefect) -> ShowRefusal? {
        let refusal = try ledger.leaveWaitlist(of: variant, by: participant, rules: rules, at: now)
        try settle()
        return refusal.map(ShowRefusal.stock)
    }

    public mutating func release(
        _ hold: HoldID, units: Units? = nil, by participant: ParticipantID, at now: Timestamp
    ) throws(LedgerDefect) -> Result<HoldRelease, ShowRefusal> {
        let result = try ledger.release(
            hold, units: units, by: participant, rules: rules, at: now)
        try settle()
        return result.mapError(ShowRefusal.stock)
    }

    public mutating func extend(
        _ hold: HoldID, by participant: ParticipantID, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Hold, ShowRefusal> {
        let result = try ledger.extend(hold, by: participant, rules: rules, at: now)
        try settle()
        return result.mapError(ShowRefusal.stock)
    }

    public mutating func placeOrder(
        _ id: OrderID, of holds: [HoldID], by participant: ParticipantID, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, ShowRefusal> {
        let lines = holds.map { OrderPlacement.Line($0, lineText(of: $0)) }
        let result = try ledger.placeOrder(
            id, of: lines, by: participant, seq: nextSeq, rules: rules, at: now)
        try settle()
        return result.mapError(ShowRefusal.stock)
    }

    /// A payment for an order of the participant, or of anybody when nil (the shop's callback).
    public mutating func pay(
        _ id: OrderID, by participant: ParticipantID?, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, ShowRefusal> {
        guard let order = ledger.order(id), participant == nil || order.participant == participant
        else { return .failure(.unknown("order")) }
        let isBanned = restraint(of: order.participant, at: now)?.isBanned == true
        let result = try ledger.pay(
            id, participant == nil ? .outside : .request,
            mayClaim: !isBanned && !mayNotBuy(order.participant, at: now), rules: rules, at: now)
        try settle()
        return result.mapError(ShowRefusal.stock)
    }

    public mutating func cancelOrder(
        _ id: OrderID, by participant: ParticipantID?, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, ShowRefusal> {
        let result = try ledger.cancel(id, by: participant, rules: rules, at: now)
        try settle()
        return result.mapError(ShowRefusal.stock)
    }

    /// What an order placed now says of a hold's variant.
    func lineText(of hold: HoldID) -> LineText? {
        ledger.hold(hold).map { LineText(title: title(of: $0.variant)) }
    }

    /// Whether a participant is kept from getting units, in whatever way.
    private func mayNotBuy(_ participant: ParticipantID, at now: Timestamp) -> Bool {
        restraint(of: participant, at: now)?.isRestricted == true
    }

    // MARK: From the ledger to the show

    /// Takes what the ledger decided, and ends the flash sales that have no units left by it.
    mutating func settle(_ idempotency: Idempotency? = nil) throws(LedgerDefect) {
        noteFacts(idempotency)
        if !flashSales.isEmpty { try endTakenSales() }
    }

    /// Takes what the ledger decided: keeps it as facts, tells whom it concerns, and sees what sold out.
    mutating func noteFacts(_ idempotency: Idempotency? = nil) {
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
        // Everybody whose units changed was told so.
        for place in told..<effects.personal.count {
            recountUnits(of: effects.personal[place].0)
        }
        for place in settled.indices {
            let variant = settled[place]
            let available = ledger.available(of: variant)
            if available == 0, availableSeen[variant.index] > 0, soldOuts.tells(variant) {
                effects.events.append(.soldOut(sku: ledger.sku(of: variant)))
            }
            availableSeen[variant.index] = available
            notices.mark(variant, .stock)
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
            if claim.joined > 0 || claim.acceptsOffer { notices.mark(claim.variant, .waitlist) }
            if claim.granted > 0 { moved(claim.variant) }
        case .holdExtended(let id, _): tell(of: id, PersonalNotice.holdExtended, moved: false)
        case .holdReleased(let id):
            tell(of: id, { .holdReleased($0, released: $0.quantity) }, moved: true)
        case .holdExpired(let id): tell(of: id, PersonalNotice.holdExpired, moved: true)
        case .holdReduced(let id, let units):
            tell(of: id, { .holdReleased($0, released: units) }, moved: true)
        case .setAside(let variant, _, _): moved(variant)
        case .offered(let variant, let participant, _):
            if let offer = ledger.level(variant).waitlist.entry(of: participant)?.offer {
                effects.personal.append((participant, .waitlistOffered(variant, offer)))
            }
            moved(variant)
        case .offerExpired(let variant, let participant),
            .waitlistLeft(let variant, let participant):
            effects.personal.append((participant, .waitlistPassed(variant)))
            notices.mark(variant, .waitlist)
            moved(variant)
        case .orderPlaced(let placement):
            tell(of: placement.id, PersonalNotice.orderPlaced, moved: false)
        case .orderPaid(let id, _): tell(of: id, PersonalNotice.orderPaid, moved: true)
        case .orderCancelled(let id, _): tell(of: id, PersonalNotice.orderCancelled, moved: true)
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
