// One request and its answer on one connection, which is closed afterwards. It begins when a socket is
// accepted: our own watchers read the header, and what asks for a WebSocket goes on to libwebsockets;
// the rest it never sees. With TLS it does read the request, and then only holds the socket:
// libwebsockets 4.1.6 must not see a second request (CVE-2025-11677).

internal import CLibwebsockets
internal import WireProtocol

final class HTTPExchange {
    enum Phase {
        /// The header is arriving.
        case arriving
        /// The body is arriving.
        case receiving
        /// The owner has the request.
        case waiting
        case writing
        /// All is written and our side shut; what the peer still sends is thrown away.
        case lingering
        case gone
    }

    /// Nil while the socket is ours.
    let wsi: OpaquePointer?
    let descriptor: Int32
    let id: ConnectionID
    let peer: Peer
    var phase = Phase.arriving
    /// When to give up, in monotonic milliseconds.
    var deadline: Int64
    let since: Int64

    /// How much of the header was there when it was looked at last.
    var seen = 0
    var request = HTTPRequest(method: .get, path: "")
    var isHead = false
    /// The size of the body that is to come, counted as taken from the time it is admitted.
    var bodyLength = 0
    /// Whether the peer may be sending a body that nobody reads.
    var hasUnwantedBody = false

    var answer: [UInt8] = []
    var written = 0
    /// Bytes thrown away after the answer.
    var discarded = 0
    /// The watcher of the socket, while one is needed.
    var watcher: UnsafeMutablePointer<ev_io>?

    init(
        wsi: OpaquePointer?, descriptor: Int32, id: ConnectionID, peer: Peer, now: Int64,
        deadline: Int64
    ) {
        self.wsi = wsi
        self.descriptor = descriptor
        self.id = id
        self.peer = peer
        since = now
        self.deadline = deadline
    }

    /// Whether the peer still owes a part of its request.
    var isUnfinished: Bool {
        switch phase {
        case .arriving, .receiving: true
        case .waiting, .writing, .lingering, .gone: false
        }
    }
}
