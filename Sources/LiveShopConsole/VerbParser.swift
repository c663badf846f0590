// One line of a host → a verb, or one sentence about what is wrong with it. Pure; the same for scripts,
// pipes and the interactive console.

import LiveShopClient
import WireProtocol

/// Why a line is no verb: the mistake, the right form, a near miss where there is one.
struct VerbError: Error, Equatable, Sendable {
    var message: String
}

enum VerbParser {
    private static let waitSecondsDefault = 60.0
    private static let waitSecondsMax = 86_400.0

    /// Nil for an empty line and for a comment (`#`).
    static func parse(
        _ line: String, in context: ShowContext
    ) throws(VerbError) -> Verb? {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let name = words.first, !name.hasPrefix("#") else { return nil }
        guard let form = VerbForm.named(name) else {
            let near = NearMiss.of(name, in: VerbForm.all.map(\.name))
            throw VerbError(
                message: "unknown verb '\(printable(name, limit: 100))'"
                    + (near.map { ", did you mean '\($0)'?" } ?? "") + " ('help' lists the verbs)")
        }
        let rest = line.drop(while: \.isWhitespace).dropFirst(name.count)
            .drop(while: \.isWhitespace)
        let arguments = Arguments(form: form, words: Array(words.dropFirst()), rest: String(rest))
        return try verb(arguments, context)
    }

    private static func verb(
        _ arguments: Arguments, _ context: ShowContext
    ) throws(VerbError) -> Verb {
        switch arguments.form.name {
        case "start", "pause", "resume", "end":
            try arguments.expect(0...0)
            return .request(ConsoleRequest("show.\(arguments.form.name)"))
        case "pin": return try pin(arguments)
        case "unpin":
            try arguments.expect(0...1)
            return .request(
                ConsoleRequest("product.unpin") { writer in
                    if let word = arguments.words.first {
                        writer.member("product", context.product(word))
                    }
                })
        case "queue":
            try arguments.expect(1...1000)
            return .request(
                ConsoleRequest("queue.set") { writer in
                    writer.key("products")
                    writer.beginArray()
                    for word in arguments.words { writer.string(context.product(word)) }
                    writer.endArray()
                })
        case "next":
            try arguments.expect(0...0)
            return .request(ConsoleRequest("queue.next"))
        case "add": return try add(arguments)
        case "price": return try price(arguments, context.currency)
        case "stock": return try stock(arguments, context)
        case "say":
            try arguments.expect(1...Int.max)
            return .request(ConsoleRequest("chat.send") { $0.member("text", arguments.rest) })
        case "viewers", "holds", "orders":
            try arguments.expect(0...0)
            return .request(ConsoleRequest("\(arguments.form.name).list", changes: false))
        case "waitlist":
            try arguments.expect(1...1)
            return .request(
                ConsoleRequest("waitlist.list", changes: false) {
                    $0.member("sku", arguments.words[0])
                })
        case "wait": return try wait(arguments)
        case "help": return try help(arguments)
        default:
            try arguments.expect(0...0)
            return .quit
        }
    }

    private static func pin(_ arguments: Arguments) throws(VerbError) -> Verb {
        try arguments.expect(1...2)
        var pinSeconds: Int64?
        if arguments.words.count == 2 {
            guard let duration = seconds(arguments.words[1]), duration >= 1,
                duration == duration.rounded()
            else { throw arguments.wrong("'\(arguments.words[1])' is not a time in whole seconds") }
            pinSeconds = Int64(duration)
        }
        return .request(
            ConsoleRequest("product.pin") { writer in
                writer.member("sku", arguments.words[0])
                if let pinSeconds { writer.member("seconds", pinSeconds) }
            })
    }

