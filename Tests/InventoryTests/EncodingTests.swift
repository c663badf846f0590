// The bytes of the ledger's facts: they come back as they were, and damaged ones are refused, by the
// reader or by the ledger, without a trap.

import Testing

@testable import Inventory

struct EncodingTests {
    private static let claim = Claim(
        seq: 70_000, time: Timestamp(milliseconds: 1_700_000_000_123),
        expiresAt: Timestamp(milliseconds: 1_700_000_600_123), unitPrice: 1999,
        participant: ParticipantID(5), variant: VariantID(0), hold: HoldID(1), acceptsOffer: false,
        requested: 5, granted: 2, extensions: 10, joined: 3, waiting: 3, place: 4)
    private static let waiting = Claim(
        seq: 0, time: Timestamp(milliseconds: 0), expiresAt: .never, unitPrice: 0,
        participant: ParticipantID(0), variant: VariantID(300), hold: nil, acceptsOffer: true,
        requested: 999, granted: 0, extensions: 0, joined: 999, waiting: 999, place: 10_000)
    private static let order = OrderID(high: .max, low: 0x0123_4567_89AB_CDEF)
    private static let placement = OrderPlacement(
        id: order, seq: 9, time: Timestamp(milliseconds: 12), participant: ParticipantID(5),
        lines: [HoldID(1), HoldID(128), HoldID(1_000_000)].map { .init($0) }, discount: 250,
        payBy: Timestamp(milliseconds: 600_012))

    /// One of each kind at least; a fact that is missing here is missing from the test.
    static let facts: [StockEvent] = [
        .variantAdded(VariantID(0), sku: "MUG-ü🫖", onHand: 1000, price: 1999, limit: nil),
        .variantAdded(
            VariantID(1), sku: "", onHand: InventoryLimits.onHandMax,
            price: InventoryLimits.priceMax, limit: 0),
        .priceSet(VariantID(0), 0),
        .limitSet(VariantID(0), 999),
        .limitSet(VariantID(0), nil),
        .variantRemoved(VariantID(1)),
        .onHandSet(VariantID(0), 12),
        .claimed(claim),
        .claimed(waiting),
        .holdExtended(HoldID(1), expiresAt: Timestamp(milliseconds: 1)),
        .holdReleased(HoldID(2)),
        .holdExpired(HoldID(3)),
        .offered(
            VariantID(0), ParticipantID(5),
            Offer(
                quantity: 3, unitPrice: 1999,
                expiresAt: Timestamp(milliseconds: 1_700_000_300_000))),
        .offered(
            VariantID(0), ParticipantID(5),
            Offer(
                quantity: 3, unitPrice: 1999,
                expiresAt: Timestamp(milliseconds: 1_700_000_300_000), special: 7)),
        .setAside(VariantID(0), ParticipantID(5), 2),
        .holdReduced(HoldID(1), by: 1),
        .offerExpired(VariantID(0), ParticipantID(5)),
        .waitlistLeft(VariantID(0), ParticipantID(5)),
        .orderPlaced(placement),
        .orderPlaced(placement.filled { LineText(title: "Mug \($0) 🫖") }),
        .orderPaid(order, at: Timestamp(milliseconds: .max)),
        .orderCancelled(order, .unknown),
        .orderCancelled(order, .buyer),
        .orderCancelled(order, .ranOut),
        .orderCancelled(order, .shop),
        .orderRefundDue(order),
        .orderRefunded(order, restock: true),
        .orderRefunded(order, restock: false),
    ]

    @Test(arguments: facts)
    func `a fact comes back from its bytes`(fact: StockEvent) throws {
        var reader = ByteReader(fact.bytes)
        #expect(try StockEvent(from: &reader) == fact)
        #expect(reader.isAtEnd)
    }

    @Test(arguments: facts)
    func `a fact that is cut short is refused`(fact: StockEvent) {
        let bytes = fact.bytes
        for count in bytes.indices {
            var reader = ByteReader(bytes[..<count])
            #expect(throws: DecodingDefect.self) { try StockEvent(from: &reader) }
        }
    }

    @Test func `a fact that is not known is refused`() {
        for tag in [0, 23, 255] as [UInt8] {
            var reader = ByteReader([tag] + Array(repeating: 0, count: 50))
            #expect(throws: DecodingDefect.self) { try StockEvent(from: &reader) }
        }
    }

    /// Bytes that still can be read say something false: the ledger refuses it, or it fits by chance;
    /// nothing traps.
    @Test func `damaged facts are refused by the reader or by the ledger`() throws {
        let journal = try Self.journal()
        var random = SplitMix(seed: 1)
        var refused = 0
        for _ in 0..<4000 {
            var damaged = journal
            let victim = random.below(damaged.count)
            for _ in 0...random.below(3) { damaged[victim].damage(&random) }
            var ledger = StockLedger()
            do {
                for bytes in damaged {
                    var reader = ByteReader(bytes)
                    try ledger.apply(StockEvent(from: &reader))
                }
                _ = LedgerPicture(ledger)
                _ = ledger.nextDeadline
                try ledger.expire(at: .never, rules: StockRules())
            } catch {
                #expect(error is DecodingDefect || error is LedgerDefect)
                refused += 1
            }
        }
        #expect(refused > 2000)
    }

