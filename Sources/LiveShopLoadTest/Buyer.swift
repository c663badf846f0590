// One simulated person: pure decisions from what the server says. It claims what the script tells it, as
// often as it is told with the same key, then orders and pays, or lets the hold lapse; accepts offers
// from the waitlist, or lets them pass. The worker gives it time, answers and notices, and sends what it
// asks for. All chances come from the seed. `now` is monotonic nanoseconds, `wallTime` milliseconds
// since 1970.

import LiveShopClient
import WireProtocol

struct Buyer: Sendable {
    /// What all buyers of a run have in common.
    struct Plan: Sendable {
        var seed: UInt64
        /// Sendings of one claim that may be unanswered at once.
        var sendingsInFlight: Int
        var orderShare: Double
        var payShare: Double
        var acceptShare: Double
        var thinkSeconds: Double

        init(_ options: LoadOptions) {
            seed = options.seed
            sendingsInFlight = options.inFlight ?? 2
            orderShare = options.orderShare
            payShare = options.payShare
            acceptShare = options.acceptShare
            thinkSeconds = options.thinkSeconds
        }
    }

    /// A claim of which sendings are unanswered or still to come.
    private struct OpenClaim: Sendable {
        let number: Int
        let key: String
        let sku: String
        let deed: Script.ClaimDeed
        let loop: Int?
        var sendsLeft: Int
        var unanswered: Int
        var firstAnswer: [UInt8]?
    }

    private static let repetitionsMax = 20

    let index: Int
    private let plan: Plan
    private var random: SeededRandom
    private(set) var things = BuyerThings()
    private var openClaims: [OpenClaim] = []
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

    // MARK: Deeds

    /// Claims a SKU. `loop`: the closed loop this belongs to.
    mutating func claim(
        _ sku: String, _ deed: Script.ClaimDeed, due: Int64, loop: Int? = nil
    ) -> [WantedRequest] {
        let first = max(1, min(deed.sends, plan.sendingsInFlight))
        let claim = OpenClaim(
            number: keys, key: newKey(), sku: sku, deed: deed, loop: loop,
            sendsLeft: deed.sends - first, unanswered: first)
        openClaims.append(claim)
        return (1...first).map { sending(claim, due: due, number: $0) }
    }

    private func sending(_ claim: OpenClaim, due: Int64, number: Int) -> WantedRequest {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("sku", claim.sku)
        writer.member("key", claim.key)
        writer.member("quantity", claim.deed.quantity)
        writer.endObject()
        return WantedRequest(
            kind: .claim, type: "claim.create", data: writer.bytes, due: due,
            claim: claim.number, sending: number,
            loop: number >= claim.deed.sends ? claim.loop : nil)
    }

    mutating func chat(due: Int64) -> WantedRequest {
        let text = ChatMark.text(due: due, seed: plan.seed, &random)
        return request(.chat, "chat.send", due: due) { $0.member("text", text) }
    }

    mutating func reaction(due: Int64) -> WantedRequest {
        let kinds = ["heart", "fire", "clap"]
        let kind = kinds[Int(random.next() % UInt64(kinds.count))]
        return request(.reaction, "reaction.send", due: due) { $0.member("kind", kind) }
    }

    func ping(due: Int64, loop: Int? = nil) -> WantedRequest {
        WantedRequest(kind: .ping, type: "ping", data: Array("{}".utf8), due: due, loop: loop)
    }

    /// One of several, by chance.
    mutating func pick(_ texts: [String]) -> String? {
        texts.isEmpty ? nil : texts[Int(random.next() % UInt64(texts.count))]
    }

    // MARK: Answers

    mutating func answered(
        _ request: WantedRequest, _ result: RequestResult, now: Int64, wallTime: Int64,
        _ found: inout Findings
    ) -> [WantedRequest] {
        if case .reply = result { found.answers[request.name, default: Answers()].taken += 1 }
        switch (result, request.kind) {
        case (.refused(let error), _):
            return refused(request, error, now, &found)
        case (.reply(let bytes, let document), .claim):
            return claimed(request, bytes, document, now, wallTime, &found)
        case (.reply(_, let document), .accept):
            return accepted(request, document, now, wallTime, &found)
        case (.reply(_, let document), .order):
            return placed(request, document, now, &found)
        case (.reply(_, let document), .pay):
            return paid(document, &found)
        case (.reply, .chat):
            found.chats.append(request.due)
            found.outcomes["chat said", default: 0] += 1
        case (.reply, .ping):
            found.outcomes["ping answered", default: 0] += 1
        case (.reply, .reaction), (.reply, .other):
            found.outcomes["\(request.type) done", default: 0] += 1
        }
        return []
    }

