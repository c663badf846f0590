// A transport on a port of its own whose owner is the test: what comes in waits in a mailbox until the
// test asks for it, what goes out is what the test says. Stops when it goes.

import Glibc
import Lanes
import Testing
import WebSocketTransport
import WireProtocol

final class TestServer {
    let transport: Transport
    let port: Int
    private let lines: Lock<[String]>
    private let inbox: Mailbox<InboundBatch>
    private var waiting: [Event] = []

    enum Event: Equatable {
        case opened(ConnectionID, address: String)
        case message(ConnectionID, String)
        case drained(ConnectionID)
        case closed(ConnectionID)
        case request(ConnectionID, method: String, path: String, query: String)
    }

    /// The last HTTP request that was asked for, whole.
    private(set) var lastRequest: HTTPRequest?

    init(
        refusingWhile isFull: Lock<Bool> = Lock(false),
        _ configure: (inout TransportConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = TransportConfiguration()
        configuration.port = 0
        // Tests come by the hundred, all from one address.
        configuration.joinsPerSecondPerAddressMax = 1_000_000
        configuration.bodyRule = { _ in .upTo(16 << 20) }
        configure(&configuration)
        let lines = Lock<[String]>([])
        self.lines = lines
        let transport = Transport(configuration: configuration) { line in
            lines.withLock { $0.append(line.message) }
        }
        let inbox = Mailbox<InboundBatch>(capacity: 1_000_000)
        self.inbox = inbox
        self.transport = transport
        port = try transport.start { batch in
            !isFull.withLock { $0 } && inbox.offer(batch)
        }.port
    }

    deinit { transport.stop(closing: .goingAway, within: 0) }

    /// What the transport told its operator so far.
    var logged: [String] { lines.withLock { $0 } }

    func client(_ changes: [String: String?] = [:]) -> RawClient {
        let client = RawClient(port: port)
        #expect(client.open(changes)?.status == 101)
        return client
    }

    /// A connected client and the identifier the server has for it.
    func pair() throws -> (client: RawClient, id: ConnectionID) {
        let client = client()
        guard case .opened(let id, _) = try #require(next()) else {
            throw Surprise(what: "something else than an opened connection")
        }
        return (client, id)
    }

    /// Whether the figures become so, within ten seconds: they are a turn of a loop old.
    func counts(_ areRight: (TransportStatistics) -> Bool) -> Bool {
        let deadline = Clock.monotonic() + 10_000
        while !areRight(transport.statistics()) {
            if Clock.monotonic() > deadline { return false }
            sched_yield()
        }
        return true
    }

    struct Surprise: Error { let what: String }

    /// The next thing that came in; nil after ten seconds.
    func next() -> Event? {
        let deadline = Clock.monotonic() + 10_000
        while waiting.isEmpty {
            var batches: [InboundBatch] = []
            guard inbox.drain(into: &batches, waitingUntil: deadline), !batches.isEmpty else {
                return nil
            }
            for batch in batches { waiting += batch.events.map { event($0, batch) } }
        }
        return waiting.removeFirst()
    }

    private func event(_ event: InboundBatch.Event, _ batch: InboundBatch) -> Event {
        switch event {
        case .opened(let id, let address): return .opened(id, address: address)
        case .message(let id, let range):
            return .message(id, String(decoding: batch.bytes[range], as: UTF8.self))
        case .drained(let id): return .drained(id)
        case .closed(let id): return .closed(id)
        case .request(let id, let request):
            lastRequest = request
            return .request(
                id, method: request.method.rawValue, path: request.path, query: request.query)
        }
    }

    func nextMessage() -> String? {
        while let event = next() {
            if case .message(_, let text) = event { return text }
        }
        return nil
    }

    func deliver(_ build: (inout DeliveryBatch) -> Void) {
        var batch = DeliveryBatch()
        build(&batch)
        transport.deliver(batch)
    }
}

extension DeliveryBatch {
    mutating func send(_ text: String, to id: ConnectionID) { send(Array(text.utf8), to: id) }

    mutating func broadcast(_ text: String, to room: RoomID, _ urgency: Urgency = .prompt) {
        broadcast(Array(text.utf8), to: room, urgency)
    }
}

let room = RoomID(rawValue: 1)