    /// A short sale with every kind of fact in it, one record each.
    private static func journal() throws -> [[UInt8]] {
        let shop = try Shop(onHand: 4, limit: 8)
        let cup = try shop.ledger.addVariant(sku: "CUP", onHand: 1, price: 10, limit: nil)
        _ = try shop.ledger.remove(cup)
        let released = try shop.held(ana)
        let reduced = try shop.held(ana, 2)
        _ = try shop.ledger.release(
            reduced.id, units: 1, by: ana, rules: shop.rules, at: shop.now)
        _ = try shop.release(reduced.id, by: ana)
        let first = try shop.held(ana)
        let second = try shop.held(ana)
        _ = try shop.extend(first.id, by: ana)
        try shop.decided(ben, 3)
        try shop.decided(cleo, 2)
        try shop.decided(dan, 1)
        try shop.ledger.setPrice(shop.mug, 450)
        try shop.ledger.setLimit(shop.mug, 9)
        _ = try shop.release(released.id, by: ana)
        _ = try shop.adjust(by: 4)
        _ = try shop.accept(ben)
        _ = try shop.leave(cleo)
        let order = try shop.order([first.id, second.id], by: ana).get()
        _ = try shop.pay(order.id)
        try shop.pass(seconds: 5000)
        _ = try shop.refund(order.id, restock: true)
        try shop.decided(ana, 8)
        try shop.decided(ben, 5)
        let special = try shop.beginSpecial(100, perBuyer: 1)
        try shop.pass(seconds: 5000)
        _ = try shop.adjust(by: 0)
        _ = try shop.leave(ben)
        let lapsed = try shop.ordered(cleo)
        try shop.pass(seconds: 5000)
        try shop.endSpecial(special)
        try shop.decided(dan, 8)
        _ = try shop.pay(lapsed.id)
        return shop.ledger.drainEvents().map(\.bytes)
    }
}

struct ByteCodingTests {
    @Test(
        arguments: [0, 1, -1, 63, -64, 64, 127, 128, 1 << 40, -(1 << 40), .max, .min] as [Int])
    func `an integer comes back`(value: Int) throws {
        var writer = ByteWriter()
        writer.write(value)
        var reader = ByteReader(writer.bytes)
        #expect(try reader.readInt() == value && reader.isAtEnd)
    }

    @Test func `an integer of more than 64 bits is refused`() throws {
        let nines = Array(repeating: 0xFF as UInt8, count: 9)
        for end in [[0x02], [0x7F], [0x81, 0x00], [0xFF, 0xFF, 0x01]] as [[UInt8]] {
            var reader = ByteReader(nines + end)
            #expect(throws: DecodingDefect.self) { try reader.readUnsigned() }
        }
        var largest = ByteReader(nines + [0x01])
        #expect(try largest.readUnsigned() == .max)
    }

    @Test func `a small integer written long is refused`() {
        var reader = ByteReader([0x80, 0x00])
        #expect(throws: DecodingDefect.self) { try reader.readUnsigned() }
    }

    @Test func `text and bytes come back, and nothing else is taken for text`() throws {
        var writer = ByteWriter()
        writer.write("Zoë 🫖")
        writer.write([0xFF, 0xFE])
        writer.write(fixed: [0xFEDC_BA98_7654_3210])
        writer.write([0xFF])
        var reader = ByteReader(writer.bytes)
        #expect(try reader.readString() == "Zoë 🫖")
        #expect(try reader.readBytes() == [0xFF, 0xFE])
        #expect(try reader.readFixed() == 0xFEDC_BA98_7654_3210)
        #expect(throws: DecodingDefect.self) { try reader.readString() }
    }

    @Test func `a length beyond the end asks for no memory`() {
        var writer = ByteWriter()
        writer.write(unsigned: .max)
        for bytes in [writer.bytes, writer.bytes + [1, 2, 3]] {
            var reader = ByteReader(bytes)
            #expect(throws: DecodingDefect.self) { try reader.readBytes() }
            var lists = ByteReader(bytes)
            #expect(throws: DecodingDefect.self) {
                try lists.readList { reader throws(DecodingDefect) in try reader.readBool() }
            }
        }
    }

    @Test func `a truth value is 0 or 1`() {
        var reader = ByteReader([2])
        #expect(throws: DecodingDefect.self) { try reader.readBool() }
    }

    @Test func `a reader of a part of the bytes stays in its part`() throws {
        let bytes: [UInt8] = [9, 9, 1, 0, 9]
        var reader = ByteReader(bytes[2..<4])
        #expect(try reader.readBool() && !reader.readBool())
        #expect(reader.isAtEnd)
        #expect(throws: DecodingDefect(offset: 4, what: "unexpected end")) { try reader.readTag() }
    }
}

extension StockEvent {
    fileprivate var bytes: [UInt8] {
        var writer = ByteWriter()
        write(to: &writer)
        return writer.bytes
    }
}

extension [UInt8] {
    /// Flips, writes, cuts or inserts; also the extreme integers, which bits alone rarely make.
    fileprivate mutating func damage(_ random: inout SplitMix) {
        guard !isEmpty else { return }
        let place = random.below(count)
        switch random.below(6) {
        case 0: self[place] ^= 1 << UInt8(random.below(8))
        case 1: self[place] = UInt8(random.below(256))
        case 2: removeLast(random.below(count) + 1)
        case 3: insert(UInt8(random.below(256)), at: place)
        case 4: remove(at: place)
        default:
            var writer = ByteWriter()
            writer.write([Int.max, Int.min, -1, 0, 1 << 32, 999_999_999][random.below(6)])
            replaceSubrange(place...place, with: writer.bytes)
        }
    }
}
