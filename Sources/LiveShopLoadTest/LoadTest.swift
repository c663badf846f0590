// A whole run: checks that this machine can do it, starts the workers, lets a conductor move them through
// the phases, and hands what they saw to the report. Called by `liveshop load`; prints nothing.

import Lanes
public import LiveShopClient

public struct LoadTest: Sendable {
    private static let portsPerSource = 20_000

    private let options: LoadOptions
    private let script: Script
    private let endpoint: Endpoint
    private let sources: [Endpoint]

    /// Throws when a run cannot begin: no server there, too few descriptors, too few source ports.
    public init(_ options: LoadOptions, playing script: Script) throws(ClientFailure) {
        self.options = options
        self.script = script
        endpoint = try Endpoint.reachable(
            options.server, seconds: min(10, options.timeoutSeconds))
        try LoadTest.checkDescriptors(options)
        sources = try LoadTest.sources(options, endpoint)
    }

    /// Plays the script to its end, or until `isInterrupted`, and returns what came of it, good or not;
    /// blocks. Both closures are called some times a second, on the thread that called this.
    public func run(
        isInterrupted: () -> Bool = { false }, progress: (LoadProgress) -> Void = { _ in }
    ) throws(ClientFailure) -> LoadReport {
        let board = Lock(Board(workers: options.threads))
        var lanes: [Lane] = []
        for number in 0..<options.threads {
            lanes.append(Lane(name: "load-\(number)") { work(number, board) })
        }
        let wallTime = Clock().now()
        let startedAt = monotonicNanoseconds()
        var conductor = Conductor(options, script, board)
        conductor.conduct(isInterrupted, progress)
        for lane in lanes { lane.join() }
        let (results, failure) = board.withLock { board in
            (board.results, board.workers.compactMap(\.failure).first)
        }
        if let failure { throw .exhausted(failure) }
        var course = conductor.course
        course.startedAt = wallTime
        course.seconds = Double(monotonicNanoseconds() - startedAt) / 1e9
        return LoadReport(options, script, results, course)
    }

    private func work(_ number: Int, _ board: Lock<Board>) {
        do throws(ClientFailure) {
            let worker = try LoadWorker(
                number: number, options: options, script: script, endpoint: endpoint,
                board: board, members: members(of: number))
            worker.run()
        } catch {
            let message = error.message
            board.withLock { $0.workers[number].failure = message }
        }
    }

    /// Every `threads`-th buyer; the host, if there is one, follows the last.
    private func members(of number: Int) -> [Member] {
        let plan = Buyer.Plan(options)
        let ranges = script.ranges(viewers: options.viewers)
        let end = options.viewers + (script.needsHost ? 1 : 0)
        return stride(from: number, to: end, by: options.threads).map { index in
            let isHost = index == options.viewers
            let identity = ClientIdentity(
                show: options.show, token: isHost ? options.hostToken : nil,
                name: Buyer.name(index, seed: options.seed))
            return Member(
                Buyer(index: index, plan: plan),
                machine: ClientStateMachine(
                    identity, reconnects: options.reconnects || script.cutsConnections,
                    seed: options.seed ^ UInt64(index) << 20),
                source: sources.isEmpty ? nil : sources[index % sources.count],
                arrivesEarly: script.arrival(of: index, ranges) == nil)
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
}
