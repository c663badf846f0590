// Flash sales: started by a host, begun and ended by the clock. One per SKU at a time; sales of
// different SKUs run side by side.

public import Inventory

extension Show {
    public mutating func startFlashSale(
        _ draft: FlashSaleDraft, at now: Timestamp
    ) throws(LedgerDefect) -> Result<FlashSale, ShowRefusal> {
        guard status == .live else { return .failure(status == .ended ? .ended : .notLive(status)) }
        guard flashSale(of: draft.variant) == nil else {
            return .failure(.invalidState("a flash sale of this sku runs already"))
        }
        let regular = ledger.level(draft.variant).price
        guard regular > 0 else {
            return .failure(
                .badRequest(field: "price", "must be below the price; the product is free"))
        }
        // A discount of 1 to 90 %, exactly.
        guard draft.price * 100 <= regular * 99, draft.price * 100 >= regular * 10 else {
            return .failure(
                .badRequest(
                    field: "price", "must be 1 to 90 % below the price of \(regular)"))
        }
        let startsAt = now.adding(seconds: draft.countdownSeconds)
        let sale = FlashSale(
            number: flashSaleCount + 1, variant: draft.variant, price: draft.price,
            startsAt: startsAt, endsAt: startsAt.adding(seconds: draft.durationSeconds),
            perBuyer: draft.perBuyer, quantity: draft.quantity)
        try record(.flashScheduled(sale))
        effects.events.append(.flashScheduled(sale))
        if draft.countdownSeconds == 0 { try begin(sale) }
        return .success(flashSale(of: draft.variant) ?? sale)
    }

    /// Ends a sale before its time, running or announced.
    public mutating func stopFlashSale(
        _ number: Int, at now: Timestamp
    ) throws(LedgerDefect) -> Result<FlashSale, ShowRefusal> {
        guard let sale = flashSales.first(where: { $0.number == number }) else {
            return .failure(.unknown("flash sale"))
        }
        try end(sale)
        return .success(sale)
    }

    /// The sale of a variant, announced or running.
    public func flashSale(of variant: VariantID) -> FlashSale? {
        flashSales.first { $0.variant == variant }
    }

    /// The sale that prices a variant now.
    func runningSale(of variant: VariantID) -> FlashSale? {
        flashSales.isEmpty ? nil : flashSales.first { $0.variant == variant && $0.isRunning }
    }

    var nextFlashDeadline: Timestamp? {
        flashSales.map { $0.isRunning ? $0.endsAt : $0.startsAt }.min()
    }

    /// Begins and ends the sales whose time has come. Versions before let a sale outlive its show.
    mutating func advanceFlashSales(at now: Timestamp) throws(LedgerDefect) {
        for sale in flashSales {
            if sale.endsAt <= now || status == .ended {
                try end(sale)
            } else if !sale.isRunning, sale.startsAt <= now {
                try begin(sale)
            }
        }
    }

    /// The rules for holds taken in a sale.
    var saleRules: StockRules {
        var rules = rules
        rules.holdSeconds = settings.flashHoldSeconds
        rules.extensions = 0
        return rules
    }

    /// Ends the sales whose units are gone.
    mutating func endTakenSales() throws(LedgerDefect) {
        for sale in flashSales where sale.isRunning {
            if ledger.unitsLeft(ofSpecial: sale.variant) == 0 { try end(sale) }
        }
    }

    private mutating func begin(_ sale: FlashSale) throws(LedgerDefect) {
        try record(.flashStarted(sale.number, regularPrice: ledger.level(sale.variant).price))
        try ledger.setPrice(sale.variant, sale.price)
        noteFacts()
        effects.events.append(.flashStarted(sale))
    }

    mutating func end(_ sale: FlashSale) throws(LedgerDefect) {
        if sale.isRunning {
            try ledger.setPrice(sale.variant, sale.regularPrice)
            noteFacts()
            // Somebody who came during the sale has never seen the price that returns.
            effects.events.append(
                .priceChanged(
                    sku: ledger.sku(of: sale.variant), price: sale.regularPrice,
                    priorPrice: sale.price))
        }
        try record(.flashEnded(sale.number))
        effects.events.append(.flashEnded(sale))
    }
}
