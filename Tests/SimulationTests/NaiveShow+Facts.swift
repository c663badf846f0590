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
        case .offered(let variant, let person, let units, let price, let until):
            try offer(
                variant.index, person.index, units, price, until.milliseconds, at: now)
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
        case .orderPaid(let id, _): try pay(id.description)
        case .orderCancelled(let id):
            try require(
                orders[id.description]?.state == .placed, "\(id) was cancelled but not placed")
            orders[id.description]?.state = .cancelled
        case .orderRefundDue(let id): try owe(id.description)
        case .orderRefunded: break
        }
    }

    mutating func note(_ claim: Claim, at now: Int64) throws(Violation) {
        let item = claim.variant.index
        let person = claim.participant.index
        let sku = items[item].sku
        try require(!items[item].isRemoved, "\(sku) was claimed after it was removed")
        claims[claim.seq] = claim
        if claim.acceptsOffer {
            try accept(claim, at: now)
        } else {
            try require(
                max(restricted[person] ?? now, banned[person] ?? now) <= now,
                "\(sku) was claimed by somebody who may not")
            let free = available(item)
            let sale = sale(of: item)
            try require(
                status == "live" || status == "ended" && settings["replay_sales"] == 1,
                "\(sku) was claimed while the show was \(status)")
            try require(
                claim.granted <= free, "\(claim.granted) of \(sku) granted with \(free) available")
            if claim.granted > 0 {
                try require(
                    !queues[item].contains { $0.offered < $0.wants },
                    "a grant of \(sku) passed somebody who waits")
            }
            let most = min(free, sale?.quantity.map { $0 - (sale?.taken ?? 0) } ?? free)
            try require(
                claim.granted == min(most, claim.requested),
                "\(claim.granted) of \(sku) granted; \(claim.requested) wanted, \(most) to be had")
            let limit = items[item].limit ?? setting("limit_per_buyer")
            try require(
                limit == 0 || counted(person, item) + claim.requested <= limit,
                "a claim of \(sku) passed the limit of \(limit)")
            try require(
                claim.unitPrice == items[item].price, "a claim of \(sku) has another price")
            if let number = sales.keys.sorted().first(where: {
                sales[$0]?.item == item && sales[$0]?.isRunning == true
            }) {
                sales[number]?.taken += claim.granted
            }
        }
        if let hold = claim.hold {
            try require(
                hold.number == holds.count + 1 && claim.granted > 0, "hold \(hold) is out of order")
            let open = holds.filter { $0.owner == person && $0.state == .open }.count
            let active = setting("active_holds")
            try require(active == 0 || open < active, "somebody has more than \(active) holds")
            let seconds =
                sale(of: item) != nil && !claim.acceptsOffer
                ? setting("flash_hold_seconds") : setting("hold_seconds")
            try require(
                claim.expiresAt.milliseconds == now + Int64(seconds) * 1000,
                "hold \(hold) does not last \(seconds) s")
            holds.append(
                NaiveHold(
                    owner: person, item: item, units: claim.granted, price: claim.unitPrice,
                    endsAt: claim.expiresAt.milliseconds, extensions: claim.extensions))
        }
        if claim.joined > 0 {
            try require(
                !queues[item].contains { $0.person == person }, "somebody waits twice for \(sku)")
            queues[item].append(Waiter(person: person, wants: claim.joined))
            try require(
                claim.place == queues[item].count,
                "place \(claim.place) is not the end of the queue")
            try require(
                queues[item].count <= setting("waitlist_max"), "the waitlist of \(sku) is too long")
        }
    }

    private mutating func accept(_ claim: Claim, at now: Int64) throws(Violation) {
        let item = claim.variant.index
        guard
            let place = queues[item].firstIndex(where: { $0.person == claim.participant.index }),
            queues[item][place].offered == claim.granted, claim.granted > 0
        else { throw Violation("an offer of \(items[item].sku) was accepted that is not there") }
        let waiter = queues[item][place]
        try require(waiter.offerEndsAt > now, "an offer was accepted after its end")
        try require(waiter.offerPrice == claim.unitPrice, "an offer changed its price")
        queues[item][place].wants -= claim.granted
        queues[item][place].offered = 0
        if queues[item][place].wants == 0 { queues[item].remove(at: place) }
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
        _ item: Int, _ person: Int, _ units: Int, _ price: Int, _ until: Int64, at now: Int64
    ) throws(Violation) {
        let sku = items[item].sku
        let free = available(item)
        try require(units > 0 && units <= free, "\(units) of \(sku) offered with \(free) available")
        guard let place = queues[item].firstIndex(where: { $0.offered < $0.wants }) else {
            throw Violation("\(sku) was offered and nobody waits")
        }
        let head = queues[item][place]
        try require(head.person == person, "an offer of \(sku) passed somebody who came first")
        try require(units <= head.wants - head.offered, "more of \(sku) offered than wanted")
        if head.offered > 0 {
            try require(
                head.offerEndsAt == until && head.offerPrice == price, "an open offer changed")
        } else {
            try require(price == items[item].price, "an offer of \(sku) has another price")
            try require(
                until == now + Int64(setting("waitlist_offer_seconds")) * 1000,
                "an offer of \(sku) has a wrong end")
        }
        queues[item][place].offered += units
        queues[item][place].offerPrice = price
        queues[item][place].offerEndsAt = until
    }

    private mutating func place(_ placement: OrderPlacement, at now: Int64) throws(Violation) {
        let id = placement.id.description
        try require(orders[id] == nil, "order \(id) was placed twice")
        try take(orderSeq: placement.seq)
        for hold in placement.holds {
            let open = try openHold(hold.number, "ordered")
            try require(
                open.owner == placement.participant.index, "\(hold) was ordered by somebody else")
            try require(open.endsAt > now, "\(hold) was ordered after its end")
            holds[hold.number - 1].state = .ordered
        }
        try require(
            placement.payBy.milliseconds == now + Int64(setting("payment_seconds")) * 1000,
            "order \(id) has a wrong end")
        orders[id] = NaiveOrder(
            owner: placement.participant.index, holds: placement.holds.map(\.number),
            payBy: placement.payBy.milliseconds)
        orderIDs.append(id)
    }

    private mutating func take(orderSeq number: Int) throws(Violation) {
        try require(number > seq, "order seq \(number) follows \(seq)")
        seq = number
    }

    private mutating func pay(_ id: String) throws(Violation) {
        switch orders[id]?.state {
        case .placed: break
        case .cancelled:
            try require(isFree(id), "a late payment of \(id) took units that are not free")
        default: throw Violation("order \(id) was paid twice or never was")
        }
        orders[id]?.state = .paid
    }

    private mutating func owe(_ id: String) throws(Violation) {
        try require(
            orders[id]?.state == .cancelled, "order \(id) is due back but was not cancelled")
        try require(!isFree(id), "a late payment of \(id) was turned away with its units free")
        orders[id]?.state = .refundDue
    }

    private func isFree(_ id: String) -> Bool {
        var wanted: [Int: Int] = [:]
        for hold in orders[id]?.holds ?? [] {
            wanted[holds[hold - 1].item, default: 0] += holds[hold - 1].units
        }
        return wanted.allSatisfy { !items[$0.key].isRemoved && available($0.key) >= $0.value }
    }
}
