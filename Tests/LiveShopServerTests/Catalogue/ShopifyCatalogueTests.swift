// The rules of the Shopify import, one by one, on files of a few rows.

import Testing
import WireProtocol

@testable import LiveShopServer

struct ShopifyCatalogueTests {
    static let header =
        "Handle,Title,Body (HTML),Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
        + "Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,"
        + "Variant Price,Image Src"

    private func read(_ rows: String..., currency: String = "EUR") throws -> CatalogueImport {
        let text = ([Self.header] + rows).joined(separator: "\n")
        return CatalogueImport.read(
            Array(text.utf8), currency: try #require(Currency(currency)))
    }

    private let shirt = "shirt,Shirt,,true,Size,S,Color,Deep Red,,,5,deny,19.90,https://a.b/1.jpg"

    @Test func `rows with an empty title are variants of the product with their handle`() throws {
        let result = try read(
            shirt, "mug,Mug,,TRUE,Title,Default Title,,,MUG-1,shopify,0,deny,7,",
            "shirt,,,,,M,,Deep Red,,,3,deny,21.5,")
        #expect(result.rejected.isEmpty && result.warnings.isEmpty)
        #expect(
            result.products == [
                ProductInput(
                    id: "shirt", title: "Shirt", media: ["https://a.b/1.jpg"],
                    variants: [
                        VariantInput(
                            sku: "shirt-s-deep-red", title: "S / Deep Red",
                            options: [
                                ProductOption(name: "Size", value: "S"),
                                ProductOption(name: "Color", value: "Deep Red"),
                            ], price: 1990, onHand: 5),
                        VariantInput(
                            sku: "shirt-m-deep-red", title: "M / Deep Red",
                            options: [
                                ProductOption(name: "Size", value: "M"),
                                ProductOption(name: "Color", value: "Deep Red"),
                            ], price: 2150, onHand: 3),
                    ]),
                ProductInput(
                    id: "mug", title: "Mug",
                    variants: [VariantInput(sku: "MUG-1", shopSKU: "MUG-1", price: 700, onHand: 0)]),
            ])
    }

    @Test func `a row with an image alone adds the image`() throws {
        let result = try read(
            shirt, "shirt,,,,,,,,,,,,,https://a.b/2.jpg", "shirt,,,,,,,,,,,,,https://a.b/1.jpg",
            "shirt,,,,,,,,,,,,,javascript:alert(1)")
        #expect(result.products.first?.media == ["https://a.b/1.jpg", "https://a.b/2.jpg"])
        #expect(result.variantCount == 1)
        #expect(result.warnings.map(\.line) == [5])
        #expect(result.rejected.isEmpty)
    }

