// Watches a run from outside: what the store took, what left the server, what clients saw. Everything is
// compared with the naive show and with what was seen before. Throws a Violation at the first promise
// that is broken; never changes anything.

import Inventory
import LiveSession
import WireProtocol

@testable import LiveShopServer

final class Checker {
    /// A key as its owner knows it.
    struct KeyUse: Hashable {
        let show: String
        let subject: String
        let key: String
    }

    struct ConnectionRequest: Hashable {
        let connection: ConnectionID
        let id: Int
    }

    /// The naive picture of each show, by the store's key.
    var shows: [Int: NaiveShow] = [:]
    let showKeys: [String: Int]
    private var journals: [Int: Int] = [:]
    /// The public events as first stored, by offset.
    private(set) var events: [Int: [Int: [UInt8]]] = [:]
    /// The public state at the offsets at which a batch ended.
    private(set) var publicAt: [Int: [Int: PublicView]] = [:]
    private(set) var subjects: [Int: [Int: String]] = [:]
    private var storedStock: [Int: [String: SimulatedStore.StockRow]] = [:]
    private var answers: [KeyUse: (content: Int, data: [UInt8])] = [:]
    private var answered: Set<ConnectionRequest> = []
    /// Whether a process died after a commit and before its answers left.
    var hasLostAnswers = false
    /// What was said, by number; what was said while nothing could be stored may be forgotten.
    private var said: [Int: [Int: String]] = [:]
    private var sentChat: [Int: Set<Int>] = [:]
    private var unstoredChat: [Int: Set<Int>] = [:]
    /// Shows whose journal grew in this batch.
    private(set) var changed: Set<Int> = []
    /// How often each thing was checked, to see that a run reaches it.
    private(set) var counts: [String: Int] = [:]

    init(showKeys: [String: Int], settings: ShowSettings) {
        self.showKeys = showKeys
        for key in showKeys.values {
            shows[key] = NaiveShow(settings)
            events[key] = [:]
        }
    }

    func count(_ what: String) { counts[what, default: 0] += 1 }

    // MARK: What the store took

    func beginBatch() {
        changed = []
        for key in shows.keys { shows[key]?.startLooking() }
    }

    func committed(_ room: RoomRecords, at time: Timestamp) throws {
        let key = room.key
        for person in room.people {
            let known = subjects[key]?[person.number.index]
            guard known == nil || known == person.participant.subject else {
                throw Violation("participant \(person.number.index) became somebody else")
            }
            subjects[key, default: [:]][person.number.index] = person.participant.subject
        }
        if let number = room.journal {
            guard number == journals[key, default: 0] + 1 else {
                throw Violation("journal entry \(number) follows \(journals[key, default: 0])")
            }
            journals[key] = number
            changed.insert(key)
            var reader = ByteReader(room.facts)
            while !reader.isAtEnd {
                let fact = try ShowFact(from: &reader)
                try shows[key]?.note(fact, at: time.milliseconds)
                count("facts")
            }
        }
        for event in room.events {
            guard event.offset == (events[key]?.count ?? 0) + 1 else {
                throw Violation("event \(event.offset) follows \(events[key]?.count ?? 0)")
            }
            events[key]?[event.offset] = event.payload
            count("events")
        }
        for message in room.chat { said[key, default: [:]][message.number] = message.text }
        for row in room.stock {
            storedStock[key, default: [:]][row.sku] =
                row.isRemoved ? nil : .init(onHand: row.onHand, held: row.held, sold: row.sold)
        }
        try compareStock(key)
    }

    /// Conservation at every commit: the stored counters are what the single holds add up to.
    private func compareStock(_ key: Int) throws {
        guard let naive = shows[key] else { return }
        for (place, item) in naive.items.enumerated() {
            let stored = storedStock[key]?[item.sku]
            if item.isRemoved { continue }
            let counted = SimulatedStore.StockRow(
                onHand: item.onHand, held: naive.held(place), sold: naive.sold(place))
            guard stored == counted else {
                throw Violation(
                    "stock of \(item.sku): stored \(stored as Any), counted \(counted)")
            }
        }
    }

    // MARK: After a batch

    /// Compares the server's own picture with the naive one. `isStoring` is false while the store
    /// refuses commits: then nothing ends.
    func finishBatch(_ engine: ShowEngine, at now: Int64, isStoring: Bool) throws {
        for room in engine.rooms {
            guard let naive = shows[room.key] else { continue }
            try compare(room.show, naive)
            if isStoring, let late = naive.overdue(at: now) {
                throw Violation("\(late.what) is overdue by \(now - late.since) ms after a batch")
            }
            if let contradiction = naive.contradiction(at: now) { throw Violation(contradiction) }
            for (place, queue) in naive.queues.enumerated() {
                if queue.contains(where: { $0.offered + $0.aside < $0.wants }),
                    naive.available(place) > 0
                {
                    throw Violation(
                        "\(naive.available(place)) of \(naive.items[place].sku) are available "
                            + "and somebody waits")
                }
            }
            try notePublicState(of: room)
        }
    }

