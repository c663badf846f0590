// Many WebSocket connections on one thread. The owner calls `turn` in a loop on a thread of its own and
// hears of everything on that thread; nothing here is shared, so nothing is locked. Used by the load
// test with thousands of connections and by LiveShopConnection with one. It knows bytes and frames,
// never what a message means; reconnecting is the owner's decision.

/// How a connection ended.
public enum ConnectionEnding: Equatable, Sendable {
    case failed(ClientFailure)
    /// A close frame came, or was asked for here.
    case closed(code: UInt16, reason: String)
    /// TCP ended without a close frame.
    case lost(reason: String)

    /// The WebSocket close code; 1006 when there was none (RFC 6455 §7.1.5).
    public var code: UInt16 {
        if case .closed(let code, _) = self { code } else { 1006 }
    }

    public var failure: ClientFailure {
        switch self {
        case .failed(let failure): failure
        case .closed(let code, let reason): .closed(code: code, reason: reason)
        case .lost(let reason): .closed(code: 1006, reason: reason)
        }
    }
}

/// Who uses a `ClientLoop`. All calls come from within `turn` on its thread. The owner may call `send`,
/// `connect` and `close` from inside.
public protocol ClientLoopOwner: AnyObject {
    /// The WebSocket is open; requests may be sent.
    func opened(_ slot: Int, in loop: ClientLoop)
    /// One whole text message; the span is valid during the call only.
    func received(_ message: Span<UInt8>, on slot: Int, in loop: ClientLoop)
    /// The slot is free for another `connect`.
    func ended(_ slot: Int, _ ending: ConnectionEnding, in loop: ClientLoop)
}

public final class ClientLoop {
    /// An opening handshake that takes longer is given up.
    public static let openingSecondsMax: Int64 = 30
    /// How long TCP may outlive the close frames.
    private static let lingerNanoseconds: Int64 = 2_000_000_000
    private static let receiveBytes = 1 << 18

    private enum Phase { case connecting, handshaking, open, lingering }

    private final class Connection {
        let descriptor: Int32
        let slot: Int
        let handshake: WebSocketHandshake
        var phase = Phase.connecting
        var deadline: Int64
        var head: [UInt8] = []
        var reader = FrameReader()
        var outgoing: [UInt8] = []
        var outgoingStart = 0
        var awaitsWriting = false
        var isDirty = false

        init(_ descriptor: Int32, slot: Int, handshake: WebSocketHandshake, deadline: Int64) {
            self.descriptor = descriptor
            self.slot = slot
            self.handshake = handshake
            self.deadline = deadline
        }
    }

    private let endpoint: Endpoint
    private let authority: String
    private var poller: Poller
    private var random: SeededRandom
    private var slots: [Connection?] = []
    private var byDescriptor: [Connection?] = []
    private var ready: [Poller.Ready] = []
    private var dirty: [Connection] = []
    /// Closed at the end of the turn, so that a descriptor is never reused while events wait for it.
    private var toClose: [Int32] = []
    private var failedAtOnce: [(slot: Int, ending: ConnectionEnding)] = []
    private var buffer = [UInt8](repeating: 0, count: receiveBytes)
    private var nextSweep: Int64 = 0
    /// Connections that are being opened.
    public private(set) var opening = 0
    /// Sockets that are open, also those that only wait for the server to end TCP.
    public private(set) var connections = 0

    /// - Parameter seed: for nonces and masks; they need not be secret here.
    public init(_ endpoint: Endpoint, authority: String, seed: UInt64) throws(ClientFailure) {
        self.endpoint = endpoint
        self.authority = authority
        random = SeededRandom(seed: seed)
        poller = try Poller()
    }

    deinit {
        for connection in byDescriptor { if let connection { Socket.close(connection.descriptor) } }
    }

    /// Opens a connection as `slot`, a small number of the owner's choice that is not in use. The
    /// owner hears `opened` or `ended` in a later turn.
    public func connect(_ slot: Int, from source: Endpoint? = nil) {
        while slots.count <= slot { slots.append(nil) }
        var nonce: [UInt8] = []
        for _ in 0..<2 {
            withUnsafeBytes(of: random.next()) { nonce.append(contentsOf: $0) }
        }
        let handshake = WebSocketHandshake(
            authority: authority, path: ServerAddress.socketPath, nonce: nonce)
        do throws(SocketError) {
            let descriptor = try Socket.connect(to: endpoint, from: source)
            let connection = Connection(
                descriptor, slot: slot, handshake: handshake,
                deadline: monotonicNanoseconds() + ClientLoop.openingSecondsMax * 1_000_000_000)
            while byDescriptor.count <= Int(descriptor) { byDescriptor.append(nil) }
            byDescriptor[Int(descriptor)] = connection
            slots[slot] = connection
            opening += 1
            connections += 1
            poller.add(descriptor, reading: false, writing: true)
        } catch {
            failedAtOnce.append((slot, .failed(failure(error))))
        }
    }

