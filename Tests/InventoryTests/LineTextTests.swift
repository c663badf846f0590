// What orders say of the things bought: it stays, and is kept once.

import Testing

@testable import Inventory

struct LineTextTests {
    private func order(_ shop: Shop, _ title: String, _ number: UInt64) throws -> Order {
        let hold = try shop.held(ana)
        return try shop.ledger.placeOrder(
            OrderID(high: 9, low: number), of: [.init(hold.id, LineText(title: title))], by: ana,
            seq: 1000 + Int(number), rules: shop.rules, at: shop.now
        ).get()
    }

    @Test func `lines keep their texts, and those that say the same share one`() throws {
        let shop = try Shop(onHand: 9)
        let orders = try ["Moon", "Moon", "Sun", "Moon"].enumerated().map { number, title in
            try order(shop, title, UInt64(number))
        }
        #expect(
            orders.map { shop.ledger.text(of: $0.lines[0]).title } == [
                "Moon", "Moon", "Sun", "Moon",
            ])
        #expect(orders[0].lines[0].text == orders[1].lines[0].text)
    }

    @Test func `a line without a text is called by its SKU`() throws {
        let shop = try Shop()
        let order = try shop.ordered(ana)
        #expect(shop.ledger.text(of: order.lines[0]).title == "MUG")
    }
}
