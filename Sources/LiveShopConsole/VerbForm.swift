// How each verb is written and what it does: the table that help, errors and completion are made of.

import LiveShopClient

struct VerbForm: Sendable {
    /// What a word after the verb may be, for completion.
    indirect enum Word: Sendable {
        case sku, product, person, verb, room
        case oneOf([String])
        case either(Word, Word)
        /// Nothing that could be known.
        case free
    }

    var name: String
    /// "pin SKU [60s]".
    var form: String
    var about: String
    var examples: [String]
    /// By place; the last one goes for all words after it when `repeats`.
    var words: [Word]
    var repeats = false

    init(
        _ name: String, _ form: String, _ about: String, _ examples: [String] = [],
        words: [Word] = [], repeats: Bool = false
    ) {
        self.name = name
        self.form = form
        self.about = about
        self.examples = examples
        self.words = words
        self.repeats = repeats
    }

    struct Group: Sendable {
        var title: String
        var forms: [VerbForm]
    }

    static let all: [VerbForm] = groups.flatMap(\.forms)

    /// In the order in which a show needs them.
    static let groups: [Group] = [
        Group(
            title: "The show",
            forms: [
                VerbForm("start", "start", "begins the show, or revives one that has just ended"),
                VerbForm("pause", "pause", "pauses sales; chat goes on"),
                VerbForm("resume", "resume", "goes on after a pause"),
                VerbForm("end", "end", "ends the show; waiting buyers are still served"),
            ]),
        Group(
            title: "On screen",
            forms: [
                VerbForm(
                    "pin", "pin SKU [60s]", "shows a product, for good or for a time",
                    ["pin MUG-BLUE", "pin MUG-BLUE 60s"], words: [.sku]),
                VerbForm(
                    "unpin", "unpin [PRODUCT]", "takes the product off the screen",
                    words: [.product]),
                VerbForm(
                    "queue", "queue A B C", "sets what comes next, by product or SKU",
                    ["queue MUG-BLUE BOWL"], words: [.product], repeats: true),
                VerbForm("next", "next", "pins the head of the queue"),
                VerbForm(
                    "note", "note \"…\" [60s] | note clear",
                    "puts a line of text on the screen, for good or for a time",
                    ["note \"Free shipping today\" 60s", "note clear"],
                    words: [.oneOf(["clear"])]),
            ]),
        Group(
            title: "Stock and prices",
            forms: [
                VerbForm(
                    "add", "add {\"title\":…,\"variants\":[…]}", "adds a product given as JSON",
                    [#"add {"title":"Mug","variants":[{"sku":"MUG","price":1990,"on_hand":5}]}"#]),
                VerbForm(
                    "price", "price SKU 19.90", "sets a price", ["price MUG-BLUE 19.90"],
                    words: [.sku]),
                VerbForm(
                    "stock", "stock SKU +5 | -5 | =20", "changes the units on hand, or sets them",
                    ["stock MUG-BLUE +5", "stock MUG-BLUE =20"], words: [.sku]),
                VerbForm(
                    "flash", "flash SKU 14.90 60s [limit 1] [x50] [countdown 5s] | flash stop SKU",
                    "a lower price for a short time; limit is per buyer, x50 is for 50 units",
                    [
                        "flash MUG-BLUE 14.90 60s",
                        "flash MUG-BLUE 14.90 2m limit 2 x50 countdown 5s",
                        "flash stop MUG-BLUE",
                    ],
                    words: [
                        .either(.sku, .oneOf(["stop"])), .free, .free,
                        .oneOf(["limit", "countdown"]), .free, .oneOf(["limit", "countdown"]),
                    ]),
            ]),
        Group(
            title: "The room",
            forms: [
                VerbForm("say", "say TEXT", "writes into the chat", ["say Hello, everybody!"]),
                VerbForm("delete", "delete M", "deletes a chat message", ["delete m12"]),
                VerbForm(
                    "timeout", "timeout NAME [5m] [REASON]",
                    "lets somebody watch but not write for a while",
                    ["timeout Ana 5m be kind", "timeout \"Ana Maria\" 30s"], words: [.person]),
                VerbForm(
                    "ban", "ban NAME [REASON]",
                    "shuts somebody out and releases what is held unpaid",
                    ["ban Ana spam"], words: [.person]),
                VerbForm(
                    "unban", "unban NAME [REASON]", "lets somebody in again", words: [.person]),
                VerbForm(
                    "restrict", "restrict NAME [REASON]",
                    "lets somebody watch and chat but not claim", words: [.person]),
                VerbForm(
                    "role", "role NAME viewer | moderator | co_host",
                    "gives a role until the show ends", ["role Ana moderator"],
                    words: [.person, .oneOf(["viewer", "moderator", "co_host"])]),
                VerbForm(
                    "room", "room [NAME VALUE]",
                    "shows the settings of the room, or sets one; slow is slow_mode_seconds",
                    ["room", "room slow 10s", "room slow off", "room hold_seconds 300"],
                    words: [.room]),
            ]),
        Group(
            title: "Lists",
            forms: [
                VerbForm("viewers", "viewers", "lists who is watching"),
                VerbForm("holds", "holds [SKU]", "lists the open holds", words: [.sku]),
                VerbForm(
                    "waitlist", "waitlist [SKU]", "lists who waits", words: [.sku]),
                VerbForm("orders", "orders", "lists the orders"),
            ]),
        Group(
            title: "The console",
            forms: [
                VerbForm(
                    "watch", "watch chat | claims | all | off",
                    "chooses what is printed of what happens",
                    words: [.oneOf(["chat", "claims", "all", "off"])]),
                VerbForm(
                    "run", "run FILE", "carries out the verbs of a file, to the first error",
                    ["run run-of-show.txt"]),
                VerbForm(
                    "wait", "wait 10s | wait EVENT [SKU] [30s]",
                    "waits for a time, or for an event such as sold_out (60s at most unless given)",
                    ["wait 10s", "wait sold_out MUG-BLUE 30s"]),
                VerbForm("help", "help [VERB]", "explains the verbs", words: [.verb]),
                VerbForm("quit", "quit", "leaves; the show goes on"),
            ]),
    ]

    static func named(_ name: String) -> VerbForm? { all.first { $0.name == name } }

    /// The lines that `help` or `help VERB` prints.
    static func help(_ name: String?) -> [String] {
        if let form = name.flatMap(named) {
            return [form.form, "  " + form.about] + form.examples.map { "  e.g. " + $0 }
        }
        var lines: [String] = []
        for group in groups {
            lines.append(group.title)
            for form in group.forms {
                let short = form.form.count <= formColumns ? form.form : form.name + " …"
                lines.append("  \(short)\(blanks(formColumns - short.count))  \(form.about)")
            }
        }
        return lines + ["help VERB shows how a verb is written, with examples"]
    }

    /// Longer forms are left to `help VERB`.
    private static let formColumns = 29

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
}