    /// Queues a text message; it leaves at the end of the turn. Without an open connection the message
    /// is dropped: the owner hears of the end and repeats what matters.
    public func send(_ message: Span<UInt8>, on slot: Int) {
        guard let connection = open(slot) else { return }
        ClientFrame.appendText(message, mask: mask(), to: &connection.outgoing)
        markDirty(connection)
    }

    /// Says goodbye with a close frame; `ended` follows in this or a later turn.
    public func close(_ slot: Int, code: UInt16 = 1000) {
        guard slots.indices.contains(slot), let connection = slots[slot] else { return }
        guard connection.phase == .open else {
            retire(connection, .closed(code: code, reason: "closed here"))
            return
        }
        ClientFrame.appendClose(code: code, mask: mask(), to: &connection.outgoing)
        markDirty(connection)
        linger(connection)
        failedAtOnce.append((slot, .closed(code: code, reason: "closed here")))
    }

    /// Cuts the connection as a broken network would, without a close frame.
    public func cut(_ slot: Int) {
        guard slots.indices.contains(slot), let connection = slots[slot] else { return }
        retire(connection, .lost(reason: "cut here"))
    }

    /// Waits up to `milliseconds` for something to happen and does it.
    public func turn(milliseconds: Int32, _ owner: some ClientLoopOwner) {
        turn(nanoseconds: Int64(milliseconds) * 1_000_000, owner)
    }

    /// The same for those who keep a schedule.
    public func turn(nanoseconds: Int64, _ owner: some ClientLoopOwner) {
        flush(owner)
        poller.wait(nanoseconds: failedAtOnce.isEmpty ? max(0, nanoseconds) : 0, into: &ready)
        for event in ready {
            guard byDescriptor.indices.contains(Int(event.descriptor)),
                let connection = byDescriptor[Int(event.descriptor)]
            else { continue }
            if event.isWritable { becameWritable(connection) }
            if event.isReadable { becameReadable(connection, owner) }
        }
        sweep()
        flush(owner)
    }

    // MARK: Opening

    private func becameWritable(_ connection: Connection) {
        guard connection.phase == .connecting else {
            markDirty(connection)
            return
        }
        let code = Socket.pendingError(connection.descriptor)
        guard code == 0 else {
            retire(connection, .failed(failure(SocketError(call: "connect", code: code))))
            return
        }
        connection.phase = .handshaking
        connection.outgoing = connection.handshake.request
        poller.change(connection.descriptor, reading: true, writing: false)
        markDirty(connection)
    }

    /// Returns where frames begin in the bytes just received, or nil while the head is incomplete.
    private func readHead(
        _ connection: Connection, _ count: Int, _ received: [UInt8]
    ) -> [UInt8]? {
        connection.head.append(contentsOf: received[..<count])
        do throws(HandshakeFailure) {
            guard let used = try connection.handshake.check(connection.head) else { return nil }
            let rest = Array(connection.head[used...])
            connection.head = []
            connection.phase = .open
            opening -= 1
            return rest
        } catch {
            retire(connection, .failed(.handshake(error)))
            return nil
        }
    }

    // MARK: Reading

    private func becameReadable(_ connection: Connection, _ owner: some ClientLoopOwner) {
        var received: [UInt8] = []
        swap(&received, &buffer)
        defer { swap(&received, &buffer) }
        // A few reads per turn, so that one busy connection does not starve the others.
        for _ in 0..<4 {
            guard byDescriptor[Int(connection.descriptor)] === connection else { return }
            switch Socket.receive(connection.descriptor, into: &received) {
            case .wouldBlock:
                return
            case .ended(let code):
                let reason =
                    code == 0 ? "end of stream" : SocketError(call: "recv", code: code).message
                retire(connection, .lost(reason: reason))
                return
            case .bytes(let count):
                switch connection.phase {
                case .connecting, .lingering:
                    break
                case .handshaking:
                    guard let rest = readHead(connection, count, received) else { break }
                    owner.opened(connection.slot, in: self)
                    readFrames(connection, rest.span, owner)
                case .open:
                    readFrames(connection, received.span.extracting(0..<count), owner)
                }
                if count < received.count { return }
            }
        }
    }

