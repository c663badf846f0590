// One event loop: a thread, a libev loop, a libwebsockets context, and all connections that live here.
// This file is its skeleton: what it holds, what wakes it, what one turn does. The other files named
// EventLoop+… hold the parts: accepting, upgrading, receiving, delivering, sweeping, closing, HTTP.
//
// A turn: the kernel reports sockets, libwebsockets reads them and calls back; then `turn()` hands what
// came to the owner, as one batch, and sweeps a slice of the rooms that have something to send. Nothing
// here ever waits for another lane.

internal import CLibwebsockets
import Glibc
internal import Lanes
internal import WireProtocol

final class EventLoop {
    let index: Int
    let configuration: TransportConfiguration
    let gate: RequestGate
    let port: LoopPort
    let counts: SharedCounts
    let connectionsMax: Int
    let socketLimits: SocketLimits
    /// Sockets are not written to directly then.
    let usesTLS: Bool
    let inbound: @Sendable (InboundBatch) -> Bool
    let log: @Sendable (TransportLogLine) -> Void

    let loop: OpaquePointer
    private(set) var library: LibraryContext?

    var slots: SlotTable
    /// The other ends of the sockets that libwebsockets has, and of the one it is being given.
    var peers: [OpaquePointer: Peer] = [:]
    var adopted: Peer?
    /// Where a header is looked at and a body read.
    let headerSpace = UnsafeMutableRawBufferPointer.allocate(
        byteCount: TransportLimits.headerBytesMax + 1, alignment: 16)
    var rooms: [RoomID: Room] = [:]
    /// Rooms with something to send, and where the next turn begins among them.
    var scheduled: [Room] = []
    var nextScheduled = 0
    /// Connections whose peers read too slowly at the moment.
    var stalled: [Connection] = []
    /// Connections whose socket failed, to be ended outside of iterations over them.
    var doomed: [ConnectionID] = []
    /// Connections in which the library found a mistake, this turn and lately.
    var failing: [ConnectionID] = []
    var failed: [(id: ConnectionID, due: Int64)] = []

    /// Deliveries taken from the mailbox, and the next one to carry out.
    var deliveries: [DeliveryBatch] = []
    var nextDelivery = 0
    /// Connections to flush after the delivery batch.
    var dirty: [Connection] = []
    /// Where a connection's own frames and its room's are put together for one send.
    var gathered: [UInt8] = []

    /// What came in since the last turn.
    var pending = InboundBatch()
    /// The owner refused the last batch; connections that send more are held back.
    var isCongested = false
    var held: [ConnectionID] = []

    /// Deadlines in the order they were set, for each kind of wait.
    var helloDeadlines = DeadlineList()
    var closeDeadlines = DeadlineList()
    var exchanges = 0
    /// Of HTTP bodies that were admitted and are not done with, by their announced sizes.
    var bodyBytes = 0

    var second = 0
    let started = Clock.monotonic()
    var stopping: LoopPort.Stop?
    var statistics = TransportStatistics()
    /// Kept to be able to accept and refuse when no other descriptor is left.
    var reserveDescriptor: Int32
    var lastComplaint: [String: Int64] = [:]

    var listeners: [UnsafeMutablePointer<ev_io>] = []
    var listenersArePaused = false
    private let wakeWatcher = UnsafeMutablePointer<ev_async>.allocate(capacity: 1)
    private let turnWatcher = UnsafeMutablePointer<ev_prepare>.allocate(capacity: 1)
    private let idleWatcher = UnsafeMutablePointer<ev_idle>.allocate(capacity: 1)
    private let tickWatcher = UnsafeMutablePointer<ev_timer>.allocate(capacity: 1)
    private let sweepTimer = UnsafeMutablePointer<ev_timer>.allocate(capacity: 1)
    private let retryTimer = UnsafeMutablePointer<ev_timer>.allocate(capacity: 1)

