// A sale made of random operations, done to the ledger and to the naive model at once. After every
// step both must have given the same answer, tell the same story and look the same.

import Testing

@testable import Inventory

struct RandomSale {
    static let people = 6

    private var random: SplitMix
    private var ledger = StockLedger()
    private var naive = NaiveShop()
    private var rules = StockRules()
    private var now = Timestamp(milliseconds: 1_000_000)
    private var seq = 0
    private var specialCount = 0
    /// All that happened so far, facts as bytes, and the holds that ended.
    private var journal: [Entry] = []
    private var ended: Set<HoldID> = []

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    /// Special prices are the business of the ledger's owner, who has facts of its own for them.
    private enum Entry {
        case facts([UInt8])
        case begin(SpecialPrice)
        case end(Int)
    }

    struct Disagreement: Error, CustomStringConvertible {
        let description: String
    }

    mutating func run(steps: Int) throws {
        naive.now = now.milliseconds
        try changeRules()
        for _ in 0..<3 { try addSKU() }
        for step in 0..<steps {
            do {
                try takeStep()
                try compare()
                try endTakenSpecials()
            } catch {
                throw Disagreement(description: "step \(step): \(error)")
            }
        }
        try compareReplay()
    }

    // MARK: Steps

    private mutating func takeStep() throws {
        switch random.below(42) {
        case 0...10: try claim()
        case 11...13: try accept()
        case 14...15: try leave()
        case 16...18: try release()
        case 19...20: try extend()
        case 21...23: try placeOrder()
        case 24...25: try pay()
        case 26: try cancel()
        case 27: try refund()
        case 28...29: try correctStock()
        case 30: try changePriceOrLimit()
        case 31: try changeRules()
        case 32: try removeOrAdd()
        case 33: try releaseEverything()
        case 34...35: try beginOrEndSpecial()
        default: try passTime()
        }
    }

    private mutating func claim() throws {
        let who = random.below(Self.people)
        let sku = random.below(ledger.levels.count)
        let quantity = random.below(4) + 1
        let seen = random.once(in: 3) ? random.below(4) * 100 : nil
        let partial = !random.once(in: 5)
        let wait = !random.once(in: 5)
        seq += 1
        let outcome = try ledger.claim(
            ClaimRequest(
                participant: ParticipantID(who), variant: VariantID(sku), quantity: quantity,
                unitPrice: seen, partial: partial, waitlist: wait),
            seq: seq, rules: rules, at: now)
        let answer =
            switch outcome {
            case .success(.decided(let claim)): describe(claim)
            case .success(.alreadyWaiting(let entry, let place)):
                "waits for \(entry.quantity) at \(place)"
            case .failure(let refusal): describe(refusal)
            }
        let expected = naive.claim(
            who, sku, quantity, seen: seen, partial: partial, wait: wait)
        try agree("claim of \(quantity) of \(sku) by \(who)", answer, expected)
    }

    private mutating func accept() throws {
        let (who, sku) = somebodyWaiting()
        let seen = random.once(in: 4) ? random.below(4) * 100 : nil
        seq += 1
        let outcome = try ledger.acceptOffer(
            of: VariantID(sku), by: ParticipantID(who), unitPrice: seen, seq: seq, rules: rules,
            at: now)
        try agree(
            "accept \(sku) by \(who)", describe(outcome, describe),
            naive.accept(who, sku, seen: seen))
    }

    private mutating func leave() throws {
        let (who, sku) = somebodyWaiting()
        let refusal = try ledger.leaveWaitlist(
            of: VariantID(sku), by: ParticipantID(who), rules: rules, at: now)
        try agree("leave \(sku) by \(who)", describe(refusal), naive.leave(who, sku))
    }

    private mutating func release() throws {
        let (number, who) = someHold()
        let quantity = random.once(in: 3) ? random.below(3) + 1 : nil
        let outcome = try ledger.release(
            HoldID(number), units: quantity, by: ParticipantID(who), rules: rules, at: now)
        try agree(
            "release \(quantity ?? 0) of h\(number) by \(who)",
            describe(outcome) { "\($0.released) of \($0.released + $0.remaining)" },
            naive.release(number, who, quantity))
    }

    private mutating func extend() throws {
        let (number, who) = someHold()
        let outcome = try ledger.extend(
            HoldID(number), by: ParticipantID(who), rules: rules, at: now)
        try agree(
            "extend h\(number) by \(who)", describe(outcome) { _ in "done" },
            naive.extend(number, who))
    }

