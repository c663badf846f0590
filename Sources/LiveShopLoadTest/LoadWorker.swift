// One thread of a load test: its share of the buyers, their connections and their clocks. It carries
// values between ClientLoop, the state machines, the agenda and the buyers, and measures; it decides
// nothing about buying (Buyer), nothing about when (Agenda) and nothing about right or wrong
// (Invariants). This file is the thread's loop and the connections' lives; what arrives is in
// LoadWorker+Messages, what leaves in LoadWorker+Requests, what is left at the end in LoadWorker+Ending.

import Lanes
import LiveShopClient
import WireProtocol

final class LoadWorker: ClientLoopOwner {
    enum Timer {
        case connect(Int)
        case send(Int, WantedRequest)
    }

    /// Of this many buyers one listens, and at most this many per worker watch the shop.
    private static let sampling = 128
    private static let watchersMax = 4
    private static let opensPerTurn = 32
    private static let patienceNanoseconds: Int64 = 5_000_000
    private static let postNanoseconds: Int64 = 10_000_000

    let number: Int
    let options: LoadOptions
    let script: Script
    let loop: ClientLoop
    let clock = Clock()
    private let board: Lock<Board>
    /// Every `threads`-th buyer, in order, and perhaps the host.
    var intake: Intake
    var phase = LoadPhase.joining
    var agenda: Agenda?
    var timers = Timers<Timer>(now: monotonicNanoseconds())
    var result = WorkerResult()
    var progress = WorkerProgress()
    var shared: SharedView
    var document = JSONDocument()
    private var startedAt: Int64 = 0
    /// Connections to be opened at a time, the latest first, and those to be opened at once.
    private var arrivals: [(due: Int64, slot: Int)] = []
    private var returning: [Int] = []
    private var closingAt: Int64 = 0
    private var busyBefore: Int64 = 0
    private var messagesBefore: Int64 = 0

    init(
        number: Int, options: LoadOptions, script: Script, endpoint: Endpoint,
        board: Lock<Board>, members: [Member]
    ) throws(ClientFailure) {
        self.number = number
        self.options = options
        self.script = script
        self.board = board
        intake = Intake(members)
        let claims = script.steps.compactMap { step in
            if case .claim(let deed) = step.deed { deed } else { nil }
        }
        shared = SharedView(
            wanted: claims.first { $0.waitsForPin }?.skus ?? [],
            waitsForPin: claims.allSatisfy { $0.waitsForPin || $0.skus.isEmpty })
        loop = try ClientLoop(
            endpoint, authority: options.server.authority,
            seed: options.seed &+ UInt64(number) &* 7919)
        for slot in stride(from: 0, to: intake.members.count, by: LoadWorker.sampling) {
            intake.members[slot].marks.insert(.listens)
        }
        let step = max(1, intake.members.count / LoadWorker.watchersMax)
        for slot in stride(from: 0, to: intake.members.count, by: step).prefix(
            LoadWorker.watchersMax)
        {
            intake.members[slot].marks.insert(.watches)
        }
    }

    /// Runs until the board says `finished`.
    func run() {
        startedAt = monotonicNanoseconds()
        result.firstConnectAt = startedAt
        arrivals = intake.members.indices.filter { intake.members[$0].marks.contains(.isEarly) }.map
        { slot in
            let share = Double(intake.members[slot].index) / Double(max(1, options.viewers))
            return (startedAt + Schedule.nanoseconds(options.rampSeconds * share), slot)
        }
        arrivals.sort { $0.due > $1.due }
        var postedAt: Int64 = 0
        while phase != .finished {
            let now = monotonicNanoseconds()
            fire(now)
            act(now)
            openSome(now)
            loop.turn(nanoseconds: patience(monotonicNanoseconds()), self)
            if now - postedAt > LoadWorker.postNanoseconds {
                postedAt = now
                post(now)
            }
        }
        let done = finish()
        board.withLock { $0.results.append(done) }
    }

    /// How long nothing of ours is due.
    private func patience(_ now: Int64) -> Int64 {
        var due = now + LoadWorker.patienceNanoseconds
        if let timer = timers.nextDue { due = min(due, timer) }
        if case .running = phase, let next = agenda?.nextDue { due = min(due, next) }
        if loop.opening < options.openingMax {
            if !returning.isEmpty { return 0 }
            if let arrival = arrivals.last { due = min(due, arrival.due) }
        }
        return max(0, due - now)
    }

    private func fire(_ now: Int64) {
        for timer in timers.take(now: now) {
            switch timer {
            case .connect(let slot): returning.append(slot)
            case .send(let slot, let request):
                progress.busy -= 1
                send(request, slot)
            }
        }
    }

    // MARK: Board

    private func post(_ now: Int64) {
        progress.messages = intake.messages
        progress.epoch = intake.events.epoch
        progress.offset = intake.events.lastOffset ?? 0
        progress.isThrough = agenda?.isThrough(now: now) ?? script.steps.isEmpty
        if phase == .settling, now >= closingAt {
            closingAt = now + 100_000_000
            progress.closing = closing()
        }
        let posted = progress
        let number = number
        let next = board.withLock { board in
            board.workers[number] = posted
            return board.phase
        }
        if next != phase { enter(next) }
    }

