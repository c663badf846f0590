/// A dictionary in 256 parts. A Swift dictionary rehashes everything at once when it grows, which at a
/// million keys stops a sale for 100 ms; here each growth touches a 256th of the keys.
public struct ShardedDictionary<Key: Hashable, Value> {
    @usableFromInline var shards: [[Key: Value]] = Array(repeating: [:], count: 256)

    @inlinable public init() {}

    @inlinable public var count: Int { shards.reduce(0) { $0 + $1.count } }

    @inlinable public subscript(key: Key) -> Value? {
        get { shards[Self.shard(of: key)][key] }
        _modify { yield &shards[Self.shard(of: key)][key] }
    }

    @inlinable static func shard(of key: Key) -> Int {
        // The top bits: the parts themselves use the low ones.
        Int(UInt(bitPattern: key.hashValue) >> (UInt.bitWidth - 8))
    }
}

extension ShardedDictionary: Sendable where Key: Sendable, Value: Sendable {}
