// What a client does, without doing it: join, remember its place in the event log, keep requests until
// they are answered, and after a lost connection come back, resume and repeat them with the same keys.
// Pure: no socket, clock or randomness of its own; each event is one method that says what to do next.
// The console, the load test and JourneyTests drive it; it never looks into `data` beyond hello.

import WireProtocol

/// How a client presents itself in `hello`.
public struct ClientIdentity: Sendable {
    public var show: String
    /// Wins over `name`.
    public var token: String?
    /// A guest's display name.
    public var name: String?

    public init(show: String, token: String? = nil, name: String? = nil) {
        self.show = show
        self.token = token
        self.name = name
    }
}

/// A place in a show's event log.
public struct LogPosition: Hashable, Sendable {
    public var epoch: String
    public var offset: Int64

    public init(epoch: String, offset: Int64) {
        self.epoch = epoch
        self.offset = offset
    }
}

public struct ClientStateMachine: Sendable {
    public enum State: Equatable, Sendable {
        /// A connection is being opened.
        case connecting
        /// `hello` was sent.
        case joining
        case joined
        /// Not connected; connect again at this time.
        case waiting(until: Int64)
        case ended(ClientFailure)
    }

    /// A request that has no answer yet.
    struct Pending: Sendable {
        var id: Int64
        var tag: Int
        var isRepeatable: Bool
        var message: [UInt8]
    }

    /// `hello` has this id on every connection; requests count on from there.
    private static let helloID: Int64 = 1

    public private(set) var state = State.connecting
    /// Known after the first join.
    public private(set) var position: LogPosition?
    public private(set) var identity: ClientIdentity
    private let reconnects: Bool
    private var backoff: Backoff
    private var pending: [Pending] = []
    private var nextID = helloID + 1
    /// The delay the server asked for: of a restart, or of a rate limit.
    private var advisedDelay: Int64?

    /// - Parameter reconnects: whether a lost connection is opened again where its code allows it.
    public init(_ identity: ClientIdentity, reconnects: Bool, seed: UInt64) {
        self.identity = identity
        self.reconnects = reconnects
        backoff = Backoff(seed: seed)
    }

    public var unansweredCount: Int { pending.count }

    // MARK: Connection

