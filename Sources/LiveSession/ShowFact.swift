// What a show decided, as facts: the journal. Replayed in order they rebuild the whole show, its ledger
// included. Names, texts and keys of people are not in here (participants by number, keys as digests).

public import Inventory

public enum ShowFact: Hashable, Sendable {
    case statusChanged(ShowStatus, at: Timestamp)
    case productPut(Product)
    case productRemoved(String)
    case pinned(Pin)
    case unpinned(String)
    case queueSet([String])
    case settingSet(String, SettingValue)
    case stock(StockEvent)
    /// A claim and the key it answers.
    case claimed(Claim, Idempotency)
    /// Any other answer that is kept: its place in the order of decisions and its bytes.
    case answered(seq: Int, Idempotency, reply: [UInt8])
    /// So many grants have been announced since the show began.
    case grantsAnnounced(Int)
    case flashScheduled(FlashSale)
    case flashStarted(Int, regularPrice: Money)
    case flashEnded(Int)
    case measureTaken(Measure, against: ParticipantID, by: ParticipantID, reason: String)
    case messageDeleted(Int)
    case noteSet(Note)
    case noteCleared
    case roleSet(ParticipantID, Role, by: ParticipantID)
}

extension ShowFact {
    /// The answer that was kept under a key in a journal entry; nil when it is in another one.
    public static func reply(
        to key: KeyDigest, in facts: [UInt8]
    ) throws(DecodingDefect) -> [UInt8]? {
        var reader = ByteReader(facts)
        while !reader.isAtEnd {
            if case .answered(_, let idempotency, let reply) = try ShowFact(from: &reader),
                idempotency.key == key
            {
                return reply
            }
        }
        return nil
    }

    public func write(to writer: inout ByteWriter) {
        switch self {
        case .statusChanged(let status, let time):
            writer.write(tag: 1)
            writer.write(status.rawValue)
            writer.write(time)
        case .productPut(let product):
            // One that came from a shop's catalogue has another form.
            let isOfShop = product.variants.contains { $0.shopSKU != nil }
            writer.write(tag: isOfShop ? 40 : 2)
            product.write(to: &writer)
            if isOfShop {
                writer.write(list: product.variants) { writer, variant in
                    writer.write(variant.shopSKU) { $0.write($1) }
                }
            }
        case .productRemoved(let id):
            writer.write(tag: 3)
            writer.write(id)
        case .pinned(let pin):
            writer.write(tag: 4)
            writer.write(pin.product)
            writer.write(pin.sku) { $0.write($1) }
            writer.write(pin.until) { $0.write($1) }
        case .unpinned(let product):
            writer.write(tag: 5)
            writer.write(product)
        case .queueSet(let products):
            writer.write(tag: 6)
            writer.write(list: products) { $0.write($1) }
        case .settingSet(let name, let value):
            writer.write(tag: 7)
            writer.write(name)
            value.write(to: &writer)
        case .stock(let event):
            writer.write(tag: 8)
            event.write(to: &writer)
        case .claimed(let claim, let idempotency):
            writer.write(tag: 9)
            StockEvent.claimed(claim).write(to: &writer)
            idempotency.write(to: &writer)
        case .answered(let seq, let idempotency, let reply):
            writer.write(tag: 10)
            writer.write(seq)
            idempotency.write(to: &writer)
            writer.write(reply)
        case .grantsAnnounced(let count):
            writer.write(tag: 11)
            writer.write(count)
        case .flashScheduled(let sale):
            writer.write(tag: 12)
            sale.write(to: &writer)
        case .flashStarted(let number, let regularPrice):
            writer.write(tag: 13)
            writer.write(number)
            writer.write(regularPrice)
        case .flashEnded(let number):
            writer.write(tag: 14)
            writer.write(number)
        case .measureTaken(let measure, let target, let actor, let reason):
            writer.write(tag: 15)
            measure.write(to: &writer)
            writer.write(target.index)
            writer.write(actor.index)
            writer.write(reason)
        case .messageDeleted(let number):
            writer.write(tag: 16)
            writer.write(number)
        case .noteSet(let note):
            writer.write(tag: 17)
            writer.write(note.text)
            writer.write(note.until) { $0.write($1) }
        case .noteCleared:
            writer.write(tag: 18)
        case .roleSet(let target, let role, let actor):
            writer.write(tag: 19)
            writer.write(target.index)
            writer.write(role.rawValue)
            writer.write(actor.index)
        }
    }

