// What is to happen later on one thread, to the millisecond. Pure: time is an argument.

struct Timers<Element> {
    private var slots: [Int64: [Element]] = [:]
    /// The millisecond up to which everything was taken.
    private var doneUntil: Int64
    private(set) var count = 0
    private var earliest = Int64.max

    /// `now` in nanoseconds, as everywhere here.
    init(now: Int64) { doneUntil = now / 1_000_000 }

    /// When the next is due; nil when there is none.
    var nextDue: Int64? { count > 0 ? earliest * 1_000_000 : nil }

    /// Never early: a time within a millisecond is rounded up.
    mutating func add(_ element: Element, at due: Int64) {
        let millisecond = max((max(0, due) - 1) / 1_000_000 + 1, doneUntil + 1)
        slots[millisecond, default: []].append(element)
        count += 1
        earliest = min(earliest, millisecond)
    }

    /// What is due by now, in order.
    mutating func take(now: Int64) -> [Element] {
        let until = now / 1_000_000
        guard count > 0, until >= earliest else {
            doneUntil = max(doneUntil, until)
            return []
        }
        var taken: [Element] = []
        if until - earliest < Int64(slots.count) {
            for millisecond in earliest...until { take(millisecond, &taken) }
        } else {
            for millisecond in slots.keys.filter({ $0 <= until }).sorted() {
                take(millisecond, &taken)
            }
        }
        doneUntil = max(doneUntil, until)
        count -= taken.count
        earliest = slots.keys.min() ?? .max
        return taken
    }

    private mutating func take(_ millisecond: Int64, _ taken: inout [Element]) {
        if let elements = slots.removeValue(forKey: millisecond) { taken += elements }
    }

    /// Forgets those that are not wanted any more and returns them.
    mutating func removeAll(where isUnwanted: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        for (millisecond, elements) in slots {
            removed += elements.filter(isUnwanted)
            let kept = elements.filter { !isUnwanted($0) }
            slots[millisecond] = kept.isEmpty ? nil : kept
        }
        count -= removed.count
        earliest = slots.keys.min() ?? .max
        return removed
    }
}