    private func readFrames(
        _ connection: Connection, _ bytes: Span<UInt8>, _ owner: some ClientLoopOwner
    ) {
        var ending: ConnectionEnding?
        do throws(FramingError) {
            try connection.reader.read(bytes) { kind, payload in
                switch kind {
                case .text:
                    owner.received(payload, on: connection.slot, in: self)
                case .ping:
                    ClientFrame.appendPong(payload, mask: mask(), to: &connection.outgoing)
                    markDirty(connection)
                case .pong:
                    break
                case .binary:
                    ending = .failed(.violation("a binary message"))
                case .close(let code):
                    let reason = printable(
                        String(decoding: Array(payload), as: UTF8.self), limit: 125)
                    ending = .closed(code: code, reason: reason)
                }
                return ending == nil && connection.phase == .open
            }
        } catch {
            ending = .failed(.framing(error))
        }
        guard let ending, connection.phase == .open else { return }
        ClientFrame.appendClose(
            code: ending.code == 1006 || ending.code == 1005 ? 1002 : ending.code, mask: mask(),
            to: &connection.outgoing)
        markDirty(connection)
        linger(connection)
        failedAtOnce.append((connection.slot, ending))
    }

    // MARK: Writing

    private func markDirty(_ connection: Connection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        dirty.append(connection)
    }

    private func flush(_ owner: some ClientLoopOwner) {
        // Telling the owner of an end may make it send or connect, hence the loop.
        while !dirty.isEmpty || !failedAtOnce.isEmpty {
            let writing = dirty
            dirty.removeAll(keepingCapacity: true)
            for connection in writing {
                connection.isDirty = false
                write(connection)
            }
            let ends = failedAtOnce
            failedAtOnce.removeAll(keepingCapacity: true)
            for (slot, ending) in ends { owner.ended(slot, ending, in: self) }
        }
        for descriptor in toClose { Socket.close(descriptor) }
        toClose.removeAll(keepingCapacity: true)
    }

    private func write(_ connection: Connection) {
        guard byDescriptor[Int(connection.descriptor)] === connection else { return }
        while connection.outgoingStart < connection.outgoing.count {
            switch Socket.send(
                connection.descriptor, connection.outgoing, from: connection.outgoingStart)
            {
            case .bytes(let count):
                connection.outgoingStart += count
            case .wouldBlock:
                awaitWriting(connection, true)
                return
            case .ended:
                // What the server said before it went is still to be read; the read finds the end.
                connection.outgoingStart = connection.outgoing.count
            }
        }
        connection.outgoing.removeAll(keepingCapacity: connection.outgoing.capacity <= 4096)
        connection.outgoingStart = 0
        awaitWriting(connection, false)
    }

    private func awaitWriting(_ connection: Connection, _ awaits: Bool) {
        guard connection.awaitsWriting != awaits else { return }
        connection.awaitsWriting = awaits
        poller.change(connection.descriptor, reading: true, writing: awaits)
    }

    // MARK: Ending

    /// The slot is free again, the socket stays until the server ends TCP, so that the server and not
    /// this machine's few source ports carries the TIME_WAIT.
    private func linger(_ connection: Connection) {
        connection.phase = .lingering
        connection.deadline = monotonicNanoseconds() + ClientLoop.lingerNanoseconds
        if slots[connection.slot] === connection { slots[connection.slot] = nil }
    }

    private func retire(_ connection: Connection, _ ending: ConnectionEnding) {
        guard byDescriptor[Int(connection.descriptor)] === connection else { return }
        byDescriptor[Int(connection.descriptor)] = nil
        connections -= 1
        toClose.append(connection.descriptor)
        if connection.phase == .connecting || connection.phase == .handshaking { opening -= 1 }
        guard connection.phase != .lingering else { return }
        connection.phase = .lingering
        if slots[connection.slot] === connection { slots[connection.slot] = nil }
        failedAtOnce.append((connection.slot, ending))
    }

    private func sweep() {
        let now = monotonicNanoseconds()
        guard now >= nextSweep else { return }
        nextSweep = now + 500_000_000
        for case let connection? in byDescriptor where connection.phase != .open {
            guard now >= connection.deadline else { continue }
            retire(connection, .failed(.timedOut(what: "answer to the opening handshake")))
        }
    }

    private func open(_ slot: Int) -> Connection? {
        guard slots.indices.contains(slot), let connection = slots[slot],
            connection.phase == .open
        else { return nil }
        return connection
    }

    private func mask() -> UInt32 { UInt32(truncatingIfNeeded: random.next()) }

    private func failure(_ error: SocketError) -> ClientFailure {
        switch error.code {
        case 24, 23, 99: .exhausted(error.message)
        default: .unreachable(address: authority, reason: error.message)
        }
    }
}
