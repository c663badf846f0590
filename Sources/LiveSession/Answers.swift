// What was answered to requests that carry an idempotency key, so that a repeated one gets the first
// answer word for word. Claims are kept as the fact they are, the rest as the bytes that were sent.

public import Inventory

/// A participant's key in 128 bits. Only her own keys can collide, and she would have to look for it.
public struct KeyDigest: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    public init(_ key: String, of participant: ParticipantID) {
        // Mixed, so that no first letter makes up for another participant.
        let owner = UInt64(truncatingIfNeeded: participant.index)
        var a = Self.mix(0xcbf2_9ce4_8422_2325 ^ owner)
        var b = Self.mix(0x9e37_79b9_7f4a_7c15 &+ owner)
        for byte in key.utf8 {
            a = (a ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
            b = (b &+ UInt64(byte)) &* 0xff51_afd7_ed55_8ccd
            b ^= b >> 29
        }
        high = Self.mix(a ^ b >> 32)
        low = Self.mix(b)
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    // The low word alone: it is mixed, and has more bits than there are keys.
    public func hash(into hasher: inout Hasher) { hasher.combine(low) }

    private static func mix(_ value: UInt64) -> UInt64 {
        var x = value
        x = (x ^ x >> 30) &* 0xbf58_476d_1ce4_e5b9
        x = (x ^ x >> 27) &* 0x94d0_49bb_1331_11eb
        return x ^ x >> 31
    }
}

extension KeyDigest: Sharded {
    public var shard: UInt8 { UInt8(truncatingIfNeeded: high) }
}

/// SHA-256 of a request's content; a receipt carries it.
public struct ContentHash: Hashable, Sendable {
    /// The digest's 32 bytes as big-endian numbers.
    public let words: [4 of UInt64]

    public init(words: [4 of UInt64]) { self.words = words }

    public static func == (a: ContentHash, b: ContentHash) -> Bool {
        a.words.indices.allSatisfy { a.words[$0] == b.words[$0] }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(words[0]) }
}

/// What a key stands for.
public struct Idempotency: Hashable, Sendable {
    public let key: KeyDigest
    public let content: ContentHash

    public init(key: KeyDigest, content: ContentHash) {
        self.key = key
        self.content = content
    }
}

public enum Answer: Sendable {
    case claim(Claim, ContentHash)
    case reply([UInt8], ContentHash)

    public var content: ContentHash {
        switch self {
        case .claim(_, let content), .reply(_, let content): content
        }
    }
}

struct AnswerBook: Sendable {
    private var indexes = ShardedDictionary<KeyDigest, Int>()
    private var claims = SegmentedArray<(claim: Claim, content: ContentHash)>()
    private var replies = SegmentedArray<(bytes: [UInt8], content: ContentHash)>()

    /// Claims have indexes from 0 up, replies from -1 down.
    func answer(to key: KeyDigest) -> Answer? {
        guard let index = indexes[key] else { return nil }
        if index >= 0 { return .claim(claims[index].claim, claims[index].content) }
        return .reply(replies[-1 - index].bytes, replies[-1 - index].content)
    }

    mutating func remember(_ claim: Claim, _ idempotency: Idempotency) {
        indexes[idempotency.key] = claims.count
        claims.append((claim, idempotency.content))
    }

    mutating func remember(_ reply: [UInt8], _ idempotency: Idempotency) {
        indexes[idempotency.key] = -1 - replies.count
        replies.append((reply, idempotency.content))
    }
}
