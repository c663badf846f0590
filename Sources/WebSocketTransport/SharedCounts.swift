// The counts that limits over all loops need: sockets, connections, and what each address has of both.

internal import Lanes

/// What one address may have.
struct AddressLimits: Sendable {
    /// Connections at a time.
    let connections: Int
    /// New ones within one second of the clock.
    let joinsPerSecond: Int
}

/// How many sockets there may be.
struct SocketLimits: Sendable {
    /// In all.
    let sockets: Int
    /// Of one address.
    let perAddress: Int
    /// Of these, such that are not (yet) WebSockets: one address must not take all sockets by requests
    /// that it never ends.
    let requestsPerAddress: Int

    init(connections: Int, perAddress: Int) {
        sockets = connections + TransportLimits.spareSockets
        self.perAddress = perAddress + TransportLimits.spareSockets
        requestsPerAddress =
            TransportLimits.spareSockets + max(1, connections / TransportLimits.requestsShare)
    }
}

final class SharedCounts: Sendable {
    enum Admission { case admitted, tooMany, tooManyOfAddress }

    private struct Sockets: Sendable {
        var all = 0
        var requests = 0
    }

    private struct State: Sendable {
        var sockets = 0
        var socketsPerAddress: [UInt64: Sockets] = [:]
        var connections = 0
        var perAddress: [UInt64: Int] = [:]
        /// The connections that each address has opened within this second.
        var joins: [UInt64: Int] = [:]
        var second: Int64 = 0
        var hasWarnedOfProxy = false
    }

    private let state = Lock(State())

    // MARK: Sockets

    var sockets: Int { state.withLock { $0.sockets } }

    /// Counts an accepted socket, unless it is one too many. `address`: nil for addresses without limit.
    func addSocket(of address: UInt64?, _ limits: SocketLimits) -> Admission {
        state.withLock { state in
            guard state.sockets < limits.sockets else { return .tooMany }
            if let address {
                var own = state.socketsPerAddress[address] ?? Sockets()
                guard own.all < limits.perAddress, own.requests < limits.requestsPerAddress else {
                    return .tooManyOfAddress
                }
                own.all += 1
                own.requests += 1
                state.socketsPerAddress[address] = own
            }
            state.sockets += 1
            return .admitted
        }
    }

    /// The socket is a WebSocket now.
    func upgradeSocket(of address: UInt64?) {
        guard let address else { return }
        state.withLock { $0.socketsPerAddress[address]?.requests -= 1 }
    }

    func removeSocket(of address: UInt64?, isUpgraded: Bool) {
        state.withLock { state in
            state.sockets -= 1
            guard let address, var own = state.socketsPerAddress[address] else { return }
            own.all -= 1
            if !isUpgraded { own.requests -= 1 }
            state.socketsPerAddress[address] = own.all > 0 ? own : nil
        }
    }

    // MARK: WebSockets

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

    // MARK: What is said once

    /// True the first time only.
    func takeProxyWarning() -> Bool {
        state.withLock { state in
            defer { state.hasWarnedOfProxy = true }
            return !state.hasWarnedOfProxy
        }
    }
}
