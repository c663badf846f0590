// Once a second: pings, silence, and deadlines. Costs one comparison per connection, and a send for
// those whose turn to be pinged it is; they are spread over the ping interval by their slots.

internal import CLibwebsockets
internal import Lanes
internal import WireProtocol

extension EventLoop {
    func keepAlive(at now: Int64) {
        let present = Int((now - started) / 1000)
        guard present > second else { return }
        let ping = max(1, configuration.pingSeconds)
        let silenceMax = UInt32(ping + configuration.pongSeconds)
        for passed in (second + 1)...present {
            for slot in stride(from: passed % ping, to: slots.capacity, by: ping)
            where slots.lastHeard[slot] != 0 {
                if case .connection(let connection) = slots.endpoint(atSlot: slot) {
                    sendPing(connection)
                }
            }
        }
        second = present
        endDoomed()
        // Readings are whole seconds plus one, so more than the limit apart is at least the limit.
        let reading = UInt32(present + 1)
        for slot in 0..<slots.capacity {
            let last = slots.lastHeard[slot]
            guard last != 0, reading - min(last, reading) > silenceMax,
                case .connection(let connection) = slots.endpoint(atSlot: slot),
                connection.isOpen, !connection.isHeld
            else { continue }
            statistics.closedNoPong += 1
            beginClose(connection, .noPong, reason: "no sign of life")
        }
    }

    /// With a byte in it: libwebsockets keeps empty pongs to itself.
    private static let ping: [UInt8] = [0x89, 0x01, 0x2E]

    private func sendPing(_ connection: Connection) {
        guard connection.isOpen, !connection.isStalled else { return }
        connection.queue(Self.ping)
        sendDirect(connection)
    }

    func expire(at now: Int64) {
        while let id = helloDeadlines.popExpired(at: now) {
            guard let connection = slots.connection(id), connection.isOpen, !connection.hasJoined
            else { continue }
            statistics.closedNoHello += 1
            beginClose(connection, .noHello, reason: "no hello in time")
        }
        while let id = closeDeadlines.popExpired(at: now) {
            if let connection = slots.connection(id) { drop(connection.wsi, abruptly: true) }
        }
        endUndrained(at: now)
        guard exchanges > 0 else { return }
        let isCrowded = counts.sockets * 2 > socketLimits.sockets
        for slot in 0..<slots.capacity {
            guard case .exchange(let exchange) = slots.endpoint(atSlot: slot) else { continue }
            let isLate =
                isCrowded && exchange.isUnfinished
                && now - exchange.since >= TransportLimits.crowdedRequestMilliseconds
            if isLate || exchange.deadline <= now { end(exchange) }
        }
    }
}
