// The whole public state of a show, for somebody who comes new or was away too long; and what she
// herself has.

import Inventory
import LiveSession
import WireProtocol

extension WireMapping {
    /// The public part that is the same for everybody, without braces: prepared once for a crowd.
    /// At most so many bytes, as far as leaving out products helps: `products_total` tells.
    static func snapshotMembers(
        of show: Show, bytesMax: Int = snapshotMembersBytesMax
    ) -> [UInt8] {
        let rest = snapshotRest(of: show)
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.beginObject("show")
        writeShowMembers(show, to: &json)
        json.endObject()
        json.key("pinned")
        json.beginArray()
        for pin in show.pins {
            json.beginObject()
            writeMembers(pin, to: &json)
            json.endObject()
        }
        json.endArray()
        writeList("queue", show.queue, to: &json)
        json.key("products")
        json.beginArray()
        var one = JSONWriter(capacity: 1024)
        for product in show.snapshotProducts() {
            one.removeAll()
            write(product, of: show, brief: true, to: &one)
            if json.count + one.count + rest.count + 4 > bytesMax { break }
            json.raw(one.bytes)
        }
        json.endArray()
        json.raw(rest)
        return Array(json.bytes.dropFirst())
    }

    /// What follows the products in a snapshot.
    private static func snapshotRest(of show: Show) -> [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.member("products_total", show.productCount)
        json.key("flash")
        json.beginArray()
        for sale in show.flashSales {
            json.beginObject()
            writeMembers(sale, of: show, to: &json)
            json.member("running", sale.isRunning)
            json.endObject()
        }
        json.endArray()
        json.key("auction")
        json.beginArray()
        json.endArray()
        for single in ["giveaway", "poll", "quiz", "coupon"] as [StaticString] {
            json.key(single)
            json.null()
        }
        json.key("note")
        if let note = show.note {
            json.beginObject()
            writeMembers(note, to: &json)
            json.endObject()
        } else {
            json.null()
        }
        json.beginObject("room")
        for setting in ShowSetting.all where setting.scope != .server {
            json.key(string: setting.name)
            write(setting.value(in: show.settings), to: &json)
        }
        json.endObject()
        return Array(json.bytes.dropFirst())
    }

    /// The `data` of the reply to `hello`, up to the snapshot, which begins unless she resumes.
    static func beginWelcome(
        _ member: Session.Membership, _ capabilities: Capabilities, _ token: String?,
        resumed: Bool, offset: Int, of show: Show, at now: Timestamp, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("protocol", "liveshop.v1")
        json.member("server_time", time: now.milliseconds)
        json.member("epoch", show.headline.epoch)
        json.member("offset", offset)
        json.member("resumed", resumed)
        writeYou(member, capabilities, token, of: show, at: now, to: &json)
        writeLimits(of: show, to: &json)
        if !resumed { json.beginObject("snapshot") }
    }

    /// The members of a snapshot that change too often to be prepared; and the ends of the snapshot, the
    /// data and the reply.
    static func endWelcome(of show: Show, to json: inout JSONWriter) {
        json.member("viewers", show.roster.viewers)
        json.key("chat")
        json.beginArray()
        for message in show.chat.newest(ShowLimits.snapshotChatMax) {
            json.beginObject()
            writeMembers(message, to: &json)
            json.member("time", time: message.time.milliseconds)
            json.endObject()
        }
        json.endArray()
        for _ in 0..<3 { json.endObject() }
    }

    static func writeShowMembers(_ show: Show, to json: inout JSONWriter) {
        writeMembers(show.listing, to: &json)
    }

