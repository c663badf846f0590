// What was answered to requests that carry an idempotency key, so that a repeated one gets the first
// answer word for word. Claims are kept as the fact they are. Of other answers only the number of the journal
// entry is kept that has them: they are long, hardly ever asked for, and a show may go on for days.

public import Inventory

/// A participant's key in 128 bits. Only her own keys can collide, and she would have to look for it.
/// It stands in journals: how it is made must never change, or a key sent again is taken for a new one.
public struct KeyDigest: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(_ key: String, of participant: ParticipantID) {
        let text = key.utf8.span
        // Mixed, so that no first letter makes up for another participant.
        let owner = UInt64(truncatingIfNeeded: participant.index) << 16 | UInt64(text.count)
        var a = Self.mix(0xcbf2_9ce4_8422_2325 ^ owner)
        var b = Self.mix(0x9e37_79b9_7f4a_7c15 &+ owner)
        var start = 0
        while start < text.count {
            let word = Self.word(of: text, from: start)
            a = Self.mix(a ^ word)
            b = (b &+ word) &* 0xff51_afd7_ed55_8ccd
            b ^= b >> 29
            start += 8
        }
        high = Self.mix(a ^ b >> 32)
        low = Self.mix(b)
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Eight bytes, or what there is of them.
    private static func word(of text: Span<UInt8>, from start: Int) -> UInt64 {
        if start <= text.count - 8 {
            return UInt64(
                littleEndian: text.bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: start, as: UInt64.self))
        }
        var word: UInt64 = 0
        for place in start..<text.count { word = word << 8 | UInt64(text[place]) }
        return word
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var x = value
        x = (x ^ x >> 30) &* 0xbf58_476d_1ce4_e5b9
        x = (x ^ x >> 27) &* 0x94d0_49bb_1331_11eb
        return x ^ x >> 31
    }
}

extension KeyDigest: Digest {}

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
    /// What was sent; its journal entry is not whole yet.
    case reply([UInt8], ContentHash)
    /// What was sent is in this journal entry, see `ShowFact.reply(to:in:)`.
    case stored(entry: Int, ContentHash)

    public var content: ContentHash {
        switch self {
        case .claim(_, let content), .reply(_, let content), .stored(_, let content): content
        }
    }
}

struct AnswerBook: Sendable {
    /// A key that was used, and where its content's hash stands.
    private struct Used: Sendable {
        let key: KeyDigest
        @Compact var content: Int
    }

    /// Claims have places from 0 up, replies from -1 down.
    private var places = DigestIndex()
    private var claims = SegmentedArray<(claim: Claim, used: Used)>()
    private var replies = SegmentedArray<(used: Used, entry: UInt32)>()
    /// The newest replies, of the entry that is not whole yet.
    private var unwritten: [[UInt8]] = []
    /// In a flash sale everybody asks for the same: the hash of one request after the other is the same.
    private var contents = SegmentedArray<ContentHash>()

    func answer(to key: KeyDigest) -> Answer? {
        let place = places.place(of: key) { used(at: $0).key == key }
        guard let place else { return nil }
        let content = contents[used(at: place).content]
        if place >= 0 { return .claim(claims[place].claim, content) }
        let number = -1 - place
        let written = replies.count - unwritten.count
        return number < written
            ? .stored(entry: Int(replies[number].entry), content)
            : .reply(unwritten[number - written], content)
    }

    mutating func remember(_ claim: Claim, _ idempotency: Idempotency) {
        places.insert(claims.count, for: idempotency.key)
        claims.append((claim, use(idempotency)))
    }

    /// `entry`: the journal entry that will have the reply.
    mutating func remember(_ reply: [UInt8], in entry: Int, _ idempotency: Idempotency) {
        places.insert(-1 - replies.count, for: idempotency.key)
        // The store's numbers have 32 bits, too.
        replies.append((use(idempotency), UInt32(truncatingIfNeeded: entry)))
        unwritten.append(reply)
    }

    /// The entry is whole and about to be stored: before anybody asks again it can be read.
    mutating func endEntry() { unwritten.removeAll() }

    private mutating func use(_ idempotency: Idempotency) -> Used {
        let newest = contents.count - 1
        if newest >= 0, contents[newest] == idempotency.content {
            return Used(key: idempotency.key, content: newest)
        }
        contents.append(idempotency.content)
        return Used(key: idempotency.key, content: newest + 1)
    }

    private func used(at place: Int) -> Used {
        place >= 0 ? claims[place].used : replies[-1 - place].used
    }
}
