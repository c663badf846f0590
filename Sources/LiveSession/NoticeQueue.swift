// The shared notices of stock and waitlists: the latest value of each SKU, each at most so often, and all of
// them together within one budget for the show, since each is sent to everybody. Who has waited longest is
// told first, so that one SKU that is claimed and released all the time hides no other.

import HeapModule
import Inventory

struct NoticeQueue: Sendable {
    enum Kind: Int, Sendable {
        case stock, waitlist

        fileprivate var intervalMilliseconds: Int {
            switch self {
            case .stock: ShowLimits.stockNoticeMilliseconds
            case .waitlist: ShowLimits.viewersNoticeMilliseconds
            }
        }
    }

    private struct Mark: Sendable {
        var isWaiting = false
        var told: Timestamp?
    }

    private struct Waiting: Comparable, Sendable {
        let due: Timestamp
        let number: Int
        /// Two for each variant.
        let place: Int

        static func < (a: Waiting, b: Waiting) -> Bool { (a.due, a.number) < (b.due, b.number) }
    }

    private var marks = SparseArray(repeating: Mark())
    private var queue = Heap<Waiting>()
    private var marked = 0
    private var last: Int?
    private var budget = TokenBucket()
    /// When there is something left to spend.
    private var solventAt = Timestamp(milliseconds: .min)

    /// When the next notice is due; nil when nothing has changed.
    var nextDeadline: Timestamp? { queue.min.map { max($0.due, solventAt) } }

    /// Something of the variant has changed.
    mutating func mark(_ variant: VariantID, _ kind: Kind) {
        let place = variant.index * 2 + kind.rawValue
        // In a sale it is the same one again and again.
        if last == place { return }
        last = place
        guard !marks[place].isWaiting else { return }
        marks[place].isWaiting = true
        marked += 1
        let due =
            marks[place].told?.adding(milliseconds: kind.intervalMilliseconds)
            ?? Timestamp(milliseconds: .min)
        queue.insert(Waiting(due: due, number: marked, place: place))
    }

    /// What to tell now.
    mutating func take(at now: Timestamp) -> [(variant: VariantID, kind: Kind)] {
        var taken: [(variant: VariantID, kind: Kind)] = []
        while let next = queue.min, next.due <= now {
            if let wait = budget.take(1, Self.rate, at: now) {
                solventAt = now.adding(milliseconds: wait)
                break
            }
            queue.removeMin()
            marks[next.place] = Mark(isWaiting: false, told: now)
            if last == next.place { last = nil }
            guard let kind = Kind(rawValue: next.place & 1) else { continue }
            taken.append((VariantID(next.place / 2), kind))
        }
        return taken
    }

    private static let rate = Rate(
        capacity: ShowLimits.noticesPerSecond, refill: ShowLimits.noticesPerSecond,
        milliseconds: 1000)
}

/// How often a SKU is said to be sold out: the first few times at once; when its units come back and go all
/// the time, once in a while, as long as it still is.
struct SoldOutFeed: Sendable {
    private struct Told: Sendable {
        var count = 0
        /// When the first of these times was; nil until the batch ends that has it.
        var since: Timestamp?
        var isOwed = false
    }

    private var told: [VariantID: Told] = [:]
    /// When something is owed next.
    private(set) var nextDeadline: Timestamp?

    /// The variant sold out. Whether that is told now; else it is told in time, if it is still true.
    mutating func tells(_ variant: VariantID) -> Bool {
        var entry = told[variant, default: Told()]
        defer { told[variant] = entry }
        if entry.count < ShowLimits.soldOutsAtOnce {
            entry.count += 1
            return true
        }
        entry.isOwed = true
        nextDeadline = min(nextDeadline ?? .never, due(entry))
        return false
    }

    /// The variant was restocked: a new sale of it begins.
    mutating func forget(_ variant: VariantID) { told[variant] = nil }

    /// The variants whose owed events are due; the caller tells of those that are sold out still.
    mutating func take(at now: Timestamp) -> [VariantID] {
        nextDeadline = nil
        if told.isEmpty { return [] }
        var due: [VariantID] = []
        for (variant, var entry) in told {
            if entry.since == nil { entry.since = now }
            if self.due(entry) <= now {
                guard entry.isOwed else {
                    told[variant] = nil
                    continue
                }
                due.append(variant)
                entry = Told(count: ShowLimits.soldOutsAtOnce, since: now)
            } else if entry.isOwed {
                nextDeadline = min(nextDeadline ?? .never, self.due(entry))
            }
            told[variant] = entry
        }
        return due.sorted { $0.index < $1.index }
    }

    private func due(_ entry: Told) -> Timestamp {
        entry.since?.adding(seconds: ShowLimits.soldOutSeconds) ?? Timestamp(milliseconds: .min)
    }
}
