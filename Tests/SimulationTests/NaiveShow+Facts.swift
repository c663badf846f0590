// The rules of the ledger's facts, each in its plainest form.

import Inventory
import LiveSession

extension NaiveShow {
    mutating func note(_ event: StockEvent, at now: Int64) throws(Violation) {
        switch event {
        case .variantAdded(_, let sku, let onHand, let price, let limit):
            items.append(Item(sku: sku, price: price, limit: limit, onHand: onHand))
            queues.append([])
        case .priceSet(let variant, let price): items[variant.index].price = price
        case .limitSet(let variant, let limit): items[variant.index].limit = limit
        case .variantRemoved(let variant):
            try require(
                held(variant.index) == 0 && queues[variant.index].isEmpty,
                "\(items[variant.index].sku) was removed while somebody had or wanted units of it")
            items[variant.index].isRemoved = true
        case .onHandSet(let variant, let onHand): items[variant.index].onHand = onHand
        case .claimed(let claim): try note(claim, at: now)
        case .holdExtended(let id, let until): try extend(id.number, until.milliseconds, at: now)
        case .holdReleased(let id):
            let hold = try openHold(id.number, "released")
            try require(hold.endsAt > now, "hold \(id) was released after its end")
            holds[id.number - 1].state = .released
        case .holdExpired(let id):
            let hold = try openHold(id.number, "expired")
            try require(
                hold.endsAt <= now, "hold \(id) expired \(hold.endsAt - now) ms before its time")
            holds[id.number - 1].state = .expired
        case .holdReduced(let id, let units):
            let hold = try openHold(id.number, "reduced")
            try require(hold.endsAt > now, "hold \(id) was reduced after its end")
            try require(units > 0 && units < hold.units, "\(units) of \(id) were given back")
            holds[id.number - 1].units -= units
        case .offered(let variant, let person, let offer):
            try self.offer(variant.index, person.index, offer, at: now)
        case .setAside(let variant, let person, let units):
            try setAside(variant.index, person.index, units)
        case .offerExpired(let variant, let person):
            let waiter = queues[variant.index].first { $0.person == person.index }
            try require(
                waiter.map { $0.offered > 0 && $0.offerEndsAt <= now } ?? false,
                "an offer of \(items[variant.index].sku) ended before its time")
            queues[variant.index].removeAll { $0.person == person.index }
        case .waitlistLeft(let variant, let person):
            try require(
                queues[variant.index].contains { $0.person == person.index },
                "somebody left a waitlist without waiting")
            queues[variant.index].removeAll { $0.person == person.index }
        case .orderPlaced(let placement): try place(placement, at: now)
        case .orderPaid(let id, _): try pay(id.description, at: now)
        case .orderCancelled(let id, let reason):
            try require(
                orders[id.description]?.state == .placed, "\(id) was cancelled but not placed")
            let isOver = orders[id.description].map { $0.payBy <= now } ?? false
            try require(
                reason == (isOver ? .ranOut : .buyer), "\(id) was cancelled as \(reason)")
            orders[id.description]?.state = .cancelled
            orders[id.description]?.ranOut = reason == .ranOut
        case .orderRefundDue(let id): try owe(id.description, at: now)
        case .orderRefunded: break
        }
    }

