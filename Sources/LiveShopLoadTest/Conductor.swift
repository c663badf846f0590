// Moves a run through its phases, from what the workers post on the board. The thread that called
// LoadTest.run does this; it waits, looks and decides, and has no connection of its own.

import Lanes
import LiveShopClient

/// How far a run is, for a progress line.
public struct LoadProgress: Sendable {
    public var viewers: Int
    public var joined: Int
    public var lost: Int
    /// Cut connections that are not back yet.
    public var away: Int
    public var requestsSent: Int
    public var requestsAnswered: Int
    public var granted: Int
    public var messages: Int64
    /// "joining", "waiting for the pin", "running", "staying", "settling", "done".
    public var phase: String
}

struct Conductor {
    /// How long after the last join the script begins, so that every worker knows of it.
    private static let gateNanoseconds: Int64 = 50_000_000
    private static let settleNanoseconds: Int64 = 5_000_000_000
    private static let calmNanoseconds: Int64 = 300_000_000
    /// How far back "lately" goes: longer than the server keeps a stock number back.
    private static let latelyNanoseconds: Int64 = 1_000_000_000

    private let options: LoadOptions
    private let script: Script
    private let board: Lock<Board>
    private let early: Int
    private var phase = LoadPhase.joining
    private var changedAt = monotonicNanoseconds()
    private var throughAt: Int64?
    /// What the stock was lately, while settling.
    private var movements: [(time: Int64, ofSKU: [String: StockMovement])] = []
    private(set) var course = Course()

    init(_ options: LoadOptions, _ script: Script, _ board: Lock<Board>) {
        self.options = options
        self.script = script
        self.board = board
        early = script.countAtStart(viewers: options.viewers)
    }

    /// Returns when the run is over.
    mutating func conduct(_ isInterrupted: () -> Bool, _ progress: (LoadProgress) -> Void) {
        var lastMark: Int64 = -1
        var toldAt: Int64 = 0
        while phase != .finished {
            pause()
            let now = monotonicNanoseconds()
            if isInterrupted() { course.wasInterrupted = true }
            let workers = board.withLock { $0.workers }
            let total = Total(workers)
            if total.mark != lastMark {
                lastMark = total.mark
                changedAt = now
            }
            var next = self.next(total, workers, now)
            if workers.contains(where: { $0.failure != nil }) { next = .finished }
            if next != phase {
                if next == .settling { setGoal(workers) }
                phase = next
                changedAt = now
                board.withLock { $0.phase = next }
            }
            if now - toldAt > 200_000_000 {
                toldAt = now
                progress(total.progress(options, phase, isStaying: throughAt != nil))
            }
        }
    }

    private mutating func next(
        _ total: Total, _ workers: [WorkerProgress], _ now: Int64
    ) -> LoadPhase {
        let isStuck = now - changedAt > Schedule.nanoseconds(options.timeoutSeconds)
        switch phase {
        case .joining where course.wasInterrupted, .running where course.wasInterrupted:
            return .settling
        case .joining:
            guard total.joinedAtStart + total.lostAtStart >= early || isStuck else { return phase }
            return total.joined == 0 && early > 0
                ? .settling : .running(from: now + Conductor.gateNanoseconds)
        case .running(let beginning):
            switch script.length {
            case .seconds(let seconds):
                return now >= beginning + Schedule.nanoseconds(seconds) ? .settling : phase
            case .untilAnswered(let staying):
                let isThrough = total.isThrough && total.awaitingPin == 0 && now > beginning
                if isThrough, staying > 0 || total.busy == 0 { throughAt = throughAt ?? now }
                if let throughAt {
                    return now - throughAt >= Schedule.nanoseconds(staying) ? .settling : phase
                }
                return isStuck ? .settling : phase
            }
        case .settling:
            let waited = now - changedAt
            let history = history(workers)
            if let history { watchStock(history, now) }
            // Whether everything that was on its way has come, as far as the invariants tell.
            let isSettled =
                total.busy == 0 && total.away == 0
                && history.map { Invariants.check($0).counts.isEmpty } ?? false
            if isSettled && waited > Conductor.calmNanoseconds { return .finished }
            return waited > Conductor.settleNanoseconds ? .finished : phase
        case .finished:
            return phase
        }
    }