    private func notePublicState(of room: Room) throws {
        let bytes = [UInt8(ascii: "{")] + WireMapping.snapshotMembers(of: room.show) + [0x7D]
        guard let value = JSONValue.parse(bytes), let view = PublicView(snapshot: value) else {
            throw Violation("a snapshot cannot be read")
        }
        let offset = room.show.log.lastOffset
        if let before = publicAt[room.key]?[offset], before != view {
            throw Violation(
                "the public state changed without an event after \(offset): "
                    + before.difference(from: view))
        }
        publicAt[room.key, default: [:]][offset] = view
    }

    private func compare(_ show: Show, _ naive: NaiveShow) throws {
        func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
            if !condition { throw Violation("server and journal differ: " + sentence()) }
        }
        try expect(show.lastSeq == naive.seq, "seq \(show.lastSeq), \(naive.seq)")
        try expect(show.status.rawValue == naive.status, "status \(show.status)")
        let levels = show.ledger.levels
        try expect(levels.count == naive.items.count, "\(levels.count) variants")
        for (place, item) in naive.items.enumerated() where place < levels.count {
            let level = levels[place]
            try expect(
                level.onHand == item.onHand && level.price == item.price
                    && level.limit == item.limit && level.isRemoved == item.isRemoved
                    && level.held == naive.held(place) && level.sold == naive.sold(place),
                "\(item.sku): \(level.onHand) on hand, \(level.held) held, \(level.sold) sold")
            let queue = level.waitlist.inOrder.map { entry in
                NaiveShow.Waiter(
                    person: entry.participant.index, wants: entry.quantity,
                    offered: entry.offer?.quantity ?? 0, offerPrice: entry.offer?.unitPrice ?? 0,
                    offerEndsAt: entry.offer?.expiresAt.milliseconds ?? 0,
                    aside: entry.setAside, joinedIn: entry.special,
                    offeredIn: entry.offer?.special ?? 0)
            }
            let expected = naive.queues[place].map { waiter in
                var waiter = waiter
                if waiter.offered == 0 {
                    (waiter.offerPrice, waiter.offerEndsAt, waiter.offeredIn) = (0, 0, 0)
                }
                return waiter
            }
            try expect(queue == expected, "waitlist of \(item.sku): \(queue), \(expected)")
        }
        let open = show.ledger.openHolds().map { "\($0.id) \($0.expiresAt.milliseconds)" }
        let expected = naive.holds.enumerated().filter { $0.element.state == .open }
            .map { "h\($0.offset + 1) \($0.element.endsAt)" }
        try expect(open == expected, "open holds \(open), \(expected)")
        try expect(show.ledger.orderCount == naive.orderIDs.count, "orders")
        for (place, id) in naive.orderIDs.enumerated() where place < show.ledger.orderCount {
            let order = show.ledger.order(at: place)
            try expect(
                order.id.description == id
                    && WireMapping.name(of: order.state) == naive.orders[id]?.state.rawValue,
                "order \(id)")
        }
    }

    // MARK: What left the server

    /// The answer to a request on a connection. `data` is `data` or `error` as it was written.
    func answer(
        _ sent: Sent, of person: Person, on request: ConnectionRequest, isError: Bool,
        data: [UInt8], isStoring: Bool
    ) throws {
        guard answered.insert(request).inserted else {
            throw Violation("request \(request.id) on \(request.connection) has two answers")
        }
        guard let value = JSONValue.parse(data) else { throw Violation("unreadable answer") }
        let asked = sent.asked
        count(isError ? "error \(value["code"]?.text ?? "?")" : "reply \(asked.type)")
        if let key = asked.key {
            try keyed(
                KeyUse(show: person.show, subject: person.subject, key: key), asked, value,
                isError: isError, data: data, isStoring: isStoring)
        }
        guard let show = showKeys[person.show].flatMap({ shows[$0] }) else { return }
        if isError {
            try refused(asked, value, person, show)
        } else {
            try confirmed(asked, value, person, show)
        }
    }

    private func keyed(
        _ use: KeyUse, _ asked: Asked, _ value: JSONValue, isError: Bool, data: [UInt8],
        isStoring: Bool
    ) throws {
        let first = answers[use]
        if isError {
            let code = value["code"]?.text ?? ""
            if code == "key_conflict" {
                // The first answer may have died with the process, after its commit.
                guard first.map({ $0.content != asked.content }) ?? hasLostAnswers else {
                    throw Violation("key \(use.key) is in conflict with itself")
                }
                return
            }
            // These come before the key is looked at.
            let early = ["rate_limited", "forbidden", "not_joined", "unauthorized", "banned"]
            guard first == nil || early.contains(code) else {
                throw Violation("key \(use.key) was answered before and is \(code) now")
            }
            return
        }
        guard let first else {
            if isStoring || asked.type != "chat.send" { answers[use] = (asked.content, data) }
            return
        }
        guard first.content == asked.content else {
            throw Violation("key \(use.key) was carried out with two contents")
        }
        guard first.data == data else {
            throw Violation(
                "key \(use.key) has two answers: \(String(decoding: first.data, as: UTF8.self)) "
                    + "and \(String(decoding: data, as: UTF8.self))")
        }
        count("repeated answers")
    }

    private func refused(
        _ asked: Asked, _ error: JSONValue, _ person: Person, _ show: NaiveShow
    ) throws {
        if asked.type == "order.pay" { return try unpaid(asked, error, person, show) }
        guard asked.type == "claim.create", let sku = asked.data["sku"]?.text,
            let item = show.item(sku)
        else { return }
        let seen = show.availableSeen[item] ?? []
        switch error["code"]?.text {
        case "sold_out":
            let sale = show.sales.values.first { $0.item == item }
            guard seen.contains(0) || sale?.quantity != nil else {
                throw Violation("\(sku) was sold out with \(seen) available")
            }
        case "insufficient_stock":
            let named = error["available"]?.int ?? -1
            guard seen.contains(named) || show.sales.values.contains(where: { $0.item == item })
            else { throw Violation("\(sku): \(named) available, but it was \(seen)") }
        case "limit_reached": try limited(asked, item, person, show)
        default: break
        }
    }

    /// A payment that is turned away for the order's state could not be honoured, as far as this batch
    /// changed nothing.
    private func unpaid(
        _ asked: Asked, _ error: JSONValue, _ person: Person, _ show: NaiveShow
    ) throws {
        let key = showKeys[person.show] ?? 0
        guard error["code"]?.text == "invalid_state", asked.data["method"]?.text == "succeeded",
            !changed.contains(key), let id = asked.data["order"]?.text,
            show.orders[id]?.state == .cancelled
        else { return }
        guard !show.mayComeBack(id, at: show.lastNoted) else {
            throw Violation("a payment of \(id) was turned away for nothing")
        }
        count("late payments turned away")
    }

    /// Who is turned away at a limit has reached one, as far as this batch changed nothing.
    private func limited(_ asked: Asked, _ item: Int, _ person: Person, _ show: NaiveShow) throws {
        let key = showKeys[person.show] ?? 0
        let number = subjects[key]?.first { $0.value == person.subject }?.key ?? -1
        guard !changed.contains(key), show.runningSale(of: item) == nil else { return }
        let limit = show.items[item].limit ?? show.setting("limit_per_buyer")
        let wanted = asked.data["quantity"]?.int ?? 1
        let open = show.holds.filter { $0.owner == number && $0.state == .open }.count
        let active = show.setting("active_holds")
        guard
            limit > 0 && show.counted(number, item) + wanted > limit || active > 0 && open >= active
        else {
            throw Violation(
                "\(person.subject) has \(show.counted(number, item)) of \(show.items[item].sku) and "
                    + "\(open) holds, and was turned away at a limit")
        }
        count("limits checked")
    }

    /// A confirmation says what is durable already.
    private func confirmed(
        _ asked: Asked, _ data: JSONValue, _ person: Person, _ show: NaiveShow
    ) throws {
        let key = showKeys[person.show] ?? 0
        func isHers(_ number: Int) -> Bool { subjects[key]?[number] == person.subject }
        func expect(_ condition: Bool) throws {
            if !condition {
                throw Violation("\(asked.type) was confirmed but is not stored: \(data.string)")
            }
        }
        switch asked.type {
        case "claim.create", "waitlist.accept":
            let seq = data["seq"]?.int ?? 0
            guard let claim = show.claims[seq] else {
                return try expect(show.answeredSeqs.contains(seq))
            }
            try expect(isHers(claim.participant.index))
            try expect(show.items[claim.variant.index].sku == asked.data["sku"]?.text)
            try expect(data["hold"]?["quantity"]?.int ?? 0 == claim.granted)
            try expect(data["hold"]?["hold"]?.text == claim.hold?.description)
            try expect(data["waitlist"]?["quantity"]?.int ?? 0 == claim.waiting)
            if let seen = asked.data["unit_price"]?.int { try expect(claim.unitPrice <= seen) }
        case "hold.release":
            let number = Int(data["hold"]?.text?.dropFirst() ?? "") ?? 0
            try expect(number >= 1 && number <= show.holds.count)
            let remaining = data["remaining"]?.int ?? 0
            try expect(remaining > 0 || show.holds[number - 1].state == .released)
            try expect(isHers(show.holds[number - 1].owner))
        case "order.place":
            let id = data["order"]?["order"]?.text ?? ""
            try expect(show.orders[id].map { isHers($0.owner) } ?? false)
        case "order.pay":
            let state = show.orders[data["order"]?["order"]?.text ?? ""]?.state
            try expect(state == .paid)
        case "order.cancel":
            let state = show.orders[data["order"]?["order"]?.text ?? ""]?.state
            try expect(state != nil && state != .placed)
        default: break
        }
    }

    // MARK: What everybody hears

    func broadcast(event bytes: [UInt8], offset: Int, show: Int) throws {
        guard events[show]?[offset] == bytes else {
            throw Violation("event \(offset) was sent but is not stored like that")
        }
    }

    func chat(_ message: JSONValue, show: Int, isStoring: Bool) throws {
        let number = Int(message["message"]?.text?.dropFirst() ?? "") ?? 0
        let text = message["text"]?.text ?? ""
        guard message["replayed"]?.flag != true else {
            guard said[show]?[number] == text else {
                throw Violation("chat m\(number) is replayed and was never said")
            }
            return
        }
        if !isStoring {
            unstoredChat[show, default: []].insert(number)
            said[show, default: [:]][number] = text
        } else {
            guard said[show]?[number] == text else {
                throw Violation("chat m\(number) was sent and is not stored")
            }
        }
        // A number given while nothing could be stored may be given again after a crash.
        let isFirst = sentChat[show, default: []].insert(number).inserted
        guard isFirst || unstoredChat[show]?.contains(number) == true else {
            throw Violation("chat m\(number) was sent twice")
        }
        count("chat")
    }

    /// Chat in a snapshot was sent to everybody before.
    func snapshotChat(_ messages: [JSONValue], show: Int) throws {
        for message in messages {
            let number = Int(message["message"]?.text?.dropFirst() ?? "") ?? 0
            guard said[show]?[number] == message["text"]?.text else {
                throw Violation("a snapshot shows chat m\(number), which nobody said")
            }
        }
    }

    /// A stock number shown is true.
    func stockNotice(_ data: JSONValue, show: Int) throws {
        guard let naive = shows[show], let sku = data["sku"]?.text, let item = naive.item(sku)
        else { return }
        let held = naive.held(item)
        let sold = naive.sold(item)
        guard data["held"]?.int == held, data["sold"]?.int == sold,
            data["on_hand"]?.int == naive.items[item].onHand,
            data["available"]?.int == naive.available(item)
        else { throw Violation("a notice says \(data.string); held \(held), sold \(sold)") }
        count("stock notices")
    }

    /// What `hello` says is hers, when nothing else happened in the batch.
    func hello(_ you: JSONValue, of person: Person) throws {
        guard let key = showKeys[person.show], let show = shows[key], !changed.contains(key) else {
            return
        }
        let number = subjects[key]?.first { $0.value == person.subject }?.key
        let holds = show.holds.enumerated()
            .filter { $0.element.owner == number && $0.element.state == .open }
            .map { "h\($0.offset + 1)" }
        let told = (you["holds"]?.list ?? []).compactMap { $0["hold"]?.text }
        guard Set(told) == Set(holds) else {
            throw Violation("\(person.subject) has holds \(holds) and was told \(told)")
        }
        let orders = show.orderIDs.filter { show.orders[$0]?.owner == number }
        let toldOrders = (you["orders"]?.list ?? []).compactMap { $0["order"]?.text }
        guard orders == toldOrders else {
            throw Violation("\(person.subject) has orders \(orders) and was told \(toldOrders)")
        }
        let places = show.queues.indices.flatMap { item in
            show.queues[item].enumerated().filter { $0.element.person == number }
                .map { "\(show.items[item].sku) \($0.offset + 1) \($0.element.wants)" }
        }
        let toldPlaces = (you["waitlist"]?.list ?? []).map {
            "\($0["sku"]?.text ?? "") \($0["place"]?.int ?? 0) \($0["quantity"]?.int ?? 0)"
        }
        guard Set(places) == Set(toldPlaces) else {
            throw Violation("\(person.subject) waits \(places) and was told \(toldPlaces)")
        }
        count("hello checked")
    }
}
