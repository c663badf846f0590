// One thread of a load test: its share of the buyers, their connections and their clocks. It carries
// values between ClientLoop, the state machines and the buyers, and measures; it decides nothing about
// buying (Buyer) and nothing about right or wrong (Invariants).

import Lanes
import LiveShopClient
import WireProtocol

final class LoadWorker<Person: Buyer>: ClientLoopOwner {
    struct Member {
        var machine: ClientStateMachine
        var person: Person
        var source: Endpoint?
        /// When the connection was to be opened and hello was sent, in nanoseconds.
        var connectDue: Int64 = 0
        var helloAt: Int64 = 0
        var hasJoined = false
        var isLost = false
        var isOpen = false
        var hasTarget = false
        var claimsOpen: Int
        var inFlight: [(tag: Int, request: WantedRequest)] = []
        var nextTag = 0
    }

    private enum Timer {
        case connect(Int)
        case send(Int, WantedRequest)
    }

    /// Of this many buyers one parses every event it gets.
    private static var sampling: Int { 64 }
    private static var openingMax: Int { 256 }

    private let number: Int
    private let options: LoadOptions
    private let board: Lock<Board>
    private let loop: ClientLoop
    private let clock = Clock()
    private var members: [Member]
    private var phase = LoadPhase.joining
    private var timers: [Int64: [Timer]] = [:]
    private var timersDoneUntil = monotonicNanoseconds() / 1_000_000
    private var toConnect: ArraySlice<Int>
    private var result = WorkerResult()
    private var progress = WorkerProgress()
    private var catalogue = Catalogue()
    private var stock: [String: StockHistory] = [:]
    private var targets: Set<String> = []
    private var moved: Set<String> = []
    /// The buyer through whom this worker sees stock and products.
    private var observer: Int?
    private var pinOffset: Int64?
    private var document = JSONDocument()
    /// The last `pinned` of a snapshot that was resolved, and its SKU.
    private var lastPinned: (bytes: [UInt8], sku: String?)?
    private var startedAt: Int64 = 0

    init(
        number: Int, options: LoadOptions, endpoint: Endpoint, board: Lock<Board>,
        members: [Member]
    ) throws(ClientFailure) {
        self.number = number
        self.options = options
        self.board = board
        self.members = members
        toConnect = Array(members.indices)[...]
        loop = try ClientLoop(
            endpoint, authority: options.server.authority,
            seed: options.seed &+ UInt64(number) &* 7919)
        progress.claimsOpen = members.reduce(0) { $0 + $1.claimsOpen }
    }

    /// Runs until the board says `finished`.
    func run() {
        startedAt = monotonicNanoseconds()
        result.firstConnectAt = startedAt
        var postedAt: Int64 = 0
        while phase != .finished {
            let now = monotonicNanoseconds()
            fireTimers(now)
            openSome(now)
            let isIdle = timers.isEmpty && toConnect.isEmpty
            loop.turn(milliseconds: isIdle ? 5 : 1, self)
            if now - postedAt > 10_000_000 {
                postedAt = now
                post()
            }
        }
        finish()
    }

    // MARK: Board

    private func post() {
        progress.messages = result.messages
        progress.busy =
            members.reduce(0) { $0 + ($1.isLost ? 0 : $1.inFlight.count) }
            + (phase == .settling ? 0 : timers.values.reduce(0) { $0 + $1.count })
        if phase == .settling { progress.stock = stockNow() }
        let posted = progress
        let number = number
        let next = board.withLock { board in
            board.workers[number] = posted
            return board.phase
        }
        guard next != phase else { return }
        let before = phase
        phase = next
        switch (before, next) {
        case (.joining, .claiming(let from)):
            for slot in members.indices { offerTarget(slot, due: from) }
        case (_, .settling):
            timers.removeAll()
        default:
            break
        }
    }

    private func stockNow() -> [String: StockHistory] {
        var now = stock.filter { targets.contains($0.key) }
        for sku in targets {
            var history = now[sku] ?? StockHistory()
            history.availableAtStart = history.availableAtStart ?? catalogue.available(sku)
            history.oursAtEnd = members.reduce(0) { $0 + $1.person.belongings.units(of: sku) }
            now[sku] = history
        }
        return now
    }

