// What the threads of a run tell each other: the phase, set by the thread that called LoadTest.run, and
// how far each worker is. In one lock, touched a few hundred times a second.

/// Where a run is.
enum LoadPhase: Equatable, Sendable {
    case joining
    /// Everybody is in; claims are due at this time (monotonic nanoseconds) or with the pin.
    case claiming(from: Int64)
    /// No new requests; the last answers and stock numbers are awaited.
    case settling
    case finished
}

/// How far one worker is.
struct WorkerProgress: Sendable {
    var joined = 0
    /// Could not join, or were lost for good.
    var lost = 0
    var claimsSent = 0
    var claimsAnswered = 0
    var claimsGranted = 0
    /// Claims whose turn has not come or that have no answer.
    var claimsOpen = 0
    /// Requests sent or planned, without an answer.
    var busy = 0
    var messages: Int64 = 0
    /// Why the worker cannot go on.
    var failure: String?
    /// Units of our buyers and the server's last numbers by SKU, while settling.
    var stock: [String: StockHistory] = [:]
}

struct Board: Sendable {
    var phase = LoadPhase.joining
    var workers: [WorkerProgress]
    var results: [WorkerResult] = []

    init(workers: Int) {
        self.workers = [WorkerProgress](repeating: WorkerProgress(), count: workers)
    }
}

/// What a worker leaves behind.
struct WorkerResult: Sendable {
    var findings = Findings()
    var latencies = Latencies()
    var events = EventRecord()
    var history = History()
    var firstConnectAt: Int64 = 0
    var lastJoinAt: Int64 = 0
    var firstClaimDue: Int64?
    var lastAnswerAt: Int64?
    var messages: Int64 = 0
    var messagesWhileClaiming: Int64 = 0
    var receivedBytes: Int64 = 0
    var reconnects = 0
    var joined = 0
    /// Reasons why buyers could not join.
    var refusals: [String: Int] = [:]
}
