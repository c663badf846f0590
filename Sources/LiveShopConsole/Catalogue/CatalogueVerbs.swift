// The verbs for products, prices and stock.

import LiveShopClient
import WireProtocol

enum CatalogueVerbs {
    static let rows: [VerbRow] = [
        VerbRow(
            "add", "add {\"title\":…,\"variants\":[…]}", "adds a product given as JSON",
            examples: [
                #"add {"title":"Mug","variants":[{"sku":"MUG","price":1990,"on_hand":5}]}"#
            ],
            from: .host, words: 1...Int.max, takesText: true, read: add),
        VerbRow(
            "price", "price SKU 19.90", "sets a price", examples: ["price MUG-BLUE 19.90"],
            from: .host, words: 2...2, hints: [.sku], read: price),
        VerbRow(
            "stock", "stock SKU +5 | -5 | =20", "changes the units on hand, or sets them",
            examples: ["stock MUG-BLUE +5", "stock MUG-BLUE =20"], from: .host, words: 2...2,
            hints: [.sku], read: stock),
    ]

    private static func add(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: arguments.rest)
        } catch {
            throw arguments.wrong("that is not JSON (\(error))")
        }
        guard document.kind(document.root) == .object else {
            throw arguments.wrong("a product is a JSON object")
        }
        // {"product":{…}} as on the wire is understood, too.
        let product = document.member(document.root, "product") ?? document.root
        return .request(
            ConsoleRequest("product.add") { writer in
                writer.key("product")
                writer.raw(document.rawBytes(product))
            })
    }

    private static func price(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        let amount = try arguments.amount(arguments.words[1], context.view.headline.currency)
        return .request(
            ConsoleRequest("price.set") { writer in
                writer.member("sku", arguments.words[0])
                writer.member("price", amount)
            })
    }

    private static func stock(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        let (sku, change) = (arguments.words[0], arguments.words[1])
        guard let sign = change.first, "+-=".contains(sign),
            let units = Int64(change.dropFirst()), change.dropFirst().first?.isNumber == true,
            units <= WireLimits.onHand.upperBound
        else { throw arguments.wrong("'\(change)' is neither +5, -5 nor =20") }
        if sign == "=" {
            let known = context.view.catalogue.stock[sku]?.onHand
            return .setStock(sku: sku, onHand: units, expected: known)
        }
        return .request(
            ConsoleRequest("stock.adjust") { writer in
                writer.member("sku", sku)
                writer.member("delta", sign == "-" ? -units : units)
            })
    }
}