    public init(from reader: inout ByteReader) throws(DecodingDefect) {
        let tag = try reader.readTag()
        switch tag {
        case 1:
            guard let status = ShowStatus(rawValue: try reader.readString()) else {
                throw reader.defect("unknown status")
            }
            self = .statusChanged(status, at: try reader.readTimestamp())
        case 2: self = .productPut(try Product(from: &reader))
        case 3: self = .productRemoved(try reader.readString())
        case 4:
            self = .pinned(
                Pin(
                    product: try reader.readString(),
                    sku: try reader.readOptional { reader throws(DecodingDefect) in
                        try reader.readString()
                    },
                    until: try reader.readOptional { reader throws(DecodingDefect) in
                        try reader.readTimestamp()
                    }))
        case 5: self = .unpinned(try reader.readString())
        case 6:
            self = .queueSet(
                try reader.readList { reader throws(DecodingDefect) in try reader.readString() })
        case 7: self = .settingSet(try reader.readString(), try SettingValue(from: &reader))
        case 8: self = .stock(try StockEvent(from: &reader))
        case 9:
            guard case .claimed(let claim) = try StockEvent(from: &reader) else {
                throw reader.defect("a claim was expected")
            }
            self = .claimed(claim, try Idempotency(from: &reader))
        case 10:
            self = .answered(
                seq: try reader.readInt(), try Idempotency(from: &reader),
                reply: try reader.readBytes())
        case 11: self = .grantsAnnounced(try reader.readInt())
        case 12: self = .flashScheduled(try FlashSale(from: &reader))
        case 13:
            self = .flashStarted(try reader.readInt(), regularPrice: try reader.readInt())
        case 14: self = .flashEnded(try reader.readInt())
        case 15:
            self = .measureTaken(
                try Measure(from: &reader), against: try reader.readParticipant(),
                by: try reader.readParticipant(), reason: try reader.readString())
        case 16: self = .messageDeleted(try reader.readInt())
        case 17:
            self = .noteSet(
                Note(
                    text: try reader.readString(),
                    until: try reader.readOptional { reader throws(DecodingDefect) in
                        try reader.readTimestamp()
                    }))
        case 18: self = .noteCleared
        case 19:
            let target = try reader.readParticipant()
            guard let role = Role(rawValue: try reader.readString()) else {
                throw reader.defect("unknown role")
            }
            self = .roleSet(target, role, by: try reader.readParticipant())
        case 40:
            var product = try Product(from: &reader)
            let shopSKUs = try reader.readList { reader throws(DecodingDefect) in
                try reader.readOptional { reader throws(DecodingDefect) in try reader.readString() }
            }
            guard shopSKUs.count == product.variants.count else {
                throw reader.defect("a shop's SKU for each variant was expected")
            }
            for (index, shopSKU) in shopSKUs.enumerated() {
                product.variants[index].shopSKU = shopSKU
            }
            self = .productPut(product)
        default: throw reader.defect("unknown fact \(tag)")
        }
    }
}

extension FlashSale {
    fileprivate func write(to writer: inout ByteWriter) {
        writer.write(number)
        writer.write(variant.index)
        writer.write(price)
        writer.write(startsAt)
        writer.write(endsAt)
        writer.write(perBuyer)
        writer.write(quantity) { $0.write($1) }
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingDefect) {
        self.init(
            number: try reader.readInt(), variant: try reader.readVariant(),
            price: try reader.readInt(), startsAt: try reader.readTimestamp(),
            endsAt: try reader.readTimestamp(), perBuyer: try reader.readInt(),
            quantity: try reader.readOptional { reader throws(DecodingDefect) in
                try reader.readInt()
            })
    }
}

extension Measure {
    fileprivate func write(to writer: inout ByteWriter) {
        switch self {
        case .timeout(let until):
            writer.write(tag: 1)
            writer.write(until)
        case .ban(nil): writer.write(tag: 2)
        case .unban: writer.write(tag: 3)
        case .restrict(nil):
            writer.write(tag: 4)
            writer.write(true)
        case .unrestrict:
            writer.write(tag: 4)
            writer.write(false)
        case .untimeout: writer.write(tag: 5)
        case .ban(let until?):
            writer.write(tag: 6)
            writer.write(until)
        case .restrict(let until?):
            writer.write(tag: 7)
            writer.write(until)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingDefect) {
        switch try reader.readTag() {
        case 1: self = .timeout(until: try reader.readTimestamp())
        case 2: self = .ban(until: nil)
        case 3: self = .unban
        case 4: self = try reader.readBool() ? .restrict(until: nil) : .unrestrict
        case 5: self = .untimeout
        case 6: self = .ban(until: try reader.readTimestamp())
        case 7: self = .restrict(until: try reader.readTimestamp())
        default: throw reader.defect("unknown measure")
        }
    }
}

extension Product {
    fileprivate func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(title)
        writer.write(description)
        writer.write(list: media) { $0.write($1) }
        writer.write(sponsored)
        writer.write(firstPaid) { $0.write($1) }
        writer.write(list: variants) { writer, variant in
            writer.write(variant.id.index)
            writer.write(variant.sku)
            writer.write(variant.title)
            writer.write(list: variant.options) {
                $0.write($1.name)
                $0.write($1.value)
            }
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingDefect) {
        id = try reader.readString()
        title = try reader.readString()
        description = try reader.readString()
        media = try reader.readList { reader throws(DecodingDefect) in try reader.readString() }
        sponsored = try reader.readBool()
        firstPaid = try reader.readOptional { reader throws(DecodingDefect) in
            try reader.readBool()
        }
        variants = try reader.readList { reader throws(DecodingDefect) in
            Variant(
                id: VariantID(try reader.readInt()), sku: try reader.readString(),
                title: try reader.readString(),
                options: try reader.readList { reader throws(DecodingDefect) in
                    Option(name: try reader.readString(), value: try reader.readString())
                })
        }
    }
}

extension SettingValue {
    fileprivate func write(to writer: inout ByteWriter) {
        switch self {
        case .integer(let value):
            writer.write(tag: 1)
            writer.write(value)
        case .flag(let value):
            writer.write(tag: 2)
            writer.write(value)
        case .text(let value):
            writer.write(tag: 3)
            writer.write(value)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingDefect) {
        switch try reader.readTag() {
        case 1: self = .integer(try reader.readInt())
        case 2: self = .flag(try reader.readBool())
        case 3: self = .text(try reader.readString())
        default: throw reader.defect("unknown setting value")
        }
    }
}

extension Idempotency {
    fileprivate func write(to writer: inout ByteWriter) {
        writer.write(fixed: [key.high, key.low])
        writer.write(fixed: content.words)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingDefect) {
        key = KeyDigest(high: try reader.readFixed(), low: try reader.readFixed())
        content = ContentHash(
            words: [
                try reader.readFixed(), try reader.readFixed(), try reader.readFixed(),
                try reader.readFixed(),
            ])
    }
}
