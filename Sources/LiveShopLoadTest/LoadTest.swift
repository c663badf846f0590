// A whole run: checks that this machine can do it, starts the workers, moves them through the phases,
// and adds up what they saw. Called by `liveshop load`, scripts and tests; prints nothing.

import Lanes
public import LiveShopClient

/// How far a run is, for a progress line.
public struct LoadProgress: Sendable {
    public var viewers: Int
    public var joined: Int
    public var lost: Int
    public var claimsSent: Int
    public var claimsAnswered: Int
    public var granted: Int
    public var messages: Int64
    /// "joining", "waiting for the pin", "claiming", "staying", "settling".
    public var phase: String
}

public enum LoadTest {
    /// How long after the last join the claims are due, so that every worker knows of it.
    private static let gateNanoseconds: Int64 = 50_000_000
    private static let settleNanoseconds: Int64 = 5_000_000_000
    private static let portsPerSource = 20_000

    /// Runs to the end and returns what came of it, good or not; blocks. Throws when it cannot begin:
    /// no server there, too few descriptors, too few source ports.
    public static func run(
        _ options: LoadOptions, progress: (LoadProgress) -> Void = { _ in }
    ) throws(ClientFailure) -> LoadReport {
        let endpoint = try Endpoint.reachable(
            options.server, seconds: min(10, options.timeoutSeconds))
        try checkDescriptors(options)
        let sources = try sources(options, endpoint)
        let board = Lock(Board(workers: options.threads))
        var lanes: [Lane] = []
        for number in 0..<options.threads {
            lanes.append(
                Lane(name: "load-\(number)") {
                    work(number, options, endpoint, sources, board)
                })
        }
        let startedAt = monotonicNanoseconds()
        conduct(options, board, progress)
        for lane in lanes { lane.join() }
        let (results, failure) = board.withLock { board in
            (board.results, board.workers.compactMap(\.failure).first)
        }
        if let failure { throw .exhausted(failure) }
        return report(options, results, seconds: since(startedAt))
    }

    private static func work(
        _ number: Int, _ options: LoadOptions, _ endpoint: Endpoint, _ sources: [Endpoint],
        _ board: Lock<Board>
    ) {
        let plan = FlashSaleBuyer.Plan(options)
        var members: [LoadWorker<FlashSaleBuyer>.Member] = []
        for index in stride(from: number, to: options.viewers, by: options.threads) {
            let identity = ClientIdentity(
                show: options.show, name: FlashSaleBuyer.name(index, seed: options.seed))
            members.append(
                LoadWorker.Member(
                    machine: ClientStateMachine(
                        identity, reconnects: options.reconnects,
                        seed: options.seed ^ UInt64(index) << 20),
                    person: FlashSaleBuyer(index: index, plan: plan),
                    source: sources.isEmpty ? nil : sources[index % sources.count],
                    claimsOpen: options.sends))
        }
        do throws(ClientFailure) {
            let worker = try LoadWorker(
                number: number, options: options, endpoint: endpoint, board: board,
                members: members)
            worker.run()
        } catch {
            let message = error.message
            board.withLock { $0.workers[number].failure = message }
        }
    }

    // MARK: Before

    private static func checkDescriptors(_ options: LoadOptions) throws(ClientFailure) {
        let limit = raiseDescriptorLimit()
        let needed = options.viewers + 64 + 4 * options.threads
        guard limit >= needed else {
            throw .exhausted(
                "\(options.viewers) connections need \(needed) file descriptors, this user may open "
                    + "\(limit): raise the hard limit (ulimit -Hn) or start fewer viewers")
        }
    }

