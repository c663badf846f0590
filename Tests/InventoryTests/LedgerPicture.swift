// All that can be seen of a ledger, as plain numbers that can be compared and printed: the ledger's
// own, a replayed one's, and the naive model's.

import Inventory

struct LedgerPicture: Equatable {
    struct SKU: Equatable {
        var onHand: Int
        var available: Int
        var held: Int
        var sold: Int
        var price: Int
        var limit: Int?
        var isRemoved: Bool
        var queue: [Waiting]
    }

    struct Waiting: Equatable {
        var who: Int
        var place: Int
        /// Units wanted, the offered ones among them.
        var quantity: Int
        var offered: Int
        var aside: Int
        var price: Int?
        var ends: Int64?
    }

    struct Hold: Equatable {
        var who: Int
        var sku: Int
        var quantity: Int
        var price: Int
        var ends: Int64
        var extensions: Int
        var state: String
    }

    struct Order: Equatable {
        var id: UInt64
        var who: Int
        var holds: [Int]
        var total: Int
        var payBy: Int64
        var paidAt: Int64?
        var state: String
    }

    struct Person: Equatable {
        var openHolds: [Int]
        var orders: [UInt64]
        var waiting: [Int]
        /// Units that count against a limit, per SKU.
        var counted: [Int]
        /// Units of all SKUs that are held, ordered and unpaid, offered or waited for.
        var open: Int
    }

    var skus: [SKU]
    var holds: [Hold]
    var orders: [Order]
    var people: [Person]
}

extension LedgerPicture {
    init(_ ledger: StockLedger, people: Int = 8) {
        skus = ledger.levels.map { level in
            let queue = level.waitlist.inOrder.map { entry in
                Waiting(
                    who: entry.participant.index,
                    place: level.waitlist.place(of: entry.participant) ?? 0,
                    quantity: entry.quantity, offered: entry.offer?.quantity ?? 0,
                    aside: entry.setAside,
                    price: entry.offer?.unitPrice, ends: entry.offer?.expiresAt.milliseconds)
            }
            return SKU(
                onHand: level.onHand, available: level.available, held: level.held,
                sold: level.sold, price: level.price, limit: level.limit,
                isRemoved: level.isRemoved, queue: queue)
        }
        holds = (0..<ledger.holdCount).compactMap { ledger.hold(HoldID($0 + 1)) }.map { hold in
            Hold(
                who: hold.participant.index, sku: hold.variant.index, quantity: hold.quantity,
                price: hold.unitPrice, ends: hold.expiresAt.milliseconds,
                extensions: hold.extensionsLeft, state: "\(hold.state)")
        }
        orders = (0..<ledger.orderCount).map(ledger.order(at:)).map { order in
            Order(
                id: order.id.low, who: order.participant.index,
                holds: order.lines.map(\.hold.number), total: order.total,
                payBy: order.payBy.milliseconds, paidAt: order.paidAt?.milliseconds,
                state: "\(order.state)")
        }
        self.people = (0..<people).map(ParticipantID.init).map { who in
            Person(
                openHolds: ledger.openHolds(of: who).map(\.id.number),
                orders: ledger.orders(of: who).map(\.id.low),
                waiting: ledger.waiting(of: who).map(\.index),
                counted: ledger.levels.indices.map {
                    ledger.countedUnits(of: who, VariantID($0))
                },
                open: ledger.openUnits(of: who))
        }
    }

    /// The sentence that says which promise is broken, seen from the holds and orders alone; nil when
    /// all are kept.
    var brokenPromise: String? {
        for (index, sku) in skus.enumerated() {
            let inHolds = holds.reduce(0) {
                $0 + ($1.sku == index && $1.state == "open" ? $1.quantity : 0)
            }
            let offered = sku.queue.reduce(0) { $0 + $1.offered + $1.aside }
            let placed = units(of: index, inOrders: ["placed"])
            let paid = units(of: index, inOrders: ["paid"])
            if sku.held != inHolds + offered + placed { return "SKU \(index): held is wrong" }
            if sku.sold < paid { return "SKU \(index): less is sold than was paid" }
            if sku.onHand != sku.available + sku.held + sku.sold { return "SKU \(index): sums" }
            if sku.available < 0 { return "SKU \(index): oversold" }
            if sku.available > 0, sku.queue.contains(where: { $0.offered + $0.aside < $0.quantity })
            {
                return "SKU \(index): units are available while somebody waits"
            }
            if sku.queue.map(\.place) != Array(0..<sku.queue.count).map({ $0 + 1 }) {
                return "SKU \(index): places"
            }
        }
        return nil
    }

    private func units(of sku: Int, inOrders states: Set<String>) -> Int {
        orders.reduce(0) { sum, order in
            guard states.contains(order.state) else { return sum }
            return order.holds.reduce(sum) {
                $0 + (holds[$1 - 1].sku == sku ? holds[$1 - 1].quantity : 0)
            }
        }
    }

    /// The first difference to another picture, for people.
    func difference(from other: LedgerPicture) -> String? {
        Self.difference("SKU", skus, other.skus) ?? Self.difference("hold", holds, other.holds)
            ?? Self.difference("order", orders, other.orders)
            ?? Self.difference("person", people, other.people)
    }

    private static func difference<T: Equatable>(_ what: String, _ a: [T], _ b: [T]) -> String? {
        if a == b { return nil }
        if a.count != b.count { return "\(a.count) and \(b.count) of \(what)" }
        guard let index = a.indices.first(where: { a[$0] != b[$0] }) else { return nil }
        return "\(what) \(index):\n  \(a[index])\n  \(b[index])"
    }
}
