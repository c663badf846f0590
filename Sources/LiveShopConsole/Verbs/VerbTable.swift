// All verbs of the host's console: the table that parsing, help and completion are made of. A verb that is
// not in it is unknown. A new format brings its rows in a folder of its own and gets one line here.

enum VerbTable {
    struct Group: Sendable {
        var title: String
        var rows: [VerbRow]
    }

    static let rows: [VerbRow] = groups.flatMap(\.rows)

    /// In the order in which a show needs them.
    static let groups: [Group] = [
        Group(title: "The show", rows: ShowVerbs.rows),
        Group(title: "On screen", rows: StageVerbs.rows),
        Group(title: "Stock and prices", rows: CatalogueVerbs.rows + FlashSaleVerbs.rows),
        Group(title: "The room", rows: ChatVerbs.rows + ModerationVerbs.rows + RoomVerbs.rows),
        Group(title: "Lists", rows: ListVerbs.rows),
        Group(title: "The console", rows: LocalVerbs.rows),
    ]

    static func named(_ name: String) -> VerbRow? { rows.first { $0.name == name } }

    /// The lines that `help` or `help VERB` prints.
    static func help(_ name: String?) -> [String] {
        if let row = name.flatMap(named) {
            return [row.form, "  " + row.about] + row.examples.map { "  e.g. " + $0 }
        }
        var lines: [String] = []
        for group in groups {
            lines.append(group.title)
            for row in group.rows {
                let short = row.form.count <= formColumns ? row.form : row.name + " …"
                lines.append("  \(short)\(blanks(formColumns - short.count))  \(row.about)")
            }
        }
        return lines + ["help VERB shows how a verb is written, with examples"]
    }

    /// Longer forms are left to `help VERB`.
    private static let formColumns = 29

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
}