    private func enter(_ next: LoadPhase) {
        let before = phase
        phase = next
        if next == .settling { arrivals = [] }
        if case .running(let beginning) = next {
            busyBefore = threadNanoseconds()
            messagesBefore = intake.messages
            begin(beginning)
        }
        if case .running(let beginning) = before {
            result.runningNanoseconds = monotonicNanoseconds() - beginning
            result.busyNanoseconds = threadNanoseconds() - busyBefore
            result.messagesWhileRunning = intake.messages - messagesBefore
            giveUpPlans()
        }
    }

    private func begin(_ beginning: Int64) {
        agenda = Agenda(
            script, viewers: options.viewers, beginning: beginning, number: number,
            threads: options.threads)
        let ranges = script.ranges(viewers: options.viewers)
        for slot in intake.members.indices where intake.members[slot].presence == .expected {
            guard let seconds = script.arrival(of: intake.members[slot].index, ranges) else {
                continue
            }
            arrivals.append((beginning + Schedule.nanoseconds(seconds), slot))
        }
        arrivals.sort { $0.due > $1.due }
    }

    // MARK: Connections

    /// A few at a time, so that what is due meanwhile does not wait for a herd.
    private func openSome(_ now: Int64) {
        var left = LoadWorker.opensPerTurn
        var taken = 0
        while taken < returning.count, left > 0, loop.opening < options.openingMax {
            open(returning[taken], due: nil)
            taken += 1
            left -= 1
        }
        returning.removeFirst(taken)
        while let next = arrivals.last, next.due <= now, left > 0,
            loop.opening < options.openingMax
        {
            arrivals.removeLast()
            open(next.slot, due: options.rampSeconds > 0 ? next.due : now)
            left -= 1
        }
    }

    private func open(_ slot: Int, due: Int64?) {
        guard intake.members[slot].presence == .expected || intake.members[slot].presence == .away
        else { return }
        if let due { intake.members[slot].connectDue = due }
        intake.members[slot].presence = .opening
        intake.members[slot].machine.connecting()
        loop.connect(slot, from: intake.members[slot].source)
    }

    func opened(_ slot: Int, in loop: ClientLoop) {
        let now = monotonicNanoseconds()
        if !intake.members[slot].marks.contains(.hasJoined) {
            result.latencies.record(.connect, from: intake.members[slot].connectDue, to: now)
        }
        intake.members[slot].helloAt = now
        loop.send(intake.members[slot].machine.opened().span, on: slot)
    }

    /// Breaks a connection as a bad network would.
    func cut(_ slot: Int, due: Int64) {
        guard intake.members[slot].presence == .joined else { return }
        intake.members[slot].marks.insert(.wasCut)
        intake.members[slot].connectDue = due
        loop.cut(slot)
    }

    func leave(_ slot: Int) {
        guard intake.members[slot].presence != .left, intake.members[slot].presence != .lost else {
            return
        }
        forgetRequests(slot)
        intake.members[slot].ear.isWhole = false
        intake.members[slot].presence = .left
        loop.close(slot)
    }

    func ended(_ slot: Int, _ ending: ConnectionEnding, in loop: ClientLoop) {
        guard phase != .finished, intake.members[slot].presence != .lost,
            intake.members[slot].presence != .left
        else { return }
        let now = monotonicNanoseconds()
        intake.members[slot].ear.isWhole = false
        let hasJoined = intake.members[slot].marks.contains(.hasJoined)
        let wasCut = intake.members[slot].marks.contains(.wasCut)
        switch intake.members[slot].machine.closed(ending, at: now / 1_000_000) {
        case .connect(let at):
            guard options.reconnects || hasJoined else {
                lose(slot, ending.failure.message)
                return
            }
            guard intake.members[slot].presence == .joined else {
                intake.members[slot].presence = hasJoined ? .away : .expected
                timers.add(.connect(slot), at: at * 1_000_000)
                return
            }
            intake.members[slot].presence = .away
            progress.away += 1
            if wasCut {
                // Those that were cut come back all at once: that is the storm.
                returning.append(slot)
                return
            }
            intake.members[slot].connectDue = now
            if !options.reconnects {
                result.lostConnections[ending.failure.message, default: 0] += 1
            }
            timers.add(.connect(slot), at: at * 1_000_000)
        case .end(let failure):
            lose(slot, failure.message)
        }
    }

    func lose(_ slot: Int, _ reason: String) {
        guard intake.members[slot].presence != .lost, intake.members[slot].presence != .left else {
            return
        }
        let hasJoined = intake.members[slot].marks.contains(.hasJoined)
        if hasJoined, intake.members[slot].presence != .joined { progress.away -= 1 }
        intake.members[slot].presence = .lost
        intake.members[slot].ear.isWhole = false
        progress.lost += 1
        if intake.members[slot].marks.contains(.isEarly) {
            progress.lostAtStart += hasJoined ? 0 : 1
        }
        if hasJoined {
            result.lostConnections[reason, default: 0] += 1
            result.unanswered += intake.members[slot].inFlight.count
        } else {
            result.refusals[reason, default: 0] += 1
        }
        forgetRequests(slot)
    }

    private func forgetRequests(_ slot: Int) {
        progress.busy -= intake.members[slot].inFlight.count
        intake.members[slot].inFlight = []
        if intake.members[slot].marks.contains(.awaitsPin) {
            intake.members[slot].marks.remove(.awaitsPin)
            progress.awaitingPin -= 1
        }
    }
}
