// Products as hosts give them: in `product.add` and `product.update`, in a JSON catalogue, and made of the
// rows of a CSV. Prices are in minor units. A field error's path begins at the product.

/// A product with all its variants. Source: docs/PROTOCOL.md, `product.add`.
public struct ProductInput: Hashable, Sendable {
    /// Chosen by the host, or nil for one that the server makes.
    public var id: String?
    public var title: String
    /// Plain text; may have line breaks.
    public var description: String
    /// Addresses of pictures: https, http or a path on this server.
    public var media: [String]
    public var sponsored: Bool
    /// Nil: as the show is set.
    public var firstPaid: Bool?
    /// At least one; SKUs differ.
    public var variants: [VariantInput]

    public init(
        id: String? = nil, title: String, description: String = "", media: [String] = [],
        sponsored: Bool = false, firstPaid: Bool? = nil, variants: [VariantInput]
    ) {
        self.id = id
        self.title = title
        self.description = description
        self.media = media
        self.sponsored = sponsored
        self.firstPaid = firstPaid
        self.variants = variants
    }

    /// Reads a product from a JSON object; the error names the first wrong field.
    public init(_ node: JSONNode, in json: JSONDocument) throws(FieldError) {
        id = try json.sku(in: node, "id")
        let title = try json.text(in: node, "title", WireLimits.titleCharacters)
        self.title = try json.require(title, node, "title")
        description =
            try json.text(
                in: node, "description", WireLimits.descriptionCharacters, keepingLines: true) ?? ""
        media = try json.media(in: node) ?? []
        sponsored = try json.flagToCome(in: node, "sponsored") ?? false
        firstPaid = try json.flagToCome(in: node, "first_paid")
        let nodes = try json.array(in: node, "variants", WireLimits.variantsPerProduct)
        variants = try json.variants(
            json.require(nodes, node, "variants")
        ) { (variant) throws(FieldError) in try VariantInput(variant, in: json) }
    }
}

/// One variant: the unit of stock.
public struct VariantInput: Hashable, Sendable {
    public var sku: String
    /// What the shop of an imported catalogue calls it; nil when it has no name there.
    public var shopSKU: String?
    /// May be empty: then options or the product's title tell.
    public var title: String
    /// In the order given.
    public var options: [ProductOption]
    public var price: Int64
    public var onHand: Int64
    /// Units per buyer; nil: as the show is set, 0: none.
    public var limit: Int64?

    public init(
        sku: String, shopSKU: String? = nil, title: String = "", options: [ProductOption] = [],
        price: Int64, onHand: Int64, limit: Int64? = nil
    ) {
        self.sku = sku
        self.shopSKU = shopSKU
        self.title = title
        self.options = options
        self.price = price
        self.onHand = onHand
        self.limit = limit
    }

    init(_ node: JSONNode, in json: JSONDocument) throws(FieldError) {
        let change = try VariantChange(node, in: json)
        sku = change.sku
        options = change.options ?? []
        title = change.title ?? options.map(\.value).joined(separator: " / ")
        price = try json.require(change.price, node, "price")
        onHand = try json.require(change.onHand, node, "on_hand")
        limit = change.limit
    }
}

/// One option of a variant, such as Size: S.
public struct ProductOption: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// `product.update`: only what is given changes.
public struct ProductChange: Hashable, Sendable {
    /// Nil: the product that has the variants named.
    public var id: String?
    public var title: String?
    public var description: String?
    public var media: [String]?
    public var sponsored: Bool?
    public var firstPaid: Bool?
    /// Those to change or to add.
    public var variants: [VariantChange]

