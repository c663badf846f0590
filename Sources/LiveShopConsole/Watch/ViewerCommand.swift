// What a viewer types: a command that begins with a slash, or chat. Pure.

import LiveShopClient
import WireProtocol

enum ViewerCommand: Equatable, Sendable {
    case requests([ConsoleRequest])
    case holds, help, quit

    /// What a line cannot be: a text of the language with its values.
    struct Refusal: Error, Equatable {
        var phrase: Phrase
        var values: [String: TextValue] = [:]
    }

    /// Nil for an empty line.
    init?(_ line: String, _ own: OwnThings) throws(Refusal) {
        let words = Words(line).words.map(\.text)
        guard let first = words.first else { return nil }
        guard first.hasPrefix("/") else {
            self = .requests([ConsoleRequest("chat.send") { $0.member("text", line) }])
            return
        }
        let name = String(first.dropFirst())
        guard let row = ViewerTable.named(name) else {
            let near = NearMiss.of(name, in: ViewerTable.rows.map(\.name))
            let command = printable(first, limit: 60) + (near.map { " (/\($0)?)" } ?? "")
            throw Refusal(phrase: .watchUnknownCommand, values: ["command": .text(command)])
        }
        let arguments = Array(words.dropFirst())
        guard row.words.contains(arguments.count) else { throw ViewerRow.wrong(row.form) }
        self = try row.read(arguments, own)
    }
}
