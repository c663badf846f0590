// What a console knows of its show: enough to read a price in the right currency, to turn a SKU into
// its product and a name into a participant, and to say where it is. Filled from the reply to hello,
// moved by events, notices and lists. The moving figures stand in ShowFigures.

import LiveShopClient
import WireProtocol

struct ShowContext: Equatable, Sendable {
    var show: String
    var title = ""
    var status = ""
    var currency = Currency.euro
    /// Product ids by SKU, as far as the snapshot names them.
    var productOfSKU: [String: String] = [:]
    var products: Set<String> = []
    /// Units on hand by SKU, as far as anything said them.
    var onHand: [String: Int64] = [:]
    var people = People()
    var figures = ShowFigures()
    /// The settings of the room by name, as they are written.
    var room: [String: String] = [:]

    init(show: String) { self.show = show }

    /// Takes over the `data` of a reply to `hello` that holds a snapshot; without one nothing changes.
    /// - Parameter now: this machine's wall clock in milliseconds; the server's may be another.
    mutating func take(hello data: [UInt8], at now: Int64 = 0) {
        guard let document = try? JSONDocument(parsing: data) else { return }
        figures.takeClock(document.root, document, at: now)
        if let you = document.member(document.root, "you") { people.take(you, in: document) }
        guard let snapshot = document.member(document.root, "snapshot") else { return }
        figures.take(snapshot: snapshot, document)
        if let node = document.member(snapshot, "chat") {
            for message in document.elements(node) { people.take(message, in: document) }
        }
        room = [:]
        if let node = document.member(snapshot, "room") { takeRoom(node, document) }
        if let node = document.member(snapshot, "show") {
            func text(_ name: StaticString) -> String? {
                document.member(node, name).flatMap(document.string)
            }
            title = text("title") ?? title
            status = text("status") ?? status
            if let known = text("currency").flatMap(Currency.init) { currency = known }
        }
        products = []
        productOfSKU = [:]
        if let list = document.member(snapshot, "products") {
            for product in document.elements(list) { take(product, document) }
        }
    }

    /// Takes over an event or a notice.
    mutating func take(_ fact: ServerFact, in document: JSONDocument) {
        switch fact.type {
        case "show.started", "show.paused", "show.resumed", "show.ended":
            let node = document.member(fact.data, "status")
            status = node.flatMap(document.string) ?? status
        case "product.added", "product.updated":
            if let product = document.member(fact.data, "product") { take(product, document) }
        case "stock.changed":
            takeStock(fact.data, document)
        case "chat.message":
            people.take(fact.data, in: document)
        case "room.configured":
            takeRoom(fact.data, document)
        default:
            break
        }
        figures.take(fact, document)
    }

    private mutating func takeRoom(_ node: JSONNode, _ document: JSONDocument) {
        for (name, value) in document.members(node) {
            guard let name = document.string(name) else { continue }
            room[name] =
                document.string(value) ?? document.bool(value).map { $0 ? "on" : "off" }
                ?? String(decoding: document.rawBytes(value), as: UTF8.self)
        }
    }

    /// Takes over the names in the reply to a list.
    mutating func take(list data: [UInt8]) {
        guard let document = try? JSONDocument(parsing: data) else { return }
        people.take(document.root, in: document)
    }

    /// Takes over a product that was just added: its id is in the reply, its SKUs in the request. The
    /// event that says both may come later than the next verb.
    mutating func takeAdded(_ request: [UInt8], reply: [UInt8]) {
        guard let answer = try? JSONDocument(parsing: reply),
            let id = answer.member(answer.root, "product").flatMap(answer.string),
            let document = try? JSONDocument(parsing: request),
            let variants = document.member(document.root, "product")
                .flatMap({ document.member($0, "variants") })
        else { return }
        products.insert(id)
        for variant in document.elements(variants) {
            if let sku = document.member(variant, "sku").flatMap(document.string) {
                productOfSKU[sku] = id
            }
        }
    }

    /// Takes over `sku` and `on_hand` of a notice or a reply.
    mutating func takeStock(_ node: JSONNode, _ document: JSONDocument) {
        guard let sku = document.member(node, "sku").flatMap(document.string),
            let units = document.member(node, "on_hand").flatMap(document.integer)
        else { return }
        onHand[sku] = units
    }

    private mutating func take(_ product: JSONNode, _ document: JSONDocument) {
        guard let id = document.member(product, "id").flatMap(document.string) else { return }
        products.insert(id)
        guard let variants = document.member(product, "variants") else { return }
        for variant in document.elements(variants) {
            if let sku = document.member(variant, "sku").flatMap(document.string) {
                productOfSKU[sku] = id
            }
        }
    }

    /// The product that a host means by a word: its id, or one of its SKUs. An unknown word is left as
    /// it is; the server knows the whole catalogue and will say.
    func product(_ word: String) -> String {
        products.contains(word) ? word : productOfSKU[word] ?? word
    }

    /// One line for the beginning of a session.
    var line: String {
        let parts = [
            "show \(printable(show))", title.isEmpty ? nil : "\"\(printable(title, limit: 100))\"",
            status.isEmpty ? nil : printable(status), currency.code,
            products.isEmpty ? nil : "\(products.count) products",
        ]
        return parts.compactMap { $0 }.joined(separator: " · ")
    }
}
