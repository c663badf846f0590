// Descriptions in shop systems are HTML; ours are plain text with line breaks.

import WireProtocol

enum PlainText {
    /// Removes tags, comments, scripts and styles, makes line breaks of block elements, and decodes the
    /// common character references. Text without tags only has its references decoded.
    static func stripped(_ html: String) -> String {
        let source = Array(html.unicodeScalars)
        var text = String.UnicodeScalarView()
        // Behind the last `>` no tag can end, so nothing there is searched for one.
        let lastClose = source.lastIndex(of: ">") ?? -1
        var index = 0
        while index < source.count {
            switch source[index] {
            case "<":
                if index < lastClose, let tag = Tag(at: index, in: source) {
                    index = tag.end
                    if tag.isBlock { text.append("\n") }
                } else {
                    text.append("<")
                    index += 1
                }
            case "&":
                let (scalar, end) = reference(at: index, in: source)
                text.append(scalar)
                index = end
            default:
                text.append(source[index])
                index += 1
            }
        }
        return tidied(String(text))
    }

    /// Cleans every line and leaves at most one blank line between two.
    private static func tidied(_ text: String) -> String {
        var tidied = ""
        var isAfterBlank = true
        for line in ClientText.clean(text, keepingLines: true)
            .utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        {
            let cleaned = ClientText.clean(String(Substring(line)))
            if cleaned.isEmpty && isAfterBlank { continue }
            if !tidied.isEmpty { tidied += "\n" }
            tidied += cleaned
            isAfterBlank = cleaned.isEmpty
        }
        if isAfterBlank, tidied.utf8.last == 0x0A { tidied.unicodeScalars.removeLast() }
        return tidied
    }

    private struct Tag {
        var end: Int
        var isBlock: Bool

        /// Nil when the `<` begins no tag, as in `a < b`.
        init?(at start: Int, in source: [Unicode.Scalar]) {
            var index = start + 1
            if PlainText.matches("!--", at: index, in: source) {
                end = PlainText.find("-->", from: index + 3, in: source) ?? source.count
                isBlock = false
                return
            }
            let isClosing = index < source.count && source[index] == "/"
            if isClosing { index += 1 }
            guard index < source.count,
                source[index].properties.isAlphabetic || source[index] == "!"
            else { return nil }
            var name = ""
            while index < source.count, source[index].isASCII,
                source[index].properties.isAlphabetic || "0"..."9" ~= source[index]
            {
                name.unicodeScalars.append(source[index])
                index += 1
            }
            name = name.lowercased()
            guard let close = Self.close(from: index, in: source) else { return nil }
            isBlock = Self.blocks.contains(name)
            end = close
            if !isClosing && (name == "script" || name == "style") {
                end = PlainText.find("</\(name)", from: close, in: source) ?? source.count
            }
        }

        /// The index after the `>` that ends the tag; quoted attributes may hold one, too.
        private static func close(from start: Int, in source: [Unicode.Scalar]) -> Int? {
            var quote: Unicode.Scalar?
            for index in start..<source.count {
                let scalar = source[index]
                if let open = quote {
                    if scalar == open { quote = nil }
                } else if scalar == ">" {
                    return index + 1
                } else if scalar == "\"" || scalar == "'" {
                    quote = scalar
                }
            }
            // An unbalanced quote: the nearest `>` has to do.
            return source[start...].firstIndex(of: ">").map { $0 + 1 }
        }

        private static let blocks: Set<String> = [
            "p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table",
            "hr", "section", "article", "blockquote", "dt", "dd", "pre",
        ]
    }

    /// The scalar of a character reference and the index after it; the `&` itself when it is none.
    private static func reference(
        at start: Int, in source: [Unicode.Scalar]
    ) -> (scalar: Unicode.Scalar, end: Int) {
        let limit = min(source.count, start + 12)
        guard let stop = source[start..<limit].firstIndex(of: ";") else {
            return ("&", start + 1)
        }
        let name = String(String.UnicodeScalarView(source[(start + 1)..<stop]))
        if name.hasPrefix("#x") || name.hasPrefix("#X") {
            if let scalar = UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init) {
                return (scalar, stop + 1)
            }
        } else if name.hasPrefix("#") {
            if let scalar = UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init) {
                return (scalar, stop + 1)
            }
        } else if let scalar = named[name] {
            return (scalar, stop + 1)
        }
        return ("&", start + 1)
    }

    private static let named: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ",
        "ndash": "\u{2013}", "mdash": "\u{2014}", "lsquo": "\u{2018}", "rsquo": "\u{2019}",
        "ldquo": "\u{201C}", "rdquo": "\u{201D}", "hellip": "\u{2026}", "bull": "\u{2022}",
        "deg": "\u{B0}", "times": "\u{D7}", "frac12": "\u{BD}", "reg": "\u{AE}",
        "copy": "\u{A9}", "trade": "\u{2122}", "euro": "\u{20AC}", "pound": "\u{A3}",
    ]

    private static func matches(
        _ word: String, at index: Int, in source: [Unicode.Scalar]
    ) -> Bool {
        let scalars = Array(word.unicodeScalars)
        guard index + scalars.count <= source.count else { return false }
        return zip(source[index...], scalars).allSatisfy { scalar, wanted in
            scalar == wanted || scalar.properties.lowercaseMapping == String(wanted)
        }
    }

    /// The index after the word's next occurrence (tags end at their `>`, which stays).
    private static func find(
        _ word: String, from start: Int, in source: [Unicode.Scalar]
    ) -> Int? {
        var index = start
        while index < source.count {
            if source[index] == word.unicodeScalars.first, matches(word, at: index, in: source) {
                return word.hasPrefix("</") ? index : index + word.unicodeScalars.count
            }
            index += 1
        }
        return nil
    }
}