    mutating func note(_ claim: Claim, at now: Int64) throws(Violation) {
        let item = claim.variant.index
        let person = claim.participant.index
        let sku = items[item].sku
        try require(!items[item].isRemoved, "\(sku) was claimed after it was removed")
        claims[claim.seq] = claim
        let saleNumber: Int
        if claim.acceptsOffer {
            saleNumber = try accept(claim, at: now)
        } else {
            try require(
                !mayNotBuy(person, at: now),
                "\(sku) was claimed by somebody who may not")
            let free = available(item)
            let sale = runningSale(of: item)
            try require(
                status == "live" || status == "ended" && settings["replay_sales"] == 1,
                "\(sku) was claimed while the show was \(status)")
            try require(
                claim.granted <= free, "\(claim.granted) of \(sku) granted with \(free) available")
            if claim.granted > 0 {
                try require(
                    !queues[item].contains { $0.offered + $0.aside < $0.wants },
                    "a grant of \(sku) passed somebody who waits")
            }
            let most = min(free, sale.flatMap { remaining($0.number, $0.sale) } ?? free)
            try require(
                claim.granted == min(most, claim.requested),
                "\(claim.granted) of \(sku) granted; \(claim.requested) wanted, \(most) to be had")
            try require(
                keepsLimit(person, item, claim.requested), "a claim of \(sku) passed its limit")
            try require(
                keepsSaleLimit(person, item, claim.requested),
                "a claim of \(sku) passed the limit per buyer of a sale")
            try require(
                claim.unitPrice == items[item].price, "a claim of \(sku) has another price")
            saleNumber = sale?.number ?? 0
        }
        if let hold = claim.hold {
            try require(
                hold.number == holds.count + 1 && claim.granted > 0, "hold \(hold) is out of order")
            let open = holds.filter { $0.owner == person && $0.state == .open }.count
            let active = setting("active_holds")
            try require(active == 0 || open < active, "somebody has more than \(active) holds")
            let seconds = setting(saleNumber > 0 ? "flash_hold_seconds" : "hold_seconds")
            try require(
                claim.extensions == (saleNumber > 0 ? 0 : setting("hold_extensions")),
                "hold \(hold) has \(claim.extensions) extensions")
            try require(
                claim.expiresAt.milliseconds == now + Int64(seconds) * 1000,
                "hold \(hold) does not last \(seconds) s")
            holds.append(
                NaiveHold(
                    owner: person, item: item, units: claim.granted, price: claim.unitPrice,
                    sale: saleNumber,
                    endsAt: claim.expiresAt.milliseconds, extensions: claim.extensions))
        }
        if claim.joined > 0 {
            try require(
                !queues[item].contains { $0.person == person }, "somebody waits twice for \(sku)")
            queues[item].append(
                Waiter(person: person, wants: claim.joined, joinedIn: saleNumber))
            try require(
                claim.place == queues[item].count,
                "place \(claim.place) is not the end of the queue")
            try require(
                queues[item].count <= setting("waitlist_max"), "the waitlist of \(sku) is too long")
        }
    }

    /// Gives the sale whose units were accepted; 0 is none.
    private mutating func accept(_ claim: Claim, at now: Int64) throws(Violation) -> Int {
        let item = claim.variant.index
        guard
            let place = queues[item].firstIndex(where: { $0.person == claim.participant.index }),
            queues[item][place].offered == claim.granted, claim.granted > 0
        else { throw Violation("an offer of \(items[item].sku) was accepted that is not there") }
        let waiter = queues[item][place]
        try require(
            !mayNotBuy(waiter.person, at: now), "somebody accepted an offer who may not")
        try require(waiter.offerEndsAt > now, "an offer was accepted after its end")
        try require(waiter.offerPrice == claim.unitPrice, "an offer changed its price")
        queues[item][place].wants -= claim.granted
        queues[item][place].offered = 0
        if queues[item][place].wants == 0 { queues[item].remove(at: place) }
        return waiter.offeredIn
    }

    private mutating func extend(
        _ number: Int, _ until: Int64, at now: Int64
    ) throws(Violation) {
        let hold = try openHold(number, "extended")
        try require(hold.endsAt > now, "hold h\(number) was extended after its end")
        try require(hold.extensions > 0, "hold h\(number) was extended too often")
        try require(
            until == hold.endsAt + Int64(setting("hold_extension_seconds")) * 1000,
            "hold h\(number) was not extended from its old end")
        holds[number - 1].endsAt = until
        holds[number - 1].extensions -= 1
    }

