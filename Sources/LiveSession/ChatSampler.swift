// Keeps a crowd's chat readable: so many messages a second go to everybody, the rest is stored and
// counted. Asked by Show+Chat for what viewers say; staff is always heard.

import Inventory

struct ChatSampler: Sendable {
    /// When the newest messages went out, as many as a second may have; a ring.
    private var sent: [Timestamp] = []
    private var next = 0
    private var dropped = 0

    /// Whether a message may go to everybody: at most `limit` do within any second. 0 lets all through.
    mutating func admits(_ limit: Int, at now: Timestamp) -> Bool {
        guard limit > 0 else { return true }
        if sent.count != limit {
            sent = Array(repeating: Timestamp(milliseconds: .min), count: limit)
            next = 0
        }
        guard sent[next].adding(milliseconds: 1000) <= now else {
            dropped += 1
            return false
        }
        sent[next] = now
        next = (next + 1) % limit
        return true
    }

    /// How many were held back since this was last asked: told with the next message.
    mutating func takeDropped() -> Int {
        defer { dropped = 0 }
        return dropped
    }
}
