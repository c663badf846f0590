// A catalogue in JSON: the object of `product.add`, many times, and where it is wrong.

import Testing
import WireProtocol

@testable import LiveShopServer

struct JSONCatalogueTests {
    private func read(_ text: String) throws -> CatalogueImport {
        CatalogueImport.read(Array(text.utf8), currency: try #require(Currency("EUR")))
    }

    private let product =
        #"{"id":"p1","title":"T","description":"D","media":["https://a.b/c.jpg"],"sponsored":false,"#
        + #""variants":[{"sku":"A","title":"S","options":{"Size":"S"},"price":1990,"on_hand":5,"limit":2}]}"#

    @Test func `both forms are taken, with a byte-order mark or without`() throws {
        let expected = ProductInput(
            id: "p1", title: "T", description: "D", media: ["https://a.b/c.jpg"], sponsored: false,
            variants: [
                VariantInput(
                    sku: "A", title: "S", options: [ProductOption(name: "Size", value: "S")],
                    price: 1990, onHand: 5, limit: 2)
            ])
        for text in ["{\"products\":[\(product)]}", "[\(product)]", "\u{FEFF} [\(product)]"] {
            let result = try read(text)
            #expect(result.products == [expected])
            #expect(result.rejected.isEmpty && result.warnings.isEmpty)
        }
    }

    @Test(arguments: [
        (
            "[\n{\"title\":\"T\",\n\"variants\":[{\"sku\":\"A\",\n\"price\":1.5,\"on_hand\":1}]}]",
            4,
            "products[0].variants[0].price: must be an integer from 0 to 1000000000000, not 1.5"
        ),
        ("[\n5]", 2, "products[0]: must be an object, not 5"),
        ("[\n{\"variants\":[]}]", 2, "products[0].title: is required"),
        ("[\n\n{]", 3, "not JSON: unexpected character"),
        ("[\n{\"a\":1,\n\"a\":2}]", 3, "not JSON: member name used twice"),
        ("{\"product\":[]}", 1, "must be an array of products or {\"products\":[...]}"),
        ("[]", 1, "the file has no product"),
    ])
    func `what is wrong is named with its line`(text: String, line: Int, note: String) throws {
        #expect(try read(text).rejected == [RowNote(line: line, text: note)])
    }

    @Test(arguments: ["sponsored", "first_paid"])
    func `a flag that has no meaning yet is an error of its row`(flag: String) throws {
        let variants = #""variants":[{"sku":"A","price":1,"on_hand":1}]"#
        let good = #"{"title":"T","\#(flag)":false,\#(variants)}"#
        #expect(try read("[\(good)]").rejected.isEmpty)
        let bad = #"{"title":"T","\#(flag)":true,\#(variants)}"#
        #expect(
            try read("[\(bad)]").rejected.map(\.description) == [
                "line 1: products[0].\(flag): is not available yet; leave it out, or give false, not true"
            ])
    }

    @Test func `SKUs and ids are used once in a file`() throws {
        func product(_ id: String, _ sku: String) -> String {
            #"{"id":"\#(id)","title":"T","variants":[{"sku":"\#(sku)","price":1,"on_hand":1}]}"#
        }
        let text = [product("a", "A"), product("b", "A"), product("a", "C"), product("d", "D")]
            .joined(separator: ",\n")
        let result = try read("[\(text)]")
        #expect(
            result.rejected.map(\.description) == [
                "line 2: products[1].variants[0].sku: A is used on line 1 already",
                "line 3: products[2].id: is used on line 1 already",
            ])
    }

    @Test func `a file in UTF-16 is told apart`() throws {
        let result = CatalogueImport.read(
            [0xFF, 0xFE, 0x5B, 0x00], currency: try #require(Currency("EUR")))
        #expect(
            result.rejected.map(\.text) == ["the file is UTF-16, not UTF-8; give --encoding utf-16"]
        )
    }
}
