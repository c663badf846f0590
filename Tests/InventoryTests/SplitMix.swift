// Random numbers from a seed, the same on every machine (SplitMix64, Steele, Lea and Flood 2014), and
// which seeds a random test runs. A test that fails prints its seed and takes it back.

import Foundation

struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// True once in `n` times.
    mutating func once(in n: Int) -> Bool { below(n) == 0 }
}

/// The seeds of a random test: the one in `LIVESHOP_SEED` if there is one, else 0 up to
/// `LIVESHOP_SEEDS` or the default.
func seeds(default count: UInt64) -> [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["LIVESHOP_SEED"].flatMap(UInt64.init) { return [seed] }
    return Array(0..<(environment["LIVESHOP_SEEDS"].flatMap(UInt64.init) ?? count))
}
