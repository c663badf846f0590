// What passes between a buyer and the worker that gives it time and a connection: requests it wants,
// what they came to, and what it learnt that concerns the report and the invariants.

import WireProtocol

/// What a request is for; latencies are counted per kind.
enum RequestKind: String, CaseIterable, Sendable {
    case claim, accept, order, pay, chat, reaction, ping
    /// Written down in a scenario file.
    case other
}

/// A request a buyer wants to make.
struct WantedRequest: Equatable, Sendable {
    var kind: RequestKind
    var type: String
    /// The JSON object of `data`.
    var data: [UInt8]
    /// When it should be sent, in monotonic nanoseconds. Latency is measured from here, however late
    /// it really leaves.
    var due: Int64
    /// Which of the buyer's claims this is.
    var claim = 0
    /// Which sending of the same request this is, from 1.
    var sending = 1
    /// How often the server was too busy for it.
    var repetition = 0
    /// The closed loop that goes on when this is answered, by its step.
    var loop: Int?

    /// What the report calls it.
    var name: String { kind == .other ? type : kind.rawValue }

    /// It has a key or changes nothing, so it may be sent again after a lost connection.
    var isRepeatable: Bool { kind != .other }
}

/// What a request came to.
enum RequestResult: Sendable {
    /// The `data` of the reply: its bytes, and parsed.
    case reply([UInt8], JSONDocument)
    case refused(ServerError)
}

/// What a buyer learnt that concerns the report and the invariants.
struct Findings: Sendable {
    var violations = ViolationList()
    var claims: [ClaimRecord] = []
    /// Outcomes of requests and codes of refusals, for the report.
    var outcomes: [String: Int] = [:]
    /// How the requests of each kind fared, by their name in the report.
    var answers: [String: Answers] = [:]
    /// When the chat messages that were accepted were due, in monotonic nanoseconds.
    var chats: [Int64] = []
    var ordersPlaced = 0
    var ordersPaid = 0
    /// Minor units of paid orders.
    var paidTotal: Int64 = 0
    var offersAccepted = 0
    /// Repetitions after `rate_limited`, `overloaded` and the like.
    var repeated = 0
}

/// What came of all requests of one kind.
struct Answers: Equatable, Sendable {
    var taken = 0
    /// Codes with which they were refused for good.
    var refusals: [String: Int] = [:]

    static func + (one: Answers, other: Answers) -> Answers {
        Answers(
            taken: one.taken + other.taken,
            refusals: one.refusals.merging(other.refusals, uniquingKeysWith: +))
    }
}

/// The first answer to one claim.
struct ClaimRecord: Equatable, Sendable {
    var buyer: Int
    var key: String
    var sku: String
    var seq: Int64
    /// Nil when nothing was granted.
    var hold: String?
    var grantedUnits: Int
    /// Nil when the buyer does not wait.
    var place: Int?
}
