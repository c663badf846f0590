// What other threads may touch of an event loop: its mailbox, its orders, its figures and the bell that
// wakes it. Everything else of a loop stays on its thread.

internal import CLibwebsockets
internal import Lanes
internal import WireProtocol

final class LoopPort: @unchecked Sendable {
    struct Stop: Sendable {
        let code: CloseCode
        /// Monotonic milliseconds.
        let deadline: Int64
    }

    struct Orders: Sendable {
        var stop: Stop?
        var reloadsCertificate = false
        /// The mailbox stayed full: give all connections up.
        var isOverrun = false
    }

    private struct Bell: @unchecked Sendable {
        let loop: OpaquePointer
        let watcher: UnsafeMutablePointer<ev_async>
    }

    let mailbox = Mailbox<DeliveryBatch>(capacity: TransportLimits.deliveryBatchesMax)
    let orders = Lock(Orders())
    let statistics = Lock(TransportStatistics())
    private let bell = Lock<Bell?>(nil)

    /// By the loop, before it runs.
    func connect(loop: OpaquePointer, watcher: UnsafeMutablePointer<ev_async>) {
        let bell = Bell(loop: loop, watcher: watcher)
        self.bell.withLock { $0 = bell }
    }

    /// By the loop, before it goes.
    func disconnect() { bell.withLock { $0 = nil } }

    /// From any thread.
    func wake() {
        bell.withLock { bell in
            if let bell { ev_async_send(bell.loop, bell.watcher) }
        }
    }

    /// Posts a batch; waits for room as long as the contract allows, then gives the loop's
    /// connections up.
    func post(_ batch: DeliveryBatch) {
        if !mailbox.offer(batch) {
            wake()
            guard
                mailbox.offer(
                    batch, waitingMilliseconds: TransportLimits.deliveryWaitMilliseconds)
            else {
                orders.withLock { $0.isOverrun = true }
                return wake()
            }
        }
        wake()
    }
}

/// What one address may have.
struct AddressLimits: Sendable {
    /// Connections at a time.
    let connections: Int
    /// New ones within one second of the clock.
    let joinsPerSecond: Int
}

/// The counts that limits over all loops need.
final class SharedCounts: Sendable {
    private struct State: Sendable {
        var sockets = 0
        var connections = 0
        var perAddress: [UInt64: Int] = [:]
        /// The connections that each address has opened within this second.
        var joins: [UInt64: Int] = [:]
        var second: Int64 = 0
    }

    private let state = Lock(State())

    func addSocket() { state.withLock { $0.sockets += 1 } }
    func removeSocket() { state.withLock { $0.sockets -= 1 } }
    var sockets: Int { state.withLock { $0.sockets } }

    /// Counts a new WebSocket; false (nothing counted) when it is one too many. `now`: monotonic
    /// milliseconds; `limits`: nil for addresses without any.
    func admit(_ address: UInt64, at now: Int64, max: Int, _ limits: AddressLimits?) -> Bool {
        state.withLock { state in
            guard state.connections < max else { return false }
            let own = state.perAddress[address, default: 0]
            if let limits {
                if state.second != now / 1000 {
                    state.second = now / 1000
                    state.joins.removeAll(keepingCapacity: true)
                }
                let joined = state.joins[address, default: 0]
                guard own < limits.connections, joined < limits.joinsPerSecond else { return false }
                state.joins[address] = joined + 1
            }
            state.connections += 1
            state.perAddress[address] = own + 1
            return true
        }
    }

    func dismiss(_ address: UInt64) {
        state.withLock { state in
            state.connections -= 1
            let left = state.perAddress[address, default: 1] - 1
            state.perAddress[address] = left > 0 ? left : nil
        }
    }
}
