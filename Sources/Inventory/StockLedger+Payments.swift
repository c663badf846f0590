// Payments, in time and late. An order that its buyer or the shop cancelled never comes back. One that ran
// out becomes paid only where the same buyer would get the same units by a claim, at no higher price: so
// no limit is passed by ordering, waiting and paying, and nobody who waits is passed. Else money that
// came from outside is owed back.

/// How a payment reached the show.
public enum PaymentWay: Sendable {
    /// By a request of the buyer: what it cannot pay is refused.
    case request
    /// From the shop's payment service: the money has moved already.
    case outside
}

extension StockLedger {
    /// A payment arrived: for a placed order, or late for a cancelled one. `mayClaim` is whether the
    /// owner of the ledger would let the buyer claim now.
    public mutating func pay(
        _ id: OrderID, _ way: PaymentWay, mayClaim: Bool = true, rules: StockRules,
        at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, StockRefusal> {
        guard let order = order(id) else { return .failure(.unknownOrder) }
        switch (order.state, way) {
        case (.placed, _):
            try record(.orderPaid(id, at: now))
        case (.cancelled, _)
        where order.cancelReason == .ranOut && mayClaim && wouldBeGranted(order, rules):
            try record(.orderPaid(id, at: now))
        case (.cancelled, .outside):
            try record(.orderRefundDue(id))
        case (.cancelled, .request), (.paid, _), (.refundDue, _), (.refunded, _):
            return .failure(.orderState(order.state))
        }
        return .success(self.order(id) ?? order)
    }

    /// Whether claims for all lines of an order would be granted now, whole and at no higher price.
    /// Units that somebody waits for are never available, so nobody is passed.
    private func wouldBeGranted(_ order: Order, _ rules: StockRules) -> Bool {
        var wanted: [VariantID: Units] = [:]
        for line in order.lines {
            if levels[line.variant.index].price > line.unitPrice { return false }
            wanted[line.variant, default: 0] += line.quantity
        }
        return wanted.allSatisfy { variant, units in
            let level = levels[variant.index]
            return !level.isRemoved && !level.isQuarantined && level.available >= units
                && unitsLeft(ofSpecial: variant) ?? units >= units
                && overLimit(of: order.participant, variant, adding: units, rules) == nil
        }
    }

    // MARK: Applying

    mutating func applyPayment(_ id: OrderID, at time: Timestamp) throws(LedgerDefect) {
        guard let index = index(of: id) else { throw LedgerDefect(nil, "no order \(id)") }
        let order = orders[index]
        guard order.state == .placed || order.state == .cancelled else {
            throw LedgerDefect(nil, "order \(id) was paid while \(order.state)")
        }
        for line in order.lines {
            try check(line.variant)
            if order.state == .placed {
                levels[line.variant.index].held -= line.quantity
                count(0, open: -line.quantity, line.variant, for: order.participant)
            } else {
                count(line.quantity, open: 0, line.variant, for: order.participant)
                count(line.quantity, inSpecialOf: line, of: order.participant)
            }
            levels[line.variant.index].sold += line.quantity
            try checkInvariants(line.variant)
        }
        orders[index].state = .paid
        orders[index].paidAt = time
        orders[index].takesUnits = true
    }
}
