// A domain fact turned into a message: the only place that knows both the show's words and the wire's.
// Everything is written straight into JSON; field names and shapes are those of docs/PROTOCOL.md.

import Inventory
import LiveSession
import WireProtocol

enum WireMapping {
    // MARK: Events

    /// Writes a whole event. Returns the participants it names.
    static func write(
        _ event: PublicEvent, offset: Int, of show: Show, at now: Timestamp,
        to json: inout JSONWriter
    ) -> [ParticipantID] {
        json.beginObject()
        json.member("type", type(of: event))
        json.member("show", show.headline.id)
        json.member("offset", offset)
        json.member("time", time: now.milliseconds)
        json.beginObject("data")
        let named = writeData(of: event, show, to: &json)
        json.endObject()
        json.endObject()
        return named
    }

    private static func type(of event: PublicEvent) -> String {
        switch event {
        case .statusChanged(.live, let continued): continued ? "show.resumed" : "show.started"
        case .statusChanged(.paused, _): "show.paused"
        case .statusChanged(let status, _): "show.\(status.rawValue)"
        case .productAdded: "product.added"
        case .productUpdated: "product.updated"
        case .productRemoved: "product.removed"
        case .catalogueChanged: "catalogue.changed"
        case .pinned: "product.pinned"
        case .unpinned: "product.unpinned"
        case .soldOut: "product.sold_out"
        case .restocked: "product.restocked"
        case .queueChanged: "queue.changed"
        case .priceChanged: "price.changed"
        case .claimsHeld: "claim.held"
        case .roomConfigured: "room.configured"
        case .flashScheduled: "flash.scheduled"
        case .flashStarted: "flash.started"
        case .flashEnded: "flash.ended"
        case .chatDeleted: "chat.deleted"
        case .noteSet: "note.set"
        case .noteCleared: "note.cleared"
        }
    }

    private static func writeData(
        of event: PublicEvent, _ show: Show, to json: inout JSONWriter
    ) -> [ParticipantID] {
        switch event {
        case .statusChanged(let status, _): json.member("status", status.rawValue)
        case .productAdded(let id), .productUpdated(let id):
            json.key("product")
            if let product = show.product(id) {
                write(product, of: show, to: &json)
            } else {
                json.null()
            }
        case .productRemoved(let id): json.member("product", id)
        case .catalogueChanged(let total): json.member("products_total", total)
        case .pinned(let pin): writeMembers(pin, to: &json)
        case .unpinned(let product): json.member("product", product)
        case .soldOut(let sku), .restocked(let sku): json.member("sku", sku)
        case .queueChanged(let products): writeList("products", products, to: &json)
        case .priceChanged(let sku, let price, let prior):
            json.member("sku", sku)
            json.member("price", price)
            json.member("prior_price", prior)
        case .claimsHeld(let announcement):
            return write(announcement, of: show, to: &json)
        case .roomConfigured(let changes):
            for (name, value) in changes {
                json.key(string: name)
                write(value, to: &json)
            }
        case .flashScheduled(let sale), .flashStarted(let sale), .flashEnded(let sale):
            writeMembers(sale, of: show, to: &json)
        case .chatDeleted(let number): json.member("message", "m", number)
        case .noteSet(let note): writeMembers(note, to: &json)
        case .noteCleared: break
        }
        return []
    }

    private static func write(
        _ announcement: GrantAnnouncement, of show: Show, to json: inout JSONWriter
    ) -> [ParticipantID] {
        var named: [ParticipantID] = []
        if !announcement.grants.isEmpty {
            json.key("claims")
            json.beginArray()
            for grant in announcement.grants {
                json.beginObject()
                json.member("name", show.roster[grant.participant].shownName)
                json.member("sku", grant.sku)
                json.member("quantity", grant.quantity)
                json.member("seq", grant.seq)
                json.endObject()
                if !named.contains(grant.participant) { named.append(grant.participant) }
            }
            json.endArray()
        }
        json.key("totals")
        json.beginArray()
        for total in announcement.totals {
            json.beginObject()
            json.member("sku", total.sku)
            json.member("claims", total.claims)
            json.member("units", total.units)
            json.endObject()
        }
        json.endArray()
        return named
    }

    // MARK: Notices

