// The request limit: first of all checks, and the same for everything a client sends. A client is told
// when it may go on; one that does not listen is closed.

import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    /// Counts a request. False when it came too fast, and was answered.
    mutating func mayProceed(
        _ id: RequestID?, from connection: ConnectionID, _ member: Session.Membership?,
        at now: Timestamp
    ) -> Bool {
        let settings = configuration.settings
        guard settings.requestRate > 0 else { return true }
        let interval = max(1, 60_000 / Int64(settings.requestRate))
        let wait: Int?
        if let member {
            if !member.identity.capabilities.isDisjoint(with: [.host, .admin]) { return true }
            wait = rooms[member.room].rates[member.participant.index].take(
                capacity: settings.requestBurst, perMilliseconds: interval, at: now)
        } else {
            wait = sessions[connection]?.rate.take(
                capacity: settings.requestBurst, perMilliseconds: interval, at: now)
        }
        guard let wait else { return true }
        limit(connection, id, retryAfter: wait, at: now)
        return false
    }

    private mutating func limit(
        _ connection: ConnectionID, _ id: RequestID?, retryAfter wait: Int, at now: Timestamp
    ) {
        let before = sessions[connection]?.limited
        // A second without excess ends an episode.
        let goesOn = before.map { now.milliseconds - $0.last.milliseconds <= 1000 } ?? false
        let since = goesOn ? before?.since ?? now : now
        sessions[connection]?.limited = (since, now)
        // Without an id one warning per episode is enough: a message of junk must not be echoed line by
        // line.
        if id != nil || !goesOn {
            send(
                Refusal(.rateLimited, "too many requests", retryAfterMilliseconds: wait), to: id,
                on: connection)
        }
        if now.milliseconds - since.milliseconds >= limitedMillisecondsMax {
            close(connection, .tooManyRequests, "too many requests")
        }
    }
}
