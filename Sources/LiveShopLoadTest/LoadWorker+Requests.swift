// What leaves a worker: the actions of the agenda become requests of buyers, and what buyers want is
// sent when it is due. Nothing that is due is skipped, however late it is.

import Lanes
import LiveShopClient
import WireProtocol

extension LoadWorker {
    /// Does all that is due by now.
    func act(_ now: Int64) {
        guard case .running = phase else { return }
        while let action = agenda?.take(now: now) {
            let step = script.steps[action.step]
            let wanted = slot(of: action.buyer)
            var isOnce = false
            if case .once = step.pace { isOnce = true }
            guard
                let slot = isOnce ? wanted : substitute(wanted, agenda?.entries[action.step].crowd)
            else {
                result.unsent += 1
                continue
            }
            let times = if case .inFlight(let count, _) = step.pace { count } else { 1 }
            for _ in 0..<times { act(action.step, slot, due: action.due) }
        }
    }

    /// Buyers are dealt to the workers in turn; the host is the last one.
    private func slot(of buyer: Int) -> Int { buyer / options.threads }

    /// The buyer, or when he is not there the next of ours who is.
    private func substitute(_ slot: Int, _ crowd: Crowd?) -> Int? {
        if intake.members[slot].isThere { return slot }
        for offset in 1..<max(2, intake.members.count) {
            let other = (slot + offset) % intake.members.count
            guard intake.members[other].isThere,
                crowd?.range.contains(intake.members[other].index) == true
            else { continue }
            return other
        }
        return nil
    }

    private func act(_ number: Int, _ slot: Int, due: Int64) {
        guard intake.members[slot].presence != .lost, intake.members[slot].presence != .left else {
            return
        }
        let step = script.steps[number]
        let isLoop = if case .inFlight = step.pace { true } else { false }
        let loop = isLoop ? number : nil
        switch step.deed {
        case .claim(let deed): claim(deed, number, slot, due: due)
        case .chat: take([intake.members[slot].buyer.chat(due: due)], slot)
        case .reaction: take([intake.members[slot].buyer.reaction(due: due)], slot)
        case .ping: take([intake.members[slot].buyer.ping(due: due, loop: loop)], slot)
        case .cut: cut(slot, due: due)
        case .leave: leave(slot)
        case .request(let type, let data):
            take([WantedRequest(kind: .other, type: type, data: data, due: due)], slot)
        }
    }

    // MARK: Claims

    private func claim(_ deed: Script.ClaimDeed, _ step: Int, _ slot: Int, due: Int64) {
        let chosen =
            deed.waitsForPin || deed.skus.isEmpty
            ? shared.pinned : intake.members[slot].buyer.pick(deed.skus)
        let isLoop = if case .inFlight = script.steps[step].pace { true } else { false }
        if let sku = chosen {
            shared.evidence.claimed.insert(sku)
            take(
                intake.members[slot].buyer.claim(sku, deed, due: due, loop: isLoop ? step : nil),
                slot)
            return
        }
        // Who is told to claim once waits; at a rate, the next one tries again.
        guard case .once = script.steps[step].pace else {
            result.findings.outcomes["claim not made: nothing is pinned", default: 0] += 1
            return
        }
        guard !intake.members[slot].marks.contains(.awaitsPin) else { return }
        intake.members[slot].marks.insert(.awaitsPin)
        intake.members[slot].pinStep = step
        intake.members[slot].pinDue = due
        progress.awaitingPin += 1
    }

    /// This buyer has just seen what is pinned.
    func claimPinned(_ slot: Int, now: Int64) {
        guard case .running = phase, shared.pinned != nil,
            case .claim(let deed) = script.steps[intake.members[slot].pinStep].deed
        else { return }
        intake.members[slot].marks.remove(.awaitsPin)
        progress.awaitingPin -= 1
        claim(deed, intake.members[slot].pinStep, slot, due: max(now, intake.members[slot].pinDue))
    }

    // MARK: Sending

    func take(_ wanted: [WantedRequest], _ slot: Int) {
        if wanted.isEmpty || phase == .settling || phase == .finished { return }
        let now = monotonicNanoseconds()
        for request in wanted {
            if request.due <= now {
                send(request, slot)
            } else {
                progress.busy += 1
                timers.add(.send(slot, request), at: request.due)
            }
        }
    }

    /// A request whose time has come; one from the timers was counted as busy already.
    func send(_ request: WantedRequest, _ slot: Int) {
        guard intake.members[slot].presence != .lost, intake.members[slot].presence != .left else {
            return
        }
        let tag = intake.members[slot].nextTag
        intake.members[slot].nextTag += 1
        intake.members[slot].inFlight.append((tag, request))
        progress.busy += 1
        progress.requestsSent += 1
        result.latencies.record(.late, from: request.due, to: monotonicNanoseconds())
        let message = intake.members[slot].machine.request(
            request.type, data: request.data, isRepeatable: request.isRepeatable, tag: tag)
        if let message { loop.send(message.span, on: slot) }
    }

    func answered(_ slot: Int, _ tag: Int, _ isError: Bool, _ data: [UInt8]) {
        guard let request = intake.members[slot].answer(to: tag) else { return }
        progress.busy -= 1
        progress.requestsAnswered += 1
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
        result.latencies.record(Measured(request.kind), from: request.due, to: now)
        let before = result.findings.claims.count
        let wanted = intake.members[slot].buyer.answered(
            request, outcome, now: now, wallTime: clock.now(), &result.findings)
        if result.findings.claims.count > before,
            result.findings.claims.last?.grantedUnits ?? 0 > 0
        {
            progress.granted += 1
        }
        take(wanted, slot)
        if let step = request.loop, !wanted.contains(where: { $0.loop == step }),
            case .running = phase, agenda?.goesOn(step: step, now: now) == true
        {
            act(step, slot, due: now)
        }
    }
}
