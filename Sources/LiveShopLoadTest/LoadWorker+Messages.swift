// What arrives at a worker. Nearly all of it is broadcast and the same for thousands of connections, so
// most of it costs a glance: the offset and the bytes of an event are compared, the rest is counted.

import Lanes
import LiveShopClient
import WireProtocol

extension LoadWorker {
    func received(_ message: Span<UInt8>, on slot: Int, in loop: ClientLoop) {
        result.receivedBytes += Int64(message.count)
        forEachObject(in: message) { object in
            switch intake.look(at: object, slot) {
            case .done: break
            case .unknown: take(object, slot)
            case let look: event(object, look, slot)
            }
        }
    }

    /// Everything that is not a matter of course.
    private func take(_ object: Span<UInt8>, _ slot: Int) {
        switch intake.members[slot].machine.received(object) {
        case .event(let glance):
            guard case .event(let offset) = glance.kind else { return }
            event(object, intake.event(object, glance.type, offset, slot), slot)
        case .notice(let glance):
            intake.countNotice()
            notice(object, glance, slot)
        case .answered(let tag, let isError, let data):
            answered(slot, tag, isError, jsonValue(data, object))
        case .joined(let joined):
            self.joined(slot, joined, object)
        case .refused(let error):
            let failure = serverError(jsonValue(error, object))
            lose(slot, "\(failure.code): \(printable(failure.message, limit: 200))")
            loop.close(slot)
        case .complaint(let error):
            let code = serverError(jsonValue(error, object)).code
            result.findings.outcomes["without id \(printable(code, limit: 40))", default: 0] += 1
        case .fault(.gap(let expected, let received)):
            result.findings.violations.add(
                .gaplessOffsets,
                "buyer \(intake.members[slot].index): event \(received) came where \(expected) was due"
            )
        case .fault(let fault):
            result.findings.violations.add(
                .protocolKept, "buyer \(intake.members[slot].index): \(fault.message)")
        }
    }

    // MARK: Events

    private func event(_ object: Span<UInt8>, _ look: Intake.Look, _ slot: Int) {
        switch look {
        case .done, .unknown:
            break
        case .event(let type, let offset):
            event(object, type, offset, slot)
        case .otherEvent(let type, let offset):
            result.findings.violations.add(
                .sameOrder, "event \(offset) differs from what another buyer received")
            event(object, type, offset, slot)
        }
    }

    /// For those who watch, listen or wait for a pin.
    private func event(_ object: Span<UInt8>, _ type: Range<Int>, _ offset: Int64, _ slot: Int) {
        let marks = intake.members[slot].marks
        if marks.contains(.watches) { shared.take(event: object, offset: offset) }
        if marks.contains(.listens), offset > intake.members[slot].liveFrom {
            measureDelivery(object)
        }
        if marks.contains(.awaitsPin), JSONSkim.matches(object, type, "product.pinned") {
            // The first connection that hears of it is not always one that watches.
            shared.take(pin: object, offset: offset)
            claimPinned(slot, now: monotonicNanoseconds())
        }
    }

    private func measureDelivery(_ object: Span<UInt8>) {
        guard let at = JSONSkim.member("time", of: 0, in: object),
            let text = JSONSkim.plainText(at: at, in: object),
            let time = RFC3339.milliseconds(text)
        else { return }
        let now = clock.now()
        result.latencies.record(.event, from: time * 1_000_000, to: now * 1_000_000)
    }

    // MARK: Notices

    private func notice(_ object: Span<UInt8>, _ glance: MessageGlance, _ slot: Int) {
        switch object[glance.type.lowerBound] {
        case UInt8(ascii: "s"):
            guard intake.members[slot].marks.contains(.watches),
                JSONSkim.matches(object, glance.type, "stock.changed"),
                let wrong = shared.take(stockChanged: object, isEarly: phase == .joining)
            else { return }
            result.findings.violations.add(wrong.invariant, wrong.detail)
        case UInt8(ascii: "c"):
            guard intake.members[slot].marks.contains(.listens),
                JSONSkim.matches(object, glance.type, "chat.message")
            else { return }
            chat(object, slot)
        case UInt8(ascii: "h"), UInt8(ascii: "o"), UInt8(ascii: "w"):
            guard !JSONSkim.matches(object, glance.type, "waitlist.length"),
                parse(Array(object)), let data = document.member(document.root, "data"),
                let type = document.text("type", of: document.root)
            else { return }
            let wanted = intake.members[slot].buyer.noticed(
                type, data, document, now: monotonicNanoseconds())
            take(wanted, slot)
        default:
            break
        }
    }

