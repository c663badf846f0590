// The ledger adds and multiplies the numbers of its facts. `apply` asks here first whether they are
// within the limits, so that nothing runs over: neither for a fact just decided nor for a damaged one.

extension StockEvent {
    /// Whether all its numbers are such as the ledger may record.
    var isWithinLimits: Bool {
        switch self {
        case .variantAdded(_, _, let onHand, let price, _):
            Self.onHand.contains(onHand) && Self.price.contains(price)
        case .priceSet(_, let price):
            Self.price.contains(price)
        case .onHandSet(_, let onHand):
            Self.onHand.contains(onHand)
        case .claimed(let claim):
            Self.units.contains(claim.granted) && Self.units.contains(claim.joined)
                && Self.price.contains(claim.unitPrice)
        case .offered(_, _, let units, let price, _):
            Self.units.contains(units) && units > 0 && Self.price.contains(price)
        case .orderPlaced(let placement):
            (1...InventoryLimits.orderHoldsMax).contains(placement.holds.count)
                && placement.discount >= 0
        case .limitSet, .variantRemoved, .holdExtended, .holdReleased, .holdExpired, .offerExpired,
            .waitlistLeft, .orderPaid, .orderCancelled, .orderRefundDue, .orderRefunded:
            true
        }
    }

    private static var onHand: ClosedRange<Units> { 0...InventoryLimits.onHandMax }
    private static var units: ClosedRange<Units> { 0...InventoryLimits.claimQuantityMax }
    private static var price: ClosedRange<Money> { 0...InventoryLimits.priceMax }
}
