// The verbs with a grammar of their own: flash sales, notes, measures against people, settings.

import LiveShopClient
import WireProtocol

extension VerbParser {
    /// `SKU PRICE DURATION [limit N] [xN] [countdown DURATION]`, or `stop SKU`.
    static func flash(_ arguments: Arguments, _ currency: Currency) throws(VerbError) -> Verb {
        let words = arguments.words
        if words.first == "stop" {
            try arguments.expect(2...2)
            return .request(ConsoleRequest("flash.stop") { $0.member("sku", words[1]) })
        }
        try arguments.expect(3...8)
        let price = try arguments.amount(words[1], currency)
        let duration = try arguments.wholeSeconds(words[2])
        var (limit, quantity, countdown): (Int64?, Int64?, Int64?)
        var index = 3
        while index < words.count {
            let word = words[index]
            if word == "limit" || word == "countdown" {
                guard words.indices.contains(index + 1) else {
                    throw arguments.wrong("something is missing after '\(word)'")
                }
                let value = words[index + 1]
                index += 2
                if word == "countdown" {
                    countdown = try arguments.wholeSeconds(value, from: 0)
                } else {
                    limit = try count(value, WireLimits.buyerLimit, arguments)
                }
            } else if word.first == "x", word.dropFirst().first?.isNumber == true {
                let units = 1...WireLimits.onHand.upperBound
                quantity = try count(String(word.dropFirst()), units, arguments)
                index += 1
            } else {
                throw arguments.wrong("'\(word)' is neither limit, x50 nor countdown")
            }
        }
        return .request(
            ConsoleRequest("flash.start") { writer in
                writer.member("sku", words[0])
                writer.member("price", price)
                writer.member("duration_seconds", duration)
                if let limit { writer.member("per_buyer", limit) }
                if let quantity { writer.member("quantity", quantity) }
                if let countdown { writer.member("countdown_seconds", countdown) }
            })
    }

    private static func count(
        _ word: String, _ range: ClosedRange<Int64>, _ arguments: Arguments
    ) throws(VerbError) -> Int64 {
        guard word.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(word),
            range.contains(number)
        else { throw arguments.wrong("'\(word)' is not a number that is possible there") }
        return number
    }

    /// The text in quotes or not; a duration after it is how long it stays.
    static func note(_ arguments: Arguments) throws(VerbError) -> Verb {
        try arguments.expect(1...Int.max)
        var words = arguments.words
        if words == ["clear"], !arguments.isQuoted[0] {
            return .request(ConsoleRequest("note.clear"))
        }
        var noteSeconds: Int64?
        if words.count > 1, let last = words.last, isTime(last) {
            noteSeconds = try arguments.wholeSeconds(last)
            words.removeLast()
        }
        if arguments.isQuoted[0], words.count > 1 {
            throw arguments.wrong("'\(words[1])' is not a time such as 60s")
        }
        let text = words.joined(separator: " ")
        return .request(
            ConsoleRequest("note.set") { writer in
                writer.member("text", text)
                if let noteSeconds { writer.member("seconds", noteSeconds) }
            })
    }

    /// With its unit, so that "3 strikes" is no time.
    private static func isTime(_ word: String) -> Bool {
        word.last?.isNumber == false && seconds(word) != nil
    }

    static func delete(_ arguments: Arguments) throws(VerbError) -> Verb {
        try arguments.expect(1...1)
        let word = arguments.words[0]
        // The number alone is enough: m12 and 12 are the same message.
        let id = word.utf8.allSatisfy { (0x30...0x39).contains($0) } ? "m" + word : word
        return .request(ConsoleRequest("chat.delete") { $0.member("message", id) })
    }

    static func measure(_ arguments: Arguments) throws(VerbError) -> Verb {
        let name = arguments.form.name
        try arguments.expect(name == "role" ? 2...2 : 1...Int.max)
        var measure = Measure(type: "participant.\(name)", who: arguments.words[0])
        switch name {
        case "role":
            let role = arguments.words[1].replacing("-", with: "_")
            guard ["viewer", "moderator", "co_host"].contains(role) else {
                throw arguments.wrong("'\(role)' is no role that can be given")
            }
            measure.type = "participant.set_role"
            measure.role = role
        case "timeout":
            var reasonAt = 1
            if arguments.words.count > 1, isTime(arguments.words[1]) {
                measure.seconds = try arguments.wholeSeconds(arguments.words[1])
                reasonAt = 2
            }
            measure.reason = arguments.text(from: reasonAt)
        default:
            measure.reason = arguments.text(from: 1)
        }
        return .measure(measure)
    }

    /// Names that are shorter than those of the settings.
    static let shortSettings = ["slow": "slow_mode_seconds", "hold": "hold_seconds"]

    static func room(_ arguments: Arguments) throws(VerbError) -> Verb {
        try arguments.expect(0...2)
        guard let word = arguments.words.first else { return .room }
        try arguments.expect(2...2)
        let name = shortSettings[word] ?? word
        let value = arguments.words[1]
        return .request(
            ConsoleRequest("room.configure") { writer in
                writer.key(string: name)
                if let number = Int64(value) {
                    writer.integer(number)
                } else if name.hasSuffix("_seconds"), value == "off" {
                    writer.integer(0)
                } else if name.hasSuffix("_seconds"), let duration = seconds(value),
                    duration == duration.rounded()
                {
                    writer.integer(Int64(duration))
                } else {
                    // The server reads on and off, and knows the words of each setting.
                    writer.string(value)
                }
            })
    }
}
