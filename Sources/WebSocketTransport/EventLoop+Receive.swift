// What comes in: fragments become messages, messages become a batch, the batch goes to the owner once
// per turn, and that of those who have just come perhaps a little later (Arrivals.swift). When the owner is full, connections that go on sending are no longer read, and the kernel's
// buffers make their peers wait.

internal import CLibwebsockets
internal import Lanes
internal import WireProtocol

extension EventLoop {
    /// A piece of a message, at most the size of the receive buffer.
    func received(_ bytes: UnsafeRawBufferPointer, from connection: Connection) {
        heard(from: connection)
        guard connection.isOpen else { return }
        let wsi = connection.wsi
        if lws_frame_is_binary(wsi) != 0 {
            return beginClose(connection, .unsupportedData, reason: "text messages only")
        }
        let announced = lws_remaining_packet_payload(wsi)
        let size = connection.message.count + bytes.count
        guard size <= configuration.messageBytesMax,
            announced <= configuration.messageBytesMax - size
        else {
            connection.message = []
            return beginClose(connection, .messageTooBig, reason: "message too big")
        }
        guard lws_is_final_fragment(wsi) != 0 else {
            connection.message.append(contentsOf: bytes)
            return
        }
        if connection.message.isEmpty {
            report(of: connection) { $0.append(message: bytes, from: connection.id) }
        } else {
            connection.message.append(contentsOf: bytes)
            report(of: connection) { $0.append(message: connection.message, from: connection.id) }
            connection.message = []
        }
        statistics.messagesReceived += 1
        statistics.bytesReceived += size
        if isCongested { hold(connection) }
    }

    /// Adds to what the owner will hear of a connection, in order.
    func report(of connection: Connection, _ add: (inout InboundBatch) -> Void) {
        if connection.hasJoined, connection.arrivalsNumber != arrivals.number {
            add(&pending)
        } else {
            connection.arrivalsNumber = arrivals.number
            add(&arrivals.batch)
        }
    }

    func heard(from connection: Connection) {
        slots.lastHeard[connection.id.slot] = UInt32(second + 1)
    }

    /// Gives the owner what came in since the last time, or keeps it and starts holding back.
    func handOver() {
        // In this order: who arrives may have the place of somebody who left.
        if !pending.isEmpty {
            guard inbound(pending) else { return becomeCongested() }
            pending = InboundBatch()
        }
        if !arrivals.waits, !arrivals.batch.isEmpty {
            guard inbound(arrivals.batch) else { return becomeCongested() }
            arrivals.startOver()
        }
        if isCongested { relax() }
    }

    private func becomeCongested() {
        isCongested = true
        pauseListening()
        retrySoon(after: TransportLimits.congestionSeconds)
    }

    private func hold(_ connection: Connection) {
        guard !connection.isHeld else { return }
        connection.isHeld = true
        held.append(connection.id)
        lws_rx_flow_control(connection.wsi, 0)
    }

    private func relax() {
        isCongested = false
        let ids = held
        held = []
        for id in ids {
            guard let connection = slots.connection(id) else { continue }
            connection.isHeld = false
            heard(from: connection)
            lws_rx_flow_control(connection.wsi, 1)
        }
        if stopping == nil { resumeListening() }
    }
}
