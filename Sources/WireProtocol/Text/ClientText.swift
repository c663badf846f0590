// Text from people is data: it is cleaned where it enters, so that nothing behind needs to distrust it
// again (pages still escape it). Clients use the same rules before they print what they receive.

public enum ClientText {
    /// Removes control characters, bidirectional overrides and isolates and the byte-order mark, turns
    /// line breaks and tabs into spaces (or keeps line breaks as `\n`), and trims white space.
    public static func clean(_ text: String, keepingLines: Bool = false) -> String {
        if isPlain(text) { return text }
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A where keepingLines: kept.append("\n")
            case 0x0D where keepingLines: break
            case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029: kept.append(" ")
            case 0..<0x20, 0x7F..<0xA0: break
            case 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: break
            default: kept.append(scalar)
            }
        }
        var trimmed = Substring.UnicodeScalarView(kept)
        while let first = trimmed.first, isBlank(first) { trimmed.removeFirst() }
        while let last = trimmed.last, isBlank(last) { trimmed.removeLast() }
        return String(trimmed)
    }

    /// The length that limits on text mean: code points.
    public static func length(_ text: String) -> Int { text.unicodeScalars.count }

    /// Foreign text made short and harmless enough to stand in an error or a log line.
    public static func quotable(_ text: String) -> String {
        let cleaned = clean(text)
        let limit = WireLimits.quotedCharacters
        guard
            let end = cleaned.unicodeScalars.index(
                cleaned.unicodeScalars.startIndex, offsetBy: limit,
                limitedBy: cleaned.unicodeScalars.endIndex), end < cleaned.unicodeScalars.endIndex
        else { return cleaned }
        return String(String.UnicodeScalarView(cleaned.unicodeScalars[..<end])) + "..."
    }

    /// 1…64 printable characters without spaces.
    public static func isSKU(_ text: String) -> Bool {
        if text.utf8.count <= 64, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) {
            return !text.isEmpty
        }
        return WireLimits.skuCharacters.contains(length(text))
            && text.unicodeScalars.allSatisfy(isPrintable)
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

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// Something one can see that is not white space.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator,
            .lineSeparator, .paragraphSeparator:
            false
        default: true
        }
    }

    /// Printable ASCII that neither begins nor ends with a space: nearly everything.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { 0x20...0x7E ~= $0 } && text.utf8.first != 0x20
            && text.utf8.last != 0x20
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar == "\u{200B}"
    }
}
