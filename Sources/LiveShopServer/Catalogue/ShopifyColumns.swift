// Which column of the file is which. Shopify has renamed its columns once; both sets of names are known,
// without regard to case. Columns that are not listed here are ignored.

import WireProtocol

struct ShopifyColumns {
    /// Columns of the header, which every row must have.
    var count = 0
    var handle: Int
    var title: Int
    var price: Int
    var description: Int?
    var published: Int?
    var status: Int?
    var giftCard: Int?
    var sku: Int?
    var quantity: Int?
    var policy: Int?
    var image: Int?
    var optionNames: [Int?] = []
    var optionValues: [Int?] = []

    /// A header that cannot be used.
    struct BadHeader: Error {
        var note: RowNote
    }

    /// Reads the current row of the reader as a header.
    static func read(_ reader: CSVReader) -> Result<ShopifyColumns, BadHeader> {
        func bad(_ text: String) -> Result<ShopifyColumns, BadHeader> {
            .failure(BadHeader(note: RowNote(line: reader.line, text: text)))
        }
        if let problem = reader.problem { return bad(problem.text) }
        var places: [String: Int] = [:]
        for index in 0..<reader.count {
            let text = reader.text(index)
            let name = ClientText.clean(text).lowercased()
            guard let column = names[name] else { continue }
            if places.updateValue(index, forKey: column) != nil {
                return bad("column \(ClientText.quotable(text)) stands twice in the header")
            }
        }
        guard let handle = places["handle"], let title = places["title"],
            let price = places["price"]
        else {
            let missing = [("handle", "Handle"), ("title", "Title"), ("price", "Variant Price")]
                .filter { places[$0.0] == nil }.map(\.1)
            return bad("the header lacks \(missing.joined(separator: ", "))")
        }
        return .success(
            ShopifyColumns(
                count: reader.count, handle: handle, title: title, price: price,
                description: places["description"], published: places["published"],
                status: places["status"], giftCard: places["gift card"], sku: places["sku"],
                quantity: places["quantity"], policy: places["policy"],
                image: places["image"], optionNames: (1...3).map { places["option\($0) name"] },
                optionValues: (1...3).map { places["option\($0) value"] }))
    }

    private static let names: [String: String] = [
        "handle": "handle", "url handle": "handle",
        "title": "title",
        "body (html)": "description", "body html": "description", "description": "description",
        "published": "published", "published on online store": "published",
        "status": "status", "gift card": "gift card",
        "option1 name": "option1 name", "option1 value": "option1 value",
        "option2 name": "option2 name", "option2 value": "option2 value",
        "option3 name": "option3 name", "option3 value": "option3 value",
        "variant sku": "sku", "sku": "sku",
        "variant inventory qty": "quantity", "inventory quantity": "quantity",
        "variant inventory policy": "policy", "continue selling when out of stock": "policy",
        "variant price": "price", "price": "price",
        "image src": "image", "product image url": "image",
    ]
}
