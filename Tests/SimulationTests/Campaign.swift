// Many seeds, one after the other on each processor. The first failure is made smaller, told with the
// command that repeats it, and ends the campaign.

import Foundation

struct Campaign {
    private let first: UInt64
    private let count: UInt64
    private let steps: Int
    private let without: Set<String>
    private let isTraced: Bool
    private let isCounted: Bool

    /// SIMULATION_SEED is the first seed, SIMULATION_SEEDS how many there are.
    init(environment: [String: String]) {
        func number(_ name: String) -> Int? { environment["SIMULATION_" + name].flatMap(Int.init) }
        first = UInt64(max(0, number("SEED") ?? 1))
        count = UInt64(max(1, number("SEEDS") ?? 300))
        steps = number("STEPS") ?? RunOptions.usualSteps
        without = Set(
            (environment["SIMULATION_WITHOUT"] ?? "").split(separator: ",").map(String.init))
        isTraced = environment["SIMULATION_TRACE"] != nil
        isCounted = environment["SIMULATION_COUNTS"] != nil
    }

    func run() async throws {
        let lanes = UInt64(max(1, ProcessInfo.processInfo.activeProcessorCount))
        var totals: [String: Int] = [:]
        var failures: [SimulationFailure] = []
        await withTaskGroup(of: Result<[String: Int], SimulationFailure>.self) { group in
            for lane in 0..<min(lanes, count) {
                group.addTask { @concurrent in self.run(lane: lane, of: lanes) }
            }
            for await result in group {
                switch result {
                case .success(let counts): totals.merge(counts) { $0 + $1 }
                case .failure(let failure): failures.append(failure)
                }
            }
        }
        if let failure = failures.min(by: { $0.options.seed < $1.options.seed }) {
            try report(failure)
        }
        if isCounted {
            for (what, number) in totals.sorted(by: { $0.key < $1.key }) { print(what, number) }
        }
    }

    private func run(lane: UInt64, of lanes: UInt64) -> Result<[String: Int], SimulationFailure> {
        var totals: [String: Int] = [:]
        for seed in stride(from: first + lane, to: first + count, by: Int(lanes)) {
            switch play(RunOptions(seed: seed, steps: steps, without: without)) {
            case .success(let counts): totals.merge(counts) { $0 + $1 }
            case .failure(let failure): return .failure(failure)
            }
        }
        return .success(totals)
    }

    private func play(_ options: RunOptions) -> Result<[String: Int], SimulationFailure> {
        let world = World(options)
        do {
            try world.run()
            return .success(world.checker.counts)
        } catch {
            return .failure(error)
        }
    }

    // MARK: A failure

    private func report(_ failure: SimulationFailure) throws {
        var smallest = failure
        if without.isEmpty { smallest = shrink(failure) }
        var traced = smallest.options
        traced.isTraced = true
        if case .failure(let again) = play(traced) {
            print(again.trace.suffix(isTraced ? 2000 : 30).joined(separator: "\n"))
            if again.what != smallest.what { print("another run of the seed: \(again.what)") }
        }
        print("\(failure)")
        if smallest.options.without != failure.options.without {
            print("or, without what it does not need: \(smallest.what)\n\(smallest.command)")
        }
        throw failure
    }

    /// Leaves out what is not needed for a failure, one kind after the other, and the steps after it.
    private func shrink(_ failure: SimulationFailure) -> SimulationFailure {
        var smallest = failure
        for kind in World.kinds {
            var options = smallest.options
            options.without.insert(kind)
            guard case .failure(let smaller) = play(options) else { continue }
            // Another failure than the first may hide it.
            if smaller.what.prefix(12) == failure.what.prefix(12) { smallest = smaller }
        }
        return smallest
    }
}

extension World {
    /// What a run can be without.
    static let kinds = [
        "cuts", "blackout", "failing", "full", "crash", "crash-before", "crash-after", "torn",
        "restart", "slow", "chat", "note", "clear", "delete", "timeout", "ban", "unban", "restrict",
        "unrestrict", "untimeout", "role", "list", "configure", "pin", "unpin", "queue", "next",
        "update", "remove", "pause",
        "end", "flash", "stop", "price", "set", "adjust", "again", "cut", "nonsense", "ping", "get",
        "leave", "release", "extend", "cancel", "pay", "order",
    ]
}
