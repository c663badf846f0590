// The events of a show as the connections of one worker saw them: the first to receive an offset
// records its bytes, every other must have received the same. Comparing memory is all it costs.

import LiveShopClient

struct EventRecord: Sendable {
    /// How many of the latest events are compared byte by byte.
    static let window = 4096

    /// The first recorded offset; events before it were seen by nobody else here.
    private var base: Int64?
    /// One digest per event from `base` on, to compare with other workers.
    private(set) var digests: [UInt64] = []
    private var recent: [[UInt8]] = []
    private(set) var epoch: String?

    init() {}

    /// A connection is at this position; another epoch begins a new record.
    mutating func joined(_ position: LogPosition) {
        guard position.epoch != epoch else { return }
        epoch = position.epoch
        base = nil
        digests = []
        recent = []
    }

    /// False when another connection received something else under this offset.
    mutating func received(_ event: Span<UInt8>, offset: Int64) -> Bool {
        let base = base ?? offset
        self.base = base
        let index = offset - base
        // Older than the record, or (after a gap, which is reported elsewhere) beyond its end.
        guard index >= 0, index <= Int64(digests.count) else { return true }
        if index == Int64(digests.count) {
            let bytes = Array(event)
            digests.append(EventRecord.digest(bytes))
            if recent.count < EventRecord.window {
                recent.append(bytes)
            } else {
                recent[Int(index) % EventRecord.window] = bytes
            }
            return true
        }
        guard Int64(digests.count) - index <= Int64(EventRecord.window) else { return true }
        return bytesAreEqual(event, recent[Int(index) % EventRecord.window])
    }

    /// Whether these are the bytes of the event under this offset, as far as it is still compared.
    func isKnown(_ event: Span<UInt8>, offset: Int64) -> Bool {
        guard let base else { return false }
        let index = offset &- base
        let count = Int64(digests.count)
        guard index >= 0, index < count, count &- index <= Int64(EventRecord.window) else {
            return false
        }
        return bytesAreEqual(event, recent[Int(index) % EventRecord.window])
    }

    var lastOffset: Int64? { base.map { $0 + Int64(digests.count) - 1 } }

    /// The first offset at which two records of the same epoch differ.
    func difference(from other: EventRecord) -> Int64? {
        guard epoch == other.epoch, let base, let otherBase = other.base else { return nil }
        let start = max(base, otherBase)
        let end = min(base + Int64(digests.count), otherBase + Int64(other.digests.count))
        guard start < end else { return nil }
        for offset in start..<end
        where digests[Int(offset - base)] != other.digests[Int(offset - otherBase)] {
            return offset
        }
        return nil
    }

    /// FNV-1a.
    private static func digest(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
