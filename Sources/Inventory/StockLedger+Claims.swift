// Claims: decided in the order they come, first come first served. A claim takes what is available and
// waits for the rest; units are never available while somebody waits.

/// What a claim asks for.
public struct ClaimRequest: Sendable {
    public var participant: ParticipantID
    public var variant: VariantID
    public var quantity: Units
    /// The price the buyer saw, if she says so.
    public var unitPrice: Money?
    /// Whether fewer units than asked for are welcome.
    public var partial: Bool
    /// Whether to wait for what is not there.
    public var waitlist: Bool

    public init(
        participant: ParticipantID, variant: VariantID, quantity: Units = 1,
        unitPrice: Money? = nil, partial: Bool = true, waitlist: Bool = true
    ) {
        self.participant = participant
        self.variant = variant
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.partial = partial
        self.waitlist = waitlist
    }
}

/// What became of a claim.
public enum ClaimDecision: Sendable {
    /// Units were granted, or a place in the waitlist, or both.
    case decided(Claim)
    /// The participant was waiting already; nothing changed.
    case alreadyWaiting(WaitlistEntry, place: Int)
}

extension StockLedger {
    /// Decides a claim. `seq` is used up when it is granted or waits.
    public mutating func claim(
        _ request: ClaimRequest, seq: Int, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> Result<ClaimDecision, StockRefusal> {
        let variant = request.variant
        guard levels.indices.contains(variant.index), !levels[variant.index].isRemoved else {
            return .failure(.unknownVariant)
        }
        if levels[variant.index].isQuarantined { return .failure(.quarantined) }
        guard (1...InventoryLimits.claimQuantityMax).contains(request.quantity) else {
            return .failure(.outOfRange("quantity"))
        }
        let price = levels[variant.index].price
        if let seen = request.unitPrice, price > seen {
            return .failure(.priceChanged(price: price))
        }
        if request.partial, request.waitlist,
            let entry = levels[variant.index].waitlist.entry(of: request.participant)
        {
            let place = levels[variant.index].waitlist.place(of: request.participant) ?? 0
            return .success(.alreadyWaiting(entry, place: place))
        }
        if let refusal = overLimit(request, rules) { return .failure(refusal) }

        let inStock = levels[variant.index].available
        // What a special price does not have is not waited for: it is over.
        let available = min(inStock, unitsLeft(ofSpecial: variant) ?? inStock)
        if !request.partial, available < request.quantity {
            return .failure(available > 0 ? .insufficientStock(available: available) : .soldOut)
        }
        let granted = min(available, request.quantity)
        var joins = available < inStock ? 0 : request.quantity - granted
        if joins > 0, !request.waitlist || levels[variant.index].waitlist.count >= rules.waitlistMax
        {
            if granted == 0 { return .failure(request.waitlist ? .waitlistFull : .soldOut) }
            joins = 0
        }
        if granted > 0, let refusal = tooManyHolds(request.participant, rules) {
            return .failure(refusal)
        }
        let claim = Claim(
            seq: seq, time: now, expiresAt: now.adding(seconds: rules.holdSeconds),
            unitPrice: price, participant: request.participant, variant: variant,
            hold: granted > 0 ? HoldID(holds.count + 1) : nil, acceptsOffer: false,
            requested: request.quantity, granted: granted, extensions: rules.extensions,
            joined: joins, waiting: joins,
            place: joins > 0 ? levels[variant.index].waitlist.count + 1 : 0)
        try record(.claimed(claim))
        return .success(.decided(claim))
    }

    /// Turns the participant's open offer into an ordinary hold.
    public mutating func acceptOffer(
        of variant: VariantID, by participant: ParticipantID, unitPrice: Money?, seq: Int,
        rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Claim, StockRefusal> {
        guard levels.indices.contains(variant.index), !levels[variant.index].isRemoved else {
            return .failure(.unknownVariant)
        }
        if levels[variant.index].isQuarantined { return .failure(.quarantined) }
        guard let entry = levels[variant.index].waitlist.entry(of: participant) else {
            return .failure(.notWaiting)
        }
        guard let offer = entry.offer, offer.expiresAt > now else { return .failure(.noOffer) }
        if let seen = unitPrice, offer.unitPrice > seen {
            return .failure(.priceChanged(price: offer.unitPrice))
        }
        if let refusal = tooManyHolds(participant, rules) { return .failure(refusal) }
        let rest = entry.quantity - offer.quantity
        let claim = Claim(
            seq: seq, time: now, expiresAt: now.adding(seconds: rules.holdSeconds),
            unitPrice: offer.unitPrice, participant: participant, variant: variant,
            hold: HoldID(holds.count + 1), acceptsOffer: true,
            requested: offer.quantity, granted: offer.quantity, extensions: rules.extensions,
            joined: 0, waiting: rest,
            place: rest > 0 ? levels[variant.index].waitlist.place(of: participant) ?? 0 : 0)
        try record(.claimed(claim))
        try offerSetAside(of: variant, to: participant, rules: rules, at: now)
        return .success(claim)
    }

    /// Leaves the waitlist, passing an open offer on.
    public mutating func leaveWaitlist(
        of variant: VariantID, by participant: ParticipantID, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> StockRefusal? {
        guard levels.indices.contains(variant.index), !levels[variant.index].isRemoved else {
            return .unknownVariant
        }
        guard levels[variant.index].waitlist.entry(of: participant) != nil else {
            return .notWaiting
        }
        try record(.waitlistLeft(variant, participant))
        try serveWaitlist(of: variant, rules: rules, at: now)
        return nil
    }

    /// Offers every available unit to those who wait, head first. Called in the same step as whatever
    /// freed the units. An offer has one price: units that would have another are set aside for its
    /// owner, so that nobody is passed.
    mutating func serveWaitlist(
        of variant: VariantID, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) {
        guard !levels[variant.index].isQuarantined else { return }
        while levels[variant.index].available > 0,
            let entry = levels[variant.index].waitlist.nextUnserved()
        {
            let most = min(levels[variant.index].available, entry.unserved)
            let terms = terms(variant, for: entry.participant, upTo: most)
            var offer = Offer(
                quantity: terms.units, unitPrice: terms.price,
                expiresAt: now.adding(seconds: rules.offerSeconds), special: terms.special)
            if let open = entry.offer {
                guard open.special == terms.special else {
                    try record(.setAside(variant, entry.participant, most))
                    continue
                }
                offer.unitPrice = open.unitPrice
                offer.expiresAt = open.expiresAt
            }
            try record(.offered(variant, entry.participant, offer))
        }
    }

    /// The offer before was accepted: what was set aside for its owner is offered next.
    private mutating func offerSetAside(
        of variant: VariantID, to participant: ParticipantID, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) {
        guard let entry = levels[variant.index].waitlist.entry(of: participant), entry.setAside > 0
        else { return }
        let terms = terms(variant, for: participant, upTo: entry.setAside)
        try record(
            .offered(
                variant, participant,
                Offer(
                    quantity: terms.units, unitPrice: terms.price,
                    expiresAt: now.adding(seconds: rules.offerSeconds), special: terms.special)))
    }

    /// The participant's open offer of the variant, if there is one.
    public func offer(of variant: VariantID, to participant: ParticipantID) -> Offer? {
        guard levels.indices.contains(variant.index) else { return nil }
        return levels[variant.index].waitlist.entry(of: participant)?.offer
    }

    private func overLimit(_ request: ClaimRequest, _ rules: StockRules) -> StockRefusal? {
        overLimit(of: request.participant, request.variant, adding: request.quantity, rules)
    }

    /// The limit per buyer that so many more units would pass, if any: that of a special price in force,
    /// or the variant's.
    func overLimit(
        of participant: ParticipantID, _ variant: VariantID, adding units: Units,
        _ rules: StockRules
    ) -> StockRefusal? {
        if let place = place(ofSpecial: variant), specials[place].perBuyer > 0 {
            let limit = specials[place].perBuyer
            let counted = counted(in: specials[place], of: participant)
            if counted + units > limit {
                return .limitReached(limit: limit, remaining: max(0, limit - counted))
            }
        }
        let limit = levels[variant.index].limit ?? rules.limitPerBuyer
        guard limit > 0 else { return nil }
        let counted = countedUnits(of: participant, variant)
        guard counted + units > limit else { return nil }
        return .limitReached(limit: limit, remaining: max(0, limit - counted))
    }

    private func tooManyHolds(
        _ participant: ParticipantID, _ rules: StockRules
    ) -> StockRefusal? {
        guard rules.activeHolds > 0,
            buyers.read(participant.index, { $0.openHoldCount }) >= rules.activeHolds
        else { return nil }
        return .tooManyHolds(limit: rules.activeHolds)
    }

    // MARK: Applying

    mutating func apply(_ claim: Claim) throws(LedgerDefect) {
        let variant = claim.variant
        try check(variant)
        let special: Int
        if claim.acceptsOffer {
            guard let entry = levels[variant.index].waitlist.entry(of: claim.participant),
                let offer = entry.offer, offer.quantity == claim.granted
            else { throw LedgerDefect(variant, "an offer was accepted that is not open") }
            // Its units were counted when they were offered.
            special = offer.special
            levels[variant.index].waitlist.acceptOffer(of: claim.participant)
            if levels[variant.index].waitlist.entry(of: claim.participant) == nil {
                forgetWaiting(variant, claim.participant)
            }
        } else {
            levels[variant.index].held += claim.granted
            special = place(ofSpecial: variant).map { specials[$0].number } ?? 0
            count(claim.granted, inSpecial: special, of: claim.participant)
            countOpen(claim.granted + claim.joined, variant, for: claim.participant)
        }
        if let id = claim.hold {
            guard id.number == holds.count + 1, claim.granted > 0 else {
                throw LedgerDefect(variant, "hold \(id) is out of order")
            }
            let earlier = buyers[claim.participant.index].add(id)
            holds.append(
                Hold(
                    expiresAt: claim.expiresAt, unitPrice: claim.unitPrice, id: id,
                    participant: claim.participant, variant: variant, quantity: claim.granted,
                    extensionsLeft: claim.extensions, special: special,
                    earlier: earlier.hold, state: .open))
            if earlier.areTooMany { shortenChain(of: claim.participant) }
            deadlines.insert(Deadline(at: claim.expiresAt, .hold(id)))
        }
        if claim.joined > 0 {
            guard levels[variant.index].waitlist.entry(of: claim.participant) == nil else {
                throw LedgerDefect(variant, "somebody joined the waitlist twice")
            }
            levels[variant.index].waitlist.append(
                claim.participant, quantity: claim.joined, special: special)
            buyers[claim.participant.index].waiting.append(variant)
        }
        try checkInvariants(variant)
    }

    mutating func apply(
        _ offer: Offer, of variant: VariantID, to participant: ParticipantID
    ) throws(LedgerDefect) {
        try check(variant)
        guard let entry = levels[variant.index].waitlist.entry(of: participant),
            entry.unserved + (entry.offer == nil ? entry.setAside : 0) >= offer.quantity
        else { throw LedgerDefect(variant, "an offer goes to nobody who waits for it") }
        let kept = levels[variant.index].waitlist.add(offer, for: participant)
        levels[variant.index].held += offer.quantity - kept
        count(offer.quantity, inSpecial: offer.special, of: participant)
        if entry.offer == nil {
            deadlines.insert(Deadline(at: offer.expiresAt, .offer(variant, participant)))
        }
        try checkInvariants(variant)
    }

    mutating func applySettingAside(
        of units: Units, _ variant: VariantID, for participant: ParticipantID
    ) throws(LedgerDefect) {
        try check(variant)
        guard let entry = levels[variant.index].waitlist.entry(of: participant),
            entry.offer != nil, entry.unserved >= units
        else { throw LedgerDefect(variant, "units are set aside for nobody with an offer") }
        levels[variant.index].held += units
        levels[variant.index].waitlist.setAside(units, for: participant)
        try checkInvariants(variant)
    }

    /// Takes the whole entry out, with what was offered.
    mutating func leaveWaitlist(
        _ variant: VariantID, _ participant: ParticipantID
    ) throws(LedgerDefect) {
        try check(variant)
        guard let entry = levels[variant.index].waitlist.entry(of: participant) else {
            throw LedgerDefect(variant, "somebody left a waitlist without waiting")
        }
        levels[variant.index].held -= entry.reserved
        if let offer = entry.offer {
            count(-offer.quantity, inSpecial: offer.special, of: participant)
        }
        levels[variant.index].waitlist.remove(participant)
        countOpen(-entry.quantity, variant, for: participant)
        forgetWaiting(variant, participant)
        try checkInvariants(variant)
    }

    private mutating func forgetWaiting(_ variant: VariantID, _ participant: ParticipantID) {
        buyers[participant.index].waiting.removeAll { $0 == variant }
    }
}
