// What hosts and moderators ask for. Creating something returns its id, changing something returns the
// thing as it now is.

import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    mutating func direct(
        _ body: RequestBody, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let now = call.now
        switch body {
        case .showStart:
            try obey(call) { show throws(LedgerDefect) in try show.start(at: now) }
            writeShow(call, &data)
        case .showPause:
            try obey(call) { show throws(LedgerDefect) in try show.pause(at: now) }
            writeShow(call, &data)
        case .showResume:
            try obey(call) { show throws(LedgerDefect) in try show.resume(at: now) }
            writeShow(call, &data)
        case .showEnd:
            try obey(call) { show throws(LedgerDefect) in try show.end(at: now) }
            writeShow(call, &data)
        case .productAdd(let input):
            let product = try unwrap(call) { show throws(LedgerDefect) in
                try show.addProduct(ProductDraft(input))
            }
            data.beginObject()
            data.member("product", product.id)
            data.endObject()
        case .productUpdate(let change):
            var draft = ProductDraft(change)
            if draft.id == nil, let sku = draft.variants.first?.sku {
                draft.id = try product(ProductTarget(sku: sku), call).id
            }
            let wanted = draft
            let product = try unwrap(call) { show throws(LedgerDefect) in
                try show.updateProduct(wanted)
            }
            writeProduct(product, call, &data)
        case .productRemove(let id):
            try obey(call) { show throws(LedgerDefect) in try show.removeProduct(id) }
            data.beginObject()
            data.member("product", id)
            data.endObject()
        case .productPin(let target, let seconds):
            let product = try product(target, call)
            let pin = try unwrap(call) { show throws(LedgerDefect) in
                try show.pin(
                    product: product.id, sku: target.sku, seconds: seconds.map { Int($0) }, at: now)
            }
            writePin(pin, &data)
        case .productUnpin(let product):
            try obey(call) { show throws(LedgerDefect) in try show.unpin(product: product) }
            writePins(call, &data)
        case .queueSet(let products):
            try obey(call) { show throws(LedgerDefect) in try show.setQueue(products) }
            data.beginObject()
            WireMapping.writeList("products", products, to: &data)
            data.endObject()
        case .queueNext:
            let pin = try unwrap(call) { show throws(LedgerDefect) in try show.pinNext(at: now) }
            writePin(pin, &data)
        case .stockAdjust(let sku, let delta):
            let variant = try variant(sku, call)
            try obey(call) { show throws(LedgerDefect) in
                try show.adjustStock(variant, by: Units(delta), at: now)
            }
            writeStock(variant, call, &data)
        case .stockSet(let sku, let onHand, let expected):
            let variant = try variant(sku, call)
            try obey(call) { show throws(LedgerDefect) in
                try show.setStock(
                    variant, onHand: Units(onHand), expected: Units(expected), at: now)
            }
            writeStock(variant, call, &data)
        case .priceSet(let sku, let price):
            let variant = try variant(sku, call)
            try obey(call) { show throws(LedgerDefect) in
                try show.setPrice(variant, Money(price))
            }
            data.beginObject()
            data.member("sku", sku)
            data.member("price", price)
            data.endObject()
        case .flashStart(let flash): try startFlashSale(flash, call, &data)
        case .flashStop(let flash, let sku): try stopFlashSale(flash, sku, call, &data)
        case .noteSet, .noteClear, .chatDelete, .participantTimeout, .participantBan,
            .participantUntimeout, .participantUnban, .participantRestrict,
            .participantUnrestrict, .participantSetRole:
            try moderate(body, call, &data)
        case .roomConfigure(let members):
            try configure(members, call, &data)
        case .viewersList(let page): try writeViewers(page, call, &data)
        case .holdsList(let sku, let page): try writeHolds(of: sku, page, call, &data)
        case .waitlistList(let sku, let page): try writeWaitlist(of: sku, page, call, &data)
        case .ordersList(let status, let page): try writeOrders(status, page, call, &data)
        default:
            throw .refused(
                Refusal(
                    .unknownType, "this server does not know \(call.request.type.rawValue)"))
        }
    }

    private mutating func configure(
        _ members: [JSONValue.Member], _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let isHost = capabilities(of: call.member).contains(.host)
        var changes: [(name: String, value: SettingValue)] = []
        for member in members {
            guard let setting = ShowSetting.named(member.name), setting.scope != .server else {
                throw .refused(
                    Refusal(.badRequest, "data.\(member.name): is no setting of a show"))
            }
            guard isHost || setting.scope == .chat else {
                throw .refused(Refusal(.forbidden, "\(member.name) is for hosts"))
            }
            switch member.value {
            case .integer(let number): changes.append((member.name, .integer(Int(number))))
            case .bool(let flag): changes.append((member.name, .flag(flag)))
            case .string(let text):
                // A number is written as a number here, whatever a file may do.
                var value = SettingValue.text(text)
                if case .flag = setting.kind { value = setting.parse(text) ?? value }
                changes.append((member.name, value))
            case .null, .array, .object:
                throw .refused(
                    Refusal(.badRequest, "data.\(member.name): \(setting.form)"))
            }
        }
        let wanted = changes
        try obey(call) { show throws(LedgerDefect) in try show.configure(wanted) }
        data.beginObject()
        for (name, _) in changes {
            guard let setting = ShowSetting.named(name) else { continue }
            data.key(string: name)
            WireMapping.write(setting.value(in: self[show: call.room].settings), to: &data)
        }
        data.endObject()
    }

    // MARK: What the replies show

    private func writeShow(_ call: Call, _ data: inout JSONWriter) {
        data.beginObject()
        WireMapping.writeShowMembers(self[show: call.room], to: &data)
        data.endObject()
    }

    private func writeProduct(_ product: Product, _ call: Call, _ data: inout JSONWriter) {
        data.beginObject()
        data.key("product")
        WireMapping.write(product, of: self[show: call.room], to: &data)
        data.endObject()
    }

    private func writePin(_ pin: Pin, _ data: inout JSONWriter) {
        data.beginObject()
        WireMapping.writeMembers(pin, to: &data)
        data.endObject()
    }

    private func writePins(_ call: Call, _ data: inout JSONWriter) {
        data.beginObject()
        data.key("pinned")
        data.beginArray()
        for pin in self[show: call.room].pins { writePin(pin, &data) }
        data.endArray()
        data.endObject()
    }

    private func writeStock(_ variant: VariantID, _ call: Call, _ data: inout JSONWriter) {
        let level = self[show: call.room].ledger.level(variant)
        data.beginObject()
        data.member("sku", level.sku)
        data.member("available", level.available)
        data.member("held", level.held)
        data.member("sold", level.sold)
        data.member("on_hand", level.onHand)
        data.endObject()
    }
}

