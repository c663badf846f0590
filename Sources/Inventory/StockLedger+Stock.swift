// The shop's side: variants come and go, stock is counted again, prices and limits change. Raised stock
// goes to those who wait first; a correction never goes below what is promised.

extension StockLedger {
    /// Adds a variant with its stock. Throws when the SKU exists: the caller has looked.
    @discardableResult
    public mutating func addVariant(
        sku: String, onHand: Units, price: Money, limit: Units?
    ) throws(LedgerDefect) -> VariantID {
        let variant = VariantID(levels.count)
        try record(.variantAdded(variant, sku: sku, onHand: onHand, price: price, limit: limit))
        return variant
    }

    public mutating func setPrice(_ variant: VariantID, _ price: Money) throws(LedgerDefect) {
        try record(.priceSet(variant, price))
    }

    public mutating func setLimit(_ variant: VariantID, _ limit: Units?) throws(LedgerDefect) {
        try record(.limitSet(variant, limit))
    }

    /// Corrects the units on hand by a difference.
    public mutating func adjust(
        _ variant: VariantID, by delta: Units, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> StockRefusal? {
        guard let level = existing(variant) else { return .unknownVariant }
        let (onHand, overflow) = level.onHand.addingReportingOverflow(delta)
        guard !overflow else { return .outOfRange("delta") }
        return try setOnHand(variant, to: onHand, rules: rules, at: now)
    }

    /// Sets the units on hand; with `expected`, only if that is what they are now.
    public mutating func set(
        _ variant: VariantID, onHand: Units, expected: Units?, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> StockRefusal? {
        guard let level = existing(variant) else { return .unknownVariant }
        if let expected, expected != level.onHand { return .stockChanged(onHand: level.onHand) }
        return try setOnHand(variant, to: onHand, rules: rules, at: now)
    }

    /// Removes a variant nobody holds anything of; whoever waits for it waits no more.
    public mutating func remove(_ variant: VariantID) throws(LedgerDefect) -> StockRefusal? {
        guard let level = existing(variant) else { return .unknownVariant }
        guard level.held == 0 else { return .unitsHeld }
        for entry in Array(level.waitlist.inOrder) {
            try record(.waitlistLeft(variant, entry.participant))
        }
        try record(.variantRemoved(variant))
        return nil
    }

    private func existing(_ variant: VariantID) -> StockLevel? {
        guard levels.indices.contains(variant.index) else { return nil }
        let level = levels[variant.index]
        return level.isRemoved ? nil : level
    }

    private mutating func setOnHand(
        _ variant: VariantID, to onHand: Units, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> StockRefusal? {
        let level = levels[variant.index]
        guard onHand <= InventoryLimits.onHandMax else { return .outOfRange("on_hand") }
        guard onHand >= level.held + level.sold else {
            return .belowHeld(minimum: level.held + level.sold)
        }
        try record(.onHandSet(variant, onHand))
        try serveWaitlist(of: variant, rules: rules, at: now)
        return nil
    }

    // MARK: Applying

    mutating func applyRemoval(of variant: VariantID) throws(LedgerDefect) {
        try check(variant)
        let level = levels[variant.index]
        guard level.held == 0, level.waitlist.isEmpty else {
            throw LedgerDefect(variant, "\(level.sku) was removed with units held")
        }
        levels[variant.index].isRemoved = true
        variantsBySKU[level.sku] = nil
    }
}
