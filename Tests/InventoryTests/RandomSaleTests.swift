// Runs random sales. A failure names its seed: LIVESHOP_SEED=17 runs that one again;
// LIVESHOP_SEEDS=10000 runs more than usual.

import Testing

struct RandomSaleTests {
    @Test(arguments: seeds(default: 200))
    func `the ledger does what a naive model does, whatever happens`(seed: UInt64) {
        var sale = RandomSale(seed: seed)
        do {
            try sale.run(steps: 300)
        } catch {
            Issue.record("LIVESHOP_SEED=\(seed), \(error)")
        }
    }
}
