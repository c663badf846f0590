// What a line of a host asks for. The rows of VerbTable make it, script mode and the interactive console
// carry it out.

import LiveShopClient
import WireProtocol

/// A request to the server, without its id.
struct ConsoleRequest: Equatable, Sendable {
    var type: String
    /// The members of `data`, as JSON without the braces.
    private var members: [UInt8]
    /// Whether it changes something: then it goes out with a key, so that a repetition after a lost
    /// connection has no second effect.
    var changes: Bool
    /// Of a list: where the page begins.
    private var after: String?

    init(_ type: String, changes: Bool = true, _ fill: (inout JSONWriter) -> Void = { _ in }) {
        var writer = JSONWriter()
        writer.beginObject()
        fill(&writer)
        writer.endObject()
        self.type = type
        members = Array(writer.bytes.dropFirst().dropLast())
        self.changes = changes
    }

    /// Sets the units on hand if they are still what is expected.
    static func setStock(_ sku: String, onHand: Int64, expected: Int64) -> ConsoleRequest {
        ConsoleRequest("stock.set") { writer in
            writer.member("sku", sku)
            writer.member("on_hand", onHand)
            writer.member("expected", expected)
        }
    }

    /// Everybody who is connected, as many at once as there may be.
    static let everybody = ConsoleRequest("viewers.list", changes: false) { writer in
        writer.member("limit", 1_000)
    }

    /// What a dry run says instead of sending it.
    var preview: String {
        "would send \(type) {"
            + printable(String(decoding: members, as: UTF8.self), limit: 2_000) + "}"
    }

    /// The request for the rest of a list, if the reply was only a part of it.
    func following(_ reply: [UInt8]) -> ConsoleRequest? {
        guard type.hasSuffix(".list"), let document = try? JSONDocument(parsing: reply),
            let next = document.member(document.root, "next").flatMap(document.string)
        else { return nil }
        var request = self
        request.after = next
        return request
    }

    /// The JSON object for `data`.
    func data(key: String) -> [UInt8] {
        var bytes = [UInt8(ascii: "{")] + members
        if let after {
            if !members.isEmpty { bytes.append(UInt8(ascii: ",")) }
            var writer = JSONWriter()
            writer.member("after", after)
            bytes += writer.bytes
        }
        if changes {
            if !members.isEmpty { bytes.append(UInt8(ascii: ",")) }
            var writer = JSONWriter()
            writer.member("key", key)
            bytes += writer.bytes
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}

/// An event or notice to wait for.
struct AwaitedFact: Equatable, Sendable {
    /// A whole type, `product.sold_out`, or its last part, `sold_out`.
    var type: String
    var sku: String?
    var seconds: Double

    func matches(type: String, sku: String?) -> Bool {
        (type == self.type || type.hasSuffix("." + self.type))
            && (self.sku == nil || self.sku == sku)
    }
}

/// Something done about a participant, named by id or by name.
struct Measure: Equatable, Sendable {
    /// The type of what ends everything in force.
    static let lift = "lift"
    /// What it asks for: each ends one kind of measure, and is refused when there is none.
    static let lifts = ["participant.untimeout", "participant.unban", "participant.unrestrict"]

    /// The request's type.
    var type: String
    var who: String
    var seconds: Int64?
    var reason = ""
    var role: String?

    /// The requests for it, of which one has to succeed.
    func requests(participant: String) -> [ConsoleRequest] {
        (type == Measure.lift ? Measure.lifts : [type]).map { request($0, participant) }
    }

    private func request(_ type: String, _ participant: String) -> ConsoleRequest {
        ConsoleRequest(type) { writer in
            writer.member("participant", participant)
            if let seconds { writer.member("seconds", seconds) }
            if !reason.isEmpty { writer.member("reason", reason) }
            if let role { writer.member("role", role) }
        }
    }
}

/// A measure on its way: its requests go out one after the other.
struct MeasureRun: Sendable {
    private(set) var rest: [ConsoleRequest]
    let who: String
    private let isLift: Bool
    /// The newest reply.
    private(set) var reply: [UInt8]?

    init(_ measure: Measure, participant: String) {
        rest = measure.requests(participant: participant)
        who = measure.who
        isLift = rest.count > 1
    }

    mutating func next() -> ConsoleRequest? { rest.isEmpty ? nil : rest.removeFirst() }

    /// Takes an answer; gives the failure that ends the run.
    mutating func take(_ result: Result<[UInt8], ClientFailure>) -> ClientFailure? {
        switch result {
        case .success(let data): reply = data
        case .failure(.refused("invalid_state", _, _)) where isLift:
            guard rest.isEmpty, reply == nil else { return nil }
            return .refused(
                code: "invalid_state", message: "nothing is in force against \(who)", numbers: [:])
        case .failure(let failure): return failure
        }
        return nil
    }
}

/// What the console prints of what happens.
enum WatchLevel: String, CaseIterable, Sendable {
    case off, chat, claims, all
}

struct Verb: Equatable, Sendable {
    enum Deed: Equatable, Sendable {
        case request(ConsoleRequest)
        /// Compare-and-set of the units on hand; `expected` nil when the console does not know them
        /// yet and has to ask the server first.
        case setStock(sku: String, onHand: Int64, expected: Int64?)
        case measure(Measure)
        /// The settings of the room as they are.
        case room
        case watch(WatchLevel)
        /// Verbs from a file.
        case run(String)
        case wait(seconds: Double)
        case waitFor(AwaitedFact)
        case help(String?)
        case quit
    }

    var deed: Deed
    /// What to ask before it is carried out; nil when it needs no second thought.
    var question: String?
}