    @Test func `a missing SKU is made, valid and different from all others`() throws {
        let long = String(repeating: "h", count: 70)
        let result = try read(
            "a,A,,,Title,Default Title,,,,,1,deny,1,", "b,B,,,Size,S,,,a,,1,deny,1,",
            "\(long),L,,,Size,S,,,,,1,deny,1,", "\(long),,,,,M,,,,,1,deny,1,",
            "c d,C,,,Size,\u{C4} \u{7}X,,,,,1,deny,1,")
        #expect(result.rejected.isEmpty)
        let skus = result.products.flatMap { $0.variants.map(\.sku) }
        #expect(
            skus == [
                "a-2", "a", String(repeating: "h", count: 55) + "-1b6dcef6",
                String(repeating: "h", count: 55) + "-40420432", "c-d-\u{E4}-x",
            ])
        #expect(skus.allSatisfy(ClientText.isSKU))
        #expect(result.products.last?.id == nil)
    }

    @Test func `a made SKU keeps away from what the file has further down`() throws {
        let result = try read(
            "a,A,,,Title,Default Title,,,,,1,deny,1,", "b,B,,,Size,S,,,a,,1,deny,1,",
            "b,,,,,M,,,a-2,,1,deny,1,")
        #expect(result.products.flatMap { $0.variants.map(\.sku) } == ["a-3", "a", "a-2"])
    }

    @Test func `rows of a product that is skipped are not looked at`() throws {
        let result = try read(
            "a,A,,false,Size,S,,,A,,-7,deny,x,", "a,,,,,M,,,B C,,-7,deny,y,", shirt)
        #expect(result.rejected.isEmpty && result.products.map(\.id) == ["shirt"])
    }

    @Test func `the same file gives the same SKUs again`() throws {
        #expect(try read(shirt, "t,T,,,,,,,,,1,,2,") == read(shirt, "t,T,,,,,,,,,1,,2,"))
    }

    @Test(arguments: [
        (",T,,,,,,,S,,1,deny,1,", "Handle is empty"),
        ("x,,,,,,,,S,,1,deny,1,", "Title is empty, and no row before has the handle x"),
        (
            "x,T,,,,,,,S,,1.5,deny,1,",
            "Variant Inventory Qty \"1.5\" must be an integer from 0 to 1000000000"
        ),
        (
            "x,T,,,,,,,S,,9223372036854775808,deny,1,",
            "Variant Inventory Qty \"9223372036854775808\" must be an integer from 0 to 1000000000"
        ),
        ("x,T,,,,,,,S,,1,maybe,1,", "Variant Inventory Policy \"maybe\" must be deny or continue"),
        ("x,T,,,Size,S,,,S,,1,deny,,", "Variant Price \"\" is no price in EUR"),
        ("x,T,,,,,,,S,,1,deny,-1,", "Variant Price \"-1\" is no price in EUR"),
        ("x,T,,,,,,,S,,1,deny,1.999,", "Variant Price \"1.999\" is no price in EUR"),
        ("x,T,,,,,,,S,,1,deny,\"1,50\",", "Variant Price \"1,50\" is no price in EUR"),
        ("x,T,,perhaps,,,,,S,,1,deny,1,", "Published \"perhaps\" must be true or false"),
        ("x,T,,,,,,,S,,1,deny,1", "13 fields, but the header has 14"),
        ("x,T,,,,,,,S,,1,deny,1,,", "15 fields, but the header has 14"),
        ("shirt,Other,,,,,,,S,,1,deny,1,", "Handle shirt belongs to another product, line 2"),
        ("x,T,,,,,,,S,,1,deny,1,\"https://", "a quote that is never closed"),
        ("x,T,,,,,,,,,,,,", "product without a variant"),
        ("x,T,,,Size,A,Size,B,S,,1,deny,1,", "an option is named twice"),
    ])
    func `a bad row is rejected with its line and the reason`(row: String, text: String) throws {
        let result = try read(shirt, "d,D,,,,,,,DUP,,1,deny,1,", row)
        #expect(result.rejected == [RowNote(line: 4, text: text)])
    }

    @Test func `every bad row is named, with the line that it begins on`() throws {
        let result = try read(
            "a,A,\"two\nlines\",,,,,,S1,,x,deny,1,", "a,,,,,,,,S2,,1,deny,x,", shirt, "b,B",
            "c,C,,,,,,,S3,,1,deny,y,")
        #expect(result.rejected.map(\.line) == [2, 4, 6, 7])
        #expect(result.rejected[0].description.hasPrefix("line 2: Variant Inventory Qty"))
    }

    @Test func `stock counts whatever the tracker says, and nothing is nothing`() throws {
        let result = try read(
            "a,A,,,,,,,A,,7,deny,1,", "b,B,,,,,,,B,shopify,8,deny,1,", "c,C,,,,,,,C,,,deny,1,")
        #expect(result.products.map { $0.variants[0].onHand } == [7, 8, 0])
    }

    @Test func `policy continue is taken as deny, with one warning for the product`() throws {
        let result = try read(
            "a,A,,,Size,S,,,A,,7,continue,1,", "a,,,,,M,,,B,,7,Continue,1,", shirt)
        #expect(result.variantCount == 3 && result.rejected.isEmpty)
        #expect(
            result.warnings == [
                RowNote(line: 2, text: "policy continue is taken as deny: a show does not oversell")
            ])
    }

    @Test func `a product that is not published is skipped, blank means as its product`() throws {
        let result = try read(
            "a,A,,false,Size,S,,,A,,7,deny,1,", "a,,,,,M,,,B,,7,deny,1,",
            "b,B,,,Size,S,,,C,,7,deny,1,", "b,,,FALSE,,M,,,D,,7,deny,1,",
            "b,,,true,,L,,,E,,7,deny,1,")
        #expect(result.products.map { $0.variants.map(\.sku) } == [["C", "E"]])
        #expect(result.warnings.map(\.line) == [2, 5])
        #expect(result.rejected.isEmpty)
    }

    @Test func `a byte-order mark, CRLF and a last line without end are no matter`() throws {
        let text = "\u{FEFF}" + Self.header + "\r\n" + shirt + "\r\n\r\nm,M,,,,,,,M,,1,deny,1,"
        let result = CatalogueImport.read(
            Array(text.utf8), currency: try #require(Currency("EUR")))
        #expect(result.rejected.isEmpty && result.variantCount == 2)
    }

    @Test(arguments: [
        ("'8720000000017", "8720000000017", "8720000000017"), ("'0042", "0042", "0042"),
        ("'A1", "'A1", "'A1"), ("'", "'", "'"), ("S T", "S-T", "S T"),
        (" S \t  T ", "S-T", "S    T"), ("a\u{A0}b\u{2003}c", "a-b-c", "a\u{A0}b\u{2003}c"),
        ("a\u{200D}b", "ab", "a\u{200D}b"),
        (
            String(repeating: "L", count: 65), String(repeating: "L", count: 55) + "-0aa592a5",
            String(repeating: "L", count: 65)
        ),
        (
            String(repeating: "\u{E4} ", count: 40),
            String(repeating: "\u{E4}-", count: 27) + "\u{E4}-8264ab6e",
            String(repeating: "\u{E4} ", count: 39) + "\u{E4}"
        ),
        (
            String(repeating: "L", count: 64), String(repeating: "L", count: 64),
            String(repeating: "L", count: 64)
        ),
    ])
    func `a SKU is made of the shop's, which is kept`(field: String, sku: String, shop: String)
        throws
    {
        let row = "x,T,,,,,,,\(field),,1,deny,1,"
        let result = try read(row)
        let variant = try #require(result.products.first?.variants.first)
        #expect(variant.sku == sku && variant.shopSKU == shop)
        #expect(ClientText.isSKU(sku) && result.rejected.isEmpty)
        #expect(result.warnings.count == (ClientText.clean(field) == sku ? 0 : 1))
        #expect(try read(row) == result)
    }

    @Test func `a SKU that stands twice gets a number, away from those of the file`() throws {
        let result = try read(
            "a,A,,,Size,S,,,CAP,,1,deny,1,", "a,,,,,M,,,CAP,,1,deny,1,",
            "b,B,,,Size,S,,,CAP,,1,deny,1,", "c,C,,,Size,S,,,CAP-2,,1,deny,1,",
            "d,D,,,Size,S,,,C AP,,1,deny,1,", "d,,,,,M,,,C-AP,,1,deny,1,")
        let skus = result.products.flatMap { $0.variants.map(\.sku) }
        #expect(skus == ["CAP", "CAP-3", "CAP-4", "CAP-2", "C-AP", "C-AP-2"])
        #expect(result.rejected.isEmpty && result.warnings.map(\.line) == [3, 4, 6, 7])
        #expect(result.warnings.first?.text == "Variant SKU \"CAP\" is taken as CAP-3")
        let long = String(repeating: "L", count: 64)
        let twice = try read("a,A,,,Size,S,,,\(long),,1,deny,1,", "a,,,,,M,,,\(long),,1,deny,1,")
        #expect(twice.products.first?.variants.last?.sku == long.dropLast(2) + "-2")
    }

    @Test func `rows that a spreadsheet emptied are passed over`() throws {
        let result = try read(
            shirt, String(repeating: ",", count: 13), " , ,\"\",,,,,,,,,,,", ",,", "\t",
            "shirt,,,,,M,,Deep Red,,,3,deny,21.5,")
        #expect(result.rejected.isEmpty && result.warnings.isEmpty && result.variantCount == 2)
    }

    @Test func `less than no stock is no stock, with a warning`() throws {
        let result = try read("a,A,,,,,,,A,,-3,deny,1,")
        #expect(result.products.first?.variants.first?.onHand == 0 && result.rejected.isEmpty)
        #expect(
            result.warnings == [RowNote(line: 2, text: "Variant Inventory Qty -3 is taken as 0")])
    }

    @Test(arguments: [";", "\t"])
    func `semicolons and tabs separate as commas do, and names are trimmed`(separator: String)
        throws
    {
        let text = """
             Handle |Title| Variant SKU|Variant Price |Variant Inventory Qty|Body (HTML)
            a|"A|B"|S1|1.50|3|one, two, three, four, five, six
            """.replacing("|", with: separator)
        let result = CatalogueImport.read(
            Array(text.utf8), currency: try #require(Currency("EUR")))
        #expect(result.rejected.isEmpty)
        let product = try #require(result.products.first)
        #expect(product.title == (separator == "\t" ? "A B" : "A;B"))
        #expect(product.variants.first?.price == 150 && product.variants.first?.onHand == 3)
    }

    @Test func `drafts, archived products and gift cards are skipped with a note`() throws {
        let text = """
            URL handle,Title,SKU,Price,Inventory quantity,Status,Gift card,Option1 name,Option1 value
            a,Active,A,1,1,Active,FALSE,Size,S
            a,,A2,1,1,,,,M
            a,,A3,1,1,draft,,,L
            d,Draft,D,1,1,Draft,,Size,S
            d,,D2,1,1,,,,M
            o,Old,O,1,1,ARCHIVED,,Size,S
            g,Gift,G,1,1,active,TRUE,Size,S
            u,Unlisted,U,1,1,unlisted,,Size,S
            """
        let result = CatalogueImport.read(
            Array(text.utf8), currency: try #require(Currency("EUR")))
        #expect(result.rejected.isEmpty)
        #expect(result.products.flatMap { $0.variants.map(\.sku) } == ["A", "A2", "U"])
        #expect(
            result.warnings.map(\.description) == [
                "line 4: variant skipped: Status is draft",
                "line 5: Draft skipped: Status is draft",
                "line 7: Old skipped: Status is archived",
                "line 8: Gift skipped: it is a gift card",
            ])
    }

    @Test func `prices follow the currency`() throws {
        let row = "a,A,,,,,,,A,,7,deny,12,"
        for (code, price) in [("EUR", Int64(1200)), ("JPY", 12), ("KWD", 12_000)] {
            #expect(try read(row, currency: code).products.first?.variants.first?.price == price)
        }
        #expect(try read("a,A,,,,,,,A,,7,deny,12.5,", currency: "JPY").rejected.count == 1)
    }

    @Test func `a description loses its tags and keeps its text`() throws {
        let result = try read(
            "a,A,\"<p class=\"\"x>y\"\">One &amp; <b>two</b></p><ul><li>3 < 4</li></ul><script>x</script>\",,,,,,A,,7,deny,12,"
        )
        #expect(result.products.first?.description == "One & two\n\n3 < 4")
    }

    @Test(arguments: [
        ("", "the file is empty; the first line must name the columns"),
        ("Handle,Title\na,A", "the header lacks Variant Price"),
        ("Handle;Title\n", "the header lacks Variant Price"),
        ("Handle,Title,Variant Price,TITLE\n", "column TITLE stands twice in the header"),
        ("Handle,\"Title,Variant Price\n", "a quote that is never closed"),
        (Self.header, "the file has no product"),
    ])
    func `a header that cannot be used rejects the file`(text: String, note: String) throws {
        let result = CatalogueImport.read(
            Array(text.utf8), format: .csv, currency: try #require(Currency("EUR")))
        #expect(result.rejected == [RowNote(line: 1, text: note)])
    }

    @Test func `the newer names of the columns are known, and a file without stock is told`() throws
    {
        let text =
            "Title,URL handle,Description,SKU,Price,Product image URL\nA,a,Text,S,2.50,/m/a.png"
        let result = CatalogueImport.read(
            Array(text.utf8), currency: try #require(Currency("EUR")))
        #expect(
            result.products == [
                ProductInput(
                    id: "a", title: "A", description: "Text", media: ["/m/a.png"],
                    variants: [VariantInput(sku: "S", shopSKU: "S", price: 250, onHand: 0)])
            ])
        #expect(result.warnings.count == 1 && result.rejected.isEmpty)
    }

    @Test func `10,000 variants are taken, one more is not`() throws {
        func file(_ count: Int) -> [UInt8] {
            var text = Self.header + "\n"
            for index in 0..<count {
                text += "p\(index),P\(index),,,,,,,S\(index),,1,deny,1,\n"
            }
            return Array(text.utf8)
        }
        let euro = try #require(Currency("EUR"))
        let full = CatalogueImport.read(file(10_000), currency: euro)
        #expect(full.variantCount == 10_000 && full.rejected.isEmpty)
        #expect(
            full.warnings.map(\.text) == [
                "10000 products; more than 500 are hard to present in one show"
            ])
        let tooMany = CatalogueImport.read(file(10_001), currency: euro)
        #expect(tooMany.rejected.map(\.text) == ["10001 variants; a show has at most 10000"])
    }

    @Test func `mutated files never trap and never give two equal SKUs`() throws {
        let euro = try #require(Currency("EUR"))
        let original = Array(
            ([
                Self.header, shirt, "shirt,,,,,M,,Deep Red,,,3,continue,21.5,",
                "m,\"M\n1\",<p>x&#65;</p>,true,Title,Default Title,,,,,1,deny,1,",
            ].joined(separator: "\r\n")).utf8)
        var state: UInt64 = 11
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let parts = [
            "\"", ",", "\n", "\r", "<", "&#", ";", "-", "\u{FEFF}", "shirt,", "\"\"", "\0",
        ]
        for _ in 0..<3000 {
            var text = original
            for _ in 0...random(4) {
                let place = random(text.count)
                switch random(3) {
                case 0: text[place] = UInt8(random(256))
                case 1: text.insert(contentsOf: parts[random(parts.count)].utf8, at: place)
                default: text.removeSubrange(place..<min(text.count, place + random(5)))
                }
            }
            let result = CatalogueImport.read(text, currency: euro)
            let skus = result.products.flatMap { $0.variants.map(\.sku) }
            #expect(Set(skus).count == skus.count && skus.allSatisfy(ClientText.isSKU))
        }
    }
}
