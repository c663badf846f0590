// Every shared notice is copied to every viewer, so what anybody can cause is bounded for the whole show: so many
// in a quarter of a second, over all SKUs. What is over it waits its turn, as the latest value of its SKU.

public import Inventory

public struct NoticeBudget: Sendable {
    private let count: Int
    private let milliseconds: Int
    private var since = Timestamp(milliseconds: .min)
    private var used = 0

    /// `count` notices in each span of so many milliseconds.
    public init(count: Int, perMilliseconds milliseconds: Int) {
        self.count = count
        self.milliseconds = milliseconds
    }

    /// When a notice may be sent next.
    public var nextMoment: Timestamp {
        used < count ? Timestamp(milliseconds: .min) : since.adding(milliseconds: milliseconds)
    }

    /// How many may be sent now.
    public mutating func left(at now: Timestamp) -> Int {
        if now >= since.adding(milliseconds: milliseconds) { (since, used) = (now, 0) }
        return count - used
    }

    public mutating func use(_ number: Int) { used += number }
}
