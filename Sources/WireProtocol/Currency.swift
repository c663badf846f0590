// Money on the wire is an integer in the currency's minor unit. People and CSV files write decimals; this
// is the only place that goes from one to the other, exactly and without floating point. Used by the
// catalogue import, the console and the exports.

/// A currency of ISO 4217 and the number of its minor digits (EUR 2, JPY 0, KWD 3).
public struct Currency: Hashable, Sendable {
    public let code: String
    public let minorDigits: Int

    /// Nil when the code (three capitals) is no currency in use; metals and test codes are none.
    public init?(_ code: String) {
        guard let digits = Self.digitsByCode[code] else { return nil }
        self.code = code
        minorDigits = digits
    }

    /// What stands for a currency that is not known yet.
    public static let euro = Currency(code: "EUR", minorDigits: 2)

    private init(code: String, minorDigits: Int) {
        self.code = code
        self.minorDigits = minorDigits
    }

    /// Reads `19.90`, `19.9`, `19` or `.5` as minor units. Nil for a sign, an exponent, a thousands
    /// separator, digits below the minor unit that are not 0, or more than `WireLimits.amount`.
    public func minorUnits(_ decimal: String) -> Int64? {
        var value: Int64 = 0
        var digits = 0
        var fraction: Int?
        for byte in decimal.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                if let places = fraction {
                    fraction = places + 1
                    if places >= minorDigits {
                        if byte != UInt8(ascii: "0") { return nil }
                        continue
                    }
                }
                value = value * 10 + Int64(byte & 0x0F)
                if value > WireLimits.amount.upperBound { return nil }
            case UInt8(ascii: ".") where fraction == nil: fraction = 0
            default: return nil
            }
        }
        if digits == 0 { return nil }
        for _ in min(fraction ?? 0, minorDigits)..<minorDigits { value *= 10 }
        return WireLimits.amount.contains(value) ? value : nil
    }

    /// Writes minor units as a decimal with all minor digits: 1990 EUR is `19.90`.
    public func decimal(_ minorUnits: Int64) -> String {
        let sign = minorUnits < 0 ? "-" : ""
        var digits = String(minorUnits.magnitude)
        if minorDigits == 0 { return sign + digits }
        while digits.utf8.count <= minorDigits { digits = "0" + digits }
        return sign + digits.dropLast(minorDigits) + "." + digits.suffix(minorDigits)
    }

    private static let digitsByCode: [String: Int] = {
        var table: [String: Int] = [:]
        for (digits, codes) in codes {
            for code in codes.split(whereSeparator: \.isWhitespace) { table[String(code)] = digits }
        }
        return table
    }()

    /// ISO 4217, list one, as of 2026.
    private static let codes: [(digits: Int, codes: String)] = [
        (
            0,
            """
            BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
            """
        ),
        (
            2,
            """
            AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN
            BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD
            FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW
            KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
            MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
            SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD
            USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
            """
        ),
        (
            3,
            """
            BHD IQD JOD KWD LYD OMR TND
            """
        ),
        (
            4,
            """
            CLF UYW
            """
        ),
    ]
}