    init(_ node: JSONNode, in json: JSONDocument) throws(FieldError) {
        id = try json.identifier(in: node, "id")
        title = try json.text(in: node, "title", WireLimits.titleCharacters)
        description = try json.text(
            in: node, "description", WireLimits.descriptionCharacters, keepingLines: true)
        media = try json.media(in: node)
        sponsored = try json.flagToCome(in: node, "sponsored")
        firstPaid = try json.flagToCome(in: node, "first_paid")
        let nodes =
            try json.array(in: node, "variants", 0...WireLimits.variantsPerProduct.upperBound)
        variants = try json.variants(nodes ?? []) {
            (variant) throws(FieldError) in try VariantChange(variant, in: json)
        }
        if id == nil && variants.isEmpty { _ = try json.require(id, node, "id") }
    }
}

/// A variant in `product.update`; a new one needs `price` and `onHand`, an old one may not name `onHand`.
public struct VariantChange: Hashable, Sendable {
    public var sku: String
    public var title: String?
    public var options: [ProductOption]?
    public var price: Int64?
    public var onHand: Int64?
    public var limit: Int64?

    init(_ node: JSONNode, in json: JSONDocument) throws(FieldError) {
        sku = try json.require(json.sku(in: node, "sku"), node, "sku")
        title = try json.text(in: node, "title", 0...WireLimits.titleCharacters.upperBound)
        options = try json.options(in: node)
        price = try json.integer(in: node, "price", WireLimits.amount)
        onHand = try json.integer(in: node, "on_hand", WireLimits.onHand)
        limit = try json.integer(in: node, "limit", WireLimits.buyerLimit)
    }
}

extension ProductInput {
    /// Whether an address may stand in `media`.
    public static func isMediaAddress(_ text: String) -> Bool {
        guard WireLimits.mediaCharacters.contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return false }
        return text.hasPrefix("https://") || text.hasPrefix("http://")
            || (text.hasPrefix("/") && !text.hasPrefix("//"))
    }
}

extension JSONDocument {
    fileprivate func variants<Variant>(
        _ nodes: [JSONNode],
        _ read: (JSONNode) throws(FieldError) -> Variant
    ) throws(FieldError) -> [Variant] {
        var variants: [Variant] = []
        variants.reserveCapacity(nodes.count)
        for (index, node) in nodes.enumerated() {
            do throws(FieldError) {
                guard kind(node) == .object else { throw error("", "must be an object", node) }
                let variant = try read(node)
                variants.append(variant)
            } catch {
                throw error.within("variants[\(index)]")
            }
        }
        let skus = nodes.map { member($0, "sku") ?? $0 }
        if let index = firstRepeated(of: skus) {
            throw error("variants[\(index)].sku", "must not be used twice", skus[index])
        }
        return variants
    }

    /// A flag whose meaning is not built yet: true is refused, or somebody would rely on it.
    fileprivate func flagToCome(
        in object: JSONNode, _ name: StaticString
    ) throws(FieldError) -> Bool? {
        let flag = try bool(in: object, name)
        if flag == true, let node = member(object, name) {
            throw error("\(name)", "is not available yet; leave it out, or give false", node)
        }
        return flag
    }

    fileprivate func media(in object: JSONNode) throws(FieldError) -> [String]? {
        guard let nodes = try array(in: object, "media", WireLimits.mediaPerProduct) else {
            return nil
        }
        var media: [String] = []
        for (index, node) in nodes.enumerated() {
            guard let address = string(node), ProductInput.isMediaAddress(address) else {
                throw error(
                    "media[\(index)]",
                    "must be an https or http address or a path beginning with /",
                    node)
            }
            media.append(address)
        }
        return media
    }

    fileprivate func options(in node: JSONNode) throws(FieldError) -> [ProductOption]? {
        guard let object = try object(in: node, "options") else { return nil }
        var options: [ProductOption] = []
        for (name, value) in members(object) {
            let limit = WireLimits.optionCharacters.upperBound
            guard options.count < WireLimits.optionsPerVariant.upperBound,
                let name = ClientText.clean(string(name) ?? "", atMost: limit),
                let value = string(value).flatMap({ ClientText.clean($0, atMost: limit) })
            else {
                throw error("options", "must be up to 10 names with texts", object)
            }
            options.append(ProductOption(name: name, value: value))
        }
        return options
    }
}
