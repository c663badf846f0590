// Runs of the simulator. SIMULATION_SEED, SIMULATION_SEEDS, SIMULATION_MODE and SIMULATION_STEPS choose
// other ones (scripts/simulate sets them).

import Foundation
import Testing

struct SimulationTests {
    @Test func `the sale keeps its promises under any faults`() async throws {
        try await Campaign(mode: .safety).run()
    }

    @Test func `when the faults stop everything comes to its end`() async throws {
        try await Campaign(mode: .liveness).run()
    }

    @Test func `one seed is one run`() throws {
        func trace() throws -> [String: Int] {
            let world = World(RunOptions(seed: 7))
            try world.run()
            return world.checker.counts
        }
        #expect(try trace() == trace())
    }
}

/// Many seeds of one mode.
struct Campaign {
    let mode: RunOptions.Mode
    private let environment = ProcessInfo.processInfo.environment

    func run() async throws {
        if let only = environment["SIMULATION_MODE"], only != mode.rawValue { return }
        let first = environment["SIMULATION_SEED"].flatMap { UInt64($0) } ?? 1
        let count = environment["SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 150
        let steps = environment["SIMULATION_STEPS"].flatMap { Int($0) } ?? 1500
        let isTraced = environment["SIMULATION_TRACE"] != nil
        let without = Set(
            (environment["SIMULATION_WITHOUT"] ?? "").split(separator: ",").map(String.init))
        var totals: [String: Int] = [:]
        for seed in first..<(first + count) {
            let world = World(
                RunOptions(
                    seed: seed, mode: mode, steps: steps, without: without, isTraced: isTraced))
            do {
                try world.run()
            } catch let failure as SimulationFailure {
                if isTraced { print(failure.trace.suffix(400).joined(separator: "\n")) }
                print(failure.description)
                throw failure
            }
            for (what, number) in world.checker.counts { totals[what, default: 0] += number }
        }
        if environment["SIMULATION_COUNTS"] != nil {
            for (what, number) in totals.sorted(by: { $0.key < $1.key }) { print(what, number) }
        }
    }
}
