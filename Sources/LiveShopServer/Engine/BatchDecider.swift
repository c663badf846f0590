// One batch from its messages to what may be sent: decided, stored, and only then handed out. What
// cannot be stored is forgotten and decided again under what is known by then: without storage, or
// without the SKU that would have been oversold. The sequencer drives it with the real store and the
// real clock, the simulator with its own. Nothing leaves here that is not in the store.

import Inventory
import LiveSession
import WireProtocol

/// Where a batch goes before anybody hears of it.
protocol CommitStore {
    /// Makes the records durable, all or none.
    func makeDurable(
        _ records: [RoomRecords], headlines: (Int) -> ShowHeadline?, at now: Timestamp
    ) throws(CommitFailure)

    /// Tries whether a commit would work.
    func probe() throws(CommitFailure)
}

/// Why a batch was not stored, and what follows.
struct CommitFailure: Error {
    enum Consequence {
        /// The same commit may succeed later.
        case retryLater
        /// The store refuses to promise more units than there are.
        case oversold(show: Int, sku: String)
        /// What is stored is unknown, or cannot be used: the process has to end.
        case stop
    }

    let consequence: Consequence
    let reason: String
}

/// The process has to end; the reason is a sentence for the operator.
struct FatalFailure: Error {
    let reason: String
}

/// What the operator should know, in a sentence.
struct OperatorReport {
    enum Severity { case notice, error, critical }

    let severity: Severity
    let sentence: String
}

/// What a stored batch gives to the world.
struct BatchOutcome {
    var deliveries: DeliveryBatch
    var admissions: [AdmissionRequest]
    var reports: [OperatorReport]
}

struct BatchDecider<Store: CommitStore> {
    private(set) var engine: ShowEngine
    private let store: Store
    private var nextProbe = Timestamp.never
    private var reports: [OperatorReport] = []

    init(engine: ShowEngine, store: Store) {
        self.engine = engine
        self.store = store
    }

    /// When to run without input; nil when never. While nothing can be stored nothing ends, however
    /// overdue it is: then only the next probe counts.
    var wakeUp: Timestamp? { engine.isStorageFailing ? nextProbe : engine.nextDeadline }

    /// Loads a show that can still change; nil when there is none of this id.
    mutating func load(_ show: String) throws(LoadFailure) { _ = try engine.room(of: show) }

    /// Runs a batch. `decide` hands the engine its messages; it is called again when the batch could
    /// not be stored.
    mutating func run(
        at now: Timestamp, _ decide: (inout ShowEngine) -> Void
    ) throws(FatalFailure) -> BatchOutcome {
        while true {
            engine.begin(at: now)
            decide(&engine)
            engine.finish(at: now)
            if try isStored(at: now) { break }
        }
        for alarm in engine.takeAlarms() { report(.critical, alarm) }
        defer { reports.removeAll() }
        return BatchOutcome(
            deliveries: engine.takeDeliveries(), admissions: engine.takeAdmissions(),
            reports: reports)
    }

    /// Tries from time to time whether a failing store works again.
    mutating func probeIfDue(at now: Timestamp) throws(FatalFailure) {
        guard engine.isStorageFailing, now >= nextProbe else { return }
        nextProbe = now.adding(milliseconds: probeMilliseconds)
        do throws(CommitFailure) {
            try store.probe()
        } catch {
            if case .stop = error.consequence { throw FatalFailure(reason: error.reason) }
            return
        }
        do throws(LoadFailure) {
            try engine.resumeStorage()
            report(.notice, "storage: works again")
        } catch {
            return
        }
    }

    // MARK: Storing

    /// Commits what was decided. False: the batch was forgotten and has to be decided again.
    private mutating func isStored(at now: Timestamp) throws(FatalFailure) -> Bool {
        let defects = engine.takeDefects()
        guard defects.isEmpty else {
            try rollBack()
            for defect in defects { try quarantine(defect) }
            return false
        }
        let records = engine.takeRecords()
        if engine.isStorageFailing || records.isEmpty { return true }
        do throws(CommitFailure) {
            try store.makeDurable(records, headlines: engine.headline, at: now)
            return true
        } catch {
            try take(error, at: now)
            return false
        }
    }

    private mutating func take(
        _ failure: CommitFailure, at now: Timestamp
    ) throws(FatalFailure) {
        switch failure.consequence {
        case .stop:
            throw FatalFailure(reason: failure.reason)
        case .retryLater:
            try rollBack()
            report(
                .error, "storage: \(failure.reason); claims are refused until it works again")
            engine.suspendStorage()
            nextProbe = now.adding(milliseconds: probeMilliseconds)
        case .oversold(let show, let sku):
            try rollBack()
            try quarantine(EngineDefect(show: show, sku: sku, sentence: failure.reason))
        }
    }

    /// Stops selling what a defect names. A second defect of the same SKU is more than that can mend.
    private mutating func quarantine(_ defect: EngineDefect) throws(FatalFailure) {
        guard let sku = defect.sku, engine.quarantine(sku, inShow: defect.show) else {
            throw FatalFailure(reason: defect.sentence)
        }
        report(.critical, "\(defect.sentence); \(sku) is not sold any more")
    }

    private mutating func report(_ severity: OperatorReport.Severity, _ sentence: String) {
        reports.append(OperatorReport(severity: severity, sentence: sentence))
    }

    private mutating func rollBack() throws(FatalFailure) {
        do throws(LoadFailure) {
            try engine.rollBack()
        } catch {
            throw FatalFailure(
                reason: "cannot read the store again after a failed commit: \(error.reason)")
        }
    }
}

private let probeMilliseconds = 250
