// A buyer of the flash sale: claims what is on screen, as often as it was told with the same key, then
// orders and pays, or lets the hold lapse; accepts offers from the waitlist, or lets them pass. Pure,
// all chances from the seed.

import LiveShopClient
import WireProtocol

struct FlashSaleBuyer: Buyer {
    /// What all buyers of a run have in common.
    struct Plan: Sendable {
        var seed: UInt64
        var quantity: Int
        var sends: Int
        var inFlight: Int
        var orderShare: Double
        var payShare: Double
        var acceptShare: Double
        var thinkSeconds: Double

        init(_ options: LoadOptions) {
            seed = options.seed
            quantity = options.quantity
            sends = options.sends
            inFlight = options.inFlight
            orderShare = options.orderShare
            payShare = options.payShare
            acceptShare = options.acceptShare
            thinkSeconds = options.thinkSeconds
        }
    }

    private static let repetitionsMax = 20

    let index: Int
    private let plan: Plan
    private var random: SeededRandom
    private(set) var belongings = Belongings()
    private var sku: String?
    private var sendsLeft = 0
    private var firstAnswer: [UInt8]?
    private var repetitions = 0
    private var keys = 0
    /// Holds that were decided upon, so that a repeated notice decides nothing twice.
    private var decided: Set<String> = []

    init(index: Int, plan: Plan) {
        self.index = index
        self.plan = plan
        random = SeededRandom(seed: plan.seed &+ UInt64(index) &* 0x9E37_79B9)
    }

    /// A display name; several buyers may share one.
    static func name(_ index: Int, seed: UInt64) -> String {
        var random = SeededRandom(seed: seed ^ UInt64(index))
        return "\(names[Int(random.next() % UInt64(names.count))]) \(index + 1)"
    }

    private static let names = [
        "Ana", "Ben", "Chloe", "Deniz", "Emma", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kim",
        "Lea", "Mia", "Noah", "Olga", "Paul", "Quinn", "Rosa", "Sam", "Tara", "Umar", "Vera",
        "Wim", "Xenia", "Yara", "Zoe",
    ]

    // MARK: Claiming

    mutating func offered(_ sku: String, due: Int64) -> [WantedRequest] {
        guard self.sku == nil else { return [] }
        self.sku = sku
        let first = min(plan.sends, plan.inFlight)
        sendsLeft = plan.sends - first
        return (1...first).map { claim(sku, due: due, sending: $0) }
    }

    private var claimKey: String { "claim-\(String(plan.seed, radix: 36))-\(index)" }

    private func claim(_ sku: String, due: Int64, sending: Int) -> WantedRequest {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("sku", sku)
        writer.member("key", claimKey)
        writer.member("quantity", plan.quantity)
        writer.endObject()
        return WantedRequest(
            kind: .claim, type: "claim.create", data: writer.bytes, due: due, sending: sending)
    }

    mutating func answered(
        _ request: WantedRequest, _ result: RequestResult, now: Int64, wallTime: Int64,
        _ found: inout Findings
    ) -> [WantedRequest] {
        switch result {
        case .refused(let error):
            if let again = again(request, error, now, &found) { return [again] }
            found.outcomes["\(request.kind.rawValue) \(error.code)", default: 0] += 1
            if request.kind == .claim { refusedClaim(error, &found) }
            return request.kind == .claim ? nextSending(now) : []
        case .reply(let bytes, let document):
            switch request.kind {
            case .claim: return claimed(bytes, document, now, wallTime, &found)
            case .accept: return accepted(document, now, wallTime, &found)
            case .order: return placed(request, document, now, &found)
            case .pay: return paid(document, &found)
            }
        }
    }

    private mutating func claimed(
        _ bytes: [UInt8], _ document: JSONDocument, _ now: Int64, _ wallTime: Int64,
        _ found: inout Findings
    ) -> [WantedRequest] {
        if let firstAnswer {
            if firstAnswer != bytes {
                found.violations.add(
                    .sameAnswer,
                    "key \(claimKey): \(excerpt(firstAnswer)) and then \(excerpt(bytes))")
            }
            return nextSending(now)
        }
        firstAnswer = bytes
        let root = document.root
        let outcome = Belongings.text(root, "outcome", document) ?? "?"
        found.outcomes["claim \(outcome)", default: 0] += 1
        let hold = document.member(root, "hold").flatMap { Belongings.hold($0, document) }
        let wait = document.member(root, "waitlist")
        guard let seq = document.member(root, "seq").flatMap(document.integer),
            ["held", "partial", "waitlisted", "first_paid"].contains(outcome),
            (hold != nil) == (outcome == "held" || outcome == "partial"),
            (wait != nil) == (outcome == "waitlisted" || outcome == "partial"),
            (hold?.units ?? 0) <= plan.quantity
        else {
            found.violations.add(.protocolKept, "an odd answer to a claim: \(excerpt(bytes))")
            return nextSending(now)
        }
        found.claims.append(
            ClaimRecord(
                buyer: index, key: claimKey, sku: sku ?? "", seq: seq, hold: hold?.id,
                grantedUnits: hold?.units ?? 0,
                place: wait.flatMap { Belongings.number($0, "place", document) }))
        belongings.take(claim: document, now: wallTime)
        return nextSending(now) + decide(now)
    }

