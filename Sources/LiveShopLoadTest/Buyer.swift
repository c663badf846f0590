// One simulated person: pure decisions from what the server says. A scenario is a type of buyer; the
// worker gives it time, answers and notices, and sends what it asks for.

import WireProtocol

/// What a request is for; latencies are counted per kind.
enum RequestKind: String, CaseIterable, Sendable {
    case claim, accept, order, pay
}

/// A request a buyer wants to make.
struct WantedRequest: Equatable, Sendable {
    var kind: RequestKind
    var type: String
    /// The JSON object of `data`, its key included: all requests of buyers are repeatable.
    var data: [UInt8]
    /// When it should be sent, in monotonic nanoseconds. Latency is measured from here, however late
    /// it really leaves.
    var due: Int64
    /// Which sending of the same request this is, from 1.
    var sending = 1
}

/// What a request came to.
enum RequestResult: Sendable {
    /// The `data` of the reply: its bytes, and parsed.
    case reply([UInt8], JSONDocument)
    case refused(ServerError)
}

/// The state machine of one buyer. `now` is monotonic nanoseconds, `wallTime` milliseconds since 1970.
protocol Buyer: Sendable {
    /// The product on screen can be claimed under this SKU from `due` on.
    mutating func offered(_ sku: String, due: Int64) -> [WantedRequest]
    mutating func answered(
        _ request: WantedRequest, _ result: RequestResult, now: Int64, wallTime: Int64,
        _ found: inout Findings
    ) -> [WantedRequest]
    /// A personal notice.
    mutating func noticed(
        _ type: String, _ data: JSONNode, _ document: JSONDocument, now: Int64
    ) -> [WantedRequest]
    /// The connection came back; `you` is the whole personal state.
    mutating func returned(_ you: JSONNode, _ document: JSONDocument, now: Int64) -> [WantedRequest]

    var belongings: Belongings { get }
}

/// What a buyer learnt that concerns the report and the invariants.
struct Findings: Sendable {
    var violations = ViolationList()
    var claims: [ClaimRecord] = []
    /// Outcomes of claims and codes of refusals, for the report.
    var outcomes: [String: Int] = [:]
    var ordersPlaced = 0
    var ordersPaid = 0
    /// Minor units of paid orders.
    var paidTotal: Int64 = 0
    var offersAccepted = 0
    /// Repetitions after `rate_limited`, `overloaded` and the like.
    var repeated = 0
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
