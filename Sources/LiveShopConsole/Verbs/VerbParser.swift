// One line of a host → a verb, or one sentence about what is wrong with it. It finds the row; the row reads
// the words. Pure; the same for scripts, pipes and the interactive console.

import LiveShopClient
import WireProtocol

enum VerbParser {
    /// Nil for an empty line and for a comment (`#`).
    static func parse(
        _ line: String, in context: ShowContext
    ) throws(VerbError) -> Verb? {
        let split = Words(line)
        guard let first = split.words.first, !first.text.hasPrefix("#") else { return nil }
        guard let row = VerbTable.named(first.text) else {
            throw VerbError(
                message: "unknown verb " + nearMiss(first.text) + " ('help' lists the verbs)")
        }
        let rest = split.words.dropFirst().first.map { line[$0.start...] } ?? ""
        let arguments = VerbArguments(row: row, split: split, rest: String(rest))
        if split.isOpen, !row.takesText { throw arguments.wrong("a quote is not closed") }
        try arguments.expect(row.words)
        return Verb(
            deed: try row.read(arguments, context), question: row.question?(arguments))
    }

    /// The word in quotes, with the verb that was probably meant.
    static func nearMiss(_ word: String) -> String {
        let near = NearMiss.of(word, in: VerbTable.rows.map(\.name))
        return "'\(printable(word, limit: 100))'" + (near.map { ", did you mean '\($0)'?" } ?? "")
    }
}
