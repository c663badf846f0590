// The deciding lane: the one loop that everything passes through. It takes what has gathered, has it
// decided and committed (Engine/BatchDecider.swift), and only then lets anybody hear of it. While one
// commit is being synced the next batch gathers in the mailbox: latency is one sync when idle, and
// under load one sync carries whatever came.

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
    var sockets: @Sendable (HTTPRequest) -> [String]
    /// The disk can no longer be trusted: the process has to end and recover.
    var fail: @Sendable (String) -> Never
}

struct Sequencer {
    /// Messages decided in one commit, at about the most: what a loop hands over at once stays together.
    static let batchMax = 1000
    /// Who is let in gets a snapshot, which is as long as the answers to some messages; and memory that
    /// was large once stays with the process.
    private static let admissionWeight = 32
    /// A smaller step of the wall clock is a correction by NTP, in milliseconds.
    private static let wallStepMax: Int64 = 1000

    private let inbox: Mailbox<SequencerInput>
    private let ports: SequencerPorts
    private let clock: Clock
    private let store: Store
    private let log: Logger
    private var decider: BatchDecider<ShowRepository>
    /// How far the wall clock was ahead when that was last logged, in milliseconds.
    private var wallStep: Int64 = 0

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
        decider = BatchDecider(
            engine: ShowEngine(
                configuration: configuration,
                environment: EngineEnvironment(
                    contentHash: ContentHash.sha256,
                    randomBits: { .random(in: .min ... .max) },
                    load: { id throws(LoadFailure) in try repository.load(id) },
                    listings: { () throws(LoadFailure) in try repository.listings() },
                    sockets: ports.sockets,
                    journalEntry: { key, number throws(LoadFailure) in
                        try repository.journalEntry(key, number)
                    })),
            store: repository)
        for row in try repository.requireSoundShows() {
            let isOver = row.status == ShowStatus.ended.rawValue
            if isOver, try store.stock(show: row.key).allSatisfy({ $0.held == 0 }) { continue }
            try decider.load(row.id)
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
            noteWallStep()
        }
        store.close()
    }

    /// Takes inputs worth about one batch and returns where the next begins.
    private mutating func processSome(of inputs: [SequencerInput], from start: Int) -> Int {
        var end = start
        var messages = 0
        while end < inputs.count, messages < Self.batchMax {
            switch inputs[end] {
            case .inbound(let batch): messages += batch.events.count
            case .admission: messages += Self.admissionWeight
            case .restarting: break
            }
            end += 1
        }
        process(inputs, start..<end)
        return end
    }

    // MARK: One batch

    private mutating func process(_ inputs: [SequencerInput], _ range: Range<Int>) {
        let now = Timestamp(milliseconds: clock.now())
        let outcome: BatchOutcome
        do throws(FatalFailure) {
            outcome = try decider.run(at: now) { engine in
                for input in inputs[range] { Self.hand(input, to: &engine, at: now) }
            }
        } catch {
            ports.fail(error.reason)
        }
        for report in outcome.reports { log.log(report) }
        if !outcome.deliveries.isEmpty { ports.deliver(outcome.deliveries) }
        if !outcome.admissions.isEmpty { ports.authenticate(outcome.admissions) }
        for case .restarting(let told) in inputs[range] { _ = told.offer(true) }
    }

    private static func hand(
        _ input: SequencerInput, to engine: inout ShowEngine, at now: Timestamp
    ) {
        switch input {
        case .inbound(let batch): engine.handle(batch, batch.events.indices, at: now)
        case .admission(let connection, let admission):
            engine.handle(admission, of: connection, at: now)
        case .restarting: engine.announceRestart(at: now)
        }
    }

    // MARK: Storage

    private mutating func probeIfDue() {
        do throws(FatalFailure) {
            try decider.probeIfDue(at: Timestamp(milliseconds: clock.now()))
        } catch {
            ports.fail(error.reason)
        }
    }

    private mutating func checkpoint(isIdle: Bool) {
        do throws(StoreError) {
            let now = Clock.monotonic()
            let result =
                isIdle
                ? try store.checkpointWhenIdle(now: now) : try store.checkpointIfDue(now: now)
            if case .logTooLong(let bytes) = result {
                log.warning("storage: the log has \(bytes >> 20) MiB; a reader stays open too long")
            }
        } catch {
            ports.fail(error.description)
        }
    }

    /// Says so when somebody has set the machine's clock. Ours goes on as it did until the next start.
    private mutating func noteWallStep() {
        let step = clock.wallStepMilliseconds()
        guard abs(step - wallStep) > Self.wallStepMax else { return }
        wallStep = step
        let seconds = (abs(step) + 500) / 1000
        let far = seconds == 0 ? "right again" : "\(seconds) s \(step > 0 ? "ahead" : "behind")"
        log.warning("the wall clock was set and is \(far); shows go on as before until a restart")
    }

    /// When to wake up without input, on the monotonic clock.
    private func wakeUp() -> Int64? {
        decider.wakeUp.map { clock.monotonic(at: $0.milliseconds) }
    }
}

extension Logger {
    fileprivate func log(_ report: OperatorReport) {
        switch report.severity {
        case .notice: notice("\(report.sentence)")
        case .error: error("\(report.sentence)")
        case .critical: critical("\(report.sentence)")
        }
    }
}

extension ShowRepository: CommitStore {
    func makeDurable(
        _ records: [RoomRecords], headlines: (Int) -> ShowHeadline?, at now: Timestamp
    ) throws(CommitFailure) {
        do throws(StoreError) {
            try commit(records, headlines: headlines, at: now)
        } catch {
            throw CommitFailure(error)
        }
    }

    func probe() throws(CommitFailure) {
        do throws(StoreError) {
            try store.probe()
        } catch {
            throw CommitFailure(error)
        }
    }
}

extension CommitFailure {
    fileprivate init(_ error: StoreError) {
        let consequence: Consequence =
            switch error.consequence {
            case .retryLater: .retryLater
            case .stop, .refuse: .stop
            case .defect:
                if case .oversold(let show, let sku) = error {
                    .oversold(show: Int(show), sku: sku)
                } else {
                    .stop
                }
            }
        self.init(consequence: consequence, reason: error.description)
    }
}
