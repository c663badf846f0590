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
        let split = Words(line)
        guard let first = split.words.first, !first.text.hasPrefix("#") else { return nil }
        let name = first.text
        guard let form = VerbForm.named(name) else {
            let near = NearMiss.of(name, in: VerbForm.all.map(\.name))
            throw VerbError(
                message: "unknown verb '\(printable(name, limit: 100))'"
                    + (near.map { ", did you mean '\($0)'?" } ?? "") + " ('help' lists the verbs)")
        }
        let rest = split.words.dropFirst().first.map { line[$0.start...] } ?? ""
        let arguments = Arguments(form: form, split: split, rest: String(rest))
        if split.isOpen, !["say", "add"].contains(name) {
            throw arguments.wrong("a quote is not closed")
        }
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
        case "flash": return try flash(arguments, context.currency)
        case "note": return try note(arguments)
        case "say":
            try arguments.expect(1...Int.max)
            return .request(ConsoleRequest("chat.send") { $0.member("text", arguments.rest) })
        case "delete": return try delete(arguments)
        case "timeout", "ban", "unban", "restrict", "role": return try measure(arguments)
        case "room": return try room(arguments)
        case "viewers", "orders":
            try arguments.expect(0...0)
            return .request(ConsoleRequest("\(arguments.form.name).list", changes: false))
        case "holds", "waitlist":
            try arguments.expect(0...1)
            return .request(
                ConsoleRequest("\(arguments.form.name).list", changes: false) { writer in
                    if let sku = arguments.words.first { writer.member("sku", sku) }
                })
        case "watch": return try watch(arguments)
        case "run":
            try arguments.expect(1...1)
            return .run(arguments.words[0])
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
            pinSeconds = try arguments.wholeSeconds(arguments.words[1])
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
        let amount = try arguments.amount(arguments.words[1], currency)
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

    private static func watch(_ arguments: Arguments) throws(VerbError) -> Verb {
        try arguments.expect(1...1)
        guard let level = WatchLevel(rawValue: arguments.words[0]) else {
            throw arguments.wrong("'\(arguments.words[0])' is none of these")
        }
        return .watch(level)
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

    /// "10", "10s", "1.5s", "2m", "1h", "500ms"; nil for anything else and beyond a day.
    static func seconds(_ word: String) -> Double? {
        let units: [(suffix: String, seconds: Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600),
        ]
        let unit = units.first { word.hasSuffix($0.suffix) }
        let digits = word.dropLast(unit?.suffix.count ?? 0)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            let number = Double(digits)
        else { return nil }
        let value = number * (unit?.seconds ?? 1)
        return value <= waitSecondsMax ? value : nil
    }

    /// The words after a verb, and how errors about them are said.
    struct Arguments {
        let form: VerbForm
        let words: [String]
        /// Which of the words stood in quotes.
        let isQuoted: [Bool]
        /// The line after the verb as it was typed.
        let rest: String

        init(form: VerbForm, split: Words, rest: String) {
            self.form = form
            self.rest = rest
            let after = split.words.dropFirst()
            words = after.map(\.text)
            isQuoted = after.map(\.isQuoted)
        }

        /// The words from a place on, with one blank between them.
        func text(from index: Int) -> String { words.dropFirst(index).joined(separator: " ") }

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

        func amount(_ word: String, _ currency: Currency) throws(VerbError) -> Int64 {
            guard let amount = currency.minorUnits(word) else {
                throw wrong(
                    "'\(word)' is not an amount in \(currency.code) such as \(currency.text(1990))")
            }
            return amount
        }

        func wholeSeconds(_ word: String, from least: Double = 1) throws(VerbError) -> Int64 {
            guard let duration = VerbParser.seconds(word), duration >= least,
                duration == duration.rounded()
            else { throw wrong("'\(word)' is not a time in whole seconds") }
            return Int64(duration)
        }
    }
}
