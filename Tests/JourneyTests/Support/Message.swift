// One JSON object from the server, read by paths: `message["data.hold.quantity"].number`. What is not there
// reads as nil, so that a test fails with an expectation and not with a trap.

import WireProtocol

struct Message: CustomStringConvertible {
    let text: String
    private let document: JSONDocument

    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDocument(parsing: bytes) else { return nil }
        self.document = document
        text = String(decoding: bytes, as: UTF8.self)
    }

    var description: String { text }
    var type: String { self["type"].text ?? "" }
    var offset: Int? { self["offset"].number }
    var id: Int? { self["id"].number }
    var isAnswer: Bool { type == "reply" || type == "error" }
    /// When the server says it sent this, in milliseconds.
    var time: Int64? { self["time"].time }

    /// `a.b.0.c`: members and places in arrays.
    subscript(path: String) -> Field {
        var node: JSONNode? = document.root
        for step in path.split(separator: ".") {
            guard let here = node else { break }
            if document.kind(here) == .array {
                let elements = Array(document.elements(here))
                let place = Int(step) ?? -1
                node = elements.indices.contains(place) ? elements[place] : nil
            } else {
                node = document.member(here, named: String(step))
            }
        }
        return Field(document: document, node: node)
    }

    struct Field {
        let document: JSONDocument
        let node: JSONNode?

        var exists: Bool { node != nil }
        var text: String? { node.flatMap(document.string) }
        var number: Int? { node.flatMap(document.integer).map { Int($0) } }
        var bool: Bool? { node.flatMap(document.bool) }
        var count: Int { node.map { Array(document.elements($0)).count } ?? 0 }
        /// A time in milliseconds.
        var time: Int64? { text.flatMap(RFC3339.milliseconds) }
        /// As it was written.
        var json: String? { node.map { String(decoding: document.rawBytes($0), as: UTF8.self) } }

        /// One field of each element.
        func each(_ name: String) -> [Field] {
            node.map {
                document.elements($0).map { element in
                    Field(document: document, node: document.member(element, named: name))
                }
            } ?? []
        }
    }
}