    private static func sources(
        _ options: LoadOptions, _ endpoint: Endpoint
    ) throws(ClientFailure) -> [Endpoint] {
        let needed = (options.viewers + portsPerSource - 1) / portsPerSource
        let count = options.sources ?? (needed > 1 ? needed : 0)
        guard count > 0 else { return [] }
        guard endpoint.isLoopbackIPv4 else {
            guard options.sources != nil || needed > 1 else { return [] }
            throw .exhausted(
                "source addresses 127.0.0.2… reach servers on 127.0.0.0/8 only; to another server "
                    + "one address has about \(portsPerSource) ports: use several machines")
        }
        return (0..<count).map { Endpoint.loopbackSource($0) }
    }

    // MARK: While it runs

    /// Moves the board through the phases.
    private static func conduct(
        _ options: LoadOptions, _ board: Lock<Board>, _ progress: (LoadProgress) -> Void
    ) {
        var phase = LoadPhase.joining
        var changedAt = monotonicNanoseconds()
        var lastMark = 0
        var answeredAt: Int64?
        var toldAt: Int64 = 0
        while phase != .finished {
            pause()
            let now = monotonicNanoseconds()
            let workers = board.withLock { $0.workers }
            let total = Total(workers)
            if total.mark != lastMark {
                lastMark = total.mark
                changedAt = now
            }
            let isStuck = now - changedAt > Int64(options.timeoutSeconds * 1e9)
            var next = phase
            switch phase {
            case .joining:
                if total.joined + total.lost >= options.viewers || isStuck {
                    next = total.joined == 0 ? .settling : .claiming(from: now + gateNanoseconds)
                }
            case .claiming:
                if total.claimsOpen <= 0 { answeredAt = answeredAt ?? now }
                let stay = Int64(options.durationSeconds * 1e9)
                let isOver = answeredAt.map { now - $0 >= stay && (stay > 0 || total.busy == 0) }
                if isOver ?? false || (isStuck && answeredAt == nil) { next = .settling }
            case .settling:
                let isSettled = total.busy == 0 && stockAgrees(workers, options)
                if isSettled && now - changedAt > 300_000_000 { next = .finished }
                if now - changedAt > settleNanoseconds { next = .finished }
            case .finished:
                break
            }
            if workers.contains(where: { $0.failure != nil }) { next = .finished }
            if next != phase {
                phase = next
                changedAt = now
                board.withLock { $0.phase = next }
            }
            if now - toldAt > 200_000_000 {
                toldAt = now
                progress(total.progress(options, phase, isStaying: answeredAt != nil))
            }
        }
    }

    private struct Total {
        var joined = 0
        var lost = 0
        var claimsSent = 0
        var claimsAnswered = 0
        var granted = 0
        var claimsOpen = 0
        var busy = 0
        var messages: Int64 = 0

        init(_ workers: [WorkerProgress]) {
            for worker in workers {
                joined += worker.joined
                lost += worker.lost
                claimsSent += worker.claimsSent
                claimsAnswered += worker.claimsAnswered
                granted += worker.claimsGranted
                claimsOpen += worker.claimsOpen
                busy += worker.busy
                messages += worker.messages
            }
        }

        /// Changes whenever the run gets anywhere.
        var mark: Int { joined + lost + claimsAnswered + claimsSent }

        func progress(
            _ options: LoadOptions, _ phase: LoadPhase, isStaying: Bool
        ) -> LoadProgress {
            let name =
                switch phase {
                case .joining: "joining"
                case .claiming:
                    isStaying ? "staying" : claimsSent == 0 ? "waiting for the pin" : "claiming"
                case .settling: "settling"
                case .finished: "done"
                }
            return LoadProgress(
                viewers: options.viewers, joined: joined, lost: lost, claimsSent: claimsSent,
                claimsAnswered: claimsAnswered, granted: granted, messages: messages, phase: name)
        }
    }

    private static func stockAgrees(_ workers: [WorkerProgress], _ options: LoadOptions) -> Bool {
        var history = History()
        history.isShared = options.isShared
        history.stock = merge(workers.map(\.stock))
        return Invariants.check(history).counts.isEmpty
    }

