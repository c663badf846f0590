// When an action of a step is due and who does it: functions of numbers alone, the same on every thread
// and in every run. A run that is behind is not a run that does less: what was due and did not leave is
// still to be done, and its latency counts from when it was due.

/// The actions of a step in time.
struct Schedule: Equatable, Sendable {
    /// When action 0 is due, in nanoseconds.
    var start: Int64
    /// From one action to the next, in nanoseconds.
    var spacing: Double
    var count: Int
    /// When the step is over.
    var end: Int64

    init(_ step: Script.Step, crowd: Crowd, beginning: Int64) {
        start = beginning &+ Schedule.nanoseconds(step.at)
        switch step.pace {
        case .once(let over):
            count = crowd.count
            spacing = over * 1e9 / Double(max(1, crowd.count))
            end = start &+ Schedule.nanoseconds(over)
        case .rate(let perSecond, let seconds):
            let total = perSecond > 0 ? min(perSecond * max(0, seconds), 1e12) : 0
            count = crowd.count > 0 ? Int(total.rounded(.up)) : 0
            spacing = perSecond > 0 ? 1e9 / perSecond : 0
            end = start &+ Schedule.nanoseconds(seconds)
        case .inFlight(_, let seconds):
            count = crowd.count
            spacing = 0
            end = start &+ Schedule.nanoseconds(seconds)
        }
    }

    func due(_ action: Int) -> Int64 { start &+ Int64((Double(action) * spacing).rounded(.down)) }

    /// Seconds as nanoseconds, within a century.
    static func nanoseconds(_ seconds: Double) -> Int64 { Int64(min(max(0, seconds), 3e9) * 1e9) }
}

/// Those who do a step, by the index of the buyer. They take turns in an order that jumps about, so that
/// neighbours (in time, in a group, on a thread) are not neighbours in the step.
struct Crowd: Equatable, Sendable {
    let range: Range<Int>
    /// How many of the range belong to it.
    let count: Int
    private let stride: Int
    private let rotation: Int

    /// - Parameter rotation: where the round begins, so that a tenth of the viewers is not always the
    ///   same tenth.
    init(_ range: Range<Int>, share: Double = 1, rotation: Int = 0) {
        self.rotation = range.isEmpty ? 0 : rotation % range.count
        self.range = range
        count = min(range.count, Int((Double(range.count) * share).rounded(.up)))
        stride = Crowd.stride(range.count)
    }

    /// Who does an action; the crowd must not be empty.
    subscript(action: Int) -> Int {
        range.lowerBound + (action % count + rotation) * stride % range.count
    }

    /// Near the golden section and without a common divisor, so that every index comes once.
    private static func stride(_ count: Int) -> Int {
        var stride = max(1, Int(Double(count) * 0.618))
        while greatestDivisor(stride, count) > 1 { stride += 1 }
        return stride
    }

    private static func greatestDivisor(_ a: Int, _ b: Int) -> Int {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