    /// The WebSocket is open: send the returned message.
    public mutating func opened() -> [UInt8] {
        state = .joining
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.member("id", ClientStateMachine.helloID)
        writer.member("type", "hello")
        writer.key("data")
        writer.beginObject()
        writer.member("show", identity.show)
        if let token = identity.token {
            writer.member("token", token)
        } else if let name = identity.name {
            writer.member("name", name)
        }
        if let position {
            writer.key("resume")
            writer.beginObject()
            writer.member("epoch", position.epoch)
            writer.member("offset", position.offset)
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    public enum ClosedAction: Equatable, Sendable {
        /// Open a connection again at this time, not before.
        case connect(at: Int64)
        case end(ClientFailure)
    }

    /// The connection ended, or could not be opened. `now` in milliseconds of any clock.
    public mutating func closed(_ ending: ConnectionEnding, at now: Int64) -> ClosedAction {
        if case .ended(let failure) = state { return .end(failure) }
        guard reconnects, mayReconnect(after: ending) else {
            state = .ended(ending.failure)
            return .end(ending.failure)
        }
        let at = now + backoff.nextDelay(advised: advisedDelay)
        advisedDelay = nil
        state = .waiting(until: at)
        return .connect(at: at)
    }

    private func mayReconnect(after ending: ConnectionEnding) -> Bool {
        switch ending {
        case .closed(let code, _): CloseCode.shouldReconnect(code) || code == 1005
        case .lost: true
        case .failed(.unreachable), .failed(.timedOut), .failed(.exhausted): true
        case .failed(.handshake(.refused(let status, _))): status >= 500 || status == 429
        case .failed: false
        }
    }

    /// The wait is over and a connection is being opened.
    public mutating func connecting() { state = .connecting }

    /// Nothing more is wanted; later calls change nothing.
    public mutating func end(_ failure: ClientFailure) { state = .ended(failure) }

    // MARK: Requests

    /// A new request. Returns the message when it is to be sent now; before joining it is kept and
    /// comes with `joined`.
    /// - Parameters:
    ///   - isRepeatable: it carries a `key` or changes nothing, so it is repeated after a reconnect.
    ///   - tag: given back with the answer.
    ///   - data: the JSON object of the request's `data`.
    public mutating func request(
        _ type: String, data: [UInt8], isRepeatable: Bool, tag: Int
    ) -> [UInt8]? {
        var writer = JSONWriter(capacity: data.count + 64)
        writer.beginObject()
        writer.member("id", nextID)
        writer.member("type", type)
        writer.key("data")
        writer.raw(data)
        writer.endObject()
        pending.append(
            Pending(id: nextID, tag: tag, isRepeatable: isRepeatable, message: writer.bytes))
        nextID += 1
        return state == .joined ? writer.bytes : nil
    }

    // MARK: Messages

    /// What came with a successful `hello`.
    public struct Joined: Equatable, Sendable {
        /// False: the reply holds a snapshot of everything.
        public var isResumed: Bool
        /// Whether this was a return after a lost connection.
        public var isReturn: Bool
        /// Where the reply's `data` begins in the message.
        public var data: Int
        /// Requests to send now, oldest first.
        public var resend: [[UInt8]]
        /// Tags of requests that may or may not have been carried out and cannot be repeated safely.
        public var lost: [Int]
    }

    public enum ReceivedAction: Equatable, Sendable {
        case joined(Joined)
        /// `hello` was refused; a close may follow. `error` is where the error object begins.
        case refused(error: Int)
        /// The answer to the request with this tag; `data` is where `data` or `error` begins.
        case answered(tag: Int, isError: Bool, data: Int)
        /// The next event in order.
        case event(MessageGlance)
        case notice(MessageGlance)
        /// An error that belongs to no request.
        case complaint(error: Int)
        /// The server broke the protocol. After a gap the position is that of the event received.
        case fault(Fault)
    }

    public enum Fault: Equatable, Sendable {
        case gap(expected: Int64, received: Int64)
        case unreadable
        case beforeJoining
        case answerToNothing(id: Int64)

        public var message: String {
            switch self {
            case .gap(let expected, let received):
                "event \(received) came where \(expected) was due"
            case .unreadable: "a message without type or data"
            case .beforeJoining: "an event before the reply to hello"
            case .answerToNothing(let id): "an answer to request \(id), which has none to come"
            }
        }
    }

    /// One object of a message from the server.
    public mutating func received(_ object: Span<UInt8>) -> ReceivedAction {
        guard let glance = MessageGlance(object) else { return .fault(.unreadable) }
        switch glance.kind {
        case .event(let offset):
            return event(offset, glance)
        case .notice:
            noteRestart(object, glance)
            guard case .joined = state else { return .fault(.beforeJoining) }
            return .notice(glance)
        case .reply:
            guard let id = glance.id, let data = glance.dataStart(in: object) else {
                return .fault(.unreadable)
            }
            if id == ClientStateMachine.helloID { return joined(object, data) }
            guard let request = take(id) else { return .fault(.answerToNothing(id: id)) }
            return .answered(tag: request.tag, isError: false, data: data)
        case .error:
            guard let data = glance.dataStart(in: object) else { return .fault(.unreadable) }
            noteDelay(object, data)
            guard let id = glance.id else { return .complaint(error: data) }
            if id == ClientStateMachine.helloID { return .refused(error: data) }
            guard let request = take(id) else { return .fault(.answerToNothing(id: id)) }
            return .answered(tag: request.tag, isError: true, data: data)
        }
    }

    /// The offset of the event that is due; nil before joining.
    @inline(__always)
    public var nextOffset: Int64? { position.map { $0.offset &+ 1 } }

    /// An event arrived: whether it is the next in order, and nothing else needs to be done. Cheaper
    /// than `received`, which says what is wrong after a false; it is then called with the object.
    @inline(__always)
    public mutating func isNext(_ offset: Int64) -> Bool {
        guard case .joined = state, let next = position?.offset, offset == next &+ 1 else {
            return false
        }
        position?.offset = offset
        return true
    }

    private mutating func event(_ offset: Int64, _ glance: MessageGlance) -> ReceivedAction {
        guard state == .joined, let expected = position.map({ $0.offset &+ 1 }) else {
            return .fault(.beforeJoining)
        }
        position?.offset = offset
        return offset == expected
            ? .event(glance) : .fault(.gap(expected: expected, received: offset))
    }

    private mutating func joined(_ object: Span<UInt8>, _ data: Int) -> ReceivedAction {
        guard state == .joining,
            let epochAt = JSONSkim.member("epoch", of: data, in: object),
            let epoch = JSONSkim.plainText(at: epochAt, in: object),
            let offsetAt = JSONSkim.member("offset", of: data, in: object),
            let offset = JSONSkim.integer(at: offsetAt, in: object),
            let resumedAt = JSONSkim.member("resumed", of: data, in: object)
        else { return .fault(.unreadable) }
        let isResumed = object[resumedAt] == UInt8(ascii: "t")
        let isReturn = position != nil
        if isResumed {
            guard let position, position.epoch == epoch, position.offset <= offset else {
                return .fault(.gap(expected: position?.offset ?? 0, received: offset))
            }
        } else {
            position = LogPosition(epoch: epoch, offset: offset)
        }
        if let you = JSONSkim.member("you", of: data, in: object),
            let at = JSONSkim.member("token", of: you, in: object),
            let token = JSONSkim.plainText(at: at, in: object)
        {
            identity.token = token
        }
        state = .joined
        backoff.reset()
        let lost = isReturn ? pending.filter { !$0.isRepeatable }.map(\.tag) : []
        if isReturn { pending.removeAll { !$0.isRepeatable } }
        return .joined(
            Joined(
                isResumed: isResumed, isReturn: isReturn, data: data,
                resend: pending.map(\.message), lost: lost))
    }

    private mutating func take(_ id: Int64) -> Pending? {
        guard let index = pending.firstIndex(where: { $0.id == id }) else { return nil }
        return pending.remove(at: index)
    }

    private mutating func noteRestart(_ object: Span<UInt8>, _ glance: MessageGlance) {
        guard JSONSkim.matches(object, glance.type, "server.restarting"),
            let data = glance.dataStart(in: object),
            let at = JSONSkim.member("reconnect_after_ms", of: data, in: object)
        else { return }
        advisedDelay = JSONSkim.integer(at: at, in: object)
    }

    private mutating func noteDelay(_ object: Span<UInt8>, _ error: Int) {
        guard let at = JSONSkim.member("retry_after_ms", of: error, in: object),
            let delay = JSONSkim.integer(at: at, in: object), delay > 0
        else { return }
        advisedDelay = delay
    }
}
