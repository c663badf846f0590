// The deciding lane: the one loop that everything passes through. It takes what has gathered, lets the
// engine decide, commits the batch, and only then lets anybody hear of it. While one commit is being
// synced the next batch gathers in the mailbox: latency is one sync when idle, and under load one sync
// carries whatever came.

import Inventory
import Lanes
import LiveSession
import Logging
import Store
import WireProtocol

/// What reaches the sequencer.
enum SequencerInput: Sendable {
    case inbound(InboundBatch)
    case admission(ConnectionID, Admission)
    /// The server is about to stop: tell everybody, and say when that is done.
    case restarting(Mailbox<Bool>)
}

/// The world around the sequencer, as functions that any thread may call.
struct SequencerPorts: Sendable {
    var deliver: @Sendable (DeliveryBatch) -> Void
    var authenticate: @Sendable ([AdmissionRequest]) -> Void
    var sockets: @Sendable () -> [String]
    /// The disk can no longer be trusted: the process has to end and recover.
    var fail: @Sendable (String) -> Never
}

struct Sequencer {
    /// Messages decided in one commit, at most.
    static let batchMax = 1000

    private let inbox: Mailbox<SequencerInput>
    private let ports: SequencerPorts
    private let clock: Clock
    private let store: Store
    private let repository: ShowRepository
    private let log: Logger
    private var engine: ShowEngine
    private var nextProbe = Timestamp.never

    /// Opens the store and rebuilds what can still change. Nobody is served yet.
    init(
        store: Store, configuration: EngineConfiguration, inbox: Mailbox<SequencerInput>,
        ports: SequencerPorts, clock: Clock, log: Logger
    ) throws {
        self.store = store
        self.inbox = inbox
        self.ports = ports
        self.clock = clock
        self.log = log
        let repository = ShowRepository(store: store, settings: configuration.settings)
        self.repository = repository
        engine = ShowEngine(
            configuration: configuration,
            environment: EngineEnvironment(
                contentHash: ContentHash.sha256,
                randomBits: { .random(in: .min ... .max) },
                load: { id throws(LoadFailure) in try repository.load(id) },
                showIDs: { repository.showIDs() },
                sockets: ports.sockets,
                history: { key, offset, limit throws(LoadFailure) in
                    try repository.history(key, after: offset, limit: limit)
                }))
        for row in try store.shows() {
            let isOver = row.status == ShowStatus.ended.rawValue
            if isOver, try store.stock(show: row.key).allSatisfy({ $0.held == 0 }) { continue }
            _ = try engine.room(of: row.id)
        }
        // What ended while nobody was running ends now, before the first claim.
        process([], 0..<0)
    }

    /// Runs until the mailbox is closed and empty.
    mutating func run() {
        var inputs: [SequencerInput] = []
        while inbox.drain(into: &inputs, waitingUntil: wakeUp()) {
            if inputs.isEmpty { process([], 0..<0) }
            var start = 0
            while start < inputs.count { start = processSome(of: inputs, from: start) }
            probeIfDue()
            checkpoint(isIdle: inputs.isEmpty)
        }
        store.close()
    }

    /// Takes inputs worth about one batch and returns where the next begins.
    private mutating func processSome(of inputs: [SequencerInput], from start: Int) -> Int {
        var end = start
        var messages = 0
        while end < inputs.count, messages < Self.batchMax {
            if case .inbound(let batch) = inputs[end] { messages += batch.events.count }
            end += 1
        }
        process(inputs, start..<end)
        return end
    }

    // MARK: One batch

    private mutating func process(_ inputs: [SequencerInput], _ range: Range<Int>) {
        let now = Timestamp(milliseconds: clock.now())
        decide(inputs, range, at: now)
        let defects = engine.takeDefects()
        if !defects.isEmpty { return recover(from: defects, inputs, range) }
        let records = engine.takeRecords()
        if !engine.isStorageFailing, !records.isEmpty {
            do throws(StoreError) {
                try repository.commit(records, headlines: engine.headline, at: now)
            } catch {
                return recover(from: error, inputs, range, at: now)
            }
        }
        finish()
        for case .restarting(let told) in inputs[range] { _ = told.offer(true) }
    }