    private mutating func placeOrder() throws {
        let who = random.below(Self.people)
        var numbers = ledger.openHolds(of: ParticipantID(who)).map(\.id.number).filter { _ in
            random.once(in: 2)
        }
        if random.once(in: 8) { numbers.append(someHold().number) }
        let discount = random.once(in: 3) ? random.below(1500) : 0
        let id = UInt64(naive.orders.count + 1)
        seq += 1
        let outcome = try ledger.placeOrder(
            OrderID(high: 0, low: id), of: numbers.map { OrderPlacement.Line(HoldID($0)) },
            by: ParticipantID(who), discount: discount, seq: seq, rules: rules, at: now)
        try agree(
            "order of \(numbers) by \(who)", describe(outcome) { "\($0.state)" },
            naive.order(id, numbers, who, discount: discount))
    }

    private mutating func pay() throws {
        // Often late.
        let cancelled = random.once(in: 2) ? naive.orders.last { $0.state == "cancelled" } : nil
        let id = cancelled?.id ?? someOrder()
        let fromOutside = random.once(in: 2)
        let mayClaim = !random.once(in: 8)
        let outcome = try ledger.pay(
            OrderID(high: 0, low: id), fromOutside ? .outside : .request, mayClaim: mayClaim,
            rules: rules, at: now)
        try agree(
            "pay \(id)", describe(outcome) { "\($0.state)" },
            naive.pay(id, fromOutside: fromOutside, mayClaim: mayClaim))
    }

    private mutating func cancel() throws {
        let id = someOrder()
        let who = random.once(in: 3) ? nil : random.below(Self.people)
        let outcome = try ledger.cancel(
            OrderID(high: 0, low: id), by: who.map(ParticipantID.init), rules: rules, at: now)
        try agree("cancel \(id)", describe(outcome) { "\($0.state)" }, naive.cancel(id, who))
    }

    private mutating func refund() throws {
        let id = someOrder()
        let restock = random.once(in: 2)
        let outcome = try ledger.refund(
            OrderID(high: 0, low: id), restock: restock, rules: rules, at: now)
        try agree(
            "refund \(id)", describe(outcome) { "\($0.state)" },
            naive.refund(id, restock: restock))
    }

    private mutating func correctStock() throws {
        let sku = random.below(ledger.levels.count)
        if random.once(in: 2) {
            let delta = random.below(9) - 3
            let refusal = try ledger.adjust(VariantID(sku), by: delta, rules: rules, at: now)
            try agree("adjust \(sku) by \(delta)", describe(refusal), naive.adjust(sku, delta))
        } else {
            let onHand = random.below(12)
            let expected = random.once(in: 2) ? random.below(12) : nil
            let refusal = try ledger.set(
                VariantID(sku), onHand: onHand, expected: expected, rules: rules, at: now)
            try agree(
                "set \(sku) to \(onHand)", describe(refusal),
                naive.set(sku, onHand, expected: expected))
        }
    }

    private mutating func changePriceOrLimit() throws {
        let sku = random.below(ledger.levels.count)
        guard naive.exists(sku) else { return }
        if random.once(in: 2), naive.special(of: sku) == nil {
            naive.skus[sku].price = random.below(4) * 100
            try ledger.setPrice(VariantID(sku), naive.skus[sku].price)
        } else {
            naive.skus[sku].limit = random.once(in: 2) ? nil : random.below(8)
            try ledger.setLimit(VariantID(sku), naive.skus[sku].limit)
        }
    }

    private mutating func changeRules() throws {
        rules.holdSeconds = random.below(60) + 1
        rules.offerSeconds = random.below(40) + 1
        rules.paymentSeconds = random.below(60) + 1
        rules.extensionSeconds = random.below(30) + 1
        rules.extensions = random.below(3)
        rules.limitPerBuyer = random.once(in: 2) ? 0 : random.below(9)
        rules.activeHolds = random.once(in: 2) ? 0 : random.below(4) + 1
        rules.waitlistMax = random.once(in: 2) ? 10_000 : random.below(4)
        naive.rules = NaiveShop.Rules(
            hold: rules.holdSeconds, offer: rules.offerSeconds, payment: rules.paymentSeconds,
            extra: rules.extensionSeconds, extensions: rules.extensions,
            limit: rules.limitPerBuyer, openHolds: rules.activeHolds, queue: rules.waitlistMax)
    }

