// What a worker knows of the products: which SKU to claim when a product is on screen. Read from one
// snapshot for all its buyers, then moved by the events one of them receives. Pure.

import WireProtocol

struct Catalogue: Sendable {
    struct Variant: Equatable, Sendable {
        var sku: String
        var available: Int
    }

    private(set) var variants: [String: [Variant]] = [:]

    init() {}

    /// Takes over a whole snapshot.
    mutating func take(snapshot: JSONNode, _ document: JSONDocument) {
        guard let list = document.member(snapshot, "products") else { return }
        for product in document.elements(list) { take(product: product, document) }
    }

    mutating func take(product: JSONNode, _ document: JSONDocument) {
        guard let id = Belongings.text(product, "id", document),
            let list = document.member(product, "variants")
        else { return }
        variants[id] = document.elements(list).compactMap { node in
            Belongings.text(node, "sku", document).map {
                Variant(sku: $0, available: Belongings.number(node, "available", document) ?? 0)
            }
        }
    }

    func available(_ sku: String) -> Int? {
        for list in variants.values {
            if let variant = list.first(where: { $0.sku == sku }) { return variant.available }
        }
        return nil
    }

    /// The SKU to claim of a pin `{"product":…,"sku":…?}`: the first of `wanted` that the product has;
    /// when nothing is wanted the one pinned, else the first with units, else the first. Nil when
    /// `wanted` is of other products.
    func sku(of pin: JSONNode, wanted: [String], _ document: JSONDocument) -> String? {
        let pinned = Belongings.text(pin, "sku", document)
        let product =
            Belongings.text(pin, "product", document) ?? Belongings.text(pin, "id", document)
        let list = product.flatMap { variants[$0] } ?? []
        guard wanted.isEmpty else {
            return wanted.first { sku in sku == pinned || list.contains { $0.sku == sku } }
        }
        return pinned ?? (list.first { $0.available > 0 } ?? list.first)?.sku
    }

    /// As above for the `pinned` of a snapshot, one pin or a list of them, the first that fits.
    func sku(ofPinned node: JSONNode, wanted: [String], _ document: JSONDocument) -> String? {
        guard document.kind(node) == .array else {
            return sku(of: node, wanted: wanted, document)
        }
        for pin in document.elements(node) {
            if let sku = sku(of: pin, wanted: wanted, document) { return sku }
        }
        return nil
    }
}
