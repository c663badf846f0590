// How often somebody may do something: a bucket that refills evenly.

public import Inventory

/// How large a bucket is and how it refills: `refill` uses in so many milliseconds.
public struct Rate: Hashable, Sendable {
    public var capacity: Int
    public var refill: Int
    public var milliseconds: Int64

    public init(capacity: Int, refill: Int, milliseconds: Int64) {
        self.capacity = capacity
        self.refill = refill
        self.milliseconds = milliseconds
    }
}

/// Starts full; each use takes one or more.
public struct TokenBucket: Sendable {
    /// Uses left, each as many parts as its rate has milliseconds: a millisecond brings `refill` parts.
    private var level: Int64 = .max
    private var updated: Timestamp = .never

    public init() {}

    /// Takes some, or all that there can be if that is less. Nil when they were there, else the
    /// milliseconds until they are.
    public mutating func take(_ uses: Int, _ rate: Rate, at now: Timestamp) -> Int? {
        level = level(rate, at: now)
        if updated == .never || now > updated { updated = now }
        let price = Int64(min(uses, rate.capacity)) * rate.milliseconds
        guard level >= price else {
            let refill = Int64(rate.refill)
            return Int((price - level + refill - 1) / refill)
        }
        level -= price
        return nil
    }

    /// Whether nothing was taken that has not come back: a new bucket would be the same.
    public func isFull(_ rate: Rate, at now: Timestamp) -> Bool {
        level(rate, at: now) >= Int64(rate.capacity) * rate.milliseconds
    }

    private func level(_ rate: Rate, at now: Timestamp) -> Int64 {
        let full = Int64(rate.capacity) * rate.milliseconds
        if updated == .never { return full }
        guard now > updated else { return min(full, level) }
        let elapsed = now.milliseconds - updated.milliseconds
        let (gain, overflow) = elapsed.multipliedReportingOverflow(by: Int64(rate.refill))
        if overflow || gain >= full { return full }
        return min(full, level + gain)
    }
}

/// The chat buckets of a show's participants.
struct ChatRates: Sendable {
    private var buckets: [ParticipantID: TokenBucket] = [:]
    private var lastSaid: [ParticipantID: Timestamp] = [:]

    /// Why the participant may not chat now, if she may not; else it counts.
    mutating func refusal(
        of participant: ParticipantID, isStaff: Bool, _ settings: ShowSettings, at now: Timestamp
    ) -> ShowRefusal? {
        if settings.slowModeSeconds > 0, !isStaff, let last = lastSaid[participant] {
            let next = last.adding(seconds: settings.slowModeSeconds)
            if next > now {
                return .slowMode(
                    retryAfterMilliseconds: Int(next.milliseconds - now.milliseconds))
            }
        }
        if settings.chatRate > 0 {
            let capacity = isStaff ? max(100, settings.chatRate) : settings.chatRate
            let rate = Rate(
                capacity: capacity, refill: capacity,
                milliseconds: Int64(settings.chatRateSeconds) * 1000)
            if let wait = buckets[participant, default: TokenBucket()].take(1, rate, at: now) {
                return .rateLimited(retryAfterMilliseconds: wait)
            }
        }
        if settings.slowModeSeconds > 0 { lastSaid[participant] = now }
        return nil
    }
}
