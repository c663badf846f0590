// Text from people is data: it is cleaned where it enters, so that nothing behind needs to distrust it
// again (pages still escape it). Clients use the same rules before they print what they receive.

public enum ClientText {
    /// Removes control characters, bidirectional overrides and isolates and the byte-order mark, turns
    /// line breaks and tabs into spaces (or keeps line breaks as `\n`), and trims white space. A text
    /// of which nothing can be seen becomes empty.
    public static func clean(_ text: String, keepingLines: Bool = false) -> String {
        clean(text, atMost: .max, keepingLines: keepingLines) ?? ""
    }

    /// The same, for a text that may have at most `limit` code points afterwards; nil when it has more.
    /// A longer one is read no further than the place where that is certain.
    public static func clean(
        _ text: String, atMost limit: Int, keepingLines: Bool = false
    ) -> String? {
        var cleaner = TextCleaner(limit: limit, keepingLines: keepingLines)
        return cleaner.clean(text)
    }

    /// The length that limits on text mean: code points.
    public static func length(_ text: String) -> Int { text.unicodeScalars.count }

    /// Foreign text made short and harmless enough to stand in an error or a log line.
    public static func quotable(_ text: String) -> String {
        let limit = WireLimits.quotedCharacters
        // Far more than is quoted is not even looked at.
        let cleaned = clean(String(text.unicodeScalars.prefix(8 * limit)))
        guard
            let end = cleaned.unicodeScalars.index(
                cleaned.unicodeScalars.startIndex, offsetBy: limit,
                limitedBy: cleaned.unicodeScalars.endIndex), end < cleaned.unicodeScalars.endIndex
        else { return cleaned }
        return String(cleaned.unicodeScalars[..<end]) + "..."
    }

    /// 1…64 printable characters without spaces.
    public static func isSKU(_ text: String) -> Bool {
        let count = text.utf8.count
        if count <= 64, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) { return count > 0 }
        // A code point takes at most four bytes, so a longer text need not be counted.
        return count <= 4 * WireLimits.skuCharacters.upperBound
            && WireLimits.skuCharacters.contains(length(text))
            && text.unicodeScalars.allSatisfy(isPrintable) && clean(text) == text
    }

    /// `[a-z0-9][a-z0-9_-]{0,63}`
    public static func isShowID(_ text: String) -> Bool {
        guard WireLimits.showIDBytes.contains(text.utf8.count), let first = text.utf8.first else {
            return false
        }
        return isLowerAlphanumeric(first)
            && text.utf8.allSatisfy {
                isLowerAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }

    /// Whether a reader sees the character where it stands alone: neither white space nor an invisible
    /// or blank one, nor a mark that needs a letter before it.
    public static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return 0x21...0x7E ~= scalar.value }
        // Tags, variation selectors, private use.
        if scalar.value >= 0xE0000 { return false }
        let page = Int(scalar.value >> 8)
        var place = Int(invisiblePages[page])
        // A page has few ranges.
        while place < invisibleRanges.count, invisibleRanges[place + 1] < scalar.value {
            place += 2
        }
        return place == invisibleRanges.count || scalar.value < invisibleRanges[place]
    }

    /// For each 256 code points, the first of the ranges that ends there or later.
    private static let invisiblePages: [UInt16] = {
        var place = 0
        return (0..<0xE00).map { page in
            while place < invisibleRanges.count, invisibleRanges[place + 1] < page << 8 {
                place += 2
            }
            return UInt16(place)
        }
    }()

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// A character that a SKU may have: no control, format or private character, no white space.
    public static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator,
            .lineSeparator, .paragraphSeparator:
            false
        default: true
        }
    }
}