    private mutating func refused(
        _ request: WantedRequest, _ error: ServerError, _ now: Int64, _ found: inout Findings
    ) -> [WantedRequest] {
        if let again = again(request, error, now, &found) { return [again] }
        let code = printable(error.code, limit: 40)
        found.outcomes["\(request.name) \(code)", default: 0] += 1
        found.answers[request.name, default: Answers()].refusals[error.code, default: 0] += 1
        guard request.kind == .claim,
            let at = openClaims.firstIndex(where: { $0.number == request.claim })
        else { return [] }
        // Granted after refused is allowed, refusals are not kept. The other way round is not.
        if openClaims[at].firstAnswer != nil {
            found.violations.add(
                .sameAnswer, "key \(openClaims[at].key): granted, then refused (\(error.code))")
        }
        return nextSending(at, now)
    }

    private mutating func claimed(
        _ request: WantedRequest, _ bytes: [UInt8], _ document: JSONDocument, _ now: Int64,
        _ wallTime: Int64, _ found: inout Findings
    ) -> [WantedRequest] {
        guard let at = openClaims.firstIndex(where: { $0.number == request.claim }) else {
            return []
        }
        let claim = openClaims[at]
        if let firstAnswer = claim.firstAnswer {
            if firstAnswer != bytes {
                found.violations.add(
                    .sameAnswer,
                    "key \(claim.key): \(excerpt(firstAnswer)) and then \(excerpt(bytes))")
            }
            return nextSending(at, now)
        }
        openClaims[at].firstAnswer = bytes
        let answer = ClaimAnswer(document)
        guard let record = record(of: claim, answer, &found) else {
            found.violations.add(.protocolKept, "an odd answer to a claim: \(excerpt(bytes))")
            return nextSending(at, now)
        }
        found.claims.append(record)
        things.take(answer, now: wallTime)
        return nextSending(at, now) + decide(now)
    }

    /// Nil when the parts of an answer do not fit its outcome.
    private func record(
        of claim: OpenClaim, _ answer: ClaimAnswer, _ found: inout Findings
    ) -> ClaimRecord? {
        let (outcome, hold, wait) = (answer.outcome, answer.hold, answer.wait)
        let units = Int(hold?.quantity ?? 0)
        found.outcomes["claim \(printable(outcome, limit: 40))", default: 0] += 1
        guard let seq = answer.seq,
            ["held", "partial", "waitlisted", "first_paid"].contains(outcome),
            (hold != nil) == (outcome == "held" || outcome == "partial"),
            (wait != nil) == (outcome == "waitlisted" || outcome == "partial"),
            units <= claim.deed.quantity
        else { return nil }
        return ClaimRecord(
            buyer: index, key: claim.key, sku: claim.sku, seq: seq, hold: hold?.id,
            grantedUnits: units, place: wait?.place.map { Int($0) })
    }

    /// A sending of the claim was answered: the next one, or none.
    private mutating func nextSending(_ at: Int, _ now: Int64) -> [WantedRequest] {
        if openClaims[at].sendsLeft > 0 {
            openClaims[at].sendsLeft -= 1
            let claim = openClaims[at]
            return [sending(claim, due: now, number: claim.deed.sends - claim.sendsLeft)]
        }
        openClaims[at].unanswered -= 1
        if openClaims[at].unanswered == 0 { openClaims.remove(at: at) }
        return []
    }

    /// The same request once more, when the server was only busy. Chat is not worth it, and a raw
    /// request may have happened.
    private mutating func again(
        _ request: WantedRequest, _ error: ServerError, _ now: Int64, _ found: inout Findings
    ) -> WantedRequest? {
        switch error.knownCode {
        case .rateLimited, .overloaded, .storageUnavailable, .internal: break
        default: return nil
        }
        switch request.kind {
        case .claim, .accept, .order, .pay, .ping: break
        case .chat, .reaction, .other: return nil
        }
        guard request.repetition < Buyer.repetitionsMax else { return nil }
        found.repeated += 1
        let wait = max(200, min(error.retryAfterMilliseconds, 60_000))
        var request = request
        request.repetition += 1
        request.due = now + (wait + Int64(random.next() % 100)) * 1_000_000
        return request
    }

