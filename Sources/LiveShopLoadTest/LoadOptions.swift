// What a load test is asked to do. Filled by `liveshop load`, by scripts and by tests; every number has
// its range here.

public import LiveShopClient

/// The scenarios that are built in.
public enum ScenarioName: String, CaseIterable, Sendable {
    /// Everybody joins, then all claim the pinned product at the same moment.
    case flashSale = "flash-sale"
}

public struct LoadOptions: Sendable {
    public static let viewersMax = 100_000
    public static let threadsMax = 64
    public static let sendsMax = 10

    public var server: ServerAddress
    public var show: String
    public var scenario = ScenarioName.flashSale
    public var viewers: Int
    /// The SKU to claim; nil takes the first available one of the pinned product.
    public var sku: String?
    /// Claims `sku` as soon as all have joined, pinned or not.
    public var claimsUnpinned = false
    /// Names, keys, decisions and jitter follow from it.
    public var seed: UInt64 = 1
    /// Connections are opened evenly over this time; 0 opens them as fast as they are accepted.
    public var rampSeconds = 0.0
    /// Loopback source addresses, each with its own ports; nil takes as many as are needed.
    public var sources: Int?
    public var threads = 1
    /// Units per claim.
    public var quantity = 1
    /// How often each claim is sent with the same key.
    public var sends = 1
    /// Requests of one buyer that may be unanswered at the same time.
    public var inFlight = 2
    /// How long to stay after the claims are answered, for expiries, offers and payments.
    public var durationSeconds = 0.0
    /// A time without any progress after which the run is given up.
    public var timeoutSeconds = 60.0
    /// Broken connections are opened again, resumed, and unanswered requests repeated.
    public var reconnects = false
    /// Other buyers than these may be at the same stock.
    public var isShared = false
    /// Of those who hold something, how many order it; the others let it lapse. 0 … 1.
    public var orderShare = 0.0
    /// Of those who order, how many pay. 0 … 1.
    public var payShare = 0.0
    /// Of those who are offered something from the waitlist, how many accept. 0 … 1.
    public var acceptShare = 0.0
    /// The longest time between an answer and what a buyer does next.
    public var thinkSeconds = 0.5

    public init(server: ServerAddress, show: String, viewers: Int) {
        self.server = server
        self.show = show
        self.viewers = viewers
    }
}
