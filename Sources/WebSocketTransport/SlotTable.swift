// Where a loop finds its connections and HTTP exchanges by identifier. A slot is used again with a new
// generation, so an operation that comes too late meets nobody instead of a stranger.

internal import WireProtocol

struct SlotTable {
    enum Endpoint {
        case connection(Connection)
        case exchange(HTTPExchange)
    }

    private let loop: Int
    private var endpoints: [Endpoint?] = []
    private var generations: [UInt32] = []
    private var free: [Int32] = []
    /// Per slot the second in which the peer was last heard of; 0 where no WebSocket is.
    var lastHeard: [UInt32] = []

    init(loop: Int) { self.loop = loop }

    var capacity: Int { endpoints.count }
    var occupied: Int { endpoints.count - free.count }

    /// An identifier for a slot that nobody has; `put` must follow.
    mutating func reserve() -> ConnectionID {
        let slot: Int
        if let last = free.popLast() {
            slot = Int(last)
        } else {
            slot = endpoints.count
            endpoints.append(nil)
            generations.append(0)
            lastHeard.append(0)
        }
        generations[slot] &+= 1
        // An identifier is never 0, which stands for "none" in lws's user memory.
        if generations[slot] == 0 { generations[slot] = 1 }
        return ConnectionID(loop: loop, slot: slot, generation: generations[slot])
    }

    mutating func put(_ endpoint: Endpoint, at id: ConnectionID) { endpoints[id.slot] = endpoint }

    mutating func remove(_ id: ConnectionID) {
        guard self[id] != nil else { return }
        endpoints[id.slot] = nil
        lastHeard[id.slot] = 0
        free.append(Int32(id.slot))
    }

    subscript(id: ConnectionID) -> Endpoint? {
        guard id.loop == loop, id.slot < endpoints.count,
            generations[id.slot] == UInt32(truncatingIfNeeded: id.rawValue)
        else { return nil }
        return endpoints[id.slot]
    }

    func connection(_ id: ConnectionID) -> Connection? {
        if case .connection(let connection) = self[id] { connection } else { nil }
    }

    func exchange(_ id: ConnectionID) -> HTTPExchange? {
        if case .exchange(let exchange) = self[id] { exchange } else { nil }
    }

    func endpoint(atSlot slot: Int) -> Endpoint? { endpoints[slot] }
}