    private mutating func setGoal(_ workers: [WorkerProgress]) {
        for worker in workers {
            guard let epoch = worker.epoch else { continue }
            course.goal[epoch] = max(course.goal[epoch] ?? 0, worker.offset)
        }
    }

    /// What all workers see now, once each has said it.
    private func history(_ workers: [WorkerProgress]) -> History? {
        let closings = workers.compactMap(\.closing)
        guard closings.count == workers.count else { return nil }
        var history = History(closings, goal: course.goal)
        history.isShared = options.isShared
        return history
    }

    /// Keeps what of the stock was seen lately, for a verdict in the middle of movement.
    private mutating func watchStock(_ history: History, _ now: Int64) {
        movements.removeAll { $0.time < now - Conductor.latelyNanoseconds }
        movements.append((now, history.stock.compactMapValues(\.movement)))
        course.movements = movements.reduce(into: [:]) { all, movement in
            all.merge(movement.ofSKU) { $0.union($1) }
        }
    }

    private struct Total {
        var joined = 0
        var joinedAtStart = 0
        var lost = 0
        var lostAtStart = 0
        var away = 0
        var requestsSent = 0
        var requestsAnswered = 0
        var granted = 0
        var returns = 0
        var awaitingPin = 0
        var busy = 0
        var messages: Int64 = 0
        var isThrough = true

        init(_ workers: [WorkerProgress]) {
            for worker in workers {
                joined += worker.joined
                joinedAtStart += worker.joinedAtStart
                lost += worker.lost
                lostAtStart += worker.lostAtStart
                away += worker.away
                requestsSent += worker.requestsSent
                requestsAnswered += worker.requestsAnswered
                granted += worker.granted
                returns += worker.returns
                awaitingPin += worker.awaitingPin
                busy += worker.busy
                messages += worker.messages
                isThrough = isThrough && worker.isThrough
            }
        }

        /// Changes whenever the run gets anywhere.
        var mark: Int64 {
            Int64(joined + lost + returns + requestsAnswered + requestsSent)
        }

        func progress(
            _ options: LoadOptions, _ phase: LoadPhase, isStaying: Bool
        ) -> LoadProgress {
            let name =
                switch phase {
                case .joining: "joining"
                case .running:
                    isStaying ? "staying" : awaitingPin > 0 ? "waiting for the pin" : "running"
                case .settling: "settling"
                case .finished: "done"
                }
            return LoadProgress(
                viewers: options.viewers, joined: joined, lost: lost, away: away,
                requestsSent: requestsSent, requestsAnswered: requestsAnswered, granted: granted,
                messages: messages, phase: name)
        }
    }
}

extension History {
    /// What the workers say together: the server's numbers from the one with the newest, ours from all.
    init(_ closings: [Closing], goal: [String: Int64]) {
        self.goal = goal
        for closing in closings {
            for (sku, stock) in closing.stock { add(sku, stock) }
            for (epoch, offset) in closing.reached {
                reached[epoch] = min(reached[epoch] ?? .max, offset)
            }
            ears += closing.ears
            chats += closing.chats
            chatsUnanswered += closing.chatsUnanswered
        }
    }

    private mutating func add(_ sku: String, _ stock: StockHistory) {
        guard var known = self.stock[sku] else {
            self.stock[sku] = stock
            return
        }
        let ours = known.oursAtEnd + stock.oursAtEnd
        let absent = known.absentAtEnd + stock.absentAtEnd
        if known.last?.asOf ?? -1 < stock.last?.asOf ?? -1 {
            let (first, isBefore) = (known.first, known.firstIsBeforeClaims)
            let atStart = known.availableAtStart
            known = stock
            if isBefore { (known.first, known.firstIsBeforeClaims) = (first, isBefore) }
            known.availableAtStart = atStart ?? stock.availableAtStart
        }
        known.oursAtEnd = ours
        known.absentAtEnd = absent
        self.stock[sku] = known
    }
}
