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
