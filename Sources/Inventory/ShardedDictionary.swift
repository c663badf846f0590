/// A dictionary in 256 parts. A Swift dictionary rehashes everything at once when it grows, which at a
/// million keys stops a sale for 100 ms; here each growth touches a 256th of the keys.
public struct ShardedDictionary<Key: Hashable & Sharded, Value> {
    @usableFromInline var shards: [[Key: Value]] = Array(repeating: [:], count: 256)

    @inlinable public init() {}

    @inlinable public var count: Int { shards.reduce(0) { $0 + $1.count } }

    @inlinable public subscript(key: Key) -> Value? {
        get { shards[Int(key.shard)][key] }
        _modify { yield &shards[Int(key.shard)][key] }
    }
}

/// What is random enough to be dealt out by one of its bytes.
public protocol Sharded {
    var shard: UInt8 { get }
}

extension ShardedDictionary: Sendable where Key: Sendable, Value: Sendable {}
