// What a load test holds a server to, seen from outside, and what it says when it is broken.

/// A promise of the server that clients can check.
public enum Invariant: String, CaseIterable, Sendable {
    case gaplessOffsets = "gapless offsets"
    case sameOrder = "same events in the same order for everybody"
    case nothingMissed = "no event missing"
    case oneGrantPerKey = "one grant per key"
    case sameAnswer = "the same answer to each sending of a key"
    case stockAddsUp = "granted + remaining = stock"
    case waitlistOrder = "waitlist in order of seq"
    case chatComplete = "chat reaches everybody"
    case allAnswered = "every request answered"
    case connectionsKept = "no connection lost"
    case protocolKept = "protocol kept"
}

/// One broken promise, with what was seen.
public struct Violation: Error, Equatable, Sendable {
    public var invariant: Invariant
    public var detail: String

    init(_ invariant: Invariant, _ detail: String) {
        self.invariant = invariant
        self.detail = detail
    }
}

/// Violations as they are found: all are counted, the first of each kind are kept.
struct ViolationList: Sendable {
    static let keptMax = 5

    private(set) var counts: [Invariant: Int] = [:]
    private(set) var kept: [Violation] = []

    mutating func add(_ invariant: Invariant, _ detail: @autoclosure () -> String) {
        let count = counts[invariant, default: 0] + 1
        counts[invariant] = count
        if count <= ViolationList.keptMax { kept.append(Violation(invariant, detail())) }
    }

    mutating func add(_ other: ViolationList) {
        for (invariant, count) in other.counts {
            let before = counts[invariant, default: 0]
            counts[invariant] = before + count
            let room = max(0, ViolationList.keptMax - before)
            kept += other.kept.filter { $0.invariant == invariant }.prefix(room)
        }
    }
}
