// The bytes of the ledger's facts. A tag, once given, keeps its meaning for ever: journals are read by
// later versions.

extension StockEvent {
    public func write(to writer: inout ByteWriter) {
        switch self {
        case .variantAdded(let variant, let sku, let onHand, let price, let limit):
            writer.write(tag: 1)
            writer.write(variant.index)
            writer.write(sku)
            writer.write(onHand)
            writer.write(price)
            writer.write(limit) { $0.write($1) }
        case .priceSet(let variant, let price):
            writer.write(tag: 2)
            writer.write(variant.index)
            writer.write(price)
        case .limitSet(let variant, let limit):
            writer.write(tag: 3)
            writer.write(variant.index)
            writer.write(limit) { $0.write($1) }
        case .variantRemoved(let variant):
            writer.write(tag: 4)
            writer.write(variant.index)
        case .onHandSet(let variant, let onHand):
            writer.write(tag: 5)
            writer.write(variant.index)
            writer.write(onHand)
        case .claimed(let claim):
            writer.write(tag: 6)
            claim.write(to: &writer)
        case .holdExtended(let hold, let expiresAt):
            writer.write(tag: 7)
            writer.write(hold.number)
            writer.write(expiresAt)
        case .holdReleased(let hold):
            writer.write(tag: 8)
            writer.write(hold.number)
        case .holdExpired(let hold):
            writer.write(tag: 9)
            writer.write(hold.number)
        case .offered(let variant, let participant, let units, let unitPrice, let expiresAt):
            writer.write(tag: 10)
            writer.write(variant.index)
            writer.write(participant.index)
            writer.write(units)
            writer.write(unitPrice)
            writer.write(expiresAt)
        case .offerExpired(let variant, let participant):
            writer.write(tag: 11)
            writer.write(variant.index)
            writer.write(participant.index)
        case .waitlistLeft(let variant, let participant):
            writer.write(tag: 12)
            writer.write(variant.index)
            writer.write(participant.index)
        case .orderPlaced(let placement):
            writer.write(tag: 13)
            placement.write(to: &writer)
        case .orderPaid(let order, let time):
            writer.write(tag: 14)
            writer.write(order)
            writer.write(time)
        case .orderCancelled(let order):
            writer.write(tag: 15)
            writer.write(order)
        case .orderRefundDue(let order):
            writer.write(tag: 16)
            writer.write(order)
        case .orderRefunded(let order, let restock):
            writer.write(tag: 17)
            writer.write(order)
            writer.write(restock)
        }
    }

    public init(from reader: inout ByteReader) throws(DecodingDefect) {
        let tag = try reader.readTag()
        switch tag {
        case 1:
            self = .variantAdded(
                try reader.readVariant(), sku: try reader.readString(),
                onHand: try reader.readInt(), price: try reader.readInt(),
                limit: try reader.readOptional { reader throws(DecodingDefect) in
                    try reader.readInt()
                })
        case 2: self = .priceSet(try reader.readVariant(), try reader.readInt())
        case 3:
            self = .limitSet(
                try reader.readVariant(),
                try reader.readOptional { reader throws(DecodingDefect) in try reader.readInt() })
        case 4: self = .variantRemoved(try reader.readVariant())
        case 5: self = .onHandSet(try reader.readVariant(), try reader.readInt())
        case 6: self = .claimed(try Claim(from: &reader))
        case 7:
            self = .holdExtended(
                try reader.readHold(), expiresAt: try reader.readTimestamp())
        case 8: self = .holdReleased(try reader.readHold())
        case 9: self = .holdExpired(try reader.readHold())
        case 10:
            self = .offered(
                try reader.readVariant(), try reader.readParticipant(), try reader.readInt(),
                unitPrice: try reader.readInt(), expiresAt: try reader.readTimestamp())
        case 11: self = .offerExpired(try reader.readVariant(), try reader.readParticipant())
        case 12: self = .waitlistLeft(try reader.readVariant(), try reader.readParticipant())
        case 13: self = .orderPlaced(try OrderPlacement(from: &reader))
        case 14: self = .orderPaid(try reader.readOrder(), at: try reader.readTimestamp())
        case 15: self = .orderCancelled(try reader.readOrder())
        case 16: self = .orderRefundDue(try reader.readOrder())
        case 17: self = .orderRefunded(try reader.readOrder(), restock: try reader.readBool())
        default: throw reader.defect("unknown stock fact \(tag)")
        }
    }
}

extension Claim {
    func write(to writer: inout ByteWriter) {
        writer.write([
            seq, Int(time.milliseconds), participant.index, variant.index,
        ])
        writer.write(acceptsOffer)
        writer.write([
            requested, granted, unitPrice, hold?.number ?? 0, Int(expiresAt.milliseconds),
            extensions, joined, waiting, place,
        ])
    }

    init(from reader: inout ByteReader) throws(DecodingDefect) {
        let seq = try reader.readInt()
        let time = try reader.readTimestamp()
        let participant = try reader.readParticipant()
        let variant = try reader.readVariant()
        let acceptsOffer = try reader.readBool()
        let requested = try reader.readInt()
        let granted = try reader.readInt()
        let unitPrice = try reader.readInt()
        let number = try reader.readInt()
        let expiresAt = try reader.readTimestamp()
        self.init(
            seq: seq, time: time, expiresAt: expiresAt, unitPrice: unitPrice,
            participant: participant, variant: variant, hold: number > 0 ? HoldID(number) : nil,
            acceptsOffer: acceptsOffer, requested: requested, granted: granted,
            extensions: try reader.readInt(), joined: try reader.readInt(),
            waiting: try reader.readInt(), place: try reader.readInt())
    }
}

extension OrderPlacement {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(seq)
        writer.write(time)
        writer.write(participant.index)
        writer.write(list: holds) { $0.write($1.number) }
        writer.write(discount)
        writer.write(payBy)
    }

    init(from reader: inout ByteReader) throws(DecodingDefect) {
        id = try reader.readOrder()
        seq = try reader.readInt()
        time = try reader.readTimestamp()
        participant = try reader.readParticipant()
        holds = try reader.readList { reader throws(DecodingDefect) in try reader.readHold() }
        discount = try reader.readInt()
        payBy = try reader.readTimestamp()
    }
}

extension ByteWriter {
    public mutating func write(_ order: OrderID) {
        write(fixed: [order.high, order.low])
    }
}

extension ByteReader {
    public mutating func readVariant() throws(DecodingDefect) -> VariantID {
        VariantID(try readIndex())
    }

    public mutating func readParticipant() throws(DecodingDefect) -> ParticipantID {
        ParticipantID(try readIndex())
    }

    mutating func readHold() throws(DecodingDefect) -> HoldID {
        let number = try readInt()
        guard (1...HoldID.numberMax).contains(number) else {
            throw defect("\(number) is no hold")
        }
        return HoldID(number)
    }

    public mutating func readOrder() throws(DecodingDefect) -> OrderID {
        OrderID(high: try readFixed(), low: try readFixed())
    }

    /// An index that the ledger may grow to: a damaged one must not ask for endless memory.
    private mutating func readIndex() throws(DecodingDefect) -> Int {
        let index = try readInt()
        guard (0..<InventoryLimits.participantsMax).contains(index) else {
            throw defect("\(index) is no index")
        }
        return index
    }
}
