// One command of a viewer: how it is written, which text explains it, and the function that reads it. The
// rows stand in the folders of their subjects; ViewerTable puts them together.

import LiveShopClient

/// Reads the words after a command.
typealias ViewerReader =
    @Sendable ([String], OwnThings) throws(ViewerCommand.Refusal) -> ViewerCommand

struct ViewerRow: Sendable {
    let name: String
    /// "/claim SKU [n]".
    let form: String
    /// What it does, in the viewer's language.
    let about: Phrase
    /// How many words may follow.
    let words: ClosedRange<Int>
    let read: ViewerReader

    init(
        _ name: String, _ form: String, _ about: Phrase, words: ClosedRange<Int> = 0...Int.max,
        read: @escaping ViewerReader
    ) {
        self.name = name
        self.form = form
        self.about = about
        self.words = words
        self.read = read
    }

    /// What is said about words that do not fit the form.
    static func wrong(_ form: String) -> ViewerCommand.Refusal {
        ViewerCommand.Refusal(phrase: .watchForm, values: ["form": .text(form)])
    }
}

enum ViewerTable {
    /// A command that is not here is unknown. A new format gets one line.
    static let rows: [ViewerRow] =
        SaleCommands.rows + [
            ViewerRow("help", "/help", .helpHelp, read: { _, _ in .help }),
            ViewerRow("quit", "/quit", .helpQuit, read: { _, _ in .quit }),
        ]

    static func named(_ name: String) -> ViewerRow? { rows.first { $0.name == name } }
}