    private mutating func offer(
        _ item: Int, _ person: Int, _ offer: Offer, at now: Int64
    ) throws(Violation) {
        let sku = items[item].sku
        let until = offer.expiresAt.milliseconds
        if let place = queues[item].firstIndex(where: { $0.aside > 0 && $0.offered == 0 }) {
            // Somebody accepted, and is offered next what was set aside.
            let waiter = queues[item][place]
            try require(waiter.person == person, "units set aside went to somebody else")
            try require(
                terms(item, person, waiter.aside)
                    == (offer.quantity, offer.unitPrice, offer.special),
                "units of \(sku) that were set aside are offered at wrong terms")
            queues[item][place].aside -= offer.quantity
            return try open(offer, at: place, of: item, now)
        }
        let (place, most) = try head(item, person)
        let terms = terms(item, person, most)
        try require(
            terms.units == offer.quantity && terms.sale == offer.special,
            "\(offer.quantity) of \(sku) offered in sale \(offer.special), not \(terms)")
        let head = queues[item][place]
        guard head.offered > 0 else {
            try require(terms.price == offer.unitPrice, "an offer of \(sku) has another price")
            return try open(offer, at: place, of: item, now)
        }
        try require(
            head.offerEndsAt == until && head.offerPrice == offer.unitPrice
                && head.offeredIn == offer.special, "an open offer changed")
        queues[item][place].offered += offer.quantity
    }

    private mutating func open(
        _ offer: Offer, at place: Int, of item: Int, _ now: Int64
    ) throws(Violation) {
        let until = offer.expiresAt.milliseconds
        try require(
            until == now + Int64(setting("waitlist_offer_seconds")) * 1000,
            "an offer of \(items[item].sku) has a wrong end")
        queues[item][place].offered = offer.quantity
        queues[item][place].offerPrice = offer.unitPrice
        queues[item][place].offerEndsAt = until
        queues[item][place].offeredIn = offer.special
    }

    private mutating func setAside(_ item: Int, _ person: Int, _ units: Int) throws(Violation) {
        let (place, most) = try head(item, person)
        let head = queues[item][place]
        try require(
            head.offered > 0 && terms(item, person, most).sale != head.offeredIn && units == most,
            "\(units) of \(items[item].sku) were set aside and could be offered")
        queues[item][place].aside += units
    }

    /// The place in the queue that is to be served next, and how many units it can get.
    private func head(_ item: Int, _ person: Int) throws(Violation) -> (place: Int, most: Int) {
        let sku = items[item].sku
        guard let place = queues[item].firstIndex(where: { $0.offered + $0.aside < $0.wants })
        else { throw Violation("\(sku) was offered and nobody waits") }
        let head = queues[item][place]
        try require(head.person == person, "an offer of \(sku) passed somebody who came first")
        let most = min(available(item), head.wants - head.offered - head.aside)
        try require(most > 0, "\(sku) was offered with none available")
        return (place, most)
    }

    private mutating func place(_ placement: OrderPlacement, at now: Int64) throws(Violation) {
        let id = placement.id.description
        try require(orders[id] == nil, "order \(id) was placed twice")
        try take(orderSeq: placement.seq)
        for line in placement.lines {
            let hold = line.hold
            let open = try openHold(hold.number, "ordered")
            try require(
                open.owner == placement.participant.index, "\(hold) was ordered by somebody else")
            try require(open.endsAt > now, "\(hold) was ordered after its end")
            try require(
                line.text?.title == titles[open.item],
                "\(hold) was ordered as \(line.text?.title ?? "nothing")")
            holds[hold.number - 1].state = .ordered
        }
        try require(
            placement.payBy.milliseconds == now + Int64(setting("payment_seconds")) * 1000,
            "order \(id) has a wrong end")
        orders[id] = NaiveOrder(
            owner: placement.participant.index, holds: placement.lines.map(\.hold.number),
            payBy: placement.payBy.milliseconds)
        orderIDs.append(id)
    }

    private mutating func take(orderSeq number: Int) throws(Violation) {
        try require(number > seq, "order seq \(number) follows \(seq)")
        seq = number
    }

    private mutating func pay(_ id: String, at now: Int64) throws(Violation) {
        switch orders[id]?.state {
        case .placed: break
        case .cancelled:
            try require(mayComeBack(id, at: now), "a late payment of \(id) took what it may not")
        default: throw Violation("order \(id) was paid twice or never was")
        }
        orders[id]?.state = .paid
    }

    private mutating func owe(_ id: String, at now: Int64) throws(Violation) {
        try require(
            orders[id]?.state == .cancelled, "order \(id) is due back but was not cancelled")
        try require(
            !mayComeBack(id, at: now), "a late payment of \(id) was turned away for nothing")
        orders[id]?.state = .refundDue
    }
}
