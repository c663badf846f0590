public import Inventory

/// Keeps the latest of values that change faster than anybody wants to hear of them: says which keys
/// are due, each at most once per interval, and never forgets the last change.
public struct Conflator<Key: Hashable & Sendable>: Sendable {
    private let interval: Int
    private var dirty: [Key] = []
    private var marked: Set<Key> = []
    private var sent: [Key: Timestamp] = [:]

    public init(intervalMilliseconds: Int) { interval = intervalMilliseconds }

    /// When the next key is due; nil when nothing has changed.
    public var nextDeadline: Timestamp? { dirty.map(due).min() }

    public mutating func mark(_ key: Key) {
        // In a sale it is the same one again and again.
        if dirty.last == key { return }
        if marked.insert(key).inserted { dirty.append(key) }
    }

    /// The keys to tell about now, in the order in which they changed.
    public mutating func take(at now: Timestamp) -> [Key] {
        guard !dirty.isEmpty else { return [] }
        let ready = dirty.filter { due($0) <= now }
        guard !ready.isEmpty else { return [] }
        for key in ready {
            marked.remove(key)
            sent[key] = now
        }
        dirty.removeAll { !marked.contains($0) }
        return ready
    }

    private func due(_ key: Key) -> Timestamp {
        sent[key]?.adding(milliseconds: interval) ?? Timestamp(milliseconds: .min)
    }
}
