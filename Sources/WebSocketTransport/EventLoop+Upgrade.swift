// From a request to a WebSocket: the gate decides, then the connection gets its slot, its place in the
// counts and its deadline to join. libwebsockets asks here before it answers 101.

internal import CLibwebsockets
import Glibc
internal import Lanes
internal import WireProtocol

extension EventLoop {
    /// Asked for every request with an `Upgrade` header. 0 goes on, −1 hangs up after the refusal was
    /// written. The library's own pointer to the header is never used: it may be freed memory
    /// (CVE-2025-11677).
    func confirmUpgrade(_ wsi: OpaquePointer) -> Int32 {
        // What we hand over is our own writing, judged before.
        guard usesTLS, let peer = peers[wsi] else { return 0 }
        let head = RequestHeaders(wsi: wsi).head
        peer.client = client(of: head, behind: peer.address)
        guard let refusal = gate.refusal(ofUpgrade: head) else {
            // The library reads the list into 128 bytes; we know that ours is among them.
            if let offered = head.subprotocols, offered.utf8.count > 120 {
                write(Refusal(status: 400, message: "too many subprotocols"), to: wsi)
                return -1
            }
            return 0
        }
        write(refusal, to: wsi)
        return -1
    }

    private func write(_ refusal: Refusal, to wsi: OpaquePointer) {
        count(refusal)
        var bytes = HTTPAnswer.bytes(refusal)
        // A few hundred bytes into the buffer of a new socket: they fit, or the peer is gone.
        lws_write(wsi, &bytes, bytes.count, LWS_WRITE_HTTP)
    }

    func count(_ refusal: Refusal) {
        statistics.rejected += 1
        if refusal.concernsOperator {
            complain(
                .warning,
                "refused a request that came through a proxy or for another host name: development "
                    + "mode serves this machine only; behind a proxy start with --trusted-proxy")
        }
    }

    /// The 101 has left.
    func established(_ wsi: OpaquePointer, _ user: UnsafeMutableRawPointer?) -> Int32 {
        guard let user, let peer = peers[wsi] else { return -1 }
        peer.isUpgraded = true
        counts.upgradeSocket(of: peer.countingKey)
        let descriptor = lws_get_socket_fd(wsi)
        let address = peer.client
        let isExempt = configuration.exemptsLoopbackAddresses && address.isLoopback
        let limits = AddressLimits(
            connections: configuration.connectionsPerAddressMax,
            joinsPerSecond: configuration.joinsPerSecondPerAddressMax)
        let isAdmitted = counts.admit(
            address.countingKey, at: Clock.monotonic(), max: connectionsMax,
            isExempt ? nil : limits)
        let id = slots.reserve()
        user.storeBytes(of: id.rawValue, as: UInt64.self)
        let connection = Connection(
            wsi: wsi, descriptor: descriptor, id: id, addressKey: address.countingKey)
        slots.put(.connection(connection), at: id)
        heard(from: connection)
        if isAdmitted {
            announce(connection, address.text)
            helloDeadlines.append(
                id,
                deadline: Clock.monotonic() + Int64(configuration.helloSeconds) * 1000)
        } else {
            statistics.refused += 1
            complain(.warning, "over a connection limit: new connections are closed 4030")
            beginClose(connection, .serverFull, reason: "server full")
        }
        return 0
    }

    private func announce(_ connection: Connection, _ address: String) {
        connection.isAnnounced = true
        statistics.connections += 1
        statistics.opened += 1
        pending.events.append(.opened(connection.id, address: address))
    }
}
