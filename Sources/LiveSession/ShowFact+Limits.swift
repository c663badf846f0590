// A show counts on from the numbers of its facts. A damaged journal may hold any; those that something
// would run over with are refused when it is replayed.

import Inventory

extension ShowFact {
    /// Whether all its numbers are such as the show may record; those of the ledger it checks itself.
    var isWithinLimits: Bool {
        switch self {
        case .flashScheduled(let sale):
            Self.numbers.contains(sale.number) && Self.prices.contains(sale.price)
                && Self.units.contains(sale.perBuyer)
                && sale.quantity.map { Self.units.contains($0) } ?? true
        case .flashStarted(let number, let regularPrice):
            Self.numbers.contains(number) && Self.prices.contains(regularPrice)
        case .flashEnded(let number), .messageDeleted(let number), .grantsAnnounced(let number),
            .answered(let number, _, _):
            Self.numbers.contains(number)
        case .statusChanged, .productPut, .productRemoved, .pinned, .unpinned, .queueSet,
            .settingSet, .stock, .claimed, .measureTaken, .noteSet, .noteCleared, .roleSet:
            true
        }
    }

    /// What is counted within a show; the store's numbers go twice as far.
    private static let numbers = 0...Int(Int32.max)
    private static let prices = 0...InventoryLimits.priceMax
    private static let units = 0...InventoryLimits.onHandMax
}
