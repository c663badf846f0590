// The server's process: gathers what arrives, decides a batch at a time, waits for the disk, delivers.
// It dies and starts again; only the store remains.

import Inventory
import LiveSession
import LiveShopClient
import WireProtocol

@testable import LiveShopServer

enum ServerInput {
    case inbound(InboundBatch)
    case admission(ConnectionID, Admission)
    case restarting
}

extension World {
    func startServer() throws {
        guard decider == nil else { return }
        life += 1
        store.recover()
        inbox = []
        let bits = Bits(chance.bits())
        let store = store
        let engine = ShowEngine(
            configuration: configuration,
            environment: EngineEnvironment(
                contentHash: naiveHash, randomBits: { bits.next() },
                load: { id throws(LoadFailure) in try store.load(id) },
                listings: { [] },
                sockets: { _ in [] },
                journalEntry: { key, number throws(LoadFailure) in
                    try store.journalEntry(key, number)
                }))
        var decider = BatchDecider(engine: engine, store: store)
        for key in store.durable.keys.sorted() {
            guard let id = store.durable[key]?.headline.id else { continue }
            do throws(LoadFailure) {
                try decider.load(id)
            } catch {
                throw Violation("the store cannot be read after a crash: \(error.reason)")
            }
        }
        self.decider = decider
        busyUntil = now
        worksSince = now
        note("server starts")
        try process([])
    }

    func receive(_ input: ServerInput) {
        guard decider != nil else { return }
        inbox.append(input)
        agenda.plan(.serverWakes(life: life), at: max(busyUntil, now + chance.milliseconds(0...3)))
    }

    func wakeServer() throws {
        guard decider != nil, now >= busyUntil else { return }
        let count = min(inbox.count, chance.number(1...12))
        let inputs = Array(inbox.prefix(count))
        inbox.removeFirst(count)
        let isDue = decider?.wakeUp.map { $0.milliseconds <= now } ?? false
        if !inputs.isEmpty || isDue { try process(inputs) }
        if !inbox.isEmpty { agenda.plan(.serverWakes(life: life), at: max(now, busyUntil)) }
    }

    private func process(_ inputs: [ServerInput]) throws {
        guard var decider else { return }
        let time = Timestamp(milliseconds: now)
        checker.beginBatch()
        let outcome: BatchOutcome
        let wasFailing = decider.engine.isStorageFailing
        do throws(FatalFailure) {
            outcome = try decider.run(at: time) { engine in
                for input in inputs {
                    switch input {
                    case .inbound(let batch):
                        engine.handle(batch, batch.events.indices, at: time)
                    case .admission(let connection, let admission):
                        engine.handle(admission, of: connection, at: time)
                    case .restarting: engine.announceRestart(at: time)
                    }
                }
            }
            try decider.probeIfDue(at: time)
        } catch {
            guard store.hasCrashed else { throw Violation("the server stopped: \(error.reason)") }
            try noteCommits()
            if !checker.changed.isEmpty { checker.hasLostAnswers = true }
            return killServer()
        }
        self.decider = decider
        try noteCommits()
        for report in outcome.reports where report.severity == .critical {
            throw Violation("alarm: \(report.sentence)")
        }
        // A probe may have brought the storage back after this batch, or the batch may have lost it.
        let isFailing = decider.engine.isStorageFailing
        let isStoring = !wasFailing && !isFailing
        try checker.finishBatch(decider.engine, at: now, isStoring: isStoring)
        try examine(outcome.deliveries, isStoring: isStoring, in: decider.engine)
        if isFailing {
            worksSince = nil
        } else if worksSince == nil {
            worksSince = now
        }
        let disk =
            outcome.deliveries.isEmpty
            ? 0 : isDiskSlow ? chance.milliseconds(50...400) : chance.milliseconds(0...4)
        busyUntil = now + disk
        agenda.plan(
            .delivered(outcome.deliveries, outcome.admissions, life: life), at: busyUntil)
        if let wakeUp = decider.wakeUp {
            agenda.plan(.serverWakes(life: life), at: max(busyUntil, wakeUp.milliseconds))
        }
    }

    private func noteCommits() throws {
        for (records, time) in store.takeCommitted() {
            try checker.committed(records, at: time)
            note("commit: \(records.events.count) events, journal \(records.journal ?? 0)")
        }
    }

    /// The process is gone, with everything it had in memory and on its connections.
    func killServer(_ ending: ConnectionEnding = .lost(reason: "")) {
        note("server dies")
        decider = nil
        worksSince = nil
        life += 1
        inbox = []
        for place in links.indices {
            links[place].isOpenAtServer = false
            links[place].room = nil
            cut(ConnectionID(loop: 0, slot: place, generation: 1), ending)
        }
        plan(.serverStarts, after: chance.milliseconds(50...6000))
    }

    /// A stop that was announced.
    func restartServer() throws {
        guard decider != nil, now >= busyUntil else { return }
        try process(inbox + [.restarting])
        inbox = []
        guard decider != nil else { return }
        // What was decided leaves before the connections close; then the process is gone.
        plan(.serverStops(life: life), after: busyUntil - now + 20)
    }
}

/// Random bits of one process life.
private final class Bits {
    private var random: SeededRandom
    init(_ seed: UInt64) { random = SeededRandom(seed: seed) }
    func next() -> UInt64 { random.next() }
}

/// No cryptography is needed here: only that other contents have other hashes.
private func naiveHash(_ bytes: [UInt8]) -> ContentHash {
    var words: [4 of UInt64] = [1, 2, 3, 4]
    for byte in bytes {
        for place in words.indices {
            words[place] = (words[place] ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 &+ UInt64(place)
        }
    }
    return ContentHash(words: words)
}