    static func writeMembers(_ listing: ShowListing, to json: inout JSONWriter) {
        json.member("id", listing.headline.id)
        json.member("title", listing.headline.title)
        json.member("status", listing.status.rawValue)
        json.member("currency", listing.headline.currency)
        json.key("hosts")
        json.beginArray()
        for host in listing.hosts {
            json.beginObject()
            json.member("name", host)
            json.endObject()
        }
        json.endArray()
        json.key("video")
        json.null()
        json.key("disclosure")
        json.null()
        optional("scheduled_at", listing.headline.scheduledAt, to: &json)
        optional("started_at", listing.startedAt, to: &json)
        if let endedAt = listing.endedAt { json.member("ended_at", time: endedAt.milliseconds) }
    }

    private static func optional(
        _ name: StaticString, _ time: Timestamp?, to json: inout JSONWriter
    ) {
        json.key(name)
        if let time { json.time(time.milliseconds) } else { json.null() }
    }

    /// `you`: who the client is, and all that is hers.
    private static func writeYou(
        _ member: Session.Membership, _ capabilities: Capabilities, _ token: String?,
        of show: Show, at now: Timestamp, to json: inout JSONWriter
    ) {
        let (identity, participant) = (member.identity, member.participant)
        json.beginObject("you")
        json.member("participant", identity.subject)
        json.member("name", identity.name)
        json.member("role", show.roster[participant].role.rawValue)
        writeList(
            "capabilities",
            Capabilities.names.filter { capabilities.contains($0.value) }.map(\.name),
            to: &json)
        json.key("holds")
        json.beginArray()
        for hold in show.ledger.openHolds(of: participant) { write(hold, of: show, to: &json) }
        json.endArray()
        json.key("waitlist")
        json.beginArray()
        for variant in show.ledger.waiting(of: participant) {
            let level = show.ledger.level(variant)
            guard let entry = level.waitlist.entry(of: participant) else { continue }
            write(
                entry, place: level.waitlist.place(of: participant) ?? 0, sku: level.sku, to: &json)
        }
        json.endArray()
        json.key("orders")
        json.beginArray()
        for order in openAndNewest(show.ledger, of: participant) {
            write(order, of: show, to: &json)
        }
        json.endArray()
        json.member("points", 0)
        if let restraint = show.restraint(of: participant, at: now) {
            writeMembers(restraint, to: &json)
        }
        if let token { json.member("token", token) }
        json.endObject()
    }

    private static func writeMembers(_ restraint: Restraint, to json: inout JSONWriter) {
        if let until = restraint.mutedUntil {
            json.member("muted_until", time: until.milliseconds)
        }
        guard let restriction = restraint.restriction else { return }
        json.member("restricted", true)
        if let end = restriction.end { json.member("restricted_until", time: end.milliseconds) }
    }

    /// The orders that may still change, and the newest of the others; oldest first.
    private static func openAndNewest(
        _ ledger: StockLedger, of participant: ParticipantID
    ) -> [Order] {
        var others = 0
        var chosen: [Order] = []
        for index in ledger.orderIndexes(of: participant).reversed() {
            let order = ledger.order(at: index)
            let isOpen = order.state == .placed || order.state == .refundDue
            if !isOpen { others += 1 }
            if isOpen || others <= welcomeOrdersMax { chosen.append(order) }
        }
        return chosen.reversed()
    }

    /// `limits`: the numbers a client should know.
    private static func writeLimits(of show: Show, to json: inout JSONWriter) {
        let settings = show.settings
        json.beginObject("limits")
        json.member("message_bytes", WireLimits.messageBytes)
        json.member("chat_length", settings.chatLength)
        json.member("chat_rate", settings.chatRate)
        json.member("chat_rate_seconds", settings.chatRateSeconds)
        json.member("hold_seconds", settings.stock.holdSeconds)
        json.member("hold_extension_seconds", settings.stock.extensionSeconds)
        json.member("hold_extensions", settings.stock.extensions)
        json.member("waitlist_offer_seconds", settings.stock.offerSeconds)
        json.member("payment_seconds", settings.stock.paymentSeconds)
        json.member("active_holds", settings.stock.activeHolds)
        json.endObject()
    }
}

/// Orders that are over and still come with every `hello`; the rest is asked for.
private let welcomeOrdersMax = 50