    // MARK: Holds and offers

    /// A personal notice.
    mutating func noticed(
        _ type: String, _ data: JSONNode, _ document: JSONDocument, now: Int64
    ) -> [WantedRequest] {
        if let news = OwnNews(type, data, document) { things.take(news) }
        return decide(now)
    }

    /// The connection came back; `you` is the whole personal state.
    mutating func returned(
        _ you: JSONNode, _ document: JSONDocument, now: Int64
    ) -> [WantedRequest] {
        things.replace(by: you, document)
        return decide(now)
    }

    /// What to do with each hold and offer that was not decided about yet.
    private mutating func decide(_ now: Int64) -> [WantedRequest] {
        var wanted: [WantedRequest] = []
        if plan.orderShare > 0 {
            for hold in things.holds.keys.sorted() where decided.insert(hold).inserted {
                guard random.nextFraction() < plan.orderShare else { continue }
                wanted.append(
                    request(.order, "order.place", due: thought(now)) { writer in
                        writer.key("holds")
                        writer.beginArray()
                        writer.string(hold)
                        writer.endArray()
                    })
            }
        }
        if plan.acceptShare > 0 {
            for wait in things.waits where wait.offered > 0 {
                guard decided.insert("offer \(wait.sku)").inserted,
                    random.nextFraction() < plan.acceptShare
                else { continue }
                wanted.append(
                    request(.accept, "waitlist.accept", due: thought(now)) {
                        $0.member("sku", wait.sku)
                    })
            }
        }
        return wanted
    }

    private mutating func accepted(
        _ request: WantedRequest, _ document: JSONDocument, _ now: Int64, _ wallTime: Int64,
        _ found: inout Findings
    ) -> [WantedRequest] {
        found.offersAccepted += 1
        let answer = ClaimAnswer(document)
        things.take(answer, now: wallTime)
        if let sent = try? JSONDocument(parsing: request.data),
            let sku = sent.text("sku", of: sent.root)
        {
            things.accepted(sku, answer)
            decided.remove("offer \(sku)")
        }
        return decide(now)
    }

    private mutating func placed(
        _ request: WantedRequest, _ document: JSONDocument, _ now: Int64, _ found: inout Findings
    ) -> [WantedRequest] {
        found.ordersPlaced += 1
        let sent = try? JSONDocument(parsing: request.data)
        let order = order(of: document)
        things.take(order, for: sent.map { $0.texts("holds", of: $0.root) } ?? [])
        guard let order, random.nextFraction() < plan.payShare else { return [] }
        return [
            self.request(.pay, "order.pay", due: thought(now)) { writer in
                writer.member("order", order.id)
                writer.member("method", "succeeded")
            }
        ]
    }

    private mutating func paid(
        _ document: JSONDocument, _ found: inout Findings
    ) -> [WantedRequest] {
        found.ordersPaid += 1
        let order = order(of: document)
        found.paidTotal &+= order?.total ?? 0
        things.take(order)
        return []
    }

    private func order(of document: JSONDocument) -> OrderView? {
        document.member(document.root, "order").flatMap { OrderView($0, document) }
    }

    // MARK: Steps

    private mutating func request(
        _ kind: RequestKind, _ type: String, due: Int64, _ fill: (inout JSONWriter) -> Void
    ) -> WantedRequest {
        var writer = JSONWriter()
        writer.beginObject()
        fill(&writer)
        writer.member("key", newKey())
        writer.endObject()
        return WantedRequest(kind: kind, type: type, data: writer.bytes, due: due)
    }

    /// Unique in the run, and beginning with chance, as the keys of real clients do.
    private mutating func newKey() -> String {
        keys += 1
        return "\(String(random.next(), radix: 36))-\(index)-\(keys)"
    }

    private mutating func thought(_ now: Int64) -> Int64 {
        now + Int64(random.nextFraction() * plan.thinkSeconds * 1e9)
    }

    private func excerpt(_ bytes: [UInt8]) -> String {
        printable(String(decoding: bytes, as: UTF8.self), limit: 160)
    }
}
