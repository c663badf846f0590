// The values that pass between the lanes: what the event loops tell the sequencer (InboundBatch) and
// what the sequencer tells the event loops (DeliveryBatch). Both carry many messages in one buffer, so
// that a thousand claims cost two allocations and not two thousand. Pure values; no sockets here.

/// One WebSocket connection or one HTTP exchange: the event loop that owns it, its place there and a
/// generation, so that a late message for a closed connection never reaches its successor.
public struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public init(loop: Int, slot: Int, generation: UInt32) {
        rawValue =
            UInt64(UInt8(loop)) << 56 | UInt64(UInt32(slot) & 0xFF_FFFF) << 32 | UInt64(generation)
    }

    public var loop: Int { Int(rawValue >> 56) }
    public var slot: Int { Int(rawValue >> 32 & 0xFF_FFFF) }
    public var description: String { "c\(rawValue)" }
}

/// A group of connections that receive the same broadcasts: the audience of one show.
public struct RoomID: Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// How soon a broadcast has to leave.
public enum Urgency: Sendable {
    /// Starts a sweep over the room.
    case prompt
    /// Rides along with the next sweep (chat, counts, reactions).
    case relaxed
}

/// What happened at one event loop since it last reported, in order.
public struct InboundBatch: Sendable {
    public enum Event: Sendable {
        /// A WebSocket handshake was completed. `address` is the peer's, without port.
        case opened(ConnectionID, address: String)
        /// A whole text message, valid UTF-8: the bytes of `range` in the batch.
        case message(ConnectionID, Range<Int>)
        /// What was sent until `reportDrained` has gone to the socket.
        case drained(ConnectionID)
        /// The connection is gone; nothing more will come from it or reach it.
        case closed(ConnectionID)
        /// An HTTP request that wants a `respond` operation.
        case request(ConnectionID, HTTPRequest)
    }

    public var bytes: [UInt8]
    public var events: [Event]

    public init() {
        bytes = []
        events = []
    }

    public var isEmpty: Bool { events.isEmpty }

    /// Adds a message, copying its bytes.
    @inlinable
    public mutating func append(
        message: some Collection<UInt8>, from connection: ConnectionID
    ) {
        let start = bytes.count
        bytes.append(contentsOf: message)
        events.append(.message(connection, start..<bytes.count))
    }
}

/// A plain HTTP request, its body already collected.
public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET", head = "HEAD", post = "POST", put = "PUT", patch = "PATCH", delete =
            "DELETE", options = "OPTIONS"
    }

    public var method: Method
    /// The path without the query, percent-encoded (by the transport, whatever the client escaped).
    public var path: String
    /// The query without `?`, percent-encoded likewise; empty when there is none.
    public var query: String
    /// Header names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]
    public var address: String
    /// Where the client reached the server, as a WebSocket's scheme and host: `wss://shop.example`. Nil
    /// when the request does not tell, or tells what is of no use to this client.
    public var reachedAt: String?

    public init(
        method: Method, path: String, query: String = "", headers: [String: String] = [:],
        body: [UInt8] = [], address: String = "", reachedAt: String? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.address = address
        self.reachedAt = reachedAt
    }
}

public struct HTTPResponse: Sendable {
    public var status: Int
    /// Besides Content-Length and Connection, which the transport writes.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// What the event loops are to do, in order. One batch per commit, given unchanged to every loop; a
/// loop skips what concerns the connections of others. Bytes are ready WebSocket frames.
public struct DeliveryBatch: Sendable {
    public enum Operation: Sendable {
        /// Send a frame to one connection, at once.
        case send(ConnectionID, Range<Int>)
        /// Send frames that other connections are sent, too. They are not copied, neither here nor at
        /// the loop: a connection that takes them slowly has a place in them and no more.
        case sendShared(ConnectionID, [UInt8])
        /// Tell, by `drained`, when the socket has taken what was sent to the connection so far.
        case reportDrained(ConnectionID)
        /// From here on the connection receives the room's broadcasts. It also meets the hello
        /// deadline, and what is queued for it by then, the snapshot, does not count against the send
        /// limit: so it belongs in the same batch as the answer to `hello`, after it.
        case join(ConnectionID, RoomID)
        /// Send a frame to everybody in the room.
        case broadcast(RoomID, Range<Int>, Urgency)
        /// Close with a code, after what was sent to the connection before.
        case close(ConnectionID, CloseCode, reason: String)
        case respond(ConnectionID, HTTPResponse)
    }

    public private(set) var bytes: [UInt8] = []
    public private(set) var operations: [Operation] = []

    public init() {}

    /// With room for as much as another one has: one batch is about as long as the last.
    public init(like other: DeliveryBatch) {
        bytes.reserveCapacity(other.bytes.count)
        operations.reserveCapacity(other.operations.count)
    }

    public var isEmpty: Bool { operations.isEmpty }

    /// Sends one text message, given as its payload.
    public mutating func send(_ payload: [UInt8], to connection: ConnectionID) {
        let range = frame(payload)
        operations.append(.send(connection, range))
    }

    /// The same, as it was written.
    public mutating func send(_ payload: borrowing JSONWriter, to connection: ConnectionID) {
        let range = frame(payload.written)
        operations.append(.send(connection, range))
    }

    /// Begins a text message that goes on with shared frames and ends with `send(last:to:)`.
    public mutating func send(first payload: borrowing JSONWriter, to connection: ConnectionID) {
        operations.append(.send(connection, frame(payload.written, .textBegins)))
    }

    /// Ends a message that `send(first:to:)` began.
    public mutating func send(last payload: borrowing JSONWriter, to connection: ConnectionID) {
        operations.append(.send(connection, frame(payload.written, .lastContinuation)))
    }

    public mutating func sendShared(_ frames: [UInt8], to connection: ConnectionID) {
        operations.append(.sendShared(connection, frames))
    }

    public mutating func reportDrained(_ connection: ConnectionID) {
        operations.append(.reportDrained(connection))
    }

    public mutating func broadcast(
        _ payload: [UInt8], to room: RoomID, _ urgency: Urgency
    ) {
        let range = frame(payload)
        operations.append(.broadcast(room, range, urgency))
    }

    public mutating func join(_ connection: ConnectionID, _ room: RoomID) {
        operations.append(.join(connection, room))
    }

    public mutating func close(_ connection: ConnectionID, _ code: CloseCode, reason: String) {
        operations.append(.close(connection, code, reason: reason))
    }

    public mutating func respond(_ response: HTTPResponse, to exchange: ConnectionID) {
        operations.append(.respond(exchange, response))
    }

    /// Forgets everything and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        operations.removeAll(keepingCapacity: true)
    }

    private mutating func frame(
        _ payload: some Collection<UInt8>, _ kind: Frame.Kind = .text
    ) -> Range<Int> {
        let start = bytes.count
        Frame.appendHeader(kind, length: payload.count, to: &bytes)
        bytes.append(contentsOf: payload)
        return start..<bytes.count
    }
}