    private func finish() {
        for member in members where !member.isLost {
            if member.hasTarget {
                result.history.unanswered += member.claimsOpen
            } else {
                result.history.withoutPin += 1
            }
            result.history.unanswered += member.inFlight.count { $0.request.kind != .claim }
        }
        for (slot, member) in members.enumerated() {
            if member.person.belongings.wasServed {
                result.history.served.insert(index(of: slot))
            }
            if member.person.belongings.hasMoved { moved.formUnion(targets) }
        }
        result.history.stock = stockNow()
        for (sku, history) in result.history.stock where history.wasAdjusted { moved.insert(sku) }
        result.history.moved = moved
        result.joined = progress.joined
        for slot in members.indices where members[slot].isOpen { loop.close(slot) }
        let end = monotonicNanoseconds() + 1_500_000_000
        while members.contains(where: \.isOpen), monotonicNanoseconds() < end {
            loop.turn(milliseconds: 20, self)
        }
        let done = result
        board.withLock { $0.results.append(done) }
    }

    /// The buyer's number in the whole run; buyers are dealt to the workers in turn.
    private func index(of slot: Int) -> Int { slot * options.threads + number }

    // MARK: Connecting

    private func openSome(_ now: Int64) {
        while let slot = toConnect.first, loop.opening < LoadWorker.openingMax {
            let share = Double(index(of: slot)) / Double(max(1, options.viewers))
            let due = startedAt + Int64(options.rampSeconds * 1e9 * share)
            guard due <= now else { return }
            toConnect.removeFirst()
            members[slot].connectDue = options.rampSeconds > 0 ? due : now
            loop.connect(slot, from: members[slot].source)
        }
    }

    func opened(_ slot: Int, in loop: ClientLoop) {
        let now = monotonicNanoseconds()
        if !members[slot].hasJoined {
            result.latencies.record("connect", nanoseconds: now - members[slot].connectDue)
        }
        members[slot].isOpen = true
        members[slot].helloAt = now
        loop.send(members[slot].machine.opened().span, on: slot)
    }

    func ended(_ slot: Int, _ ending: ConnectionEnding, in loop: ClientLoop) {
        members[slot].isOpen = false
        if observer == slot { observer = members.firstIndex { $0.isOpen && $0.hasJoined } }
        guard phase != .finished, !members[slot].isLost else { return }
        switch members[slot].machine.closed(ending, at: monotonicNanoseconds() / 1_000_000) {
        case .connect(let at):
            result.reconnects += 1
            schedule(.connect(slot), milliseconds: at)
        case .end(let failure):
            lose(slot, failure.message)
        }
    }

    private func lose(_ slot: Int, _ reason: String) {
        guard !members[slot].isLost else { return }
        members[slot].isLost = true
        progress.lost += 1
        progress.claimsOpen -= members[slot].claimsOpen
        if members[slot].hasJoined {
            result.history.lostConnections[reason, default: 0] += 1
            result.history.unanswered += members[slot].inFlight.count
        } else {
            result.refusals[reason, default: 0] += 1
        }
    }

    // MARK: Messages

    func received(_ message: Span<UInt8>, on slot: Int, in loop: ClientLoop) {
        result.receivedBytes += Int64(message.count)
        forEachObject(in: message) { object in take(object, slot) }
    }

    private func take(_ object: Span<UInt8>, _ slot: Int) {
        switch members[slot].machine.received(object) {
        case .event(let glance):
            count()
            event(object, glance, slot)
        case .notice(let glance):
            count()
            notice(object, glance, slot)
        case .answered(let tag, let isError, let data):
            answered(slot, tag, isError, value(data, object))
        case .joined(let joined):
            self.joined(slot, joined, object)
        case .refused(let error):
            let failure = serverError(value(error, object))
            lose(slot, "\(failure.code): \(printable(failure.message, limit: 200))")
            loop.close(slot)
        case .complaint(let error):
            let code = serverError(value(error, object)).code
            result.findings.outcomes["without id \(printable(code, limit: 40))", default: 0] += 1
        case .fault(.gap(let expected, let received)):
            result.findings.violations.add(
                .gaplessOffsets,
                "buyer \(index(of: slot)): event \(received) came where \(expected) was due")
        case .fault(let fault):
            result.findings.violations.add(
                .protocolKept, "buyer \(index(of: slot)): \(fault.message)")
        }
    }

    private func count() {
        result.messages += 1
        if case .claiming = phase { result.messagesWhileClaiming += 1 }
    }

    private func joined(
        _ slot: Int, _ joined: ClientStateMachine.Joined, _ object: Span<UInt8>
    ) {
        let now = monotonicNanoseconds()
        if let position = members[slot].machine.position { result.events.joined(position) }
        if observer == nil { observer = slot }
        if !members[slot].hasJoined {
            members[slot].hasJoined = true
            progress.joined += 1
            result.lastJoinAt = now
            result.latencies.record("join", nanoseconds: now - members[slot].helloAt)
        }
        for message in joined.resend { loop.send(message.span, on: slot) }
        if joined.isReturn, let at = JSONSkim.member("you", of: joined.data, in: object),
            parse(value(at, object))
        {
            let wanted = members[slot].person.returned(document.root, document, now: now)
            take(wanted, slot)
        }
        if !joined.isResumed { snapshot(slot, joined.data, object) }
        if case .claiming(let from) = phase { offerTarget(slot, due: max(now, from)) }
    }

