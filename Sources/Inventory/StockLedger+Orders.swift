// Orders: a hold becomes an order at the price of the claim; the order is paid, or its units go on.
// A payment that comes after the cancellation never oversells: it is honoured only from units that are
// available, else the money is owed back.

extension StockLedger {
    /// Turns open holds of the participant, each named once, into one order. An order of 0 is paid at
    /// once.
    public mutating func placeOrder(
        _ id: OrderID, of holdIDs: [HoldID], by participant: ParticipantID, discount: Money = 0,
        seq: Int, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, StockRefusal> {
        guard (1...InventoryLimits.orderHoldsMax).contains(holdIDs.count),
            Set(holdIDs).count == holdIDs.count
        else { return .failure(.outOfRange("holds")) }
        for hold in holdIDs {
            if case .failure(let refusal) = ownOpenHold(hold, participant, at: now) {
                return .failure(refusal)
            }
        }
        try record(
            .orderPlaced(
                OrderPlacement(
                    id: id, seq: seq, time: now, participant: participant, holds: holdIDs,
                    discount: discount, payBy: now.adding(seconds: rules.paymentSeconds))))
        guard let order = order(id) else { throw LedgerDefect(nil, "order \(id) is missing") }
        if order.total == 0 { try record(.orderPaid(id, at: now)) }
        return .success(self.order(id) ?? order)
    }

    /// A payment arrived: for a placed order, or late for a cancelled one.
    public mutating func pay(
        _ id: OrderID, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, StockRefusal> {
        guard let order = order(id) else { return .failure(.unknownOrder) }
        switch order.state {
        case .placed:
            try record(.orderPaid(id, at: now))
        case .cancelled:
            try record(unitsAreFree(for: order) ? .orderPaid(id, at: now) : .orderRefundDue(id))
        case .paid, .refundDue, .refunded:
            return .failure(.orderState(order.state))
        }
        return .success(self.order(id) ?? order)
    }

    /// Cancels a placed order of the participant, or of anybody when `participant` is nil.
    public mutating func cancel(
        _ id: OrderID, by participant: ParticipantID?, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, StockRefusal> {
        guard let order = order(id), participant == nil || participant == order.participant else {
            return .failure(.unknownOrder)
        }
        guard order.state == .placed else { return .failure(.orderState(order.state)) }
        try cancel(order, rules: rules, at: now)
        return .success(self.order(id) ?? order)
    }

    /// The shop gave the money back; units return only with `restock`.
    public mutating func refund(
        _ id: OrderID, restock: Bool, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, StockRefusal> {
        guard let order = order(id) else { return .failure(.unknownOrder) }
        guard order.state == .paid || order.state == .refundDue else {
            return .failure(.orderState(order.state))
        }
        try record(.orderRefunded(id, restock: restock))
        // Line by line and not by a set, whose order differs from run to run.
        for line in order.lines where order.takesUnits && restock {
            try serveWaitlist(of: line.variant, rules: rules, at: now)
        }
        return .success(self.order(id) ?? order)
    }

    mutating func cancel(_ order: Order, rules: StockRules, at now: Timestamp) throws(LedgerDefect)
    {
        try record(.orderCancelled(order.id))
        for line in order.lines { try serveWaitlist(of: line.variant, rules: rules, at: now) }
    }

    /// Whether all lines of a cancelled order could be sold now. Units that somebody waits for are
    /// never available, so nobody is passed.
    private func unitsAreFree(for order: Order) -> Bool {
        var wanted: [VariantID: Units] = [:]
        for line in order.lines { wanted[line.variant, default: 0] += line.quantity }
        return wanted.allSatisfy { variant, units in
            let level = levels[variant.index]
            return !level.isRemoved && !level.isQuarantined && level.available >= units
        }
    }

    // MARK: Applying

    mutating func apply(_ placement: OrderPlacement) throws(LedgerDefect) {
        guard index(of: placement.id) == nil else {
            throw LedgerDefect(nil, "order \(placement.id) was placed twice")
        }
        var lines: [Order.Line] = []
        for id in placement.holds {
            guard let hold = hold(id), hold.participant == placement.participant else {
                throw LedgerDefect(nil, "order \(placement.id) takes a hold of somebody else")
            }
            lines.append(
                Order.Line(
                    hold: id, variant: hold.variant, quantity: hold.quantity,
                    unitPrice: hold.unitPrice))
            try end(id, as: .ordered)
        }
        let index = orders.count
        orders.append(
            Order(
                id: placement.id, seq: placement.seq, participant: placement.participant,
                lines: lines, discount: placement.discount, placedAt: placement.time,
                payBy: placement.payBy, state: .placed))
        orderIndexes.insert(index, for: placement.id)
        buyers[placement.participant.index].orders.append(index)
        deadlines.insert(Deadline(at: placement.payBy, .payment(placement.id)))
    }

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
            }
            levels[line.variant.index].sold += line.quantity
            try checkInvariants(line.variant)
        }
        orders[index].state = .paid
        orders[index].paidAt = time
        orders[index].takesUnits = true
    }

    mutating func applyCancellation(_ id: OrderID) throws(LedgerDefect) {
        try changeOrder(id, from: [.placed], to: .cancelled)
        guard let order = order(id) else { return }
        for line in order.lines {
            levels[line.variant.index].held -= line.quantity
            countOpen(-line.quantity, line.variant, for: order.participant)
            try checkInvariants(line.variant)
        }
    }

    mutating func applyRefund(_ id: OrderID, restock: Bool) throws(LedgerDefect) {
        try changeOrder(id, from: [.paid, .refundDue], to: .refunded)
        guard let index = index(of: id), orders[index].takesUnits else { return }
        for line in orders[index].lines {
            count(-line.quantity, open: 0, line.variant, for: orders[index].participant)
            if restock { levels[line.variant.index].sold -= line.quantity }
            try checkInvariants(line.variant)
        }
        if restock { orders[index].takesUnits = false }
    }

    mutating func changeOrder(
        _ id: OrderID, from states: Set<Order.State>, to state: Order.State
    ) throws(LedgerDefect) {
        guard let index = index(of: id), states.contains(orders[index].state) else {
            throw LedgerDefect(nil, "order \(id) cannot become \(state)")
        }
        orders[index].state = state
    }
}
