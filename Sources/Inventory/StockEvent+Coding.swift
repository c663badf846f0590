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
        case .holdReduced(let hold, let units):
            writer.write(tag: 22)
            writer.write(hold.number)
            writer.write(units)
        case .offered(let variant, let participant, let offer):
            writer.write(tag: offer.special == 0 ? 10 : 18)
            writer.write(variant.index)
            writer.write(participant.index)
            writer.write(offer.quantity)
            writer.write(offer.unitPrice)
            writer.write(offer.expiresAt)
            if offer.special != 0 { writer.write(offer.special) }
        case .setAside(let variant, let participant, let units):
            writer.write(tag: 21)
            writer.write(variant.index)
            writer.write(participant.index)
            writer.write(units)
        case .offerExpired(let variant, let participant):
            writer.write(tag: 11)
            writer.write(variant.index)
            writer.write(participant.index)
        case .waitlistLeft(let variant, let participant):
            writer.write(tag: 12)
            writer.write(variant.index)
            writer.write(participant.index)
        case .orderPlaced(let placement):
            let hasTexts = placement.lines.allSatisfy { $0.text != nil }
            writer.write(tag: hasTexts ? 20 : 13)
            placement.write(withTexts: hasTexts, to: &writer)
        case .orderPaid(let order, let time):
            writer.write(tag: 14)
            writer.write(order)
            writer.write(time)
        case .orderCancelled(let order, .unknown):
            writer.write(tag: 15)
            writer.write(order)
        case .orderCancelled(let order, let reason):
            writer.write(tag: 19)
            writer.write(order)
            writer.write(tag: reason.rawValue)
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
        case 10, 18:
            self = .offered(
                try reader.readVariant(), try reader.readParticipant(),
                Offer(
                    quantity: try reader.readInt(), unitPrice: try reader.readInt(),
                    expiresAt: try reader.readTimestamp(),
                    special: tag == 18 ? try reader.readInt() : 0))
        case 11: self = .offerExpired(try reader.readVariant(), try reader.readParticipant())
        case 12: self = .waitlistLeft(try reader.readVariant(), try reader.readParticipant())
        case 13, 20: self = .orderPlaced(try OrderPlacement(from: &reader, withTexts: tag == 20))
        case 14: self = .orderPaid(try reader.readOrder(), at: try reader.readTimestamp())
        case 15: self = .orderCancelled(try reader.readOrder(), .unknown)
        case 16: self = .orderRefundDue(try reader.readOrder())
        case 17: self = .orderRefunded(try reader.readOrder(), restock: try reader.readBool())
        case 19:
            let order = try reader.readOrder()
            guard let reason = Order.CancelReason(rawValue: try reader.readTag()) else {
                throw reader.defect("unknown reason of a cancellation")
            }
            self = .orderCancelled(order, reason)
        case 21:
            self = .setAside(
                try reader.readVariant(), try reader.readParticipant(), try reader.readInt())
        case 22: self = .holdReduced(try reader.readHold(), by: try reader.readInt())
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
    func write(withTexts: Bool, to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(seq)
        writer.write(time)
        writer.write(participant.index)
        writer.write(list: lines) { writer, line in
            writer.write(line.hold.number)
            if withTexts { writer.write(line.text?.title ?? "") }
        }
        writer.write(discount)
        writer.write(payBy)
    }

    init(from reader: inout ByteReader, withTexts: Bool) throws(DecodingDefect) {
        id = try reader.readOrder()
        seq = try reader.readInt()
        time = try reader.readTimestamp()
        participant = try reader.readParticipant()
        lines = try reader.readList { reader throws(DecodingDefect) in
            Line(
                try reader.readHold(),
                withTexts ? LineText(title: try reader.readString()) : nil)
        }
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
