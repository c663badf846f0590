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
}

extension ShowFact {
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .statusChanged(let status, let time):
            writer.write(tag: 1)
            writer.write(status.rawValue)
            writer.write(time)
        case .productPut(let product):
            writer.write(tag: 2)
            product.write(to: &writer)
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
        default: throw reader.defect("unknown fact \(tag)")
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
        writer.write(fixed: key.high)
        writer.write(fixed: key.low)
        writer.write(fixed: content.words.0)
        writer.write(fixed: content.words.1)
        writer.write(fixed: content.words.2)
        writer.write(fixed: content.words.3)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingDefect) {
        key = KeyDigest(high: try reader.readFixed(), low: try reader.readFixed())
        content = ContentHash(
            words: (
                try reader.readFixed(), try reader.readFixed(), try reader.readFixed(),
                try reader.readFixed()
            ))
    }
}
