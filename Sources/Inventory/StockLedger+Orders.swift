// Orders: a hold becomes an order at the price of the claim, and keeps what was said of the thing; the
// order is paid, or its units go on. Payments: StockLedger+Payments.

extension StockLedger {
    /// Turns open holds of the participant, each named once, into one order. An order of 0 is paid at
    /// once.
    public mutating func placeOrder(
        _ id: OrderID, of lines: [OrderPlacement.Line], by participant: ParticipantID,
        discount: Money = 0, seq: Int, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, StockRefusal> {
        guard (1...InventoryLimits.orderHoldsMax).contains(lines.count),
            Set(lines.map(\.hold)).count == lines.count
        else { return .failure(.outOfRange("holds")) }
        for line in lines {
            if case .failure(let refusal) = ownOpenHold(line.hold, participant, at: now) {
                return .failure(refusal)
            }
        }
        try record(
            .orderPlaced(
                OrderPlacement(
                    id: id, seq: seq, time: now, participant: participant, lines: lines,
                    discount: discount, payBy: now.adding(seconds: rules.paymentSeconds))))
        guard let order = order(id) else { throw LedgerDefect(nil, "order \(id) is missing") }
        if order.total == 0 { try record(.orderPaid(id, at: now)) }
        return .success(self.order(id) ?? order)
    }

    /// What a line of an order says of the thing that was bought.
    public func text(of line: Order.Line) -> LineText { lineTexts[line.text] }

    /// Cancels a placed order of the participant, or of anybody when `participant` is nil (the shop).
    public mutating func cancel(
        _ id: OrderID, by participant: ParticipantID?, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) -> Result<Order, StockRefusal> {
        guard let order = order(id), participant == nil || participant == order.participant else {
            return .failure(.unknownOrder)
        }
        guard order.state == .placed else { return .failure(.orderState(order.state)) }
        try cancel(order, participant == nil ? .shop : .buyer, rules: rules, at: now)
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

    mutating func cancel(
        _ order: Order, _ reason: Order.CancelReason, rules: StockRules, at now: Timestamp
    ) throws(LedgerDefect) {
        try record(.orderCancelled(order.id, reason))
        for line in order.lines { try serveWaitlist(of: line.variant, rules: rules, at: now) }
    }

    // MARK: Applying

    mutating func apply(_ placement: OrderPlacement) throws(LedgerDefect) {
        guard index(of: placement.id) == nil else {
            throw LedgerDefect(nil, "order \(placement.id) was placed twice")
        }
        var lines: [Order.Line] = []
        for placed in placement.lines {
            let id = placed.hold
            guard let hold = hold(id), hold.participant == placement.participant else {
                throw LedgerDefect(nil, "order \(placement.id) takes a hold of somebody else")
            }
            let text = placed.text ?? LineText(title: levels[hold.variant.index].sku)
            lines.append(
                Order.Line(
                    hold: id, variant: hold.variant, quantity: hold.quantity,
                    text: lineTexts.place(of: text, hold.variant), unitPrice: hold.unitPrice))
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

    mutating func applyCancellation(
        _ id: OrderID, _ reason: Order.CancelReason
    ) throws(LedgerDefect) {
        try changeOrder(id, from: [.placed], to: .cancelled)
        guard let index = index(of: id) else { return }
        orders[index].cancelReason = reason
        let order = orders[index]
        for line in order.lines {
            levels[line.variant.index].held -= line.quantity
            countOpen(-line.quantity, line.variant, for: order.participant)
            count(-line.quantity, inSpecialOf: line, of: order.participant)
            try checkInvariants(line.variant)
        }
    }

    mutating func applyRefund(_ id: OrderID, restock: Bool) throws(LedgerDefect) {
        try changeOrder(id, from: [.paid, .refundDue], to: .refunded)
        guard let index = index(of: id), orders[index].takesUnits else { return }
        for line in orders[index].lines {
            count(-line.quantity, open: 0, line.variant, for: orders[index].participant)
            count(-line.quantity, inSpecialOf: line, of: orders[index].participant)
            if restock { levels[line.variant.index].sold -= line.quantity }
            try checkInvariants(line.variant)
        }
        if restock { orders[index].takesUnits = false }
    }

    /// Counts units of an order in the special price they were claimed at, if it is still in force.
    mutating func count(_ delta: Units, inSpecialOf line: Order.Line, of buyer: ParticipantID) {
        if specials.isEmpty { return }
        count(delta, inSpecial: holds[line.hold.number - 1].special, of: buyer)
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
