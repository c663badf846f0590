// The verbs that ask for lists.

import WireProtocol

enum ListVerbs {
    static let rows: [VerbRow] = [
        VerbRow(
            "viewers", "viewers", "lists who is watching", from: .host,
            read: list("viewers.list")),
        VerbRow(
            "holds", "holds [SKU]", "lists the open holds", from: .host, words: 0...1,
            hints: [.sku], read: list("holds.list")),
        VerbRow(
            "waitlist", "waitlist [SKU]", "lists who waits", from: .host, words: 0...1,
            hints: [.sku], read: list("waitlist.list")),
        VerbRow("orders", "orders", "lists the orders", from: .host, read: list("orders.list")),
    ]

    /// Of everything, or of the SKU that is named.
    private static func list(_ type: String) -> VerbReader {
        { arguments, _ in
            .request(
                ConsoleRequest(type, changes: false) { writer in
                    if let sku = arguments.words.first { writer.member("sku", sku) }
                })
        }
    }
}