    /// Looks at what is pinned; the catalogue is read from the first snapshot only, the pin from each
    /// that differs from the last.
    private func snapshot(_ slot: Int, _ data: Int, _ object: Span<UInt8>) {
        guard let at = JSONSkim.member("snapshot", of: data, in: object) else { return }
        if catalogue.variants.isEmpty, parse(value(at, object)) {
            catalogue.take(snapshot: document.root, document)
        }
        guard let pinnedAt = JSONSkim.member("pinned", of: at, in: object) else { return }
        let bytes = value(pinnedAt, object)
        if lastPinned?.bytes != bytes {
            let sku =
                parse(bytes)
                ? catalogue.sku(ofPinned: document.root, wanted: options.sku, document) : nil
            lastPinned = (bytes, sku)
        }
        if let sku = lastPinned?.sku { found(sku, slot) }
    }

    private func event(_ object: Span<UInt8>, _ glance: MessageGlance, _ slot: Int) {
        guard case .event(let offset) = glance.kind else { return }
        if !result.events.received(object, offset: offset) {
            result.findings.violations.add(
                .sameOrder, "event \(offset) differs from what another buyer received")
        }
        if index(of: slot) % LoadWorker.sampling == 0 { measureDelivery(object) }
        if !members[slot].hasTarget, JSONSkim.matches(object, glance.type, "product.pinned") {
            guard parse(Array(object)),
                let data = document.member(document.root, "data"),
                let sku = catalogue.sku(of: data, wanted: options.sku, document)
            else { return }
            pinOffset = pinOffset ?? offset
            found(sku, slot)
            if case .claiming(let from) = phase {
                offerTarget(slot, due: max(from, monotonicNanoseconds()))
            }
        } else if slot == observer {
            observe(object, glance)
        }
    }

    private func observe(_ object: Span<UInt8>, _ glance: MessageGlance) {
        let isProduct =
            JSONSkim.matches(object, glance.type, "product.added")
            || JSONSkim.matches(object, glance.type, "product.updated")
        let isRestock = JSONSkim.matches(object, glance.type, "product.restocked")
        guard isProduct || isRestock, parse(Array(object)),
            let data = document.member(document.root, "data")
        else { return }
        if isProduct, let product = document.member(data, "product") {
            catalogue.take(product: product, document)
        }
        if isRestock, let sku = Belongings.text(data, "sku", document) { moved.insert(sku) }
    }

    private func notice(_ object: Span<UInt8>, _ glance: MessageGlance, _ slot: Int) {
        switch object[glance.type.lowerBound] {
        case UInt8(ascii: "s"):
            if slot == observer, JSONSkim.matches(object, glance.type, "stock.changed") {
                stockChanged(object)
            }
        case UInt8(ascii: "h"), UInt8(ascii: "o"), UInt8(ascii: "w"):
            guard !JSONSkim.matches(object, glance.type, "waitlist.length"),
                parse(Array(object)), let data = document.member(document.root, "data"),
                let type = Belongings.text(document.root, "type", document)
            else { return }
            let wanted = members[slot].person.noticed(
                type, data, document, now: monotonicNanoseconds())
            take(wanted, slot)
        default:
            break
        }
    }

    private func stockChanged(_ object: Span<UInt8>) {
        guard parse(Array(object)), let data = document.member(document.root, "data"),
            let sku = Belongings.text(data, "sku", document)
        else { return }
        func number(_ name: StaticString) -> Int? { Belongings.number(data, name, document) }
        guard let available = number("available"), let held = number("held"),
            let sold = number("sold"), let onHand = number("on_hand")
        else {
            result.findings.violations.add(.protocolKept, "a stock.changed without its numbers")
            return
        }
        let statement = StockStatement(
            sku: sku, available: available, held: held, sold: sold, onHand: onHand,
            asOf: Int64(number("as_of") ?? 0))
        if !statement.addsUp {
            result.findings.violations.add(
                .stockAddsUp, "\(printable(sku)): \(available) + \(held) + \(sold) is not \(onHand)"
            )
        }
        // Nobody of ours claims before the claiming phase, nor before the pin.
        let isBefore = phase == .joining || pinOffset.map { statement.asOf < $0 } ?? targets.isEmpty
        stock[sku, default: StockHistory()].take(statement, beforeClaims: isBefore)
    }

