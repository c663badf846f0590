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

    /// A member of `data` that is a text.
    func text(_ name: StaticString) -> String? {
        guard let document = try? JSONDocument(parsing: [UInt8(ascii: "{")] + members + [0x7D])
        else { return nil }
        return document.member(document.root, name).flatMap(document.string)
    }

    /// The texts of a member of `data` that is a list.
    func ids(_ name: StaticString) -> [String] {
        guard let document = try? JSONDocument(parsing: [UInt8(ascii: "{")] + members + [0x7D]),
            let list = document.member(document.root, name)
        else { return [] }
        return document.elements(list).compactMap(document.string)
    }

    /// What a dry run says instead of sending it.
    var preview: String {
        "would send \(type) {"
            + printable(String(decoding: members, as: UTF8.self), limit: 2_000) + "}"
    }

    /// The JSON object for `data`.
    func data(key: String) -> [UInt8] {
        var bytes = [UInt8(ascii: "{")] + members
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

/// Something done about a participant, who is named by id or by name.
struct Measure: Equatable, Sendable {
    /// The request's type.
    var type: String
    var who: String
    var seconds: Int64?
    var reason = ""
    var role: String?

    func request(participant: String) -> ConsoleRequest {
        ConsoleRequest(type) { writer in
            writer.member("participant", participant)
            if let seconds { writer.member("seconds", seconds) }
            if !reason.isEmpty { writer.member("reason", reason) }
            if let role { writer.member("role", role) }
        }
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
