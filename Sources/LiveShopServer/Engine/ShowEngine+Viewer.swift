// What viewers ask for. Each writes the `data` of its reply.

import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    /// Carries out a request that has passed the checks.
    mutating func perform(
        _ body: RequestBody, _ call: Call, _ idempotency: Idempotency?, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let start = data.count
        switch body {
        case .claimCreate(let claim):
            guard let idempotency else { throw .missingKey }
            return try self.claim(claim, call, idempotency, &data)
        case .waitlistAccept(let sku, let unitPrice):
            guard let idempotency else { throw .missingKey }
            return try acceptOffer(sku, unitPrice, call, idempotency, &data)
        case .orderPlace(let holds, let coupon):
            guard let idempotency else { throw .missingKey }
            try placeOrder(holds, coupon, call, idempotency, &data)
        case .orderPay(let order, let method): try pay(order, method, call, &data)
        case .orderCancel(let order): try cancel(order, call, &data)
        case .holdRelease(let hold, let quantity): try release(hold, quantity, call, &data)
        case .holdExtend(let hold): try extend(hold, call, &data)
        case .waitlistLeave(let sku): try leaveWaitlist(sku, call, &data)
        case .chatSend(let text, let replyTo, let product):
            try say(text, replyTo, product, call, &data)
        case .ordersMine(let page): try writeOwnOrders(page, call, &data)
        case .productGet(let target): try get(target, call, &data)
        case .ping:
            data.beginObject()
            data.member("server_time", time: call.now.milliseconds)
            data.endObject()
        default:
            try direct(body, call, &data)
        }
        guard let idempotency else { return }
        try remember(data.bytes(from: start), call, idempotency)
    }

    /// Keeps the answer under the request's key, unless a decision with its own `seq` did.
    private mutating func remember(
        _ data: [UInt8], _ call: Call, _ idempotency: Idempotency
    ) throws(CallFailure) {
        if isStorageFailing { return }
        let seq =
            call.request.type == .orderPlace
            ? self[show: call.room].lastSeq : self[show: call.room].nextSeq
        try run(call) { show throws(LedgerDefect) in
            try show.remember(data, as: seq, idempotency, of: call.participant)
        }
    }

    // MARK: Claims, holds, waitlist

    private mutating func claim(
        _ wish: ClaimCreate, _ call: Call, _ idempotency: Idempotency, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let decision: ClaimDecision = try unwrap(call) { show throws(LedgerDefect) in
            guard let variant = show.variant(sku: wish.sku) else {
                return .failure(.stock(.unknownVariant))
            }
            let request = ClaimRequest(
                participant: call.participant, variant: variant, quantity: Units(wish.quantity),
                unitPrice: wish.unitPrice.map { Money($0) }, partial: wish.partial,
                waitlist: wish.waitlist)
            return try show.claim(request, idempotency, at: call.now)
        }
        switch decision {
        case .decided(let claim):
            write(claim, idempotency.content, call, &data)
        case .alreadyWaiting(let entry, let place):
            let start = data.count
            let seq = self[show: call.room].nextSeq
            data.beginObject()
            data.member("outcome", "waitlisted")
            data.member("seq", seq)
            data.key("waitlist")
            WireMapping.write(entry, place: place, sku: wish.sku, to: &data)
            WireMapping.writeReceipt(
                seq: seq, idempotency.content, at: call.now,
                show: self[show: call.room].headline.id, to: &data)
            data.endObject()
            try remember(data.bytes(from: start), call, idempotency)
        }
    }

    /// The reply to a claim, now or again.
    func write(
        _ claim: Claim, _ content: ContentHash, _ call: Call, _ data: inout JSONWriter
    ) {
        // Only the two names: a whole show is dear to hand on.
        WireMapping.write(
            claim, content: content,
            sku: rooms[call.room].show.ledger.sku(of: claim.variant),
            show: rooms[call.room].show.headline.id, to: &data)
    }

    private mutating func acceptOffer(
        _ sku: String, _ unitPrice: Int64?, _ call: Call, _ idempotency: Idempotency,
        _ data: inout JSONWriter
    ) throws(CallFailure) {
        let variant = try variant(sku, call)
        let claim = try unwrap(call) { show throws(LedgerDefect) in
            try show.acceptOffer(
                of: variant, by: call.participant, unitPrice: unitPrice.map { Money($0) },
                idempotency, at: call.now)
        }
        write(claim, idempotency.content, call, &data)
    }

    private mutating func release(
        _ hold: String, _ quantity: Int64?, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let id = try holdID(hold)
        let units = try unwrap(call) { show throws(LedgerDefect) in
            try show.release(
                id, units: quantity.map { Units($0) }, by: call.participant, at: call.now)
        }
        data.beginObject()
        data.member("hold", hold)
        data.member("released", units.released)
        data.member("remaining", units.remaining)
        data.endObject()
    }

    private mutating func extend(
        _ hold: String, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let id = try holdID(hold)
        let extended = try unwrap(call) { show throws(LedgerDefect) in
            try show.extend(id, by: call.participant, at: call.now)
        }
        data.beginObject()
        data.key("hold")
        WireMapping.write(extended, of: self[show: call.room], to: &data)
        data.endObject()
    }

    private mutating func leaveWaitlist(
        _ sku: String, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let variant = try variant(sku, call)
        try obey(call) { show throws(LedgerDefect) in
            try show.leaveWaitlist(of: variant, by: call.participant, at: call.now)
        }
        data.beginObject()
        data.member("sku", sku)
        data.endObject()
    }

    // MARK: Orders

    private mutating func placeOrder(
        _ holds: [String], _ coupon: String?, _ call: Call, _ idempotency: Idempotency,
        _ data: inout JSONWriter
    ) throws(CallFailure) {
        guard holds.count <= InventoryLimits.orderHoldsMax, Set(holds).count == holds.count else {
            throw .refused(
                Refusal(
                    .badRequest,
                    "data.holds: must name 1 to \(InventoryLimits.orderHoldsMax) holds, each once"))
        }
        if coupon != nil { throw .refused(Refusal(.notFound, "no such coupon")) }
        var ids: [HoldID] = []
        for hold in holds { ids.append(try holdID(hold)) }
        let id = OrderID(high: environment.randomBits(), low: environment.randomBits())
        let order = try unwrap(call) { show throws(LedgerDefect) in
            try show.placeOrder(id, of: ids, by: call.participant, at: call.now)
        }
        let show = self[show: call.room]
        data.beginObject()
        data.key("order")
        WireMapping.write(order, of: show, to: &data)
        WireMapping.writeReceipt(
            seq: order.seq, idempotency.content, at: call.now, show: show.headline.id, to: &data)
        data.endObject()
    }

    private mutating func pay(
        _ order: String, _ method: TestPayment, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        guard configuration.testPayment else {
            throw .refused(
                Refusal(
                    .forbidden,
                    "order.pay works only with serve --payment test; the shop takes the payment"))
        }
        let id = try orderID(order)
        guard let known = self[show: call.room].ledger.order(id),
            known.participant == call.participant
        else { throw .refused(Refusal(.notFound, "no such order")) }
        guard method == .succeeded else {
            guard known.state == .placed else {
                throw .refused(Refusal(StockRefusal.orderState(known.state)))
            }
            throw .refused(Refusal(.paymentFailed, "the test payment ended as \(method.rawValue)"))
        }
        let paid = try unwrap(call) { show throws(LedgerDefect) in
            try show.pay(id, by: call.participant, at: call.now)
        }
        writeOrder(paid, call, &data)
    }

    private mutating func cancel(
        _ order: String, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let id = try orderID(order)
        let cancelled = try unwrap(call) { show throws(LedgerDefect) in
            try show.cancelOrder(id, by: call.participant, at: call.now)
        }
        writeOrder(cancelled, call, &data)
    }

    private func writeOrder(_ order: Order, _ call: Call, _ data: inout JSONWriter) {
        data.beginObject()
        data.key("order")
        WireMapping.write(order, of: self[show: call.room], to: &data)
        data.endObject()
    }

    // MARK: Chat and products

    private mutating func say(
        _ text: String, _ replyTo: String?, _ product: String?, _ call: Call,
        _ data: inout JSONWriter
    ) throws(CallFailure) {
        guard !text.isEmpty else {
            throw .refused(Refusal(.badRequest, "data.text: is empty"))
        }
        var number: Int?
        if let replyTo {
            guard let parsed = ChatMessage.number(replyTo) else {
                throw .refused(Refusal(.notFound, "no such message"))
            }
            number = parsed
        }
        let replied = number
        let message = try unwrap(call) { show throws(LedgerDefect) in
            show.say(text, by: call.participant, replyTo: replied, product: product, at: call.now)
        }
        data.beginObject()
        data.member("message", "m", message.number)
        data.endObject()
    }

    private func get(
        _ target: ProductTarget, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let show = self[show: call.room]
        let product = try product(target, call)
        data.beginObject()
        data.key("product")
        WireMapping.write(product, of: show, to: &data)
        data.endObject()
    }

    // MARK: Steps shared by requests

    /// Runs a command that cannot be refused.
    mutating func run(
        _ call: Call, _ body: (inout Show) throws(LedgerDefect) -> Void
    ) throws(CallFailure) {
        do throws(LedgerDefect) {
            try body(&rooms[call.room].show)
        } catch {
            throw .defect(error)
        }
    }

    /// Runs a command that may be refused and has nothing to say otherwise.
    mutating func obey(
        _ call: Call, _ body: (inout Show) throws(LedgerDefect) -> ShowRefusal?
    ) throws(CallFailure) {
        let refusal: ShowRefusal?
        do throws(LedgerDefect) {
            refusal = try body(&rooms[call.room].show)
        } catch {
            throw .defect(error)
        }
        if let refusal { throw .refused(Refusal(refusal, at: call.now)) }
    }

    /// Runs a command that brings something unless it is refused.
    mutating func unwrap<T>(
        _ call: Call, _ body: (inout Show) throws(LedgerDefect) -> Result<T, ShowRefusal>
    ) throws(CallFailure) -> T {
        let result: Result<T, ShowRefusal>
        do throws(LedgerDefect) {
            result = try body(&rooms[call.room].show)
        } catch {
            throw .defect(error)
        }
        switch result {
        case .success(let value): return value
        case .failure(let refusal): throw .refused(Refusal(refusal, at: call.now))
        }
    }

    func variant(_ sku: String, _ call: Call) throws(CallFailure) -> VariantID {
        guard let variant = rooms[call.room].show.ledger.variant(sku: sku) else {
            throw .refused(Refusal(StockRefusal.unknownVariant))
        }
        return variant
    }

    func product(_ target: ProductTarget, _ call: Call) throws(CallFailure) -> Product {
        let show = self[show: call.room]
        if let id = target.product {
            guard let product = show.product(id) else {
                throw .refused(Refusal(.notFound, "no such product"))
            }
            if let sku = target.sku, !product.variants.contains(where: { $0.sku == sku }) {
                throw .refused(Refusal(.notFound, "the product has no such sku"))
            }
            return product
        }
        let variant = try variant(target.sku ?? "", call)
        guard let product = show.product(of: variant) else {
            throw .refused(Refusal(.notFound, "no such product"))
        }
        return product
    }

    private func holdID(_ text: String) throws(CallFailure) -> HoldID {
        guard let id = HoldID(text) else { throw .refused(Refusal(StockRefusal.unknownHold)) }
        return id
    }

    private func orderID(_ text: String) throws(CallFailure) -> OrderID {
        guard let id = OrderID(text) else { throw .refused(Refusal(StockRefusal.unknownOrder)) }
        return id
    }
}

extension CallFailure {
    /// The decoder requires the key; this is its net.
    fileprivate static var missingKey: CallFailure {
        .refused(Refusal(.badRequest, "data.key: is required"))
    }
}