    init(
        index: Int, configuration: TransportConfiguration, port: LoopPort, counts: SharedCounts,
        connectionsMax: Int, inbound: @escaping @Sendable (InboundBatch) -> Bool,
        log: @escaping @Sendable (TransportLogLine) -> Void
    ) throws(TransportError) {
        self.index = index
        self.configuration = configuration
        self.port = port
        self.counts = counts
        self.connectionsMax = connectionsMax
        socketLimits = SocketLimits(
            connections: connectionsMax, perAddress: configuration.connectionsPerAddressMax)
        usesTLS = configuration.tls != nil
        self.inbound = inbound
        self.log = log
        gate = RequestGate(
            socketPath: configuration.socketPath, subprotocol: configuration.subprotocol,
            origins: configuration.origins, developmentMode: configuration.developmentMode)
        slots = SlotTable(loop: index)
        guard let loop = ev_loop_new(UInt32(EVBACKEND_EPOLL | EVFLAG_NOENV))
        else { throw .system("the system refuses an epoll descriptor") }
        self.loop = loop
        reserveDescriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        do throws(TransportError) {
            library = try LibraryContext(
                loop: loop, configuration: configuration,
                descriptorTable: max(
                    TransportLimits.descriptorTableMax,
                    connectionsMax + TransportLimits.reservedDescriptors),
                owner: Unmanaged.passUnretained(self).toOpaque(), callback: libraryCallback)
        } catch {
            ev_loop_destroy(loop)
            close(reserveDescriptor)
            throw error
        }
        startWatchers()
    }

    private func startWatchers() {
        let owner = Unmanaged.passUnretained(self).toOpaque()
        ev_set_userdata(loop, owner)
        shim_ev_async_init(
            wakeWatcher, { _, watcher, _ in EventLoop.of(watcher?.pointee.data) { $0.woken() } },
            owner)
        ev_async_start(loop, wakeWatcher)
        shim_ev_prepare_init(
            turnWatcher, { _, watcher, _ in EventLoop.of(watcher?.pointee.data) { $0.turn() } },
            owner)
        ev_prepare_start(loop, turnWatcher)
        shim_ev_timer_init(
            tickWatcher, { _, watcher, _ in EventLoop.of(watcher?.pointee.data) { $0.tick() } }, 1,
            1, owner)
        ev_timer_start(loop, tickWatcher)
        // These two only end a wait; the turn that follows does the work.
        shim_ev_idle_init(idleWatcher, { _, _, _ in })
        shim_ev_timer_init(sweepTimer, { _, _, _ in }, 0, 0, owner)
        shim_ev_timer_init(
            retryTimer, { _, watcher, _ in EventLoop.of(watcher?.pointee.data) { $0.resume() } }, 0,
            0, owner)
        port.connect(loop: loop, watcher: wakeWatcher)
    }

    private static func of(_ data: UnsafeMutableRawPointer?, _ body: (EventLoop) -> Void) {
        guard let data else { return }
        Unmanaged<EventLoop>.fromOpaque(data)._withUnsafeGuaranteedRef(body)
    }

    /// Runs until stopped, then takes everything down.
    func run(listening descriptors: [Int32]) {
        startListening(descriptors)
        ev_run(loop, 0)
        port.disconnect()
        port.mailbox.close()
        stopListening()
        library?.destroy()
        ev_async_stop(loop, wakeWatcher)
        ev_prepare_stop(loop, turnWatcher)
        ev_idle_stop(loop, idleWatcher)
        ev_timer_stop(loop, tickWatcher)
        ev_timer_stop(loop, sweepTimer)
        ev_timer_stop(loop, retryTimer)
        ev_run(loop, Int32(EVRUN_NOWAIT))
        ev_loop_destroy(loop)
        library = nil
        if reserveDescriptor >= 0 { close(reserveDescriptor) }
        handOver()
        statistics.sockets = 0
        port.statistics.withLock { $0 = statistics }
    }

