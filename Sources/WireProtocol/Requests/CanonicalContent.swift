// What a request asks for, in one spelling: defaults filled in, members sorted, texts cleaned, without
// `id`, `key`, `unit_price` and unknown fields. Two requests with the same key are the same request when
// these bytes are equal; the content hash of a receipt is taken over them, so the form is stable for ever.

extension Request {
    /// Appends `{"data":{...},"type":"..."}`. A request whose arguments are wrong has no content; what
    /// is appended for it (`{"type":"..."}`) equals no stored content.
    public func writeCanonicalContent(to writer: inout JSONWriter) {
        writer.beginObject()
        if case .success(let body) = body {
            writer.key("data")
            body.writeContent(to: &writer)
        }
        writer.member("type", type.rawValue)
        writer.endObject()
    }
}

extension RequestBody {
    /// The `data` object of the canonical content. Members stand in alphabetical order.
    func writeContent(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .hello(let hello):
            writer.optional("name", hello.name)
            writer.member("show", hello.show)
        case .claimCreate(let claim):
            writer.member("partial", claim.partial)
            writer.member("quantity", claim.quantity)
            writer.member("sku", claim.sku)
            writer.member("waitlist", claim.waitlist)
        case .holdRelease(let hold, let quantity):
            writer.member("hold", hold)
            writer.optional("quantity", quantity)
        case .holdExtend(let hold): writer.member("hold", hold)
        case .waitlistLeave(let sku), .waitlistAccept(let sku, _): writer.member("sku", sku)
        case .orderPlace(let holds, let coupon):
            writer.optional("coupon", coupon)
            writer.strings("holds", holds)
        case .orderPay(let order, let method):
            writer.member("method", method.rawValue)
            writer.member("order", order)
        case .orderCancel(let order): writer.member("order", order)
        case .chatSend(let text, let replyTo, let product):
            writer.optional("product", product)
            writer.optional("reply_to", replyTo)
            writer.member("text", text)
        case .productOpen(let target), .productRequest(let target), .productGet(let target):
            writer.optional("product", target.product)
            writer.optional("sku", target.sku)
        case .receiptGet(let seq): writer.member("seq", seq)
        case .tokenRefresh(let token): writer.member("token", token)
        case .productAdd(let product):
            writer.key("product")
            product.write(to: &writer)
        case .productUpdate(let change):
            writer.key("product")
            change.write(to: &writer)
        case .productRemove(let product): writer.member("product", product)
        case .productPin(let target, let seconds):
            writer.optional("product", target.product)
            writer.optional("seconds", seconds)
            writer.optional("sku", target.sku)
        case .productUnpin(let product): writer.optional("product", product)
        case .queueSet(let products): writer.strings("products", products)
        case .stockAdjust(let sku, let delta):
            writer.member("delta", delta)
            writer.member("sku", sku)
        case .stockSet(let sku, let onHand, let expected):
            writer.member("expected", expected)
            writer.member("on_hand", onHand)
            writer.member("sku", sku)
        case .priceSet(let sku, let price):
            writer.member("price", price)
            writer.member("sku", sku)
        case .flashStart(let flash):
            writer.member("countdown_seconds", flash.countdownSeconds)
            writer.member("duration_seconds", flash.durationSeconds)
            writer.optional("fair_window_ms", flash.fairWindowMilliseconds)
            writer.member("per_buyer", flash.perBuyer)
            writer.member("price", flash.price)
            writer.optional("quantity", flash.quantity)
            writer.member("sku", flash.sku)
        case .flashStop(let flash, let sku):
            writer.optional("flash", flash)
            writer.optional("sku", sku)
        case .noteSet(let text, let seconds):
            writer.optional("seconds", seconds)
            writer.member("text", text)
        case .chatDelete(let message), .chatSpotlight(let message):
            writer.member("message", message)
        case .participantTimeout(let measure), .participantUntimeout(let measure),
            .participantBan(let measure), .participantUnban(let measure),
            .participantRestrict(let measure), .participantUnrestrict(let measure),
            .participantShadowBan(let measure):
            writer.member("participant", measure.participant)
            writer.member("reason", measure.reason)
            writer.optional("seconds", measure.seconds)
        case .participantSetRole(let participant, let role):
            writer.member("participant", participant)
            writer.member("role", role.rawValue)
        case .roomConfigure(let settings):
            for setting in settings.sorted(by: {
                $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
            }) {
                writer.key(string: setting.name)
                setting.value.write(to: &writer, sorted: true)
            }
        case .holdsList(let sku, _), .waitlistList(let sku, _): writer.optional("sku", sku)
        case .ping, .showStart, .showPause, .showResume, .showEnd, .rehearsalStart, .rehearsalEnd,
            .queueNext, .noteClear, .ordersMine, .viewersList, .ordersList, .showReport,
            .unsupported:
            break
        }
        writer.endObject()
    }
}

extension ProductInput {
    /// Writes the product as `product.add` takes it, all defaults filled in, members sorted.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("description", description)
        writer.optional("first_paid", firstPaid)
        writer.optional("id", id)
        writer.strings("media", media)
        writer.member("sponsored", sponsored)
        writer.member("title", title)
        writer.key("variants")
        writer.beginArray()
        for variant in variants {
            writer.beginObject()
            writer.optional("limit", variant.limit)
            writer.member("on_hand", variant.onHand)
            writer.options(variant.options)
            writer.member("price", variant.price)
            writer.member("sku", variant.sku)
            writer.member("title", variant.title)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}

extension ProductChange {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.optional("description", description)
        writer.optional("first_paid", firstPaid)
        writer.optional("id", id)
        if let media { writer.strings("media", media) }
        writer.optional("sponsored", sponsored)
        writer.optional("title", title)
        writer.key("variants")
        writer.beginArray()
        for variant in variants {
            writer.beginObject()
            writer.optional("limit", variant.limit)
            writer.optional("on_hand", variant.onHand)
            if let options = variant.options { writer.options(options) }
            writer.optional("price", variant.price)
            writer.member("sku", variant.sku)
            writer.optional("title", variant.title)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func optional(_ name: StaticString, _ value: String?) {
        if let value { member(name, value) }
    }

    fileprivate mutating func optional(_ name: StaticString, _ value: Int64?) {
        if let value { member(name, value) }
    }

    fileprivate mutating func optional(_ name: StaticString, _ value: Bool?) {
        if let value { member(name, value) }
    }

    fileprivate mutating func strings(_ name: StaticString, _ values: [String]) {
        key(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    fileprivate mutating func options(_ options: [ProductOption]) {
        key("options")
        beginObject()
        for option in options.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            key(string: option.name)
            string(option.value)
        }
        endObject()
    }
}
