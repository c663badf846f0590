// The verbs of the console itself: what it prints, files of verbs, waiting, help, leaving.

enum LocalVerbs {
    static let rows: [VerbRow] = [
        VerbRow(
            "watch", "watch chat | claims | all | off",
            "chooses what is printed of what happens", from: .nobody, words: 1...1,
            hints: [.oneOf(["chat", "claims", "all", "off"])], read: watch),
        VerbRow(
            "run", "run FILE", "carries out the verbs of a file, to the first error",
            examples: ["run run-of-show.txt"], from: .nobody, words: 1...1,
            read: { arguments, _ in .run(arguments.words[0]) }),
        VerbRow(
            "wait", "wait 10s | wait EVENT [SKU] [30s]",
            "waits for a time, or for an event such as sold_out (60s at most unless given)",
            examples: ["wait 10s", "wait sold_out MUG-BLUE 30s"], from: .nobody, words: 1...3,
            read: wait),
        VerbRow(
            "help", "help [VERB]", "explains the verbs", from: .nobody, words: 0...1,
            hints: [verb], read: help),
        VerbRow(
            "quit", "quit", "leaves; the show goes on", from: .nobody, read: { _, _ in .quit }),
    ]

    private static let waitSecondsDefault = 60.0

    private static let verb = VerbRow.Hint { _ in VerbTable.rows.map(\.name) }

    private static func watch(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        guard let level = WatchLevel(rawValue: arguments.words[0]) else {
            throw arguments.wrong("'\(arguments.words[0])' is none of these")
        }
        return .watch(level)
    }

    private static func wait(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        var words = arguments.words
        if words.count == 1, let duration = VerbArguments.seconds(words[0]) {
            return .wait(seconds: duration)
        }
        var limit = waitSecondsDefault
        if words.count > 1, let last = words.last, let duration = VerbArguments.seconds(last) {
            limit = duration
            words.removeLast()
        }
        let isType = words[0].utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        }
        guard isType, words.count <= 2 else {
            throw arguments.wrong("'\(words[0])' is neither a time such as 10s nor an event")
        }
        return .waitFor(
            AwaitedFact(type: words[0], sku: words.count == 2 ? words[1] : nil, seconds: limit))
    }

    private static func help(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        guard let name = arguments.words.first else { return .help(nil) }
        guard VerbTable.named(name) != nil else {
            throw VerbError(message: "there is no verb " + VerbParser.nearMiss(name))
        }
        return .help(name)
    }
}
