// Who is in the show, as far as the console has heard: names from chat and from lists. Turns a name into
// the participant meant by it; names need not be unique, ids are.

import LiveShopClient
import WireProtocol

struct People: Equatable, Sendable {
    /// Beyond this many the ones heard of first are forgotten.
    static let max = 5_000

    /// Names by participant.
    private(set) var names: [String: String] = [:]
    private var order: [String] = []

    mutating func add(_ participant: String, name: String) {
        if names.updateValue(name, forKey: participant) == nil { order.append(participant) }
        guard order.count > People.max else { return }
        for forgotten in order.prefix(People.max / 2) { names[forgotten] = nil }
        order.removeFirst(People.max / 2)
    }

    /// Takes over every object with `participant` and `name` in `data` or in the lists it holds.
    mutating func take(_ data: JSONNode, in document: JSONDocument) {
        takeOne(data, document)
        for (_, value) in document.members(data) where document.kind(value) == .array {
            for element in document.elements(value) { takeOne(element, document) }
        }
    }

    private mutating func takeOne(_ node: JSONNode, _ document: JSONDocument) {
        guard let id = document.text("participant", of: node),
            let name = document.text("name", of: node)
        else { return }
        add(id, name: name)
    }

    enum Meaning: Equatable {
        case participant(String)
        /// Several have this name; one line for each.
        case several([String])
        /// Nobody heard of; `near` is a name that looks like it.
        case nobody(near: String?)
    }

    /// An id, else a name, upper and lower case aside; `@` before it is ignored.
    func meaning(of word: String) -> Meaning {
        if names[word] != nil { return .participant(word) }
        let wanted = (word.hasPrefix("@") ? String(word.dropFirst()) : word).lowercased()
        let called = names.filter { $0.value.lowercased() == wanted }
        if called.count == 1, let id = called.keys.first { return .participant(id) }
        guard called.isEmpty else {
            let shown = called.sorted { $0.key < $1.key }.prefix(20)
            return .several(
                shown.map {
                    "\(printable($0.value, limit: 40)) is \(printable($0.key, limit: 128))"
                })
        }
        return .nobody(near: NearMiss.of(word, in: Set(names.values)))
    }
}
