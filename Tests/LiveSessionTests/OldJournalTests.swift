// Journals of earlier versions: the bytes below were written by commit 7405ef6 and never change. They hold
// an order paid after its buyer had cancelled it, one that ran out, orders before and after a new title,
// units that were offered at a flash price beyond its bounds, and a show that ended while the sale ran.

import Inventory
import Testing

@testable import LiveSession

struct OldJournalTests {
    private static let entries = [
        "01046c69766580a0abfef962080100034d554708d00f0002036d756707546865206d7567000001010101"
            + "00034d5547034d756700",
        "09060280a0abfef9620000000202d00f0280bff4fef96214000000bb12a734f8b69854015cf6c5fc3743"
            + "140100000000000000020000000000000003000000000000000400000000000000080d01000000000000"
            + "0001000000000000000480a0abfef9620001020080bff4fef962080f0100000000000000010000000000"
            + "0000",
        "09060680a0abfef9620000000202d00f0480bff4fef962140000003cdcef2ef30d11b89a46a12cb42780"
            + "2a0100000000000000020000000000000003000000000000000400000000000000080d01000000000000"
            + "0002000000000000000880a0abfef9620001040080bff4fef962",
        "080f01000000000000000200000000000000080e0100000000000000010000000000000080bff4fef962",
        "02036d75670b546865206e6577206d756700000101010100034d5547034d75670009060a80bff4fef962"
            + "0200000202d00f0680debdfff962140000004ee018e157257f63fa21783ec66bb2a40100000000000000"
            + "020000000000000003000000000000000400000000000000080d01000000000000000300000000000000"
            + "0c80bff4fef9620201060080debdfff962080e0100000000000000030000000000000080bff4fef962",
        "09060e80bff4fef9620200000404d00f0880debdfff9621400000085bd9098bbfd0ef5d839264b611bee"
            + "ae010000000000000002000000000000000300000000000000040000000000000009061080bff4fef962"
            + "0400000400d00f0080debdfff96214040402c7d9c993c342dc77e8f2917bb17806520100000000000000"
            + "0200000000000000030000000000000004000000000000000c0200e80780bff4fef962c0e8fbfef96202"
            + "01020d02d00f080200e807",
        "080808080a000404e807c08e99fff962",
        "09061280bff4fef9620400010404e8070a80debdfff962140000002f74c03feed5400e6de5c1f6d65846"
            + "5e01000000000000000200000000000000030000000000000004000000000000000105656e64656480bf"
            + "f4fef962",
    ]

    private func oldShow() throws -> Show {
        var show = Show(headline: Stage.headline, settings: ShowSettings())
        for (place, entry) in Self.entries.enumerated() {
            try show.replay(entry: place + 1, Self.bytes(entry))
        }
        show.restore(log: EventLog(), chat: ChatLog())
        return show
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }

    private let end = Timestamp(milliseconds: 1_700_000_600_000)

    @Test func `an old journal gives the show that wrote it`() throws {
        let show = try oldShow()
        let mug = show.ledger.level(VariantID(0))
        #expect((mug.onHand, mug.held, mug.sold, mug.price) == (4, 2, 2, 500))
        let states = (0..<3).map { show.ledger.order(at: $0).state }
        #expect(states == [.paid, .cancelled, .paid])
        #expect(show.product("mug")?.sponsored == true)
        #expect(show.status == .ended)
    }

    @Test func `old orders are called what their products were called when they were placed`()
        throws
    {
        let show = try oldShow()
        let titles = (0..<3).map { show.ledger.text(of: show.ledger.order(at: $0).lines[0]).title }
        #expect(titles == ["The mug", "The mug", "The new mug"])
    }

    @Test func `an old order that was cancelled for an unknown reason never comes back`() throws {
        var show = try oldShow()
        let order = show.ledger.order(at: 1)
        let refused = try show.pay(order.id, by: order.participant, at: end)
        #expect(throws: ShowRefusal.self) { try refused.get() }
        #expect(try show.pay(order.id, by: nil, at: end).get().state == .refundDue)
    }

    @Test func `a flash sale that outlived its show ends with the first look at the clock`() throws
    {
        var show = try oldShow()
        #expect(show.flashSales.count == 1)
        try show.expire(at: end)
        #expect(show.flashSales.isEmpty)
        #expect(show.price(of: VariantID(0)) == 1000)
    }
}
