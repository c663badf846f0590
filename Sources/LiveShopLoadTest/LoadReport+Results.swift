// Adds up what the workers saw into one report, and has it judged.

extension LoadReport {
    init(
        _ options: LoadOptions, _ script: Script, _ results: [WorkerResult], _ course: Course
    ) {
        self.init(options, script)
        startedAt = course.startedAt
        seconds = course.seconds
        isInterrupted = course.wasInterrupted
        var history = History(results.map(\.closing), goal: course.goal)
        history.isShared = options.isShared
        for (sku, movement) in course.movements { history.stock[sku]?.lately = movement }
        var latencies = Latencies()
        var violations = ViolationList()
        var answers: [String: Answers] = [:]
        for result in results {
            add(result.findings)
            violations.add(result.findings.violations)
            answers.merge(result.findings.answers, uniquingKeysWith: +)
            latencies.add(result.latencies)
            history.claims += result.findings.claims
            history.moved.formUnion(result.moved)
            history.served.merge(result.served) { $0.union($1) }
            history.absent.formUnion(result.absent)
            history.unanswered += result.unanswered
            // After an interruption nobody knows what would have been pinned.
            history.withoutPin += course.wasInterrupted ? 0 : result.withoutPin
            history.lostConnections.merge(result.lostConnections, uniquingKeysWith: +)
            refusals.merge(result.refusals, uniquingKeysWith: +)
            joined += result.joined
            reconnects += result.reconnects
            snapshotsOnReturn += result.snapshotsOnReturn
            deliveries += result.messages
            receivedBytes += result.receivedBytes
            unsent += result.unsent
        }
        if script.needsHost { joined = min(joined, options.viewers) }
        for (first, second) in zip(results, results.dropFirst()) {
            if let offset = second.events.difference(from: first.events) {
                violations.add(.sameOrder, "event \(offset) differs between two connections")
            }
        }
        violations.add(Invariants.check(history))
        claims = history.claims.count
        grantedUnits = history.claims.reduce(0) { $0 + $1.grantedUnits }
        waitlisted = history.claims.count { $0.place != nil }
        for (kind, answers) in answers where answers.taken == 0 {
            let codes = answers.refusals.filter { !options.expectedRefusals.contains($0.key) }
            if !codes.isEmpty { refusedEverything[kind] = codes }
        }
        self.latencies = latencies.summaries
        self.violations = violations.kept
        violationCounts = violations.counts
        stock = history.stock.sorted { $0.key < $1.key }.map { sku, stock in
            StockFigures(
                sku: sku, buyers: stock.oursAtEnd, absent: stock.absentAtEnd,
                available: stock.last?.available, held: stock.last?.held, sold: stock.last?.sold,
                onHand: stock.last?.onHand)
        }
        rates(results)
    }

    private mutating func add(_ findings: Findings) {
        outcomes.merge(findings.outcomes, uniquingKeysWith: +)
        ordersPlaced += findings.ordersPlaced
        ordersPaid += findings.ordersPaid
        paidTotal &+= findings.paidTotal
        offersAccepted += findings.offersAccepted
        repeated += findings.repeated
    }

    private mutating func rates(_ results: [WorkerResult]) {
        let firstConnect = results.map(\.firstConnectAt).min() ?? 0
        let lastJoin = results.map(\.lastJoinAt).max() ?? 0
        let early = results.reduce(0) { $0 + $1.joinedAtStart }
        connectionsPerSecond = perSecond(Int64(early), lastJoin - firstConnect)
        let running = results.map(\.runningNanoseconds).max() ?? 0
        runningSeconds = Double(running) / 1e9
        deliveriesPerSecond = perSecond(
            results.reduce(0) { $0 + $1.messagesWhileRunning }, running)
        clientBusy =
            results.map { result in
                guard result.runningNanoseconds > 0 else { return 0 }
                return min(1, Double(result.busyNanoseconds) / Double(result.runningNanoseconds))
            }.max() ?? 0
    }

    private func perSecond(_ count: Int64, _ nanoseconds: Int64) -> Double {
        nanoseconds > 0 ? Double(count) * 1e9 / Double(nanoseconds) : 0
    }
}