    private mutating func decide(
        _ inputs: [SequencerInput], _ range: Range<Int>, at now: Timestamp
    ) {
        engine.begin(at: now)
        for input in inputs[range] {
            switch input {
            case .inbound(let batch): engine.handle(batch, batch.events.indices, at: now)
            case .admission(let connection, let admission):
                engine.handle(admission, of: connection, at: now)
            case .restarting: engine.announceRestart(at: now)
            }
        }
        engine.finish(at: now)
    }

    private mutating func finish() {
        let deliveries = engine.takeDeliveries()
        if !deliveries.isEmpty { ports.deliver(deliveries) }
        let admissions = engine.takeAdmissions()
        if !admissions.isEmpty { ports.authenticate(admissions) }
        for alarm in engine.takeAlarms() { log.critical("\(alarm)") }
    }

    // MARK: When storage fails

    /// The commit failed: nothing of the batch has happened. It is decided again under what is known
    /// now: without storage, or without the SKU that would have been oversold.
    private mutating func recover(
        from error: StoreError, _ inputs: [SequencerInput], _ range: Range<Int>, at now: Timestamp
    ) {
        rollBack()
        switch error.consequence {
        case .stop, .refuse:
            ports.fail(error.description)
        case .retryLater:
            log.error("storage: \(error.description); claims are refused until it works again")
            engine.suspendStorage()
            nextProbe = now.adding(milliseconds: Self.probeMilliseconds)
        case .defect:
            log.critical("storage: \(error.description)")
            guard case .oversold(let key, let sku) = error, engine.quarantine(sku, inShow: Int(key))
            else { ports.fail(error.description) }
        }
        process(inputs, range)
    }

    /// The ledger contradicted itself while it decided: the batch is decided again without the SKU.
    private mutating func recover(
        from defects: [EngineDefect], _ inputs: [SequencerInput], _ range: Range<Int>
    ) {
        rollBack()
        for defect in defects {
            log.critical("ledger defect: \(defect.sentence)")
            guard let sku = defect.sku, engine.quarantine(sku, inShow: defect.show) else {
                ports.fail(defect.sentence)
            }
        }
        process(inputs, range)
    }

    private mutating func rollBack() {
        do throws(LoadFailure) {
            try engine.rollBack()
        } catch {
            ports.fail("cannot read the store again after a failed commit: \(error.reason)")
        }
    }

    private mutating func probeIfDue() {
        let now = Timestamp(milliseconds: clock.now())
        guard engine.isStorageFailing, now >= nextProbe else { return }
        nextProbe = now.adding(milliseconds: Self.probeMilliseconds)
        do {
            try store.probe()
            try engine.resumeStorage()
            log.notice("storage: works again")
        } catch let error as StoreError {
            if case .stop = error.consequence { ports.fail(error.description) }
        } catch {
            return
        }
    }

    private static let probeMilliseconds = 250

    private mutating func checkpoint(isIdle: Bool) {
        do throws(StoreError) {
            let result =
                isIdle
                ? try store.checkpointWhenIdle() : try store.checkpointIfDue(now: Clock.monotonic())
            if case .logTooLong(let bytes) = result {
                log.warning("storage: the log has \(bytes >> 20) MiB; a reader stays open too long")
            }
        } catch {
            ports.fail(error.description)
        }
    }

    /// When to wake up without input, on the monotonic clock.
    private func wakeUp() -> Int64? {
        let times = [engine.nextDeadline, engine.isStorageFailing ? nextProbe : nil]
        return times.compactMap { $0 }.min().map { clock.monotonic(at: $0.milliseconds) }
    }
}
