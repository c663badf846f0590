// The front of this module: starts the event loops, gives them deliveries, counts, stops. Its owner
// gives it a closure for what comes in and calls `deliver` from the sequencer lane; both sides speak
// only in the values of WireProtocol/Delivery.swift.

import Glibc
internal import Lanes
public import WireProtocol

/// A WebSocket and HTTP server that knows sockets and bytes, rooms and broadcasts, and nothing else.
public final class Transport: Sendable {
    private struct Running: Sendable {
        var lanes: [Lane] = []
        var ports: [LoopPort] = []
        var hasStarted = false
    }

    private let configuration: TransportConfiguration
    private let log: @Sendable (TransportLogLine) -> Void
    private let running = Lock(Running())
    /// The same ports, for `deliver`, which must not wait for a lock that `stop` holds.
    private let ports: [LoopPort]

    /// `log` is called on the event loops' threads and must not wait.
    public init(
        configuration: TransportConfiguration, log: @escaping @Sendable (TransportLogLine) -> Void
    ) {
        var configuration = configuration
        configuration.loops = min(64, max(1, configuration.loops))
        self.configuration = configuration
        self.log = log
        ports = (0..<configuration.loops).map { _ in LoopPort() }
    }

    /// Listens and serves from now on.
    ///
    /// `inbound` gets what each loop collected, one batch per turn of the loop, on that loop's thread.
    /// It must not wait. `false` says that the owner is full: the loop keeps the batch, stops reading
    /// the connections that go on sending and offers the batch again until it is taken.
    public func start(
        inbound: @escaping @Sendable (InboundBatch) -> Bool
    ) throws(TransportError) -> ListeningAddress {
        guard
            running.withLock({ running in
                defer { running.hasStarted = true }
                return !running.hasStarted
            })
        else { throw .alreadyStarted }
        let sockets = try ListeningSockets.open(
            host: configuration.host, port: configuration.port, loops: configuration.loops)
        let counts = SharedCounts()
        let connectionsMax = allowedConnections()
        growDescriptorTable(to: connectionsMax + TransportLimits.reservedDescriptors)
        var lanes: [Lane] = []
        for (index, descriptors) in sockets.descriptors.enumerated() {
            let port = ports[index]
            let started = Mailbox<TransportError?>(capacity: 1)
            lanes.append(
                Lane(name: "loop \(index)") { [configuration, log] in
                    do throws(TransportError) {
                        let loop = try EventLoop(
                            index: index, configuration: configuration, port: port,
                            counts: counts, connectionsMax: connectionsMax, inbound: inbound,
                            log: log)
                        _ = started.offer(nil)
                        loop.run(listening: descriptors)
                    } catch {
                        for descriptor in descriptors { close(descriptor) }
                        _ = started.offer(error)
                    }
                })
            var results: [TransportError?] = []
            _ = started.drain(into: &results, waitingUntil: nil)
            if case .some(.some(let error)) = results.first {
                for later in sockets.descriptors[(index + 1)...].joined() { close(later) }
                finish(lanes, LoopPort.Stop(code: .goingAway, deadline: 0))
                throw error
            }
        }
        running.withLock { $0.lanes = lanes }
        return sockets.address
    }

    /// Gives every loop the batch. Bytes for one connection leave at once, broadcasts with the next
    /// sweep. Waits when a loop is far behind, at most a second; then that loop's connections are
    /// closed 4008. From any thread but the loops' own; one after the other, to keep an order.
    public func deliver(_ batch: DeliveryBatch) {
        guard !batch.isEmpty else { return }
        for port in ports { port.post(batch) }
    }

    /// What all loops counted; at most a turn of a loop old.
    public func statistics() -> TransportStatistics {
        ports.reduce(TransportStatistics()) { sum, port in sum + port.statistics.withLock { $0 } }
    }

    /// Reads the certificate and its key again; connections that are open keep the old ones.
    public func reloadCertificate() {
        for port in ports {
            port.orders.withLock { $0.reloadsCertificate = true }
            port.wake()
        }
    }

    /// Stops listening, carries out what was delivered, closes every connection with `code`, and
    /// returns when all are gone or after `seconds`.
    public func stop(closing code: CloseCode, within seconds: Int) {
        let lanes = running.withLock { running in
            defer { running.lanes = [] }
            return running.lanes
        }
        finish(
            lanes,
            LoopPort.Stop(code: code, deadline: Clock.monotonic() + Int64(max(0, seconds)) * 1000))
    }

    private func finish(_ lanes: [Lane], _ stop: LoopPort.Stop) {
        for port in ports {
            port.orders.withLock { $0.stop = stop }
            port.wake()
        }
        for lane in lanes { lane.join() }
    }

    /// Makes the process's table of descriptors as large now as it will become. The kernel doubles it when
    /// it is full and then lets a process with threads wait until no processor uses the old one: 10 to
    /// 30 ms each time in which a loop stands, in the middle of a herd.
    private func growDescriptorTable(to count: Int) {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        let last = fcntl(descriptor, F_DUPFD_CLOEXEC, Int32(count - 1))
        if last >= 0 { close(last) }
        close(descriptor)
    }

    /// As many as wanted, as far as descriptors reach, with some left for the rest of the program.
    private func allowedConnections() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let descriptors = Int(min(limit.rlim_cur, 1 << 24))
        let possible = max(16, descriptors - TransportLimits.reservedDescriptors)
        guard let wanted = configuration.connectionsMax else {
            return min(
                possible,
                TransportLimits.descriptorTableMax - TransportLimits.reservedDescriptors)
        }
        if wanted > possible {
            log(
                TransportLogLine(
                    level: .warning,
                    message: "the descriptor limit of \(descriptors) allows \(possible) "
                        + "connections, not \(wanted)"))
        }
        return min(wanted, possible)
    }
}
