// SKUs for variants that have none, so that they can be claimed and, at the next import of the same file,
// recognised again: the same file always gives the same SKUs.

import WireProtocol

struct SKUMaker {
    private var lines: [String: Int] = [:]

    init() {}

    /// Notes a SKU of the file; the line that has it already, if any.
    mutating func take(_ sku: String, line: Int) -> Int? {
        if let known = lines[sku] { return known }
        lines[sku] = line
        return nil
    }

    /// `handle`, or `handle-option1-option2`, in lower case, spaces as `-`, shortened to what a SKU may
    /// have, with `-2`, `-3` … where it is taken. To be called when all SKUs of the file are known.
    mutating func make(handle: String, options: [ProductOption], line: Int) -> String {
        let parts = [handle] + options.map(\.value)
        let base = Self.valid(parts.joined(separator: "-"))
        var sku = base
        var number = 2
        while take(sku, line: line) != nil {
            sku = Self.shortened(base, by: "-\(number)")
            number += 1
        }
        return sku
    }

    private static func valid(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars {
            if scalar.properties.isWhitespace {
                kept.append("-")
            } else if ClientText.isSKU(String(scalar)) {
                kept.append(scalar)
            }
        }
        return shortened(kept.isEmpty ? "sku" : String(kept), by: "")
    }

    private static func shortened(_ text: String, by ending: String) -> String {
        let room = WireLimits.skuCharacters.upperBound - ending.unicodeScalars.count
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(room))) + ending
    }
}
