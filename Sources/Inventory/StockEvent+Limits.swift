// The ledger adds and multiplies the numbers of its facts. `apply` asks here first whether they are
// within the limits, so that nothing runs over: neither for a fact just decided nor for a damaged one.

extension StockEvent {
    /// Whether all its numbers are such as the ledger may record.
    var isWithinLimits: Bool {
        switch self {
        case .variantAdded(_, _, let onHand, let price, let limit):
            Self.onHand.contains(onHand) && Self.price.contains(price)
                && Self.isLimit(limit)
        case .limitSet(_, let limit):
            Self.isLimit(limit)
        case .priceSet(_, let price):
            Self.price.contains(price)
        case .onHandSet(_, let onHand):
            Self.onHand.contains(onHand)
        case .claimed(let claim):
            Self.units.contains(claim.granted) && Self.units.contains(claim.joined)
                && Self.price.contains(claim.unitPrice)
        case .holdReduced(_, let units), .setAside(_, _, let units):
            Self.units.contains(units)
        case .offered(_, _, let offer):
            Self.units.contains(offer.quantity) && offer.quantity > 0
                && Self.price.contains(offer.unitPrice) && offer.special >= 0
        case .orderPlaced(let placement):
            (1...InventoryLimits.orderHoldsMax).contains(placement.lines.count)
                && Self.discount.contains(placement.discount)
        case .variantRemoved, .holdExtended, .holdReleased, .holdExpired, .offerExpired,
            .waitlistLeft, .orderPaid, .orderCancelled, .orderRefundDue, .orderRefunded:
            true
        }
    }

    private static var onHand: ClosedRange<Units> { 0...InventoryLimits.onHandMax }
    private static var units: ClosedRange<Units> { 0...InventoryLimits.claimQuantityMax }
    /// An order's lines at their highest prices.
    private static var discount: ClosedRange<Money> {
        let line = InventoryLimits.priceMax * InventoryLimits.claimQuantityMax
        return 0...line * InventoryLimits.orderHoldsMax
    }
    private static func isLimit(_ limit: Units?) -> Bool {
        limit.map { onHand.contains($0) } ?? true
    }
    private static var price: ClosedRange<Money> { 0...InventoryLimits.priceMax }
}
