// The verbs for products, prices and stock.

import Testing

@testable import LiveShopConsole

@Suite struct CatalogueVerbTests {
    @Test(arguments: [
        (#"add {"title":"T"}"#, #"product.add {"product":{"title":"T"},"key":"k"}"#),
        (#"add {"product":{"a":1}}"#, #"product.add {"product":{"a":1},"key":"k"}"#),
        ("price A 19.90", #"price.set {"sku":"A","price":1990,"key":"k"}"#),
        ("price A 19.9", #"price.set {"sku":"A","price":1990,"key":"k"}"#),
        ("price A 0", #"price.set {"sku":"A","price":0,"key":"k"}"#),
        ("stock A +5", #"stock.adjust {"sku":"A","delta":5,"key":"k"}"#),
        ("stock A -5", #"stock.adjust {"sku":"A","delta":-5,"key":"k"}"#),
        ("stock A =20", "set A to 20 from nil"),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("add", "something is missing"),
        ("add {oops}", "that is not JSON"),
        ("add [1]", "a product is a JSON object"),
        ("price A", "something is missing"),
        ("price A 19,90", "is not an amount in EUR such as 19.90 EUR"),
        ("price A 19.999", "is not an amount"),
        ("price A -1", "is not an amount"),
        ("price A 1e3", "is not an amount"),
        ("price A 99999999999999999999", "is not an amount"),
        ("stock A 5", "'5' is neither +5, -5 nor =20"),
        ("stock A +", "is neither"),
        ("stock A +-5", "is neither"),
        ("stock A =99999999999999999999", "is neither"),
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
