public import Inventory

/// What is shown and sold: a title with its variants. Prices and stock of the variants are the
/// ledger's; this is the rest.
public struct Product: Hashable, Sendable {
    public let id: String
    public var title: String
    public var description: String
    public var media: [String]
    public var sponsored: Bool
    public var firstPaid: Bool?
    public var variants: [Variant]

    public struct Variant: Hashable, Sendable {
        public let id: VariantID
        public let sku: String
        public var title: String
        /// Name and value of each option, in the order given ("Size", "S").
        public var options: [Option]
        /// What the shop that the catalogue came from calls it, if it calls it anything.
        public var shopSKU: String?

        init(
            id: VariantID, sku: String, title: String, options: [Option], shopSKU: String? = nil
        ) {
            self.id = id
            self.sku = sku
            self.title = title
            self.options = options
            self.shopSKU = shopSKU
        }
    }

    public struct Option: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }
}

/// A product as somebody wants it to be: all of it when it is new, else only what changes.
public struct ProductDraft: Sendable {
    public var id: String?
    public var title: String?
    public var description: String?
    public var media: [String]?
    public var sponsored: Bool?
    public var firstPaid: Bool?
    public var variants: [VariantDraft]

    public struct VariantDraft: Sendable {
        public var sku: String
        public var title: String?
        public var options: [Product.Option]?
        public var price: Money?
        public var onHand: Units?
        public var limit: Units?
        public var shopSKU: String?

        public init(
            sku: String, title: String? = nil, options: [Product.Option]? = nil,
            price: Money? = nil, onHand: Units? = nil, limit: Units? = nil, shopSKU: String? = nil
        ) {
            self.sku = sku
            self.shopSKU = shopSKU
            self.title = title
            self.options = options
            self.price = price
            self.onHand = onHand
            self.limit = limit
        }
    }

    public init(
        id: String? = nil, title: String? = nil, description: String? = nil,
        media: [String]? = nil, sponsored: Bool? = nil, firstPaid: Bool? = nil,
        variants: [VariantDraft] = []
    ) {
        self.id = id
        self.title = title
        self.description = description
        self.media = media
        self.sponsored = sponsored
        self.firstPaid = firstPaid
        self.variants = variants
    }
}

/// A product on screen.
public struct Pin: Hashable, Sendable {
    public let product: String
    /// The variant, when one was pinned rather than the whole product.
    public let sku: String?
    /// When it unpins itself.
    public let until: Timestamp?
}
