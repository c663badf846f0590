// Runs of the simulator. The seeds are 1 to 300; scripts/simulate chooses others by the environment.

import Foundation
import Testing

struct SimulationTests {
    @Test func `the sale keeps its promises, and everything comes to its end when the faults stop`()
        async throws
    {
        try await Campaign(environment: ProcessInfo.processInfo.environment).run()
    }

    @Test(arguments: 1...6) func `one seed is one run`(seed: UInt64) throws {
        func trace() throws -> [String] {
            let world = World(RunOptions(seed: seed, isTraced: true))
            try world.run()
            return world.trace
        }
        let (first, second) = (try trace(), try trace())
        let place = zip(first, second).prefix { $0 == $1 }.count
        #expect(
            first == second,
            "they part at \(first.dropFirst(place).first ?? "") and \(second.dropFirst(place).first ?? "")"
        )
    }
}
