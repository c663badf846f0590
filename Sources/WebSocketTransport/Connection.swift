// One WebSocket connection as its event loop sees it: a few numbers, since broadcasts live in the
// room's frame log. Touched only on the loop's thread. Freed when libwebsockets has let go of it.

internal import CLibwebsockets
internal import WireProtocol

final class Connection {
    enum Phase {
        case open
        /// Our close frame ends the connection's own queue.
        case closing
        /// Our close frame has left: the peer's answer is awaited, for a while.
        case closed
        /// libwebsockets ends it, or the socket is broken: nothing is written any more.
        case gone
    }

    let wsi: OpaquePointer
    let descriptor: Int32
    let id: ConnectionID
    /// Under which it is counted per address.
    let addressKey: UInt64
    var phase = Phase.open

    var room: Room?
    /// Place in the room's members.
    var memberIndex = 0
    /// Offset in the room's frame log: everything before has been given to the kernel.
    var cursor = 0

    /// Frames for this connection alone that the socket did not take yet, from `directStart` on.
    var direct: [UInt8] = []
    var directStart = 0
    /// Frames that other connections are sent, too, from `sharedStart` on: they follow `direct`.
    var shared: [UInt8] = []
    var sharedStart = 0
    /// What follows `shared`.
    var later: [UInt8] = []
    /// The owner is told when all of this has gone to the socket.
    var reportsDrained = false
    /// Frames of the batch at hand, not copied yet.
    var batchRange = 0..<0
    /// Whether the connection is among those to flush after the batch.
    var isDirty = false
    /// Bytes of `direct` that do not count against the limit, the snapshot, and until when, in monotonic
    /// milliseconds, the peer must have taken them.
    var allowance = 0
    var allowanceDeadline: Int64 = 0
    /// Bytes of a started frame that libwebsockets keeps until the socket takes them.
    var handedBytes = 0
    /// The socket took less than it was offered; its place among the loop's stalled connections.
    var stalledIndex: Int?

    /// The message being put together from fragments.
    var message: [UInt8] = []
    /// The owner was told of this connection.
    var isAnnounced = false
    /// Belongs to a room, so the hello deadline is met.
    var hasJoined = false
    /// After our close frame: sees what the peer still sends, and how much that was.
    var watcher: UnsafeMutablePointer<ev_io>?
    var discarded = 0
    /// The peer closes, and the library answers.
    var isEndedByPeer = false
    /// Not read from while the owner's mailbox is full.
    var isHeld = false

    init(wsi: OpaquePointer, descriptor: Int32, id: ConnectionID, addressKey: UInt64) {
        self.wsi = wsi
        self.descriptor = descriptor
        self.id = id
        self.addressKey = addressKey
    }

    var isOpen: Bool { if case .open = phase { true } else { false } }
    var isStalled: Bool { stalledIndex != nil }
    /// What waits for this peer alone, shared frames included.
    var queuedBytes: Int {
        direct.count - directStart + shared.count - sharedStart + later.count
    }

    /// Adds frames of the connection's own behind all that waits.
    func queue(_ frames: some Collection<UInt8>) {
        if shared.isEmpty {
            direct.append(contentsOf: frames)
        } else {
            later.append(contentsOf: frames)
        }
    }

    /// Adds frames that it shares with others; a copy if it has not taken the last such ones.
    func queue(shared frames: [UInt8]) {
        if shared.isEmpty {
            shared = frames
            sharedStart = 0
        } else {
            later.append(contentsOf: frames)
        }
    }

    /// The frames to send next: its own, then the shared ones, then what came after those.
    func withNext<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if directStart < direct.count {
            return direct.withUnsafeBytes {
                body(UnsafeRawBufferPointer(rebasing: $0[directStart...]))
            }
        }
        return shared.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[sharedStart...])) }
    }

    /// So many bytes of those have gone.
    func took(_ count: Int) {
        if directStart < direct.count {
            directStart += count
        } else {
            sharedStart += count
            guard sharedStart == shared.count else { return }
            shared = []
            sharedStart = 0
            direct = later
            directStart = 0
            later = []
        }
    }

    func dropDirect() {
        direct = []
        directStart = 0
        shared = []
        sharedStart = 0
        later = []
        allowance = 0
    }

    /// What waits for this peer, without the snapshot.
    var backlogBytes: Int {
        let log = room.map { $0.log.end - cursor } ?? 0
        return max(0, queuedBytes + handedBytes - allowance) + log
    }
}
