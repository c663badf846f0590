/// Where things stand that are called by 128 bits of their own: the places of orders and of remembered
/// answers. Every claim looks one up and puts one in, far apart from the last, so it is small: an entry is
/// a place and 32 bits of the hash, and who keeps the things says whether it is the right one. Entries
/// stand in a flat table, at the first free place from where their hash falls. The table comes in sixteen
/// parts, since one that moves a million entries at once stops a sale; more of them, each with a head of
/// its own somewhere in memory, would be another place that every claim has to go to.
public struct DigestIndex: Sendable {
    /// The upper half of the hash, then the place; `free` when nothing stands here.
    @usableFromInline typealias Entry = UInt64

    @usableFromInline struct Part: Sendable {
        /// A power of two.
        @usableFromInline var entries = [Entry](repeating: free, count: 8)
        @usableFromInline var count = 0
    }

    @usableFromInline var parts = Array(repeating: Part(), count: 1 << Self.partBits)
    private static let partBits = 4
    /// Unknown to who chooses keys, so that nobody can have them fall together (Dietzfelbinger's
    /// multiply-shift hashing): from the seed of Swift's own dictionaries. The order of nothing depends
    /// on it.
    private let multipliers = (seed(1), seed(2))

    public init() {}

    public var count: Int { parts.reduce(0) { $0 + $1.count } }

    /// The place that was kept under a key; `isRight` says of a place whether the key is its own.
    @inlinable public func place(of key: some Digest, where isRight: (Int) -> Bool) -> Int? {
        let hash = hash(high: key.high, low: key.low)
        let part = Self.part(hash)
        let mask = parts[part].entries.count - 1
        var slot = Self.slot(hash, mask)
        while true {
            let entry = parts[part].entries[slot]
            if entry == Self.free { return nil }
            if entry >> 32 == hash >> 32 {
                let place = Int(Int32(truncatingIfNeeded: entry))
                if isRight(place) { return place }
            }
            slot = (slot + 1) & mask
        }
    }

    /// Keeps a place under a key, which has none yet: a number of 32 bits, and not the least of them.
    public mutating func insert(_ place: Int, for key: some Digest) {
        let hash = hash(high: key.high, low: key.low)
        let part = Self.part(hash)
        if parts[part].count * 4 >= parts[part].entries.count * 3 { grow(part) }
        Self.put(
            (hash & 0xFFFF_FFFF_0000_0000) | UInt64(UInt32(bitPattern: Int32(place))),
            &parts[part].entries)
        parts[part].count += 1
    }

    private mutating func grow(_ part: Int) {
        var entries = [Entry](repeating: Self.free, count: 2 * parts[part].entries.count)
        for entry in parts[part].entries where entry != Self.free { Self.put(entry, &entries) }
        parts[part].entries = entries
    }

    private static func put(_ entry: Entry, _ entries: inout [Entry]) {
        let mask = entries.count - 1
        var slot = slot(entry, mask)
        while entries[slot] != free { slot = (slot + 1) & mask }
        entries[slot] = entry
    }

    private static func seed(_ number: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: number.hashValue) | 1
    }

    /// The place that nothing has, under a hash of nothing.
    @usableFromInline static var free: Entry { UInt64(UInt32(bitPattern: Int32.min)) }

    @usableFromInline func hash(high: UInt64, low: UInt64) -> UInt64 {
        high &* multipliers.0 &+ low &* multipliers.1
    }

    @usableFromInline static func part(_ hash: UInt64) -> Int { Int(hash >> (64 - partBits)) }

    /// The bits after those that choose the part, as many as the mask has: at most 28, for which a part
    /// would have to have 200 million entries.
    @usableFromInline static func slot(_ hash: UInt64, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: (hash << partBits) >> UInt64(mask.leadingZeroBitCount))
    }
}

/// A name of 128 bits that is random, or mixed well enough to be taken for it.
public protocol Digest {
    var high: UInt64 { get }
    var low: UInt64 { get }
}