extension WireMapping {
    /// Whose hold or place it is, for the staff.
    static func writeHolder(_ participant: Participant, to json: inout JSONWriter) {
        json.member("participant", participant.subject)
        json.member("name", participant.name)
    }
}

extension ProductDraft {
    init(_ input: ProductInput) {
        self.init(
            id: input.id, title: input.title, description: input.description, media: input.media,
            sponsored: input.sponsored, firstPaid: input.firstPaid,
            variants: input.variants.map { variant in
                VariantDraft(
                    sku: variant.sku, title: variant.title,
                    options: variant.options.map(Product.Option.init),
                    price: Money(variant.price), onHand: Units(variant.onHand),
                    limit: variant.limit.map { Units($0) }, shopSKU: variant.shopSKU)
            })
    }

    init(_ change: ProductChange) {
        self.init(
            id: change.id, title: change.title, description: change.description,
            media: change.media, sponsored: change.sponsored, firstPaid: change.firstPaid,
            variants: change.variants.map { variant in
                VariantDraft(
                    sku: variant.sku, title: variant.title,
                    options: variant.options?.map(Product.Option.init),
                    price: variant.price.map { Money($0) },
                    onHand: variant.onHand.map { Units($0) },
                    limit: variant.limit.map { Units($0) })
            })
    }
}

extension Product.Option {
    init(_ option: ProductOption) { self.init(name: option.name, value: option.value) }
}