    /// Granted after refused is allowed: refusals are not kept.
    private func refusedClaim(_ error: ServerError, _ found: inout Findings) {
        guard firstAnswer != nil else { return }
        found.violations.add(
            .sameAnswer, "key \(claimKey): granted, then refused (\(error.code))")
    }

    private mutating func nextSending(_ now: Int64) -> [WantedRequest] {
        guard sendsLeft > 0, let sku else { return [] }
        sendsLeft -= 1
        return [claim(sku, due: now, sending: plan.sends - sendsLeft)]
    }

    /// The same request once more, when the server was only busy.
    private mutating func again(
        _ request: WantedRequest, _ error: ServerError, _ now: Int64, _ found: inout Findings
    ) -> WantedRequest? {
        switch error.knownCode {
        case .rateLimited, .overloaded, .storageUnavailable, .internal: break
        default: return nil
        }
        guard repetitions < FlashSaleBuyer.repetitionsMax else { return nil }
        repetitions += 1
        found.repeated += 1
        let wait = max(200, min(error.retryAfterMilliseconds, 60_000))
        var request = request
        request.due = now + (wait + Int64(random.next() % 100)) * 1_000_000
        return request
    }

    // MARK: After the claim

    mutating func noticed(
        _ type: String, _ data: JSONNode, _ document: JSONDocument, now: Int64
    ) -> [WantedRequest] {
        belongings.take(type, data, document)
        return decide(now)
    }

    mutating func returned(
        _ you: JSONNode, _ document: JSONDocument, now: Int64
    ) -> [WantedRequest] {
        belongings.replace(by: you, document)
        return decide(now)
    }

    /// What to do about holds and offers that nothing was decided about yet.
    private mutating func decide(_ now: Int64) -> [WantedRequest] {
        var wanted: [WantedRequest] = []
        for hold in belongings.holds where decided.insert(hold.id).inserted {
            guard random.nextFraction() < plan.orderShare else { continue }
            wanted.append(
                request(.order, "order.place", now) { writer in
                    writer.key("holds")
                    writer.beginArray()
                    writer.string(hold.id)
                    writer.endArray()
                })
        }
        for wait in belongings.waits where wait.offered > 0 {
            guard decided.insert("offer \(wait.sku)").inserted,
                random.nextFraction() < plan.acceptShare
            else { continue }
            wanted.append(request(.accept, "waitlist.accept", now) { $0.member("sku", wait.sku) })
        }
        return wanted
    }

    private mutating func accepted(
        _ document: JSONDocument, _ now: Int64, _ wallTime: Int64, _ found: inout Findings
    ) -> [WantedRequest] {
        found.offersAccepted += 1
        belongings.take(claim: document, now: wallTime)
        if let sku { belongings.accepted(sku, document) }
        if let sku { decided.remove("offer \(sku)") }
        return decide(now)
    }

    private mutating func placed(
        _ request: WantedRequest, _ document: JSONDocument, _ now: Int64, _ found: inout Findings
    ) -> [WantedRequest] {
        found.ordersPlaced += 1
        var ordered: [String] = []
        if let sent = try? JSONDocument(parsing: request.data),
            let holds = sent.member(sent.root, "holds")
        {
            ordered = sent.elements(holds).compactMap { sent.string($0) }
        }
        belongings.take(order: document, for: ordered)
        guard let node = document.member(document.root, "order"),
            let id = Belongings.text(node, "order", document),
            random.nextFraction() < plan.payShare
        else { return [] }
        return [
            self.request(.pay, "order.pay", now) { writer in
                writer.member("order", id)
                writer.member("method", "succeeded")
            }
        ]
    }

    private mutating func paid(
        _ document: JSONDocument, _ found: inout Findings
    ) -> [WantedRequest] {
        found.ordersPaid += 1
        if let node = document.member(document.root, "order"),
            let total = document.member(node, "total").flatMap(document.integer)
        {
            found.paidTotal &+= total
        }
        belongings.take(order: document)
        return []
    }

    private mutating func request(
        _ kind: RequestKind, _ type: String, _ now: Int64, _ fill: (inout JSONWriter) -> Void
    ) -> WantedRequest {
        keys += 1
        var writer = JSONWriter()
        writer.beginObject()
        fill(&writer)
        writer.member("key", "\(kind.rawValue)-\(String(plan.seed, radix: 36))-\(index)-\(keys)")
        writer.endObject()
        let think = Int64(random.nextFraction() * plan.thinkSeconds * 1e9)
        return WantedRequest(kind: kind, type: type, data: writer.bytes, due: now + think)
    }

    private func excerpt(_ bytes: [UInt8]) -> String {
        printable(String(decoding: bytes, as: UTF8.self), limit: 160)
    }
}