    private func measureDelivery(_ object: Span<UInt8>) {
        guard let at = JSONSkim.member("time", of: 0, in: object),
            let text = JSONSkim.plainText(at: at, in: object),
            let time = RFC3339.milliseconds(text)
        else { return }
        result.latencies.record("event", nanoseconds: (clock.now() - time) * 1_000_000)
    }

    // MARK: Requests

    private func found(_ sku: String, _ slot: Int) {
        guard !members[slot].hasTarget else { return }
        members[slot].hasTarget = true
        targets.insert(sku)
        target = sku
    }

    /// The SKU all claim; the first that was found.
    private var target: String?

    private func offerTarget(_ slot: Int, due: Int64) {
        guard !members[slot].isLost, members[slot].hasJoined else { return }
        if options.claimsUnpinned, let sku = options.sku { found(sku, slot) }
        guard members[slot].hasTarget, let target else { return }
        take(members[slot].person.offered(target, due: due), slot)
    }

    private func take(_ wanted: [WantedRequest], _ slot: Int) {
        if wanted.isEmpty || phase == .settling || phase == .finished { return }
        let now = monotonicNanoseconds()
        for request in wanted {
            if request.due <= now {
                send(request, slot)
            } else {
                schedule(.send(slot, request), milliseconds: request.due / 1_000_000)
            }
        }
    }

    private func send(_ request: WantedRequest, _ slot: Int) {
        guard !members[slot].isLost else { return }
        let tag = members[slot].nextTag
        members[slot].nextTag += 1
        members[slot].inFlight.append((tag, request))
        if request.kind == .claim {
            progress.claimsSent += 1
            result.firstClaimDue = min(result.firstClaimDue ?? request.due, request.due)
        }
        let message = members[slot].machine.request(
            request.type, data: request.data, isRepeatable: true, tag: tag)
        if let message { loop.send(message.span, on: slot) }
    }

    private func answered(_ slot: Int, _ tag: Int, _ isError: Bool, _ data: [UInt8]) {
        guard let at = members[slot].inFlight.firstIndex(where: { $0.tag == tag }) else { return }
        let request = members[slot].inFlight.remove(at: at).request
        let now = monotonicNanoseconds()
        let outcome: RequestResult
        if isError {
            outcome = .refused(serverError(data))
        } else if parse(data) {
            outcome = .reply(data, document)
        } else {
            result.findings.violations.add(.protocolKept, "a reply that is not JSON")
            return
        }
        result.latencies.record(request.kind.rawValue, nanoseconds: now - request.due)
        let granted = result.findings.claims.count
        let wanted = members[slot].person.answered(
            request, outcome, now: now, wallTime: clock.now(), &result.findings)
        if request.kind == .claim {
            result.lastAnswerAt = now
            let isRepeated = wanted.contains {
                $0.kind == .claim && $0.sending == request.sending
            }
            if !isRepeated {
                members[slot].claimsOpen -= 1
                progress.claimsOpen -= 1
                progress.claimsAnswered += 1
            }
            if let claim = result.findings.claims.last, result.findings.claims.count > granted,
                claim.grantedUnits > 0
            {
                progress.claimsGranted += 1
            }
        }
        take(wanted, slot)
    }

    // MARK: Time

    private func schedule(_ timer: Timer, milliseconds: Int64) {
        timers[max(milliseconds, timersDoneUntil + 1), default: []].append(timer)
    }

    private func fireTimers(_ now: Int64) {
        let until = now / 1_000_000
        defer { timersDoneUntil = max(timersDoneUntil, until) }
        guard !timers.isEmpty, until > timersDoneUntil else { return }
        for time in (timersDoneUntil + 1)...until {
            for timer in timers.removeValue(forKey: time) ?? [] {
                switch timer {
                case .connect(let slot):
                    members[slot].machine.connecting()
                    loop.connect(slot, from: members[slot].source)
                case .send(let slot, let request):
                    send(request, slot)
                }
            }
        }
    }

    // MARK: Steps

    private func parse(_ bytes: [UInt8]) -> Bool {
        (try? document.parse(bytes, in: 0..<bytes.count)) != nil
    }

    private func value(_ start: Int, _ object: Span<UInt8>) -> [UInt8] {
        let end = JSONSkim.skipValue(object, start) ?? object.count
        return Array(object.extracting(start..<max(start, end)))
    }

    private func serverError(_ bytes: [UInt8]) -> ServerError {
        guard parse(bytes) else { return ServerError(code: "internal", message: "no JSON") }
        let root = document.root
        return ServerError(
            code: Belongings.text(root, "code", document) ?? "internal",
            message: Belongings.text(root, "message", document) ?? "",
            retryAfterMilliseconds: Int64(
                Belongings.number(root, "retry_after_ms", document) ?? 0))
    }
}
