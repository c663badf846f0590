// Replies and events as lines for a terminal: the same few rules for all of them, so that a new field
// shows up by itself. Everything foreign is made printable.

import LiveShopClient
import WireProtocol

struct ReplyText {
    let currency: Currency

    private static let amounts: Set<String> = [
        "price", "prior_price", "unit_price", "total", "discount", "amount", "gmv",
    ]
    private static let cellCharactersMax = 200
    private static let linesMax = 1_000

    /// `name=value` pairs of the object, then one line for each element of its arrays of objects.
    func lines(_ data: [UInt8]) -> [String] {
        guard let document = try? JSONDocument(parsing: data) else { return ["(not JSON)"] }
        return lines(document.root, document)
    }

    func lines(_ node: JSONNode, _ document: JSONDocument) -> [String] {
        var first: [String] = []
        var more: [String] = []
        for (nameNode, value) in document.members(node) {
            let name = printable(document.string(nameNode) ?? "", limit: 60)
            // Where a list goes on is the console's business.
            if name == "next" { continue }
            if document.kind(value) == .array, isListOfObjects(value, document) {
                let elements = Array(document.elements(value))
                first.append("\(name)=\(elements.count)")
                for element in elements.prefix(ReplyText.linesMax) {
                    more.append("  " + pairs(element, document).joined(separator: " "))
                }
            } else {
                first.append(contentsOf: pair(name, value, document))
            }
        }
        return (first.isEmpty ? [] : [first.joined(separator: " ")]) + more
    }

    private func isListOfObjects(_ node: JSONNode, _ document: JSONDocument) -> Bool {
        for element in document.elements(node) { return document.kind(element) == .object }
        return true
    }

    private func pairs(_ object: JSONNode, _ document: JSONDocument) -> [String] {
        document.members(object).flatMap { name, value in
            pair(printable(document.string(name) ?? "", limit: 60), value, document)
        }
    }

    private func pair(_ name: String, _ value: JSONNode, _ document: JSONDocument) -> [String] {
        switch document.kind(value) {
        case .object:
            return pairs(value, document).map { "\(name).\($0)" }
        case .number:
            guard ReplyText.amounts.contains(name), let number = document.integer(value) else {
                return ["\(name)=\(raw(value, document))"]
            }
            return ["\(name)=\(currency.text(number))"]
        case .string:
            let text = printable(
                document.string(value) ?? "", limit: ReplyText.cellCharactersMax)
            return [text.contains(" ") ? "\(name)=\"\(text)\"" : "\(name)=\(text)"]
        case .null:
            return []
        case .array, .bool:
            return ["\(name)=\(raw(value, document))"]
        }
    }

    private func raw(_ value: JSONNode, _ document: JSONDocument) -> String {
        printable(
            String(decoding: document.rawBytes(value), as: UTF8.self),
            limit: ReplyText.cellCharactersMax)
    }
}
