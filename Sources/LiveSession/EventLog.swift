// The public events of a show as wire bytes, in order, numbered 1, 2, 3 … without a gap. The newest are
// kept in memory for clients that come back; the store has all of them.

public struct EventLog: Sendable {
    /// The last offset given; 0 before the first event.
    public private(set) var lastOffset: Int
    private var window: [[UInt8]] = []
    private var windowStart = 0
    private var windowBytes = 0

    /// A log that goes on after `lastOffset`; `recent` are the newest events, the last one with that
    /// offset.
    public init(lastOffset: Int = 0, recent: [[UInt8]] = []) {
        self.lastOffset = lastOffset
        for payload in recent { keep(payload) }
    }

    public var nextOffset: Int { lastOffset + 1 }
    /// The first offset that is still in memory.
    public var firstKept: Int { lastOffset - (window.count - windowStart) + 1 }

    public mutating func append(_ payload: [UInt8]) {
        lastOffset += 1
        keep(payload)
    }

    /// How many events follow an offset, and their bytes; nil when some of them are not in memory.
    public func extent(after offset: Int) -> (events: Int, bytes: Int)? {
        events(after: offset).map { kept in (kept.count, kept.reduce(0) { $0 + $1.count }) }
    }

    /// The events after an offset, oldest first; nil when some of them are only in the store.
    public func events(after offset: Int) -> ArraySlice<[UInt8]>? {
        guard offset + 1 >= firstKept, offset <= lastOffset else { return nil }
        return window[(window.count - (lastOffset - offset))...]
    }

    private mutating func keep(_ payload: [UInt8]) {
        window.append(payload)
        windowBytes += payload.count
        while windowBytes > ShowLimits.eventWindowBytes, windowStart < window.count - 1 {
            windowBytes -= window[windowStart].count
            window[windowStart] = []
            windowStart += 1
        }
        if windowStart > 1024, windowStart > window.count / 2 {
            window.removeFirst(windowStart)
            windowStart = 0
        }
    }
}
