// Decimals to minor units and back, exactly.

import Testing
import WireProtocol

struct CurrencyTests {
    @Test(arguments: [
        ("EUR", "19.90", Int64(1990)), ("EUR", "19.9", 1990), ("EUR", "19", 1900), ("EUR", "0", 0),
        ("EUR", ".5", 50), ("EUR", "5.", 500), ("EUR", "0.07", 7), ("EUR", "007.10", 710),
        ("EUR", "19.9000", 1990), ("EUR", "10000000000", 1_000_000_000_000), ("JPY", "1500", 1500),
        ("JPY", "1500.00", 1500), ("KWD", "1.234", 1234), ("KWD", "1.2", 1200),
        ("CLF", "1", 10_000),
        ("USD", "1.10", 110),
    ])
    func `decimals become minor units`(code: String, text: String, expected: Int64) throws {
        #expect(try #require(Currency(code)).minorUnits(text) == expected)
    }

    @Test(arguments: [
        ("EUR", ""), ("EUR", "."), ("EUR", "19.905"), ("EUR", "-1"), ("EUR", "+1"), ("EUR", "1e2"),
        ("EUR", "1,50"), ("EUR", "1.000,00"), ("EUR", "1.0.0"), ("EUR", " 1"), ("EUR", "\u{20AC}5"),
        ("EUR", "10000000000.01"), ("EUR", "99999999999999999999"), ("JPY", "0.5"),
        ("KWD", "1.2345"),
        ("EUR", "\u{661}"), ("EUR", "NaN"),
    ])
    func `what is not exact is refused`(code: String, text: String) throws {
        #expect(try #require(Currency(code)).minorUnits(text) == nil)
    }

    @Test(arguments: [
        ("EUR", Int64(1990), "19.90"), ("EUR", 0, "0.00"), ("EUR", 7, "0.07"),
        ("EUR", -150, "-1.50"),
        ("JPY", 1500, "1500"), ("KWD", 1, "0.001"), ("EUR", .min, "-92233720368547758.08"),
    ])
    func `minor units become decimals`(code: String, amount: Int64, text: String) throws {
        #expect(try #require(Currency(code)).decimal(amount) == text)
    }

    @Test func `only currencies in use are known`() {
        #expect(Currency("EUR")?.minorDigits == 2)
        for code in ["eur", "EU", "", "XXX", "XAU", "DEM", "EURO"] {
            #expect(Currency(code) == nil)
        }
    }
}
