// The verb for flash sales.

import LiveShopClient
import WireProtocol

enum FlashSaleVerbs {
    static let rows: [VerbRow] = [
        VerbRow(
            "flash", "flash SKU 14.90 60s [limit 1] [x50] [countdown 5s] | flash stop SKU",
            "a lower price for a short time; limit is per buyer, x50 is for 50 units",
            examples: [
                "flash MUG-BLUE 14.90 60s",
                "flash MUG-BLUE 14.90 2m limit 2 x50 countdown 5s",
                "flash stop MUG-BLUE",
            ],
            from: .host, words: 2...8,
            hints: [.sku.or(.oneOf(["stop"])), .free, .free, option, .free, option],
            read: flash)
    ]

    private static let option = VerbRow.Hint.oneOf(["limit", "countdown"])

    /// What may follow the duration.
    private struct Terms {
        var perBuyer: Int64?
        var quantity: Int64?
        var countdown: Int64?

        /// `[limit N] [xN] [countdown DURATION]`, in any order.
        init(_ words: ArraySlice<String>, _ arguments: VerbArguments) throws(VerbError) {
            var index = words.startIndex
            while index < words.endIndex {
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
                        perBuyer = try arguments.count(value, in: WireLimits.buyerLimit)
                    }
                } else if word.first == "x", word.dropFirst().first?.isNumber == true {
                    let units = 1...WireLimits.onHand.upperBound
                    quantity = try arguments.count(String(word.dropFirst()), in: units)
                    index += 1
                } else {
                    throw arguments.wrong("'\(word)' is neither limit, x50 nor countdown")
                }
            }
        }
    }

    /// `SKU PRICE DURATION` and terms, or `stop SKU`.
    private static func flash(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        let words = arguments.words
        if words.first == "stop" {
            try arguments.expect(2...2)
            return .request(ConsoleRequest("flash.stop") { $0.member("sku", words[1]) })
        }
        try arguments.expect(3...8)
        let price = try arguments.amount(words[1], context.view.headline.currency)
        let duration = try arguments.wholeSeconds(words[2])
        let terms = try Terms(words[3...], arguments)
        return .request(
            ConsoleRequest("flash.start") { writer in
                writer.member("sku", words[0])
                writer.member("price", price)
                writer.member("duration_seconds", duration)
                if let limit = terms.perBuyer { writer.member("per_buyer", limit) }
                if let quantity = terms.quantity { writer.member("quantity", quantity) }
                if let countdown = terms.countdown {
                    writer.member("countdown_seconds", countdown)
                }
            })
    }
}
