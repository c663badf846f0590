internal import WireProtocol

/// What the owner will hear of connections that are not in a room yet. While a herd is being accepted it
/// waits, for a moment: to welcome one costs as much as to accept three, and those who are outside would
/// wait for those who are in. Words of connections in a room do not wait.
struct Arrivals {
    var batch = InboundBatch()
    /// Counts the batches. A connection whose last word is in the current one says its next there, too, so
    /// that its words keep their order.
    private(set) var number = 1
    private(set) var waits = false
    private var isHerd = false
    /// When the batch began to wait, in milliseconds.
    private var since: Int64?

    /// As many came as one turn accepts, and perhaps more wait outside.
    mutating func noteHerd() { isHerd = true }

    /// Decides, at the end of a turn, whether the batch goes on waiting.
    mutating func decide(at now: Int64) {
        defer { isHerd = false }
        guard isHerd, !batch.isEmpty else {
            waits = false
            return
        }
        let begin = since ?? now
        since = begin
        waits =
            now - begin < TransportLimits.arrivalsMilliseconds
            && batch.events.count < TransportLimits.arrivalsMax
    }

    /// The batch was handed over.
    mutating func startOver() {
        batch = InboundBatch()
        number += 1
        since = nil
    }
}