    private mutating func beginOrEndSpecial() throws {
        let sku = random.below(ledger.levels.count)
        guard naive.exists(sku) else { return }
        if let special = naive.special(of: sku) { return try end(special) }
        let regular = naive.skus[sku].price
        let special = SpecialPrice(
            number: specialCount + 1, variant: VariantID(sku), price: regular / 2,
            regularPrice: regular, perBuyer: random.below(4),
            quantity: random.once(in: 2) ? nil : random.below(5) + 1)
        specialCount += 1
        ledger.begin(special)
        try ledger.setPrice(special.variant, special.price)
        journal.append(.begin(special))
        naive.specials.append(
            NaiveShop.Special(
                number: special.number, sku: sku, price: special.price, regular: regular,
                perBuyer: special.perBuyer, quantity: special.quantity))
        naive.skus[sku].price = special.price
    }

    private mutating func end(_ special: NaiveShop.Special) throws {
        try ledger.setPrice(VariantID(special.sku), special.regular)
        ledger.endSpecial(special.number)
        journal.append(.end(special.number))
        naive.skus[special.sku].price = special.regular
        naive.specials.removeAll { $0.number == special.number }
    }

    /// As a flash sale does. Both must see alike that nothing is left.
    private mutating func endTakenSpecials() throws {
        for special in naive.specials {
            let left = naive.remaining(special)
            try agree(
                "units left of special price \(special.number)",
                "\(ledger.unitsLeft(ofSpecial: VariantID(special.sku)) ?? -1)", "\(left ?? -1)")
            for who in 0..<Self.people {
                let own = ledger.special(of: VariantID(special.sku))?.units(of: ParticipantID(who))
                try agree(
                    "units of \(who) in special price \(special.number)", "\(own ?? -1)",
                    "\(naive.units(in: special, of: who))")
            }
            guard left == 0 || !naive.exists(special.sku) else { continue }
            try end(special)
            try compare()
        }
    }

    private mutating func addSKU() throws {
        let name = "S\(naive.skus.count)"
        let onHand = random.below(8)
        let price = random.below(3) * 100
        naive.skus.append(NaiveShop.SKU(name: name, onHand: onHand, price: price))
        try ledger.addVariant(sku: name, onHand: onHand, price: price, limit: nil)
    }

    private mutating func removeOrAdd() throws {
        let sku = random.below(ledger.levels.count)
        // A show ends the sales of a product before it removes it.
        if let special = naive.special(of: sku) { try end(special) }
        let refusal = try ledger.remove(VariantID(sku))
        try agree("remove \(sku)", describe(refusal), naive.remove(sku))
        if ledger.levels.filter({ !$0.isRemoved }).count < 2 { try addSKU() }
    }

    private mutating func releaseEverything() throws {
        guard random.once(in: 3) else { return }
        let who = random.below(Self.people)
        try ledger.releaseEverything(of: ParticipantID(who), rules: rules, at: now)
        naive.releaseEverything(who)
    }

    /// Mostly a little; and mostly, what is due is ended at once.
    private mutating func passTime() throws {
        let most = random.once(in: 10) ? 100_000 : 8_000
        let before = now
        now = now.adding(milliseconds: random.below(most))
        naive.now = now.milliseconds
        if random.once(in: 6) { return }
        if let next = ledger.nextDeadline, next < now, random.once(in: 2) {
            // Exactly at the end of something, or just before.
            let end = next.milliseconds - Int64(random.below(2))
            now = max(before, Timestamp(milliseconds: end))
            naive.now = now.milliseconds
        }
        try ledger.expire(at: now, rules: rules)
        naive.expire()
    }

    // MARK: Choosing

    private mutating func someHold() -> (number: Int, who: Int) {
        // Mostly a recent one of its owner.
        let number = max(0, ledger.holdCount + 1 - random.below(random.once(in: 5) ? 200 : 8))
        let owner = ledger.hold(HoldID(number))?.participant.index
        return (number, random.once(in: 8) ? random.below(Self.people) : owner ?? 0)
    }

    private mutating func someOrder() -> UInt64 {
        UInt64(max(0, ledger.orderCount - random.below(8)))
    }

    private mutating func somebodyWaiting() -> (who: Int, sku: Int) {
        guard !random.once(in: 8), !naive.waiting.isEmpty else {
            return (random.below(Self.people), random.below(ledger.levels.count))
        }
        let entry = naive.waiting[random.below(naive.waiting.count)]
        return (entry.who, entry.sku)
    }
}

// MARK: Comparing

extension RandomSale {
    private func agree(_ what: String, _ answer: String, _ expected: String) throws {
        guard answer == expected else {
            throw Disagreement(
                description: "\(what):\n  ledger \(answer)\n  model  \(expected)")
        }
    }

