public import Inventory

/// Where a show is in its life: `scheduled → live ⇄ paused → ended`, and back to live for a while.
public enum ShowStatus: String, Sendable, CaseIterable {
    case scheduled, rehearsal, live, paused, ended
}

/// What a show is called and how it counts money. Fixed when it is created.
public struct ShowHeadline: Hashable, Sendable {
    public let id: String
    public var title: String
    /// ISO 4217.
    public let currency: String
    /// The life of its event log: clients that know another one start from a snapshot.
    public let epoch: String
    public let createdAt: Timestamp
    public var scheduledAt: Timestamp?
    public var isPrivate: Bool

    public init(
        id: String, title: String, currency: String, epoch: String, createdAt: Timestamp,
        scheduledAt: Timestamp? = nil, isPrivate: Bool = false
    ) {
        self.id = id
        self.title = title
        self.currency = currency
        self.epoch = epoch
        self.createdAt = createdAt
        self.scheduledAt = scheduledAt
        self.isPrivate = isPrivate
    }
}

/// Fixed numbers of a show.
public enum ShowLimits {
    /// An ended show can be started again for this long.
    public static let reviveSeconds = 7_200
    public static let variantsMax = 10_000
    /// More products than this in one import are announced as one `catalogue.changed`.
    public static let announcedProductsMax = 100
    /// Products in a snapshot.
    public static let snapshotProductsMax = 500
    /// Chat messages kept for clients that come back, and for how long.
    public static let chatReplayMax = 300
    public static let chatReplaySeconds = 120
    public static let snapshotChatMax = 50
    /// Bytes of events kept in memory for clients that come back.
    public static let eventWindowBytes = resumeBytesMax
    /// What a client may have missed and still resumes; who missed more starts from a snapshot.
    public static let resumeEventsMax = 10_000
    public static let resumeBytesMax = 4 << 20
    /// How long a guest whom no fact names is known after leaving.
    public static let guestMemorySeconds = 300
    /// Guests forgotten when somebody joins: more than one, so that the rest is soon done.
    public static let guestsForgottenAtOnce = 64
    /// Grants named in one `claim.held`.
    public static let announcedClaimsMax = 100
    public static let announceMilliseconds = 250
    public static let stockNoticeMilliseconds = 100
    public static let viewersNoticeMilliseconds = 1000
    /// Notices of stock and waitlists, of all SKUs together: each is sent to everybody.
    public static let noticesPerSecond = 100
    /// How often a SKU is said to be sold out within so many seconds, before it is told only now and then.
    public static let soldOutsAtOnce = 3
    public static let soldOutSeconds = 10
}