    deinit {
        headerSpace.deallocate()
        wakeWatcher.deallocate()
        turnWatcher.deallocate()
        idleWatcher.deallocate()
        tickWatcher.deallocate()
        sweepTimer.deallocate()
        retryTimer.deallocate()
    }

    /// Another lane rang: deliveries or orders.
    private func woken() {
        let orders = port.orders.withLock { orders in
            defer {
                orders.isOverrun = false
                orders.reloadsCertificate = false
            }
            return orders
        }
        if orders.reloadsCertificate { library?.reloadCertificate() }
        if orders.isOverrun { giveEverybodyUp() }
        carryOutDeliveries()
        if let stop = orders.stop, stopping == nil { beginStop(stop) }
    }

    /// Before the loop waits for sockets again.
    private func turn() {
        // The figures are those of whatever the owner hears now.
        port.statistics.withLock { $0 = statistics }
        // First, because somebody waits for the answer; and last, because sockets may have ended.
        handOver()
        defer { handOver() }
        silenceFailing()
        if nextDelivery < deliveries.count { carryOutDeliveries() }
        let wait = sweep()
        endDoomed()
        if wait == 0 {
            ev_idle_start(loop, idleWatcher)
        } else {
            ev_idle_stop(loop, idleWatcher)
            ev_timer_stop(loop, sweepTimer)
            if let wait {
                shim_ev_timer_init(
                    sweepTimer, { _, _, _ in }, Double(wait) / 1e6, 0,
                    Unmanaged.passUnretained(self).toOpaque())
                ev_timer_start(loop, sweepTimer)
            }
        }
        statistics.stalled = stalled.count
        port.statistics.withLock { $0 = statistics }
        if let stopping { endStop(stopping) }
    }

    /// Once a second.
    private func tick() {
        let now = Clock.monotonic()
        keepAlive(at: now)
        expire(at: now)
        hangUpFailed(at: now)
        statistics.queuedBytes = stalled.reduce(0) { $0 + $1.backlogBytes }
        // The library arms its timers only after events of its own; sockets that never speak cause
        // none.
        if let library, statistics.sockets > statistics.connections || !closeDeadlines.isEmpty {
            lws_cancel_service(library.context)
        }
    }

    /// Tries again after a pause: the owner's mailbox, the listeners.
    func retrySoon(after seconds: Double) {
        guard retryTimer.pointee.active == 0 else { return }
        shim_ev_timer_init(
            retryTimer, { _, watcher, _ in EventLoop.of(watcher?.pointee.data) { $0.resume() } },
            seconds, 0,
            Unmanaged.passUnretained(self).toOpaque())
        ev_timer_start(loop, retryTimer)
    }

    private func resume() {
        handOver()
        if !isCongested { resumeListening() }
    }

    func endRun() { ev_break(loop, Int32(EVBREAK_ALL)) }

    /// Says something to the operator, the same thing at most every ten seconds.
    func complain(_ level: TransportLogLine.Level, _ message: String) {
        let now = Clock.monotonic()
        if let last = lastComplaint[message], now - last < 10_000 { return }
        lastComplaint[message] = now
        log(TransportLogLine(level: level, message: message))
    }
}

/// Deadlines that are all the same time ahead when set, so their order is the order of setting.
struct DeadlineList {
    private var entries: [(deadline: Int64, id: ConnectionID)] = []
    private var first = 0

    var isEmpty: Bool { first == entries.count }

    mutating func append(_ id: ConnectionID, deadline: Int64) { entries.append((deadline, id)) }

    mutating func popExpired(at now: Int64) -> ConnectionID? {
        guard first < entries.count, entries[first].deadline <= now else { return nil }
        defer {
            first += 1
            if first == entries.count || first > 1024, first * 2 > entries.count {
                entries.removeFirst(first)
                first = 0
            }
        }
        return entries[first].id
    }
}