    private static func add(_ arguments: Arguments) throws(VerbError) -> Verb {
        try arguments.expect(1...Int.max)
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: arguments.rest)
        } catch {
            throw arguments.wrong("that is not JSON (\(error))")
        }
        guard document.kind(document.root) == .object else {
            throw arguments.wrong("a product is a JSON object")
        }
        // {"product":{…}} as on the wire is understood, too.
        let product = document.member(document.root, "product") ?? document.root
        return .request(
            ConsoleRequest("product.add") { writer in
                writer.key("product")
                writer.raw(document.rawBytes(product))
            })
    }

    private static func price(
        _ arguments: Arguments, _ currency: Currency
    ) throws(VerbError) -> Verb {
        try arguments.expect(2...2)
        guard let amount = currency.minorUnits(arguments.words[1]) else {
            let example = currency.text(1990)
            throw arguments.wrong(
                "'\(arguments.words[1])' is not an amount in \(currency.code) such as \(example)")
        }
        return .request(
            ConsoleRequest("price.set") { writer in
                writer.member("sku", arguments.words[0])
                writer.member("price", amount)
            })
    }

    private static func stock(
        _ arguments: Arguments, _ context: ShowContext
    ) throws(VerbError) -> Verb {
        try arguments.expect(2...2)
        let (sku, change) = (arguments.words[0], arguments.words[1])
        guard let sign = change.first, "+-=".contains(sign),
            let units = Int64(change.dropFirst()), change.dropFirst().first?.isNumber == true,
            units <= WireLimits.onHand.upperBound
        else { throw arguments.wrong("'\(change)' is neither +5, -5 nor =20") }
        if sign == "=" {
            return .setStock(sku: sku, onHand: units, expected: context.onHand[sku])
        }
        return .request(
            ConsoleRequest("stock.adjust") { writer in
                writer.member("sku", sku)
                writer.member("delta", sign == "-" ? -units : units)
            })
    }

    private static func wait(_ arguments: Arguments) throws(VerbError) -> Verb {
        try arguments.expect(1...3)
        var words = arguments.words
        if words.count == 1, let duration = seconds(words[0]) { return .wait(seconds: duration) }
        var limit = waitSecondsDefault
        if words.count > 1, let last = words.last, let duration = seconds(last) {
            limit = duration
            words.removeLast()
        }
        let isType = words[0].utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard isType, words.count <= 2 else {
            throw arguments.wrong("'\(words[0])' is neither a time such as 10s nor an event")
        }
        return .waitFor(
            AwaitedFact(type: words[0], sku: words.count == 2 ? words[1] : nil, seconds: limit))
    }

    private static func help(_ arguments: Arguments) throws(VerbError) -> Verb {
        try arguments.expect(0...1)
        guard let name = arguments.words.first else { return .help(nil) }
        guard VerbForm.named(name) != nil else {
            let near = NearMiss.of(name, in: VerbForm.all.map(\.name))
            throw VerbError(
                message: "there is no verb '\(printable(name, limit: 100))'"
                    + (near.map { ", did you mean '\($0)'?" } ?? ""))
        }
        return .help(name)
    }

    /// "10", "10s", "1.5s", "2m", "500ms"; nil for anything else and beyond a day.
    private static func seconds(_ word: String) -> Double? {
        let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60)]
        let unit = units.first { word.hasSuffix($0.suffix) }
        let digits = word.dropLast(unit?.suffix.count ?? 0)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            let number = Double(digits)
        else { return nil }
        let value = number * (unit?.seconds ?? 1)
        return value <= waitSecondsMax ? value : nil
    }

    /// The words after a verb, and how errors about them are said.
    private struct Arguments {
        let form: VerbForm
        let words: [String]
        /// The line after the verb as it was typed.
        let rest: String

        func expect(_ counts: ClosedRange<Int>) throws(VerbError) {
            guard counts.contains(words.count) else {
                throw wrong(
                    words.count < counts.lowerBound
                        ? "something is missing" : "'\(words[counts.upperBound])' is too much")
            }
        }

        func wrong(_ reason: String) -> VerbError {
            VerbError(
                message: "\(form.name): \(printable(reason, limit: 200)); write: \(form.form)")
        }
    }
}
