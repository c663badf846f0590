// What is on screen: pinned products, what comes next, the note.

import WireProtocol

public struct PinView: Equatable, Sendable {
    public internal(set) var product: String
    public internal(set) var sku: String?
    /// Milliseconds since 1970, of a pin for a time.
    public internal(set) var until: Int64?

    init?(_ node: JSONNode, _ document: JSONDocument) {
        guard let product = document.text("product", of: node) else { return nil }
        self.product = product
        sku = document.text("sku", of: node)
        until = document.time("until", of: node)
    }
}

public struct NoteView: Equatable, Sendable {
    public internal(set) var text: String
    /// Milliseconds since 1970, of a note for a time.
    public internal(set) var until: Int64?

    init?(_ node: JSONNode, _ document: JSONDocument) {
        guard let text = document.text("text", of: node) else { return nil }
        self.text = text
        until = document.time("until", of: node)
    }
}

public struct StageView: Equatable, Sendable {
    /// The newest last.
    public internal(set) var pins: [PinView] = []
    /// Ids of products.
    public internal(set) var queue: [String] = []
    public internal(set) var note: NoteView?

    mutating func take(snapshot: JSONNode, _ document: JSONDocument) {
        pins = document.list("pinned", of: snapshot).compactMap { PinView($0, document) }
        queue = document.texts("queue", of: snapshot)
        note = document.member(snapshot, "note").flatMap { NoteView($0, document) }
    }

    mutating func take(_ fact: ServerFact, _ document: JSONDocument) {
        let data = fact.data
        switch fact.type {
        case "product.pinned":
            guard let pin = PinView(data, document) else { return }
            pins.removeAll { $0.product == pin.product }
            pins.append(pin)
        case "product.unpinned":
            let product = document.text("product", of: data)
            pins.removeAll { $0.product == product }
        case "queue.changed": queue = document.texts("products", of: data)
        case "note.set": note = NoteView(data, document)
        case "note.cleared": note = nil
        default: break
        }
    }
}
