// The verbs for what is on screen: pins, the queue, the note.

import LiveShopClient
import WireProtocol

enum StageVerbs {
    static let rows: [VerbRow] = [
        VerbRow(
            "pin", "pin SKU [60s]", "shows a product, for good or for a time",
            examples: ["pin MUG-BLUE", "pin MUG-BLUE 60s"], from: .host, words: 1...2,
            hints: [.sku], read: pin),
        VerbRow(
            "unpin", "unpin [PRODUCT]", "takes the product off the screen", from: .host,
            words: 0...1, hints: [.product], read: unpin),
        VerbRow(
            "queue", "queue A B C", "sets what comes next, by product or SKU",
            examples: ["queue MUG-BLUE BOWL"], from: .host, words: 1...1000, hints: [.product],
            repeatsHint: true, read: queue),
        VerbRow(
            "next", "next", "pins the head of the queue", from: .host,
            read: { _, _ in .request(ConsoleRequest("queue.next")) }),
        VerbRow(
            "note", "note \"…\" [60s] | note clear",
            "puts a line of text on the screen, for good or for a time",
            examples: ["note \"Free shipping today\" 60s", "note clear"], from: .moderator,
            words: 1...Int.max, hints: [.oneOf(["clear"])], read: note),
    ]

    private static func pin(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
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

    private static func unpin(
        _ arguments: VerbArguments, _ context: ShowContext
    ) -> Verb.Deed {
        .request(
            ConsoleRequest("product.unpin") { writer in
                if let word = arguments.words.first {
                    writer.member("product", context.view.catalogue.product(word))
                }
            })
    }

    private static func queue(
        _ arguments: VerbArguments, _ context: ShowContext
    ) -> Verb.Deed {
        .request(
            ConsoleRequest("queue.set") { writer in
                writer.key("products")
                writer.beginArray()
                for word in arguments.words { writer.string(context.view.catalogue.product(word)) }
                writer.endArray()
            })
    }

    /// The text in quotes or not; a duration after it is how long it stays.
    private static func note(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        var words = arguments.words
        if words == ["clear"], !arguments.isQuoted[0] {
            return .request(ConsoleRequest("note.clear"))
        }
        var noteSeconds: Int64?
        if words.count > 1, let last = words.last, VerbArguments.isTime(last) {
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
}
