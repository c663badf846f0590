// The verbs of the host's console: what each looks like and what it asks for. VerbParser reads a line
// into one of these; script mode and the interactive console carry them out.

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

enum Verb: Equatable, Sendable {
    case request(ConsoleRequest)
    /// Compare-and-set of the units on hand; `expected` nil when the console does not know them yet
    /// and has to ask the server first.
    case setStock(sku: String, onHand: Int64, expected: Int64?)
    case wait(seconds: Double)
    case waitFor(AwaitedFact)
    case help(String?)
    case quit
}

/// How a verb is written and what it does, for help, errors and completion.
struct VerbForm: Sendable {
    var name: String
    /// "pin SKU [60s]".
    var form: String
    var about: String

    /// All verbs, in the order of help.
    static let all: [VerbForm] = [
        VerbForm("start", "start", "begins the show, or revives one that has just ended"),
        VerbForm("pause", "pause", "pauses sales; chat goes on"),
        VerbForm("resume", "resume", "goes on after a pause"),
        VerbForm("end", "end", "ends the show; waiting buyers are still served"),
        VerbForm("pin", "pin SKU [60s]", "shows a product, for good or for a time"),
        VerbForm("unpin", "unpin [PRODUCT]", "takes the product off the screen"),
        VerbForm("queue", "queue A B C", "sets what comes next, by product or SKU"),
        VerbForm("next", "next", "pins the head of the queue"),
        VerbForm("add", "add {\"title\":…,\"variants\":[…]}", "adds a product given as JSON"),
        VerbForm("price", "price SKU 19.90", "sets a price"),
        VerbForm("stock", "stock SKU +5 | -5 | =20", "changes the units on hand, or sets them"),
        VerbForm("say", "say TEXT", "writes into the chat"),
        VerbForm("viewers", "viewers", "lists who is watching"),
        VerbForm("holds", "holds", "lists the open holds"),
        VerbForm("waitlist", "waitlist SKU", "lists who waits for a SKU"),
        VerbForm("orders", "orders", "lists the orders"),
        VerbForm(
            "wait", "wait 10s | wait EVENT [SKU] [30s]",
            "waits for a time, or for an event such as sold_out (60s at most unless given)"),
        VerbForm("help", "help [VERB]", "explains the verbs"),
        VerbForm("quit", "quit", "leaves; the show goes on"),
    ]

    init(_ name: String, _ form: String, _ about: String) {
        self.name = name
        self.form = form
        self.about = about
    }

    static func named(_ name: String) -> VerbForm? { all.first { $0.name == name } }

    /// The lines that `help` or `help VERB` prints.
    static func help(_ name: String?) -> [String] {
        let forms = name.flatMap(named).map { [$0] } ?? all
        let width = forms.map(\.form.count).max() ?? 0
        return forms.map { form in
            let blanks = String(repeating: " ", count: width - form.form.count + 2)
            return form.form + blanks + form.about
        }
    }
}
