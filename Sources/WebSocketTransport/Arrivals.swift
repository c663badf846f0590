internal import WireProtocol

/// What the owner will hear of connections that are not in a room yet. While a herd is being accepted it
/// waits, for a moment: to welcome one costs as much as to accept three, and those who are outside would
/// wait for those who are in. Connections in a room do not notice.
struct Arrivals {
    var batch = InboundBatch()
    /// Counts the batches. A connection whose last word is in the current one says its next there, too, so
    /// that its words keep their order.
    private(set) var number = 1
    private(set) var isHeld = false
    private var isHerd = false
    /// When the batch began to wait, in milliseconds.
    private var since: Int64?

    /// More connections wait outside than one turn accepts.
    mutating func noteHerd() { isHerd = true }

    /// Decides whether the batch goes on waiting.
    mutating func endTurn(at now: Int64) {
        defer { isHerd = false }
        guard isHerd, !batch.isEmpty else {
            isHeld = false
            return
        }
        let begin = since ?? now
        since = begin
        isHeld = now - begin < TransportLimits.arrivalsMilliseconds
    }

    /// The batch was handed over.
    mutating func startOver() {
        batch = InboundBatch()
        number += 1
        since = nil
    }
}
