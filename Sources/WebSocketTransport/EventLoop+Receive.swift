// What comes in: fragments become messages, messages become a batch, the batch goes to the owner once
// per turn. When the owner is full, connections that go on sending are no longer read, and the kernel's
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
            pending.append(message: bytes, from: connection.id)
        } else {
            connection.message.append(contentsOf: bytes)
            pending.append(message: connection.message, from: connection.id)
            connection.message = []
        }
        statistics.messagesReceived += 1
        statistics.bytesReceived += size
        if isCongested { hold(connection) }
    }

    func heard(from connection: Connection) {
        slots.lastHeard[connection.id.slot] = UInt32(second + 1)
    }

    /// Gives the owner what came in since the last time, or keeps it and starts holding back.
    func handOver() {
        if pending.isEmpty {
            if isCongested { relax() }
            return
        }
        if inbound(pending) {
            pending = InboundBatch()
            if isCongested { relax() }
        } else {
            isCongested = true
            pauseListening()
            retrySoon(after: TransportLimits.congestionSeconds)
        }
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
            guard connection.isOpen else { continue }
            heard(from: connection)
            lws_rx_flow_control(connection.wsi, 1)
        }
        if stopping == nil { resumeListening() }
    }
}