    private func chat(_ object: Span<UInt8>, _ slot: Int) {
        guard let data = JSONSkim.member("data", of: 0, in: object),
            JSONSkim.member("replayed", of: data, in: object) == nil
        else { return }
        let dropped = JSONSkim.member("sampled", of: data, in: object)
            .flatMap { JSONSkim.member("dropped", of: $0, in: object) }
            .flatMap { JSONSkim.integer(at: $0, in: object) }
        intake.members[slot].ear.hear(dropped: Int(clamping: dropped ?? 0))
        guard let at = JSONSkim.member("text", of: data, in: object),
            let text = JSONSkim.plainText(at: at, in: object),
            let due = ChatMark.due(in: text, seed: options.seed)
        else { return }
        let now = monotonicNanoseconds()
        intake.members[slot].ear.hearOurs(due: due, at: now)
        result.latencies.record(.heard, from: due, to: now)
    }

    // MARK: Joining

    private func joined(
        _ slot: Int, _ joined: ClientStateMachine.Joined, _ object: Span<UInt8>
    ) {
        let now = monotonicNanoseconds()
        if let position = intake.members[slot].machine.position {
            intake.events.joined(position)
            intake.members[slot].liveFrom = position.offset
        }
        if let at = JSONSkim.member("offset", of: joined.data, in: object),
            let offset = JSONSkim.integer(at: at, in: object)
        {
            intake.members[slot].liveFrom = offset
        }
        intake.members[slot].presence = .joined
        intake.members[slot].marks.remove(.wasCut)
        if joined.isReturn {
            progress.away -= 1
            progress.returns += 1
            result.reconnects += 1
            result.latencies.record(.comeback, from: intake.members[slot].connectDue, to: now)
            if !joined.isResumed { result.snapshotsOnReturn += 1 }
        } else {
            intake.members[slot].marks.insert(.hasJoined)
            progress.joined += 1
            if intake.members[slot].marks.contains(.isEarly) {
                progress.joinedAtStart += 1
                result.lastJoinAt = now
            }
            result.latencies.record(.join, from: intake.members[slot].helloAt, to: now)
        }
        for message in joined.resend { loop.send(message.span, on: slot) }
        for tag in joined.lost {
            guard let request = intake.members[slot].answer(to: tag) else { continue }
            progress.busy -= 1
            result.findings.outcomes["\(request.type) lost with its connection", default: 0] += 1
        }
        if joined.isReturn, let at = JSONSkim.member("you", of: joined.data, in: object),
            parse(jsonValue(at, object))
        {
            take(intake.members[slot].buyer.returned(document.root, document, now: now), slot)
        }
        if !joined.isResumed,
            intake.members[slot].marks.contains(.watches) || shared.show.position == nil
                || intake.members[slot].marks.contains(.awaitsPin),
            let position = intake.members[slot].machine.position,
            let at = JSONSkim.member("snapshot", of: joined.data, in: object)
        {
            shared.take(snapshot: at, at: position, in: object)
        }
        if intake.members[slot].marks.contains(.listens),
            let snapshot = JSONSkim.member("snapshot", of: joined.data, in: object),
            let room = JSONSkim.member("room", of: snapshot, in: object),
            let at = JSONSkim.member("chat_per_second", of: room, in: object),
            let count = JSONSkim.integer(at: at, in: object)
        {
            intake.members[slot].ear.sampledAbove = Int(clamping: count)
        }
        if intake.members[slot].marks.contains(.awaitsPin) { claimPinned(slot, now: now) }
    }

    // MARK: Steps

    func parse(_ bytes: [UInt8]) -> Bool {
        (try? document.parse(bytes, in: 0..<bytes.count)) != nil
    }

    func serverError(_ bytes: [UInt8]) -> ServerError {
        guard parse(bytes) else { return ServerError(code: "internal", message: "no JSON") }
        let root = document.root
        return ServerError(
            code: document.text("code", of: root) ?? "internal",
            message: document.text("message", of: root) ?? "",
            retryAfterMilliseconds: document.integer("retry_after_ms", of: root) ?? 0)
    }
}
