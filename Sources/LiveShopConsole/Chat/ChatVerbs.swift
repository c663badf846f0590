// The verbs for the chat.

import WireProtocol

enum ChatVerbs {
    static let rows: [VerbRow] = [
        VerbRow(
            "say", "say TEXT", "writes into the chat", examples: ["say Hello, everybody!"],
            from: .viewer, words: 1...Int.max, takesText: true,
            read: { arguments, _ in
                .request(ConsoleRequest("chat.send") { $0.member("text", arguments.rest) })
            }),
        VerbRow(
            "delete", "delete M", "deletes a chat message", examples: ["delete m12"],
            from: .moderator, words: 1...1, read: delete),
    ]

    private static func delete(
        _ arguments: VerbArguments, _ context: ShowContext
    ) -> Verb.Deed {
        let word = arguments.words[0]
        // The number alone is enough: m12 and 12 are the same message.
        let id = word.utf8.allSatisfy { (0x30...0x39).contains($0) } ? "m" + word : word
        return .request(ConsoleRequest("chat.delete") { $0.member("message", id) })
    }
}
