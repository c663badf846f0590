// SKUs for a show, made of those of a shop: what shops write is not always a SKU here, stands twice, or is
// missing. The same file always gives the same SKUs, so that the next import knows the variants again.

import LiveSession
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

    /// The SKU, with `-2`, `-3` … where it is taken. To be called when all SKUs of the file are known.
    mutating func free(_ base: String, line: Int) -> String {
        var sku = base
        var number = 2
        while take(sku, line: line) != nil {
            let ending = "-\(number)"
            let room = WireLimits.skuCharacters.upperBound - ending.utf8.count
            sku = String(base.unicodeScalars.prefix(room)) + ending
            number += 1
        }
        return sku
    }

    /// What a shop calls a variant, without the apostrophe that Shopify writes before digits: it keeps
    /// spreadsheets from taking them for a number.
    static func shopSKU(_ field: String) -> String {
        let bytes = field.utf8
        guard bytes.first == UInt8(ascii: "'"), let second = bytes.dropFirst().first,
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= second
        else { return field }
        return String(field.dropFirst())
    }

    /// The SKU here: white space becomes `-`, what cannot be printed is left out, and the end of a long
    /// one becomes its hash. Empty when nothing is left.
    static func sku(_ shopSKU: String) -> String {
        ClientText.isSKU(shopSKU) ? shopSKU : shortened(valid(shopSKU, joiningBlanks: true))
    }

    /// `handle`, or `handle-option1-option2`, in lower case.
    static func sku(handle: String, options: [ProductOption]) -> String {
        let parts = [handle] + options.map(\.value)
        let sku = valid(parts.joined(separator: "-").lowercased(), joiningBlanks: false)
        return shortened(sku.isEmpty ? "sku" : sku)
    }

    private static func valid(_ text: String, joiningBlanks: Bool) -> String {
        var kept = String.UnicodeScalarView()
        var wasBlank = false
        for scalar in text.unicodeScalars {
            let isBlank = scalar.properties.isWhitespace
            if isBlank {
                if !wasBlank || !joiningBlanks { kept.append("-") }
            } else if ClientText.isPrintable(scalar) {
                kept.append(scalar)
            }
            wasBlank = isBlank
        }
        let sku = String(kept)
        // Marks alone, say, cannot be seen.
        return ClientText.clean(sku).isEmpty ? "" : sku
    }

    private static func shortened(_ text: String) -> String {
        if ClientText.length(text) <= WireLimits.skuCharacters.upperBound { return text }
        let digest = ContentHash.sha256(Array(text.utf8)).words[0] >> 32
        let hex = String(digest, radix: 16)
        return String(text.unicodeScalars.prefix(CatalogueLimits.skuPrefix)) + "-"
            + String(repeating: "0", count: 8 - hex.utf8.count) + hex
    }
}
