// What the engine is told and asked besides messages: who somebody is, what guests may do, where the
// past of a show comes from. Values and functions only, so that the engine runs in a simulator as it
// runs in the server.

import Inventory
import LiveSession
import WireProtocol

/// Who a connection speaks for, as authentication found.
struct Identity: Sendable {
    var subject: String
    var name: String
    var role: Role
    var capabilities: Capabilities
    var isGuest: Bool
    /// The only show the token is good for, if it names one.
    var show: String?
    var expiresAt: Timestamp
    /// A token that the client should present next time.
    var issuedToken: String?
}

/// A `hello` that waits for authentication.
struct AdmissionRequest: Sendable {
    let connection: ConnectionID
    let show: String
    /// The token presented; nil for a new guest.
    let token: String?
    let name: String
    let now: Timestamp
}

/// What became of it.
enum Admission: Sendable {
    case accepted(Identity)
    /// The reason is a sentence for developers; it says nothing about why a token is bad.
    case refused(String)
    /// A new guest chose a name that is kept for the staff.
    case nameTaken
}

/// What people without a token may do. Source: `serve --guests`.
public enum GuestPolicy: String, Sendable, CaseIterable {
    case claim, chat, view, deny

    var capabilities: Capabilities {
        switch self {
        case .claim: [.view, .chat, .claim, .bid]
        case .chat: [.view, .chat]
        case .view, .deny: .view
        }
    }
}

struct EngineConfiguration: Sendable {
    var guests = GuestPolicy.view
    /// Whether `order.pay` settles orders by itself.
    var testPayment = false
    var settings = ShowSettings()
    /// Whether viewers may come through this address who are not there: it is never banned.
    var isTrustedProxy: @Sendable (AddressKey) -> Bool = { _ in false }
    /// What a client missed is sent in pages of about so many bytes.
    var pageBytes = 65_536
    /// A snapshot of more bytes is shared between connections and renewed once a second.
    var sharedSnapshotBytes = 65_536
}

/// A show as the store has it.
struct StoredShow: Sendable {
    var key: Int
    var show: Show
    /// What the self-check found, a sentence each; the SKUs concerned are quarantined.
    var findings: [String] = []
}

/// What the engine asks of the world outside. Everything else it gets as an argument.
struct EngineEnvironment {
    /// SHA-256.
    var contentHash: ([UInt8]) -> ContentHash
    var randomBits: () -> UInt64
    /// Rebuilds a show; nil when there is none of this id. Throws a sentence when it cannot be read.
    var load: (String) throws(LoadFailure) -> StoredShow?
    /// All shows, oldest first, as their rows tell of them.
    var listings: () throws(LoadFailure) -> [ShowListing]
    /// The addresses that the client of a request should connect to.
    var sockets: (HTTPRequest) -> [String]
    /// The facts of one journal entry of a show.
    var journalEntry: (_ key: Int, _ number: Int) throws(LoadFailure) -> [UInt8]
}

struct LoadFailure: Error, Sendable {
    let reason: String
}

/// Why a request was not carried out: the `error` of the answer.
struct Refusal: Error, Sendable {
    var code: ErrorCode
    var message: String
    var retryAfterMilliseconds = 0
    /// Numbers that help: `available`, `price`, `limit` …
    var details: [(name: StaticString, value: Int)] = []

    init(
        _ code: ErrorCode, _ message: String, retryAfterMilliseconds: Int = 0,
        details: [(name: StaticString, value: Int)] = []
    ) {
        self.code = code
        self.message = message
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.details = details
    }
}
