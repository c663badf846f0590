// Accepting: a few connections per wake-up, refusing at once what is over a limit. Running out of
// descriptors neither spins nor floods the log: a reserve descriptor takes the connection and hangs up.

internal import CLibwebsockets
import Glibc

extension EventLoop {
    func startListening(_ descriptors: [Int32]) {
        for descriptor in descriptors {
            let watcher = UnsafeMutablePointer<ev_io>.allocate(capacity: 1)
            shim_ev_io_init(
                watcher,
                { _, watcher, _ in
                    guard let watcher, let data = watcher.pointee.data else { return }
                    Unmanaged<EventLoop>.fromOpaque(data)._withUnsafeGuaranteedRef {
                        $0.acceptSome(watcher.pointee.fd)
                    }
                }, descriptor, Int32(EV_READ), Unmanaged.passUnretained(self).toOpaque())
            ev_io_start(loop, watcher)
            listeners.append(watcher)
        }
    }

    /// For good.
    func stopListening() {
        for watcher in listeners {
            ev_io_stop(loop, watcher)
            close(watcher.pointee.fd)
            watcher.deallocate()
        }
        listeners = []
    }

    func pauseListening() {
        guard !listenersArePaused else { return }
        listenersArePaused = true
        for watcher in listeners { ev_io_stop(loop, watcher) }
    }

    func resumeListening() {
        guard listenersArePaused else { return }
        listenersArePaused = false
        for watcher in listeners { ev_io_start(loop, watcher) }
    }

    private func acceptSome(_ listener: Int32) {
        for _ in 0..<TransportLimits.acceptsPerWake {
            let descriptor = shim_accept(listener)
            if descriptor < 0 {
                switch errno {
                case EAGAIN: return
                case EINTR, ECONNABORTED: continue
                case EMFILE, ENFILE:
                    guard refuseWithReserve(listener) else { return }
                    continue
                default:
                    complain(.warning, "accepting failed: \(String(cString: strerror(errno)))")
                    pauseListening()
                    return retrySoon(after: 0.1)
                }
            }
            welcome(descriptor)
        }
    }

    /// Counts an accepted socket, or refuses it.
    private func welcome(_ descriptor: Int32) {
        guard let address = NetworkAddress(peerOf: descriptor) else {
            close(descriptor)
            return
        }
        let isExempt =
            configuration.trustedProxies.contains(address)
            || configuration.exemptsLoopbackAddresses && address.isLoopback
        let key = isExempt ? nil : address.countingKey
        switch counts.addSocket(of: key, socketLimits) {
        case .admitted:
            statistics.sockets += 1
            let peer = Peer(address: address, countingKey: key)
            return usesTLS ? hand(descriptor, of: peer, having: []) : arrive(descriptor, peer)
        case .tooMany:
            complain(.warning, "over the connection limit: new connections are refused")
        case .tooManyOfAddress:
            complain(
                .warning,
                "over the connection limit of one address: its new connections are refused")
        }
        close(descriptor)
        statistics.refused += 1
    }

    /// Gives libwebsockets a socket, and the bytes that were read from it.
    func hand(_ descriptor: Int32, of peer: Peer, having bytes: [UInt8]) {
        guard let library else { return }
        adopted = peer
        bytes.withUnsafeBytes { bytes in
            _ = lws_adopt_socket_vhost_readbuf(
                library.vhost, descriptor, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                bytes.count)
        }
        // On failure the library has closed the descriptor, perhaps before it had a place for it.
        if adopted != nil {
            adopted = nil
            statistics.refused += 1
            farewell(peer)
        }
    }

    /// The socket is closed.
    func farewell(_ peer: Peer) {
        counts.removeSocket(of: peer.countingKey, isUpgraded: peer.isUpgraded)
        statistics.sockets -= 1
    }

    /// Gives the reserve up for a moment, to take one connection off the backlog and end it.
    private func refuseWithReserve(_ listener: Int32) -> Bool {
        complain(.error, "out of file descriptors: new connections are refused")
        if reserveDescriptor >= 0 {
            close(reserveDescriptor)
            let descriptor = shim_accept(listener)
            if descriptor >= 0 {
                close(descriptor)
                statistics.refused += 1
            }
            reserveDescriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            if descriptor >= 0 { return true }
        } else {
            reserveDescriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        }
        pauseListening()
        retrySoon(after: 0.1)
        return false
    }
}
