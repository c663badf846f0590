// How long a client waits before it connects again. Pure: the state machine asks for a delay, a seed
// makes it repeatable. Jitter keeps a thousand clients that were cut together from returning together.

/// Exponential back-off with jitter: each attempt waits between half and the whole of a span that
/// doubles from `firstMilliseconds` up to `limitMilliseconds`.
public struct Backoff: Sendable {
    public static let firstMilliseconds: Int64 = 200
    public static let limitMilliseconds: Int64 = 10_000

    private var random: SeededRandom
    private var attempts = 0

    public init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// The delay before the next attempt in milliseconds. `advised` is what the server asked for; it
    /// is the least that is waited.
    public mutating func nextDelay(advised: Int64? = nil) -> Int64 {
        let doublings = min(attempts, 16)
        attempts += 1
        let span = min(Backoff.limitMilliseconds, Backoff.firstMilliseconds << doublings)
        let jittered = span / 2 + Int64.random(in: 0...(span / 2), using: &random)
        guard let advised else { return jittered }
        return max(0, min(advised, 3_600_000)) + jittered / 4
    }

    /// A connection succeeded: the next failure starts from the beginning.
    public mutating func reset() { attempts = 0 }
}