    /// The server's numbers from the first worker that has any, ours from all.
    private static func merge(_ parts: [[String: StockHistory]]) -> [String: StockHistory] {
        var merged: [String: StockHistory] = [:]
        for part in parts {
            for (sku, history) in part {
                guard var known = merged[sku] else {
                    merged[sku] = history
                    continue
                }
                let ours = known.oursAtEnd + history.oursAtEnd
                if known.last == nil { known = history }
                known.oursAtEnd = ours
                merged[sku] = known
            }
        }
        return merged
    }

    // MARK: Afterwards

    private static func report(
        _ options: LoadOptions, _ results: [WorkerResult], seconds: Double
    ) -> LoadReport {
        var report = LoadReport(options)
        report.seconds = seconds
        var history = History()
        history.isShared = options.isShared
        history.stock = merge(results.map(\.history.stock))
        var latencies = Latencies()
        var violations = ViolationList()
        for result in results {
            let findings = result.findings
            violations.add(findings.violations)
            latencies.add(result.latencies)
            history.claims += findings.claims
            history.moved.formUnion(result.history.moved)
            history.served.formUnion(result.history.served)
            history.unanswered += result.history.unanswered
            history.withoutPin += result.history.withoutPin
            history.lostConnections.merge(result.history.lostConnections, uniquingKeysWith: +)
            report.outcomes.merge(findings.outcomes, uniquingKeysWith: +)
            report.refusals.merge(result.refusals, uniquingKeysWith: +)
            report.joined += result.joined
            report.reconnects += result.reconnects
            report.deliveries += result.messages
            report.receivedBytes += result.receivedBytes
            report.ordersPlaced += findings.ordersPlaced
            report.ordersPaid += findings.ordersPaid
            report.paidTotal &+= findings.paidTotal
            report.offersAccepted += findings.offersAccepted
            report.repeated += findings.repeated
        }
        for (first, second) in zip(results, results.dropFirst()) {
            if let offset = second.events.difference(from: first.events) {
                violations.add(.sameOrder, "event \(offset) differs between two connections")
            }
        }
        violations.add(Invariants.check(history))
        report.claims = history.claims.count
        report.grantedUnits = history.claims.reduce(0) { $0 + $1.grantedUnits }
        report.waitlisted = history.claims.count { $0.place != nil }
        report.latencies = latencies.summaries
        report.violations = violations.kept
        report.violationCounts = violations.counts
        report.stock = history.stock.sorted { $0.key < $1.key }.map { sku, stock in
            LoadReport.StockFigures(
                sku: sku, buyers: stock.oursAtEnd, available: stock.last?.available,
                held: stock.last?.held, sold: stock.last?.sold, onHand: stock.last?.onHand)
        }
        rates(&report, results)
        return report
    }

    private static func rates(_ report: inout LoadReport, _ results: [WorkerResult]) {
        let firstConnect = results.map(\.firstConnectAt).min() ?? 0
        let lastJoin = results.map(\.lastJoinAt).max() ?? 0
        report.connectionsPerSecond = perSecond(report.joined, firstConnect, lastJoin)
        guard let firstClaim = results.compactMap(\.firstClaimDue).min(),
            let lastAnswer = results.compactMap(\.lastAnswerAt).max()
        else { return }
        let answers = report.latencies.first { $0.kind == RequestKind.claim.rawValue }?.count ?? 0
        report.claimsPerSecond = perSecond(answers, firstClaim, lastAnswer)
        let messages = results.reduce(0) { $0 + $1.messagesWhileClaiming }
        report.deliveriesPerSecond = perSecond(Int(messages), firstClaim, lastAnswer)
    }

    private static func perSecond(_ count: Int, _ start: Int64, _ end: Int64) -> Double {
        end > start ? Double(count) * 1e9 / Double(end - start) : 0
    }

    private static func since(_ start: Int64) -> Double {
        Double(monotonicNanoseconds() - start) / 1e9
    }
}
