// One connection to a show for programs that do one thing after another: the host's console in script
// mode, commands, tests. Not for many connections (ClientLoop) and not shared between threads. Each
// call turns the loop until it has its answer; a lost connection is opened again meanwhile.

import WireProtocol

public final class LiveShopConnection {
    public struct Options: Sendable {
        public var server: ServerAddress
        public var identity: ClientIdentity
        /// Whether a lost connection is opened again, resumed, and unanswered requests repeated.
        public var reconnects = true
        /// How long to wait for an answer, reconnecting included.
        public var timeoutSeconds = 30.0
        public var seed: UInt64

        public init(
            server: ServerAddress, identity: ClientIdentity,
            seed: UInt64 = UInt64.random(in: 0...UInt64.max)
        ) {
            self.server = server
            self.identity = identity
            self.seed = seed
        }
    }

    /// What arrived without being asked for.
    public enum Incoming: Sendable {
        /// An event or a notice, as its JSON object.
        case message([UInt8])
        /// The connection broke; it will be opened again.
        case disconnected(ClientFailure)
        /// It is back; `isResumed` false means that the snapshot in `data` replaces everything.
        case reconnected(isResumed: Bool, data: [UInt8])
        /// The answer to a request that was posted with this tag.
        case answered(tag: Int, Result<[UInt8], ClientFailure>)
    }

    /// The oldest are dropped beyond this many messages that nobody took.
    public static let incomingMax = 10_000

    private let options: Options
    private let loop: ClientLoop
    private let owner: Owner

    /// Finds the server; `join` does the rest.
    public init(_ options: Options) throws(ClientFailure) {
        self.options = options
        let endpoint = try Endpoint.reachable(options.server, seconds: options.timeoutSeconds)
        loop = try ClientLoop(
            endpoint, authority: options.server.authority, seed: options.seed)
        owner = Owner(
            ClientStateMachine(
                options.identity, reconnects: options.reconnects, seed: options.seed))
    }

    /// Connects and joins the show; returns the `data` of the reply to `hello`.
    public func join() throws(ClientFailure) -> [UInt8] {
        loop.connect(0)
        try turn(waitingFor: "answer to hello") { owner.hello != nil }
        return owner.hello ?? []
    }

    /// Sends a request and waits for its answer.
    /// - Parameters:
    ///   - data: a JSON object.
    ///   - isRepeatable: see `ClientStateMachine.request`.
    /// - Returns: the `data` of the reply, a JSON object.
    public func request(
        _ type: String, data: [UInt8], isRepeatable: Bool
    ) throws(ClientFailure) -> [UInt8] {
        owner.answer = nil
        if let message = owner.machine.request(
            type, data: data, isRepeatable: isRepeatable, tag: 0)
        {
            loop.send(message.span, on: 0)
        }
        try turn(waitingFor: "answer to \(type)") { owner.answer != nil }
        switch owner.answer {
        case .success(let data): return data
        case .failure(let failure): throw failure
        case nil: throw .timedOut(what: "answer to \(type)")
        }
    }

    /// Sends a request and does not wait: its answer comes from `next`, as `answered` with the tag.
    /// - Parameter tag: not 0. For the others see `request`.
    public func post(_ type: String, data: [UInt8], isRepeatable: Bool, tag: Int) {
        precondition(tag != 0, "tag 0 belongs to the requests that are waited for")
        if let message = owner.machine.request(
            type, data: data, isRepeatable: isRepeatable, tag: tag)
        {
            loop.send(message.span, on: 0)
        }
    }

    /// The next thing that arrived unasked, waiting up to `seconds` for it; nil when nothing did. Throws
    /// when the connection is gone for good.
    public func next(seconds: Double) throws(ClientFailure) -> Incoming? {
        do throws(ClientFailure) {
            try turn(waitingFor: "message", seconds: seconds) { !owner.incoming.isEmpty }
        } catch {
            guard case .ended = owner.machine.state else { return nil }
            throw error
        }
        return owner.incoming.isEmpty ? nil : owner.incoming.removeFirst()
    }

    public var position: LogPosition? { owner.machine.position }
    /// What was joined with; a guest's token is in it after joining.
    public var identity: ClientIdentity { owner.machine.identity }

    /// Says goodbye. The connection cannot be used afterwards.
    public func close() {
        owner.machine.end(.closed(code: 1000, reason: "closed here"))
        loop.close(0)
        for _ in 0..<3 { loop.turn(milliseconds: 20, owner) }
    }

