// How often somebody may do something: a bucket that refills evenly.

public import Inventory

/// Starts full; each use takes one; refills `capacity` over a time.
public struct TokenBucket: Sendable {
    /// Uses left, times the milliseconds one of them takes to come back.
    private var level: Int64 = .max
    private var updated: Timestamp = .never

    public init() {}

    /// Takes one. Nil when it was there, else the milliseconds until one is.
    public mutating func take(
        capacity: Int, perMilliseconds interval: Int64, at now: Timestamp
    ) -> Int? {
        let full = Int64(capacity) * interval
        if updated == .never {
            level = full
        } else if now > updated {
            let (gain, overflow) = (now.milliseconds - updated.milliseconds)
                .addingReportingOverflow(level)
            level = overflow ? full : min(full, gain)
        }
        updated = now
        guard level >= interval else { return Int(interval - level) }
        level -= interval
        return nil
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
            let interval = Int64(settings.chatRateSeconds) * 1000 / Int64(capacity)
            if let wait = buckets[participant, default: TokenBucket()].take(
                capacity: capacity, perMilliseconds: max(1, interval), at: now)
            {
                return .rateLimited(retryAfterMilliseconds: wait)
            }
        }
        if settings.slowModeSeconds > 0 { lastSaid[participant] = now }
        return nil
    }
}
