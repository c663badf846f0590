// Lists, a page at a time: at most `limit` entries and 256 KiB, then `next` names the place to go on from. A
// place is a number that stays what it is while others come and go.

import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    func writeViewers(
        _ page: ListPage, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let start = try place(page).map { $0 + 1 } ?? 0
        let viewers = self[show: call.room].roster.present(from: start, count: page.limit + 1)
        writePage("viewers", page, viewers, { $0.0.index }, &data) { viewer, json in
            json.member("participant", viewer.1.subject)
            json.member("name", viewer.1.name)
            json.member("role", viewer.1.role.rawValue)
            json.member("guest", viewer.1.isGuest)
            json.member("connections", viewer.1.connections)
        }
    }

    func writeHolds(
        of sku: String?, _ page: ListPage, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let variant = try optionalVariant(sku, call)
        let show = self[show: call.room]
        let start = try place(page).map { $0 + 1 } ?? 1
        let holds = show.ledger.openHolds(from: start, of: variant, count: page.limit + 1)
        writePage("holds", page, holds, { $0.id.number }, &data) { hold, json in
            WireMapping.writeHolder(show.roster[hold.participant], to: &json)
            WireMapping.writeMembers(hold, of: show, to: &json)
        }
    }

    func writeWaitlist(
        of sku: String?, _ page: ListPage, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let variant = try optionalVariant(sku, call)
        let show = self[show: call.room]
        let entries = waiting(
            for: variant, in: show, after: try place(page), count: page.limit + 1)
        writePage("waitlist", page, entries, { $0.number }, &data) { item, json in
            WireMapping.writeHolder(show.roster[item.entry.participant], to: &json)
            json.member("sku", item.sku)
            json.member("quantity", item.entry.quantity)
            json.member("place", item.place)
            guard let offer = item.entry.offer else { return }
            json.beginObject("offer")
            WireMapping.writeMembers(offer, to: &json)
            json.endObject()
        }
    }

    private typealias Waiting = (number: Int, sku: String, place: Int, entry: WaitlistEntry)

    /// The queues of the SKUs one after the other. A place in them is the SKU and the last who was named:
    /// when that one has left, the queue is listed from its head again, so that nobody is missed.
    private func waiting(
        for variant: VariantID?, in show: Show, after: Int?, count: Int
    ) -> [Waiting] {
        let (first, last) = (after ?? 0).quotientAndRemainder(dividingBy: waitersPerQueue)
        var entries: [Waiting] = []
        for (index, level) in show.ledger.levels.enumerated().dropFirst(first)
        where !level.waitlist.isEmpty && (variant == nil || variant == VariantID(index)) {
            var skipped = 0
            if after != nil, index == first {
                skipped = level.waitlist.place(of: ParticipantID(last)) ?? 0
            }
            for (place, entry) in level.waitlist.inOrder.enumerated().dropFirst(skipped) {
                let number = index * waitersPerQueue + entry.participant.index
                entries.append((number, level.sku, place + 1, entry))
                if entries.count == count { return entries }
            }
        }
        return entries
    }

    func writeOrders(
        _ status: ListedOrders?, _ page: ListPage, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let show = self[show: call.room]
        let start = try place(page).map { $0 + 1 } ?? 0
        let wanted = (start..<max(start, show.ledger.orderCount)).lazy
            .map { (number: $0, order: show.ledger.order(at: $0)) }
            .filter { status == nil || WireMapping.name(of: $0.order.state) == status?.rawValue }
        writePage("orders", page, wanted, { $0.number }, &data) { item, json in
            WireMapping.writeListed(item.order, of: show, to: &json)
        }
    }

    /// Own orders, newest first.
    func writeOwnOrders(
        _ page: ListPage, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let show = self[show: call.room]
        let own = show.ledger.orderIndexes(of: call.participant)
        let end = min(try place(page) ?? own.count, own.count)
        writePage("orders", page, (0..<max(0, end)).reversed(), { $0 }, &data) { place, json in
            WireMapping.writeMembers(show.ledger.order(at: own[place]), of: show, to: &json)
        }
    }

    // MARK: Pages

    private func optionalVariant(_ sku: String?, _ call: Call) throws(CallFailure) -> VariantID? {
        guard let sku else { return nil }
        return try variant(sku, call)
    }

    /// The number after which the page begins; nil when it is the first.
    private func place(_ page: ListPage) throws(CallFailure) -> Int? {
        guard let after = page.after else { return nil }
        guard let number = Int(after), (0...Int(WireLimits.integerMax)).contains(number) else {
            throw .refused(
                Refusal(.badRequest, "data.after: must be the next of an earlier reply, as it was"))
        }
        return number
    }

    private func writePage<Items: Sequence>(
        _ name: StaticString, _ page: ListPage, _ items: Items, _ number: (Items.Element) -> Int,
        _ data: inout JSONWriter, _ write: (Items.Element, inout JSONWriter) -> Void
    ) {
        let start = data.count
        var last: Int?
        var count = 0
        var isAll = true
        var one = JSONWriter(capacity: 512)
        data.beginObject()
        data.key(name)
        data.beginArray()
        for item in items {
            isAll = false
            if count == page.limit { break }
            one.removeAll()
            one.beginObject()
            write(item, &one)
            one.endObject()
            if count > 0, data.count - start + one.count > listBytesMax { break }
            data.raw(one.bytes)
            count += 1
            last = number(item)
            isAll = true
        }
        data.endArray()
        data.key("next")
        if let last, !isAll { data.string("\(last)") } else { data.null() }
        data.endObject()
    }
}

/// No answer with a list is longer than 256 KiB, its envelope included.
private let listBytesMax = (256 << 10) - 512
/// More than there are participants.
private let waitersPerQueue = 1 << 32
