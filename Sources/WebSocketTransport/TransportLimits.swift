// The transport's fixed numbers: bounds and tunings that no operator has to know, in one place.
// What an operator may change is in TransportConfiguration.

internal import CLibwebsockets

enum TransportLimits {
    /// Listening sockets per loop: the kernel's accept backlog (4,096 each) times four takes a herd of
    /// 10,000 connects at once without dropping a SYN.
    static let listenersPerLoop = 4
    /// Accepts per wake-up of a listener; more would starve the handshakes already begun.
    static let acceptsPerWake = 16
    /// TCP_DEFER_ACCEPT: how long the kernel waits for a request before it shows a connection.
    static let deferredAcceptSeconds: Int32 = 10
    /// SO_SNDBUF; Linux makes twice as much of it.
    static let socketSendBufferBytes: Int32 = 131_072
    /// Sockets beyond a connection limit, of all or of one address, that are still upgraded, to be told
    /// 4030.
    static let spareSockets = 64
    /// One address has at most these spare sockets and one in so many of all for requests that are not
    /// (yet) WebSockets.
    static let requestsShare = 4
    /// Descriptor numbers that libwebsockets' table covers unless more connections are asked for.
    static let descriptorTableMax = 65_536
    /// Where in its `struct lws` the library looks for unsent bytes: a hint to the processor only.
    static let libraryBacklogOffset = 0x2D0
    /// Descriptors left to the rest of the program: the database, logs, web files.
    static let reservedDescriptors = 256

    /// The size of lws's read buffer, of each recv and of the pieces RECEIVE brings.
    static let receiveBufferBytes = 512
    /// The largest header of a request, and the most lines in it.
    static let headerBytesMax = 16_384
    static let headerLinesMax = 100
    /// The same where libwebsockets reads headers (TLS); it keeps some bytes of its own per field.
    static let libraryHeaderBytesMax: UInt32 = 16_384
    /// For lws to give up a connection that does not answer a close.
    static let libraryTimeoutSeconds: UInt32 = 5

    /// A close frame has at most 125 bytes, two of them the code.
    static let closeReasonBytesMax = 120
    /// For a close frame to leave and be answered; then the TCP connection is dropped.
    static let closeMilliseconds: Int64 = 5000
    /// For the library's own close frame to leave.
    static let libraryCloseMilliseconds: Int64 = 200
    /// For a whole HTTP request to arrive.
    static let requestMilliseconds: Int64 = 30_000
    /// For the server to answer it.
    static let answerMilliseconds: Int64 = 60_000
    /// For the peer to take the next piece of an answer.
    static let takeMilliseconds: Int64 = 30_000
    /// For the peer to close after the answer …
    static let lingerMilliseconds: Int64 = 2000
    /// … and when a body is on its way that nobody takes, which is thrown away meanwhile …
    static let unwantedBodyMilliseconds: Int64 = 5000
    /// … up to so many bytes.
    static let discardedBytesMax = 20 << 20
    /// … and so many at once.
    static let discardBytes = 64 << 10
    /// For an unfinished request to arrive while more than half of all sockets are taken.
    static let crowdedRequestMilliseconds: Int64 = 2000

    /// Batches waiting for one loop.
    static let deliveryBatchesMax = 64
    /// How long the sequencer waits for room there, before that loop's connections are given up.
    static let deliveryWaitMilliseconds = 1000
    /// How long a loop waits before it offers a refused inbound batch again.
    static let congestionSeconds = 0.002

    /// Bytes given to one connection by one send.
    static let sendBytesMax = 131_072
    /// Own frames and the room's backlog leave in one send up to this many bytes; more is not copied.
    static let gatheredBytesMax = 16_384
    /// The same where libwebsockets writes: what it sends at once.
    static let libraryWriteBytes = 32_768
    /// Connections of one room visited before the loop looks at its sockets again: a claim waits for
    /// so many sends, and a look costs about half a send.
    static let sweepSlice = 32
    /// The same over all rooms.
    static let sweepSliceTotal = 64
    /// A sweep starts at the earliest this long after the last one began, per member of the room …
    static let promptMicrosecondsPerMember: Int64 = 4
    /// … and for what only rides along.
    static let relaxedMicrosecondsPerMember: Int64 = 5
    /// One member in so many must have heard the room with an answer for the next sweep to wait longer
    /// for riders, by a step of microseconds, up to a most.
    static let ridersPerMember = 4
    static let patienceStep: Int64 = 10_000
    static let patienceMax: Int64 = 40_000
    static let sweepIntervalMicrosecondsMax: Int64 = 100_000
    /// A loop takes no more deliveries while a room's log holds more than this many send queues of
    /// bytes: it can only be that much behind by itself.
    static let unsweptQueuesMax = 4

    static let microsecondsPerSecond: Int64 = 1_000_000
}

/// How sockets are written to and read from: never waiting, and without SIGPIPE.
let socketFlags = Int32(shim_MSG_QUIET)
