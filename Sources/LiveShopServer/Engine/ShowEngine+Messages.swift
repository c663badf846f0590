// From a message to its requests: counted first, then parsed. What is over the limit is not parsed: its
// sender is told, and the rest of the message is dropped.

import Inventory
import LiveSession
import WireProtocol

/// What a message costs its sender: a request for each line, or for each kilobyte begun if that is more.
struct MessageToll {
    private let start: Int
    private var paid = 0

    init(_ range: Range<Int>) { start = range.lowerBound }

    /// The requests that are to be paid before the bytes up to here are looked at.
    mutating func price(upTo end: Int) -> Int {
        let kilobytes = (end - start + bytesPerRequest - 1) / bytesPerRequest
        let price = max(1, kilobytes - paid)
        paid += price
        return price
    }
}

extension ShowEngine {
    mutating func handle(
        message bytes: [UInt8], _ range: Range<Int>, from connection: ConnectionID,
        at now: Timestamp
    ) {
        var toll = MessageToll(range)
        var isEmpty = true
        for line in MessageSplitter(bytes, in: range) {
            isEmpty = false
            guard let state = sessions.state(of: connection) else { return }
            var member: Session.Membership?
            if case .joined(let joined) = state { member = joined }
            if case .closing = state { return }
            if let wait = take(toll.price(upTo: line.upperBound), from: connection, member, at: now)
            {
                return limit(
                    bytes, line.lowerBound..<range.upperBound, from: connection, retryAfter: wait,
                    at: now)
            }
            if case .admitting(let hello, let id, let pending) = state {
                holdBack(bytes[line], behind: hello, id, pending, connection)
            } else {
                handle(decoder.decode(bytes, in: line), from: connection, member, at: now)
            }
        }
        if isEmpty { refuseEmptyMessage(range, from: connection, at: now) }
    }

    private mutating func refuseEmptyMessage(
        _ range: Range<Int>, from connection: ConnectionID, at now: Timestamp
    ) {
        var toll = MessageToll(range)
        var member: Session.Membership?
        guard let state = sessions.state(of: connection) else { return }
        if case .joined(let joined) = state { member = joined }
        if case .closing = state { return }
        if let wait = take(toll.price(upTo: range.upperBound), from: connection, member, at: now) {
            return limit([], 0..<0, from: connection, retryAfter: wait, at: now)
        }
        if case .admitting(let hello, let id, let pending) = state {
            return holdBack([], behind: hello, id, pending, connection)
        }
        send(Refusal(.badJSON, "empty message"), to: nil, on: connection)
    }

    /// What follows a hello waits until it is decided.
    private mutating func holdBack(
        _ message: ArraySlice<UInt8>, behind hello: Hello, _ id: RequestID?,
        _ pending: [[UInt8]], _ connection: ConnectionID
    ) {
        guard pending.count < pendingMessagesMax else {
            return close(connection, .tooManyRequests, "too many requests before hello")
        }
        setState(.admitting(hello, id, pending: pending + [Array(message)]), of: connection)
    }

    mutating func send(_ refusal: Refusal, to id: RequestID?, on connection: ConnectionID) {
        refusals.removeAll()
        WireMapping.write(refusal, to: id, &refusals)
        deliveries.send(refusals, to: connection)
    }

    // MARK: The request limit

    /// Counts requests, before anything is known of them but their length. Nil when they are within the
    /// limits, else the milliseconds until they would be.
    private mutating func take(
        _ count: Int, from connection: ConnectionID, _ member: Session.Membership?,
        at now: Timestamp
    ) -> Int? {
        guard let member else { return takeBeforeHello(count, from: connection, at: now) }
        return take(count, of: member, at: now)
    }

    mutating func take(
        _ count: Int, of member: Session.Membership, at now: Timestamp
    ) -> Int? {
        guard member.isCounted else { return nil }
        if configuration.settings.requestRate > 0,
            let wait = rooms[member.room].rates[member.participant.index].take(
                count, requestLimit, at: now)
        {
            return wait
        }
        guard let place = member.countedAddress else { return nil }
        return addresses[place].requests.take(count, addresses[place].limits.requests, at: now)
    }

    /// The first request of a connection is its own; what else strangers ask counts for their address.
    private mutating func takeBeforeHello(
        _ count: Int, from connection: ConnectionID, at now: Timestamp
    ) -> Int? {
        if configuration.settings.requestRate > 0,
            let wait = sessions.takeRequests(count, of: connection, requestLimit, at: now)
        {
            return wait
        }
        guard let place = sessions.addressOfStranger(connection),
            addresses[place].limits.requestRate > 0
        else { return nil }
        return addresses[place].requests.take(count, addresses[place].limits.requests, at: now)
    }

    /// Refuses what came too fast: the requests from here to the end of the message, of which the first
    /// few are answered, and nothing is parsed.
    private mutating func limit(
        _ bytes: [UInt8], _ rest: Range<Int>, from connection: ConnectionID,
        retryAfter wait: Int, at now: Timestamp
    ) {
        let before = sessions[connection]?.limited
        // A second without excess ends an episode.
        let goesOn = before.map { now.milliseconds - $0.last.milliseconds <= 1000 } ?? false
        let since = goesOn ? before?.since ?? now : now
        sessions[connection]?.limited = (since, now)
        let refusal = Refusal(.rateLimited, "too many requests", retryAfterMilliseconds: wait)
        var isTold = goesOn
        for line in MessageSplitter(bytes, in: rest).prefix(refusedPerMessage) {
            let id = RequestID(skimming: bytes, in: line)
            // Without an id one warning per episode is enough: a message of junk must not be echoed
            // line by line.
            if id != nil || !isTold { send(refusal, to: id, on: connection) }
            isTold = true
        }
        if !isTold { send(refusal, to: nil, on: connection) }
        if now.milliseconds - since.milliseconds >= limitedMillisecondsMax {
            close(connection, .tooManyRequests, "too many requests")
        }
    }

    private var requestLimit: Rate {
        Rate(
            capacity: configuration.settings.requestBurst,
            refill: configuration.settings.requestRate, milliseconds: 60_000)
    }
}

/// A message of more bytes counts as more requests: they cost the server about as much.
private let bytesPerRequest = 1024
/// Requests of one message that are told that they came too fast; the rest is dropped.
private let refusedPerMessage = 32
