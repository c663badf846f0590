/// Where things stand that are called by 128 bits of their own: the places of orders and of remembered
/// answers. Every claim looks one up and puts one in, so that is one line of memory and no more: entries
/// stand in a flat table, at the first free place from where their digest falls. The table comes in 256
/// parts, since one that rehashes a million keys at once stops a sale for 100 ms.
public struct DigestIndex: Sendable {
    private struct Entry: Sendable {
        var high: UInt64 = 0
        var low: UInt64 = 0
        /// `nowhere` when nothing stands here.
        var place = nowhere

        static let nowhere = Int.min
    }

    private struct Part: Sendable {
        /// A power of two, or nothing yet.
        var entries: [Entry] = []
        var count = 0
    }

    private var parts = Array(repeating: Part(), count: 256)
    /// Drawn anew for every table: who chooses keys must not know which of them fall together
    /// (Dietzfelbinger's multiply-shift hashing). The order of nothing depends on it.
    private let multipliers = (
        UInt64.random(in: .min ... .max) | 1, UInt64.random(in: .min ... .max) | 1
    )

    public init() {}

    public var count: Int { parts.reduce(0) { $0 + $1.count } }

    /// The place that was kept under the key; nil when there is none.
    public subscript(key: some Digest) -> Int? { place(high: key.high, low: key.low) }

    /// Keeps a place under a key, which has none yet.
    public mutating func insert(_ place: Int, for key: some Digest) {
        insert(Entry(high: key.high, low: key.low, place: place))
    }

    private func place(high: UInt64, low: UInt64) -> Int? {
        let hash = hash(high: high, low: low)
        let part = Int(hash >> 56)
        let count = parts[part].entries.count
        if count == 0 { return nil }
        var slot = Self.slot(hash, among: count)
        while true {
            let entry = parts[part].entries[slot]
            if entry.place == Entry.nowhere { return nil }
            if entry.low == low, entry.high == high { return entry.place }
            slot = (slot + 1) & (count - 1)
        }
    }

    private mutating func insert(_ entry: Entry) {
        let hash = hash(high: entry.high, low: entry.low)
        let part = Int(hash >> 56)
        if parts[part].count * 4 >= parts[part].entries.count * 3 { grow(part) }
        Self.put(entry, hash, &parts[part].entries)
        parts[part].count += 1
    }

    private mutating func grow(_ part: Int) {
        let old = parts[part].entries
        var entries = Array(repeating: Entry(), count: max(8, 2 * old.count))
        for entry in old where entry.place != Entry.nowhere {
            Self.put(entry, hash(high: entry.high, low: entry.low), &entries)
        }
        parts[part].entries = entries
    }

    private static func put(_ entry: Entry, _ hash: UInt64, _ entries: inout [Entry]) {
        var slot = slot(hash, among: entries.count)
        while entries[slot].place != Entry.nowhere { slot = (slot + 1) & (entries.count - 1) }
        entries[slot] = entry
    }

    private func hash(high: UInt64, low: UInt64) -> UInt64 {
        high &* multipliers.0 &+ low &* multipliers.1
    }

    /// The bits after those that choose the part.
    private static func slot(_ hash: UInt64, among count: Int) -> Int {
        Int(truncatingIfNeeded: (hash << 8) >> UInt64(count.leadingZeroBitCount + 1))
    }
}

/// A name of 128 bits that is random, or mixed well enough to be taken for it.
public protocol Digest {
    var high: UInt64 { get }
    var low: UInt64 { get }
}
