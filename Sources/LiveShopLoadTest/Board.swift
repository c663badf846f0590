// What the threads of a run tell each other: the phase, set by the thread that called LoadTest.run, and
// how far each worker is. In one lock, touched a few hundred times a second.

/// Where a run is.
enum LoadPhase: Equatable, Sendable {
    case joining
    /// Everybody who is to be there is in; the script begins at this time (monotonic nanoseconds).
    case running(from: Int64)
    /// No new requests and no more arrivals; the last answers, events and stock numbers are awaited.
    case settling
    case finished
}

/// How far one worker is.
struct WorkerProgress: Sendable {
    var joined = 0
    /// Of those who are there from the beginning.
    var joinedAtStart = 0
    /// Could not join, or were lost for good.
    var lost = 0
    var lostAtStart = 0
    var requestsSent = 0
    var requestsAnswered = 0
    var granted = 0
    var returns = 0
    /// Buyers who wait for a pin.
    var awaitingPin = 0
    /// Requests sent or planned, without an answer.
    var busy = 0
    /// Cut connections that are not back.
    var away = 0
    /// Nothing of the script is left to do.
    var isThrough = false
    var messages: Int64 = 0
    /// The epoch and the highest offset that a connection has seen.
    var epoch: String?
    var offset: Int64 = 0
    /// What there is to judge so far, while settling.
    var closing: Closing?
    /// Why the worker cannot go on.
    var failure: String?
}

/// What a worker can say at the end about the parts of the history that belong to all.
struct Closing: Sendable {
    var stock: [String: StockHistory] = [:]
    /// The lowest offset of a connection that is there, by epoch.
    var reached: [String: Int64] = [:]
    var ears: [Ear] = []
    var chats: [Int64] = []
    var chatsUnanswered = 0
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
    var closing = Closing()
    /// SKUs of which units came back, and buyers to whom the waitlist came.
    var moved: Set<String> = []
    var served: [String: Set<Int>] = [:]
    /// Buyers who left or were lost: what came to them nobody knows.
    var absent: Set<Int> = []
    var unanswered = 0
    /// Buyers who never saw a pinned product that they were to claim.
    var withoutPin = 0
    /// Actions that nobody could do.
    var unsent = 0
    /// Why connections were lost, when they were not to be lost.
    var lostConnections: [String: Int] = [:]
    /// Reasons why buyers could not join.
    var refusals: [String: Int] = [:]
    var firstConnectAt: Int64 = 0
    var lastJoinAt: Int64 = 0
    var joinedAtStart = 0
    var joined = 0
    var messages: Int64 = 0
    var messagesWhileRunning: Int64 = 0
    var receivedBytes: Int64 = 0
    /// How long the script ran, and how much of it this thread was at work.
    var runningNanoseconds: Int64 = 0
    var busyNanoseconds: Int64 = 0
    var reconnects = 0
    /// Returns with a snapshot instead of the missed events.
    var snapshotsOnReturn = 0
}