    private func turn(
        waitingFor what: String, seconds: Double? = nil, until isDone: () -> Bool
    ) throws(ClientFailure) {
        let limit = seconds ?? options.timeoutSeconds
        let end = monotonicNanoseconds() + Int64(max(0, min(limit, 1e6)) * 1e9)
        while !isDone() {
            if case .ended(let failure) = owner.machine.state {
                throw owner.refusal ?? failure
            }
            let now = monotonicNanoseconds()
            if case .waiting(let until) = owner.machine.state, now / 1_000_000 >= until {
                owner.machine.connecting()
                loop.connect(0)
            }
            let left = end - now
            guard left > 0 else {
                // Closing codes say more than "no answer", and a refused hello even more.
                throw owner.refusal ?? owner.lastFailure ?? .timedOut(what: what)
            }
            loop.turn(milliseconds: Int32(min(left / 1_000_000 + 1, 50)), owner)
        }
    }

    /// The loop's owner; apart, so that the connection itself does not show the callbacks.
    private final class Owner: ClientLoopOwner {
        var machine: ClientStateMachine
        var hello: [UInt8]?
        var answer: Result<[UInt8], ClientFailure>?
        var refusal: ClientFailure?
        var lastFailure: ClientFailure?
        var incoming: [Incoming] = []

        init(_ machine: ClientStateMachine) { self.machine = machine }

        func opened(_ slot: Int, in loop: ClientLoop) {
            loop.send(machine.opened().span, on: slot)
        }

        func ended(_ slot: Int, _ ending: ConnectionEnding, in loop: ClientLoop) {
            lastFailure = ending.failure
            switch machine.closed(ending, at: monotonicNanoseconds() / 1_000_000) {
            case .connect: if hello != nil { push(.disconnected(ending.failure)) }
            case .end: break
            }
        }

        func received(_ message: Span<UInt8>, on slot: Int, in loop: ClientLoop) {
            forEachObject(in: message) { object in take(object, slot, loop) }
        }

        private func take(_ object: Span<UInt8>, _ slot: Int, _ loop: ClientLoop) {
            switch machine.received(object) {
            case .joined(let joined):
                let data = value(joined.data, object)
                for message in joined.resend { loop.send(message.span, on: slot) }
                for tag in joined.lost {
                    let reason = "the request may or may not have happened"
                    settle(tag, .failure(.closed(code: 1006, reason: reason)))
                }
                lastFailure = nil
                if hello != nil {
                    push(.reconnected(isResumed: joined.isResumed, data: data))
                }
                hello = data
            case .refused(let error):
                let failure = refused(error, object)
                refusal = failure
                machine.end(failure)
            case .answered(let tag, let isError, let data):
                settle(
                    tag, isError ? .failure(refused(data, object)) : .success(value(data, object)))
            case .event, .notice:
                push(.message(Array(object)))
            case .complaint(let error):
                lastFailure = refused(error, object)
            case .fault(let fault):
                machine.end(.violation(fault.message))
            }
        }

        private func settle(_ tag: Int, _ result: Result<[UInt8], ClientFailure>) {
            if tag == 0 { answer = result } else { push(.answered(tag: tag, result)) }
        }

        private func push(_ item: Incoming) {
            if incoming.count >= LiveShopConnection.incomingMax {
                incoming.removeFirst(incoming.count / 2)
            }
            incoming.append(item)
        }

        private func value(_ start: Int, _ object: Span<UInt8>) -> [UInt8] {
            let end = JSONSkim.skipValue(object, start) ?? object.count
            return Array(object.extracting(start..<max(start, end)))
        }

        private func refused(_ start: Int, _ object: Span<UInt8>) -> ClientFailure {
            guard let document = try? JSONDocument(parsing: value(start, object)) else {
                return .violation("an error that is not JSON")
            }
            func text(_ name: StaticString) -> String? {
                document.member(document.root, name).flatMap(document.string)
            }
            var numbers: [String: Int64] = [:]
            for (name, value) in document.members(document.root) {
                guard let name = document.string(name) else { continue }
                numbers[name] = document.integer(value)
            }
            return .refused(
                code: text("code") ?? "internal", message: text("message") ?? "",
                numbers: numbers)
        }
    }
}