    private mutating func compare() throws {
        let facts = ledger.drainEvents()
        var bytes = ByteWriter()
        for fact in facts {
            fact.write(to: &bytes)
            try checkEnd(fact)
        }
        journal.append(.facts(bytes.bytes))
        let story = facts.compactMap(describe)
        guard story == naive.log else {
            throw Disagreement(description: "story:\n  ledger \(story)\n  model  \(naive.log)")
        }
        naive.log = []
        let picture = LedgerPicture(ledger, people: Self.people)
        if let difference = picture.difference(from: naive.picture(people: Self.people)) {
            throw Disagreement(description: difference)
        }
        if let broken = picture.brokenPromise { throw Disagreement(description: broken) }
    }

    /// Each hold ends once, and by time not before its time.
    private mutating func checkEnd(_ fact: StockEvent) throws {
        let ends: [HoldID] =
            switch fact {
            case .holdReleased(let id), .holdExpired(let id): [id]
            case .orderPlaced(let placement): placement.lines.map(\.hold)
            default: []
            }
        for id in ends where !ended.insert(id).inserted {
            throw Disagreement(description: "\(id) ended twice")
        }
        if case .holdExpired(let id) = fact, let hold = ledger.hold(id), hold.expiresAt > now {
            throw Disagreement(description: "\(id) ended early")
        }
    }

    /// The facts alone, through their bytes, make the same ledger, with the same future.
    private func compareReplay() throws {
        var replayed = StockLedger()
        for entry in journal {
            switch entry {
            case .begin(let special): replayed.begin(special)
            case .end(let number): replayed.endSpecial(number)
            case .facts(let bytes):
                var reader = ByteReader(bytes)
                while !reader.isAtEnd { try replayed.apply(StockEvent(from: &reader)) }
            }
        }
        var original = ledger
        for later in [now, now.adding(seconds: 30), now.adding(seconds: 3600)] {
            try original.expire(at: later, rules: rules)
            try replayed.expire(at: later, rules: rules)
            let pictures = [original, replayed].map { LedgerPicture($0, people: Self.people) }
            if let difference = pictures[0].difference(from: pictures[1]) {
                throw Disagreement(description: "replay: \(difference)")
            }
            guard original.drainEvents() == replayed.drainEvents() else {
                throw Disagreement(description: "replay: another future")
            }
        }
        for id in original.openHolds(of: ParticipantID(0)) {
            throw Disagreement(description: "\(id) outlived its time")
        }
    }

    private func describe(_ claim: Claim) -> String {
        let hold =
            claim.hold.map {
                "\($0): \(claim.granted) at \(claim.unitPrice) "
                    + "until \(claim.expiresAt.milliseconds)"
            } ?? "no hold"
        return hold + " joined \(claim.joined) place \(claim.place)"
    }

    private func describe(_ refusal: StockRefusal?) -> String {
        switch refusal {
        case nil: "done"
        case .holdNotOpen(let state): "holdNotOpen(\(state))"
        case .orderState(let state): "orderState(\(state))"
        case .some(let refusal): "\(refusal)"
        }
    }

    private func describe<T>(
        _ outcome: Result<T, StockRefusal>, _ success: (T) -> String
    ) -> String {
        switch outcome {
        case .success(let value): success(value)
        case .failure(let refusal): describe(refusal)
        }
    }

    /// In the words of the model's log; nil for what the answers already tell.
    private func describe(_ fact: StockEvent) -> String? {
        switch fact {
        case .variantAdded, .priceSet, .limitSet, .claimed: nil
        case .variantRemoved(let variant): "removed \(variant.index)"
        case .onHandSet(let variant, let onHand): "on hand \(variant.index) \(onHand)"
        case .holdExtended(let id, let ends): "extended \(id) until \(ends.milliseconds)"
        case .holdReleased(let id): "released \(id)"
        case .holdExpired(let id): "expired \(id)"
        case .holdReduced(let id, let units): "released \(units) of \(id)"
        case .setAside(let variant, let who, let units):
            "set aside \(units) of \(variant.index) for \(who.index)"
        case .offered(let variant, let who, let offer):
            "offered \(offer.quantity) of \(variant.index) to \(who.index) at "
                + "\(offer.unitPrice) until \(offer.expiresAt.milliseconds)"
        case .offerExpired(let variant, let who):
            "offer expired \(variant.index) of \(who.index)"
        case .waitlistLeft(let variant, let who): "left \(variant.index) by \(who.index)"
        case .orderPlaced(let placement): "placed \(placement.id.low)"
        case .orderPaid(let id, _): "paid \(id.low)"
        case .orderCancelled(let id, .ranOut): "ran out: cancelled \(id.low)"
        case .orderCancelled(let id, let reason): "\(reason): cancelled \(id.low)"
        case .orderRefundDue(let id): "refund due \(id.low)"
        case .orderRefunded(let id, _): "refunded \(id.low)"
        }
    }
}
