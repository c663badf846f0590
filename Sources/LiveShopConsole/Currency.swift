// Amounts as people write them, 19.90, and as the wire carries them, 1990 minor units. Pure.

/// An ISO 4217 currency with its number of decimals.
struct Currency: Equatable, Sendable {
    let code: String
    let decimals: Int

    private static let withoutDecimals: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
        "VUV", "XAF", "XOF", "XPF",
    ]
    private static let withThree: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]
    private static let withFour: Set<String> = ["CLF", "UYW"]

    init(_ code: String) {
        self.code = code
        decimals =
            Currency.withoutDecimals.contains(code)
            ? 0 : Currency.withThree.contains(code) ? 3 : Currency.withFour.contains(code) ? 4 : 2
    }

    /// Minor units of a decimal with a point and at most as many decimals as the currency has; nil for
    /// anything else, signs included.
    func minorUnits(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 1 || (parts.count == 2 && decimals > 0 && !parts[1].isEmpty),
            let whole = parts.first, !whole.isEmpty
        else { return nil }
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        let digits = whole + fraction
        guard fraction.utf8.count <= decimals, digits.utf8.count <= 15,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(digits + String(repeating: "0", count: decimals - fraction.count))
        else { return nil }
        return number
    }

    /// "19.90 EUR".
    func text(_ minorUnits: Int64) -> String {
        guard decimals > 0 else { return "\(minorUnits) \(code)" }
        let digits = String(minorUnits.magnitude)
        let padded =
            String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return
            "\(minorUnits < 0 ? "-" : "")\(padded.dropLast(decimals)).\(padded.suffix(decimals)) "
            + code
    }
}
