// The other end of an accepted socket: its address, and how it stands in the counts until it is gone.

final class Peer {
    let address: NetworkAddress
    /// Under what its sockets are counted; nil for addresses without a limit.
    let countingKey: UInt64?
    /// Whether it has become a WebSocket.
    var isUpgraded = false
    /// Behind trusted proxies: the address that asked for the WebSocket.
    var client: NetworkAddress

    init(address: NetworkAddress, countingKey: UInt64?) {
        self.address = address
        self.countingKey = countingKey
        client = address
    }
}
