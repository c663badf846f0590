// What a worker has to say when the script is over, for the invariants and the report.

import LiveShopClient

extension LoadWorker {
    /// The script is over: what was only planned is not done any more.
    func giveUpPlans() {
        let plans = timers.removeAll { timer in
            if case .send = timer { true } else { false }
        }
        progress.busy -= plans.count
        for case .send(_, let request) in plans where request.repetition > 0 {
            result.findings.outcomes["\(request.kind.rawValue) not repeated", default: 0] += 1
        }
    }

    func closing() -> Closing {
        var closing = Closing()
        var ours: [String: Int] = [:]
        var absent: [String: Int] = [:]
        for member in intake.members {
            switch member.presence {
            case .left, .lost:
                member.buyer.things.add(to: &absent)
            case .joined:
                member.buyer.things.add(to: &ours)
                if let position = member.machine.position {
                    let known = closing.reached[position.epoch] ?? .max
                    closing.reached[position.epoch] = min(known, position.offset)
                }
                if member.marks.contains(.listens) { closing.ears.append(member.ear) }
            case .expected, .opening, .away:
                member.buyer.things.add(to: &ours)
                // Not back in time: whatever it missed is missing.
                if let position = member.machine.position {
                    let known = closing.reached[position.epoch] ?? .max
                    closing.reached[position.epoch] = min(known, position.offset)
                }
            }
            closing.chatsUnanswered += member.inFlight.count { $0.request.kind == .chat }
        }
        closing.chats = result.findings.chats
        closing.stock = shared.evidence.histories(ours: ours, absent: absent)
        return closing
    }

    /// Leaves the result and says goodbye.
    func finish() -> WorkerResult {
        result.closing = closing()
        result.moved = shared.evidence.moved
        result.events = intake.events
        result.messages = intake.messages
        for member in intake.members {
            if member.presence != .lost, member.presence != .left {
                result.unanswered += member.inFlight.count
            }
            if member.marks.contains(.awaitsPin) { result.withoutPin += 1 }
            for sku in member.buyer.things.served {
                result.served[sku, default: []].insert(member.index)
            }
            if member.presence == .left || member.presence == .lost {
                result.absent.insert(member.index)
            }
            if member.buyer.things.hasMoved { result.moved.formUnion(shared.evidence.claimed) }
        }
        for (sku, history) in result.closing.stock where history.wasAdjusted {
            result.moved.insert(sku)
        }
        result.joined = progress.joined
        result.joinedAtStart = progress.joinedAtStart
        for slot in intake.members.indices where intake.members[slot].presence == .joined {
            loop.close(slot)
        }
        // The server ends TCP, so that it and not this machine's few ports carries the TIME_WAIT.
        let end = monotonicNanoseconds() + 1_500_000_000
        while loop.connections > 0, monotonicNanoseconds() < end {
            loop.turn(milliseconds: 20, self)
        }
        return result
    }
}