    static func write(
        _ notice: PersonalNotice, of show: Show, at now: Timestamp, to json: inout JSONWriter
    ) {
        beginNotice(type(of: notice), of: show, at: now, to: &json)
        switch notice {
        case .holdCreated(let hold), .holdExtended(let hold), .holdExpiring(let hold),
            .holdExpired(let hold):
            writeMembers(hold, of: show, to: &json)
        case .holdReleased(let hold, let units):
            writeMembers(hold, of: show, to: &json)
            json.member("released", units)
            json.member("remaining", hold.state == .open ? hold.quantity : 0)
        case .waitlistJoined(let variant, let quantity, let place):
            json.member("sku", show.sku(of: variant))
            json.member("quantity", quantity)
            json.member("place", place)
        case .waitlistOffered(let variant, let offer):
            json.member("sku", show.sku(of: variant))
            writeMembers(offer, to: &json)
        case .waitlistPassed(let variant):
            json.member("sku", show.sku(of: variant))
        case .orderPlaced(let order), .orderPaid(let order), .orderCancelled(let order),
            .orderRefundDue(let order), .orderRefunded(let order):
            json.key("order")
            write(order, of: show, to: &json)
        case .timedOut(let until, let reason):
            json.member("until", time: until.milliseconds)
            json.member("reason", reason)
        case .restricted(let isOn, let until, let reason):
            json.member("restricted", isOn)
            if let until { json.member("until", time: until.milliseconds) }
            json.member("reason", reason)
        case .roleChanged(let role): json.member("role", role.rawValue)
        }
        json.endObject()
        json.endObject()
    }

    private static func type(of notice: PersonalNotice) -> StaticString {
        switch notice {
        case .holdCreated: "hold.created"
        case .holdExtended: "hold.extended"
        case .holdExpiring: "hold.expiring"
        case .holdExpired: "hold.expired"
        case .holdReleased: "hold.released"
        case .waitlistJoined: "waitlist.joined"
        case .waitlistOffered: "waitlist.offered"
        case .waitlistPassed: "waitlist.passed"
        case .orderPlaced: "order.placed"
        case .orderPaid: "order.paid"
        case .orderCancelled: "order.cancelled"
        case .orderRefundDue: "order.refund_due"
        case .orderRefunded: "order.refunded"
        case .timedOut: "participant.timed_out"
        case .restricted: "participant.restricted"
        case .roleChanged: "participant.role_changed"
        }
    }

    static func write(
        _ notice: SharedNotice, of show: Show, at now: Timestamp, to json: inout JSONWriter
    ) {
        switch notice {
        case .stockChanged(let variant):
            let level = show.ledger.level(variant)
            beginNotice("stock.changed", of: show, at: now, to: &json)
            json.member("sku", level.sku)
            json.member("available", level.available)
            json.member("held", level.held)
            json.member("sold", level.sold)
            json.member("on_hand", level.onHand)
            json.member("as_of", show.log.lastOffset)
        case .waitlistLength(let variant):
            let level = show.ledger.level(variant)
            beginNotice("waitlist.length", of: show, at: now, to: &json)
            json.member("sku", level.sku)
            json.member("length", level.waitlist.count)
        case .viewersCount:
            beginNotice("viewers.count", of: show, at: now, to: &json)
            json.member("viewers", show.roster.viewers)
            json.member("connections", show.roster.connections)
        case .chatMessage(let message, let dropped):
            return write(message, dropped: dropped, of: show, to: &json)
        }
        json.endObject()
        json.endObject()
    }

    /// A chat message as a notice; its time is the one at which it was said.
    static func write(
        _ message: ChatMessage, dropped: Int = 0, replayed: Bool = false, of show: Show,
        to json: inout JSONWriter
    ) {
        beginNotice("chat.message", of: show, at: message.time, to: &json)
        writeMembers(message, to: &json)
        if dropped > 0 {
            json.beginObject("sampled")
            json.member("dropped", dropped)
            json.endObject()
        }
        if replayed { json.member("replayed", true) }
        json.endObject()
        json.endObject()
    }

    static func writeRestarting(
        after milliseconds: Int, of show: Show, at now: Timestamp, to json: inout JSONWriter
    ) {
        beginNotice("server.restarting", of: show, at: now, to: &json)
        json.member("reconnect_after_ms", milliseconds)
        json.endObject()
        json.endObject()
    }

