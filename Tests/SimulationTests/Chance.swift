// The one source of everything that happens by chance in a run. Its whole state is the seed.

import LiveShopClient

struct Chance {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func bits() -> UInt64 { random.next() }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

    mutating func milliseconds(_ range: ClosedRange<Int64>) -> Int64 {
        .random(in: range, using: &random)
    }

    /// True in so many cases of a hundred.
    mutating func percent(_ cases: Int) -> Bool { number(0...99) < cases }

    mutating func pick<T>(_ items: [T]) -> T? { items.randomElement(using: &random) }

    /// One of the choices, each as likely as its weight.
    mutating func weighted<T>(_ choices: [(weight: Int, choice: T)]) -> T {
        var point = number(0...(choices.reduce(0) { $0 + $1.weight } - 1))
        for (weight, choice) in choices {
            if point < weight { return choice }
            point -= weight
        }
        return choices[choices.count - 1].choice
    }
}
