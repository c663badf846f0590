// The slow way to count: from the holds, offers and orders themselves. The audit compares it with the
// counters, which every decision keeps up to date.

extension StockLedger {
    /// Units of each variant in open holds, open offers and placed orders, and set aside.
    public func recountHeld() -> [Units] {
        var held = levels.map(\.waitlist.reserved)
        for index in holds.indices where holds[index].state == .open {
            held[holds[index].variant.index] += holds[index].quantity
        }
        for index in orders.indices where orders[index].state == .placed {
            for line in orders[index].lines { held[line.variant.index] += line.quantity }
        }
        return held
    }

    /// Everybody whom a hold, an order or a waitlist names.
    public func participants() -> Set<ParticipantID> {
        var named = Set(holds.indices.lazy.map { holds[$0].participant })
        for level in levels { named.formUnion(level.waitlist.inOrder.map(\.participant)) }
        return named
    }
}