    private static func beginNotice(
        _ type: StaticString, of show: Show, at now: Timestamp, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("type", plain: type)
        json.member("show", show.headline.id)
        json.member("time", time: now.milliseconds)
        json.beginObject("data")
    }

    // MARK: Replies and errors

    static func beginReply(to id: RequestID, _ json: inout JSONWriter) {
        json.beginObject()
        json.member("type", plain: "reply")
        json.key("id")
        id.write(to: &json)
        json.key("data")
    }

    static func write(_ refusal: Refusal, to id: RequestID?, _ json: inout JSONWriter) {
        json.beginObject()
        json.member("type", plain: "error")
        if let id {
            json.key("id")
            id.write(to: &json)
        }
        json.beginObject("error")
        json.member("code", refusal.code.rawValue)
        json.member("message", refusal.message)
        json.member("retryable", refusal.code.isRetryable)
        json.member("retry_after_ms", refusal.retryAfterMilliseconds)
        for (name, value) in refusal.details { json.member(name, value) }
        json.endObject()
        json.endObject()
    }

    /// The reply to a claim, made of the stored fact alone, so that a repetition reads the same.
    static func write(
        _ claim: Claim, content: ContentHash, sku: String, show: String, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("outcome", plain: outcome(of: claim))
        json.member("seq", claim.seq)
        if let id = claim.hold {
            json.beginObject("hold")
            json.member("hold", "h", id.number)
            json.member("sku", sku)
            json.member("quantity", claim.granted)
            json.member("unit_price", claim.unitPrice)
            json.member("expires_at", time: claim.expiresAt.milliseconds)
            json.member("extensions_left", claim.extensions)
            json.endObject()
        }
        if claim.waiting > 0 {
            json.beginObject("waitlist")
            json.member("sku", sku)
            json.member("quantity", claim.waiting)
            json.member("place", claim.place)
            json.endObject()
        }
        writeReceipt(seq: claim.seq, content, at: claim.time, show: show, to: &json)
        json.endObject()
    }

    private static func outcome(of claim: Claim) -> StaticString {
        if claim.granted == 0 { return "waitlisted" }
        return claim.isPartial ? "partial" : "held"
    }

    static func writeReceipt(
        seq: Int, _ content: ContentHash, at time: Timestamp, show: String,
        to json: inout JSONWriter
    ) {
        json.beginObject("receipt")
        json.member("show", show)
        json.member("seq", seq)
        json.member("content_hash", hex: content.words)
        json.member("time", time: time.milliseconds)
        json.endObject()
    }

    // MARK: Things

    static func write(_ hold: Hold, of show: Show, to json: inout JSONWriter) {
        json.beginObject()
        writeMembers(hold, of: show, to: &json)
        json.endObject()
    }

    static func writeMembers(_ hold: Hold, of show: Show, to json: inout JSONWriter) {
        json.member("hold", "h", hold.id.number)
        json.member("sku", show.sku(of: hold.variant))
        json.member("quantity", hold.quantity)
        json.member("unit_price", hold.unitPrice)
        json.member("expires_at", time: hold.expiresAt.milliseconds)
        json.member("extensions_left", hold.extensionsLeft)
    }

    static func writeMembers(_ offer: Offer, to json: inout JSONWriter) {
        json.member("quantity", offer.quantity)
        json.member("unit_price", offer.unitPrice)
        json.member("expires_at", time: offer.expiresAt.milliseconds)
    }

    static func write(
        _ entry: WaitlistEntry, place: Int, sku: String, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("sku", sku)
        json.member("quantity", entry.quantity)
        json.member("place", place)
        if let offer = entry.offer {
            json.beginObject("offer")
            writeMembers(offer, to: &json)
            json.endObject()
        }
        json.endObject()
    }

    static func write(_ order: Order, of show: Show, to json: inout JSONWriter) {
        json.beginObject()
        writeMembers(order, of: show, to: &json)
        json.endObject()
    }

