// What a load test is asked to do. Filled by `liveshop load`, by scripts and by tests; the command checks
// the ranges.

public import LiveShopClient

public struct LoadOptions: Sendable {
    public static let viewersMax = 100_000
    public static let threadsMax = 64
    public static let sendsMax = 10
    /// Requests per second of one step.
    public static let rateMax = 1_000_000.0

    /// What the closed loop of the scenario `claims` sends.
    public enum Kind: String, CaseIterable, Sendable { case claim, ping }

    public var server: ServerAddress
    public var show: String
    public var viewers: Int
    /// The SKUs to claim; empty: the first available one of the pinned product.
    public var skus: [String] = []
    /// The flash sale claims `skus` as soon as all have joined, pinned or not.
    public var claimsUnpinned = false
    /// For the steps of a script that a host does.
    public var hostToken: String?
    /// Names, keys, decisions and jitter follow from it.
    public var seed: UInt64 = 1
    /// Connections are opened evenly over this time; 0 opens them as fast as they are accepted.
    public var rampSeconds = 0.0
    /// How many connections of a thread may be in their opening handshake at once.
    public var openingMax = 512
    /// Loopback source addresses, each with its own ports; nil takes as many as are needed.
    public var sources: Int?
    public var threads = 1
    /// Units per claim.
    public var quantity = 1
    /// How often each claim is sent with the same key.
    public var sends = 1
    /// Closed loop: unanswered requests per connection (1). Else how many sendings of one claim may be
    /// unanswered (2).
    public var inFlight: Int?
    /// Requests per second of what the scenario is about; chat, claims and broken connections apart.
    public var rate: Double?
    public var chatRate: Double?
    public var claimRate: Double?
    public var churnRate: Double?
    /// The part of the viewers who chat, 0 … 1.
    public var chatShare = 1.0
    public var kind = Kind.claim
    /// The flash sale: how long to stay after the claims are answered. Others: how long it lasts.
    public var durationSeconds: Double?
    /// A time without any progress after which the run is given up.
    public var timeoutSeconds = 60.0
    /// Connections that break by themselves are opened again and this is no failure.
    public var reconnects = false
    /// Other buyers than these may be at the same stock.
    public var isShared = false
    /// Codes of refusals that are right: with them all requests of a kind may be refused.
    public var expectedRefusals: Set<String> = []
    /// Of those who hold something, how many order it; the others let it lapse. 0 … 1.
    public var orderShare = 0.0
    /// Of those who order, how many pay. 0 … 1.
    public var payShare = 0.0
    /// Of those who are offered something from the waitlist, how many accept. 0 … 1.
    public var acceptShare = 0.0
    /// The longest time between an answer and what a buyer does next.
    public var thinkSeconds = 0.5

    /// For the result alone: the program's version, and its options as they were given, without secrets.
    public var version = ""
    public var given: [String] = []

    public init(server: ServerAddress, show: String, viewers: Int) {
        self.server = server
        self.show = show
        self.viewers = viewers
    }
}
