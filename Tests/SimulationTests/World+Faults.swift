// What goes wrong: connections, disk, process. And the calm afterwards, in which everything that was
// promised has to come to its end.

import Inventory
import LiveSession
import LiveShopClient
import WireProtocol

@testable import LiveShopServer

extension World {
    func breakSomething() throws {
        let choice = chance.weighted([
            (20, "cuts"), (4, "blackout"), (10, "failing"), (6, "full"), (5, "crash"),
            (5, "crash-before"), (6, "crash-after"), (4, "torn"), (4, "restart"), (6, "slow"),
        ])
        guard !options.without.contains(choice) else { return }
        note("fault: \(choice)")
        checker.count("fault \(choice)")
        switch choice {
        case "cuts":
            if let client = chance.pick(clients), let link = client.link {
                cut(link, .lost(reason: ""))
            }
        case "blackout":
            for client in clients {
                if let link = client.link { cut(link, .lost(reason: "")) }
            }
        case "failing": store.fault = .failsOnce
        case "full":
            store.isFull = true
            plan(.diskHasSpace, after: chance.milliseconds(100...8000))
        case "crash": if decider != nil { killServer() }
        case "crash-before": store.fault = .crashBefore
        case "crash-after": store.fault = .crashAfter
        case "torn": store.fault = .torn
        case "restart": try restartServer()
        default:
            isDiskSlow = true
            plan(.diskIsFast, after: chance.milliseconds(500...4000))
        }
    }

    /// The faults stop and nobody asks for anything new: all that has a time ends, and everybody knows.
    func playCalm() throws {
        isCalm = true
        store.isFull = false
        store.fault = nil
        isDiskSlow = false
        // A whole waitlist may be offered its units one after the other.
        let end = now + 1_200_000
        while now < end, let next = agenda.next() {
            try step(next)
            if case .tick = next.item, isSettled { break }
        }
        try checkSettled()
    }

    private var isSettled: Bool { (try? checkSettled()) != nil }

    private func checkSettled() throws {
        guard let engine = decider?.engine else { throw Violation("the server stays away") }
        for room in engine.rooms {
            guard let naive = checker.shows[room.key] else { continue }
            if let hold = naive.holds.firstIndex(where: { $0.state == .open }) {
                throw Violation("hold h\(hold + 1) never ends")
            }
            if let order = naive.orderIDs.first(where: { naive.orders[$0]?.state == .placed }) {
                throw Violation("order \(order) never ends")
            }
            for (item, queue) in naive.queues.enumerated() where !queue.isEmpty {
                guard naive.available(item) == 0, !queue.contains(where: { $0.offered > 0 }) else {
                    throw Violation("the waitlist of \(naive.items[item].sku) does not drain")
                }
            }
        }
        for client in clients where !client.hasEnded {
            guard let key = checker.showKeys[client.person.show],
                let room = engine.rooms.first(where: { $0.key == key }),
                let number = room.show.roster.find(client.person.subject)
            else { throw Violation("client \(client.number) is unknown") }
            if room.show.restraint(of: number, at: Timestamp(milliseconds: now))?.isBanned == true {
                continue
            }
            guard client.machine.state == .joined else {
                // A guest shares the ban of a neighbour, and a token may end at any time.
                if client.machine.state == .joining || client.hasEnded { continue }
                throw Violation("client \(client.number) stays away: \(client.machine.state)")
            }
            guard client.machine.unansweredCount == 0 else {
                throw Violation("client \(client.number) waits for answers that never come")
            }
            guard Int(client.machine.position?.offset ?? -1) == room.show.log.lastOffset else {
                throw Violation("client \(client.number) does not catch up")
            }
            guard client.holds?.isEmpty ?? true else {
                throw Violation("client \(client.number) was not told of the end of its holds")
            }
        }
    }

    /// The journal alone gives the state that the server has.
    func finalChecks() throws {
        guard let engine = decider?.engine, !engine.isStorageFailing else { return }
        for room in engine.rooms {
            guard let stored = try store.load(room.show.headline.id) else {
                throw Violation("the show is gone")
            }
            let live = picture(room.show)
            let replayed = picture(stored.show)
            for (mine, theirs) in zip(live, replayed) where mine != theirs {
                throw Violation("the replayed journal differs:\n\(mine)\n\(theirs)")
            }
            // What was said while nothing could be stored is in memory only.
            let said = Set(room.show.chat.newest(ShowLimits.chatReplayMax))
            for message in stored.show.chat.newest(100) where !said.contains(message) {
                throw Violation("chat m\(message.number) is stored and was forgotten")
            }
        }
    }

    private func picture(_ show: Show) -> [String] {
        let ledger = show.ledger
        return [
            "seq \(show.lastSeq), offset \(show.log.lastOffset), restraints \(restraints(in: show))",
            "\(ledger.levels.map { "\($0.sku) \($0.price) \($0.onHand) \($0.held) \($0.sold)" })",
            "\(ledger.levels.map { Array($0.waitlist.inOrder) })",
            "\((0..<ledger.holdCount).map { ledger.hold(HoldID($0 + 1)) })",
            "\((0..<ledger.orderCount).map { ledger.order(at: $0) })",
            "\(show.status) \(show.pins) \(show.queue) \(show.note as Any) \(show.settings)",
            "\(show.snapshotProducts())",
        ]
    }

    private func restraints(in show: Show) -> [String] {
        people.compactMap { person in
            guard let number = show.roster.find(person.subject),
                let restraint = show.restraint(of: number, at: Timestamp(milliseconds: now))
            else { return nil }
            return "\(person.subject) \(restraint)"
        }
    }
}