    static func writeMembers(_ order: Order, of show: Show, to json: inout JSONWriter) {
        json.member("order", order.id.description)
        json.member("status", name(of: order.state))
        json.key("lines")
        json.beginArray()
        for line in order.lines {
            json.beginObject()
            json.member("sku", show.sku(of: line.variant))
            if let shopSKU = show.shopSKU(of: line.variant) { json.member("shop_sku", shopSKU) }
            json.member("title", show.ledger.text(of: line).title)
            json.member("quantity", line.quantity)
            json.member("unit_price", line.unitPrice)
            json.member("total", line.total)
            json.endObject()
        }
        json.endArray()
        json.member("discount", order.discount)
        json.member("total", order.total)
        if order.state == .placed { json.member("pay_by", time: order.payBy.milliseconds) }
    }

    /// All orders of a show, for the operator.
    static func writeOrders(of show: Show, to json: inout JSONWriter) {
        json.beginObject()
        json.key("orders")
        json.beginArray()
        for index in 0..<show.ledger.orderCount {
            json.beginObject()
            writeListed(show.ledger.order(at: index), of: show, to: &json)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    /// An order for the staff: with whose it is and when.
    static func writeListed(_ order: Order, of show: Show, to json: inout JSONWriter) {
        writeHolder(show.roster[order.participant], to: &json)
        json.member("placed_at", time: order.placedAt.milliseconds)
        if let paidAt = order.paidAt { json.member("paid_at", time: paidAt.milliseconds) }
        writeMembers(order, of: show, to: &json)
    }

    static func name(of state: Order.State) -> String {
        switch state {
        case .placed: "placed"
        case .paid: "paid"
        case .cancelled: "cancelled"
        case .refundDue: "refund_due"
        case .refunded: "refunded"
        }
    }

    static func writeMembers(_ message: ChatMessage, to json: inout JSONWriter) {
        json.member("message", "m", message.number)
        json.member("participant", message.subject)
        json.member("name", message.name)
        json.member("role", message.role.rawValue)
        json.member("guest", message.isGuest)
        json.member("text", message.text)
        if let replyTo = message.replyTo { json.member("reply_to", "m", replyTo) }
        if let product = message.product { json.member("product", product) }
    }

    static func writeMembers(_ sale: FlashSale, of show: Show, to json: inout JSONWriter) {
        json.member("flash", sale.id)
        json.member("sku", show.sku(of: sale.variant))
        json.member("price", sale.price)
        json.member("starts_at", time: sale.startsAt.milliseconds)
        json.member("ends_at", time: sale.endsAt.milliseconds)
        json.member("per_buyer", sale.perBuyer)
        if let quantity = sale.quantity { json.member("quantity", quantity) }
    }

    static func writeMembers(_ note: Note, to json: inout JSONWriter) {
        json.member("text", note.text)
        if let until = note.until { json.member("until", time: until.milliseconds) }
    }

    static func writeMembers(_ pin: Pin, to json: inout JSONWriter) {
        json.member("product", pin.product)
        if let sku = pin.sku { json.member("sku", sku) }
        if let until = pin.until { json.member("until", time: until.milliseconds) }
    }

    static func writeList(_ name: StaticString, _ texts: [String], to json: inout JSONWriter) {
        json.key(name)
        json.beginArray()
        for text in texts { json.string(text) }
        json.endArray()
    }

    static func write(_ value: SettingValue, to json: inout JSONWriter) {
        switch value {
        case .integer(let number): json.integer(number)
        case .flag(let flag): json.bool(flag)
        case .text(let text): json.string(text)
        }
    }

    /// A product; `brief` leaves out what a list does not need.
    static func write(
        _ product: Product, of show: Show, brief: Bool = false, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("id", product.id)
        json.member("title", product.title)
        if !brief { json.member("description", product.description) }
        writeList("media", brief ? Array(product.media.prefix(1)) : product.media, to: &json)
        json.member("sponsored", product.sponsored)
        json.key("variants")
        json.beginArray()
        for variant in product.variants {
            let level = show.ledger.level(variant.id)
            json.beginObject()
            json.member("sku", variant.sku)
            json.member("title", variant.title)
            json.beginObject("options")
            for option in variant.options {
                json.key(string: option.name)
                json.string(option.value)
            }
            json.endObject()
            json.member("price", level.price)
            json.member("available", level.available)
            json.member("limit", level.limit ?? show.settings.stock.limitPerBuyer)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }
}
