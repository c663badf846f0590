// One text file, with its lines as written and, for Swift, as code alone: rules about code must not
// trip over a word in a comment or in a string.

/// A file of the project.
struct SourceFile: Sendable {
    let path: String
    let lines: [String]
    /// The lines of a Swift file without comments and without the contents of strings.
    let codeLines: [String]

    init(path: String, text: String) {
        self.path = path
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        self.lines = lines
        var stripper = CommentStripper()
        codeLines = path.hasSuffix(".swift") ? lines.map { stripper.code(of: $0) } : []
    }

    func isIn(_ folder: String) -> Bool { path.hasPrefix(folder + "/") }
}

/// Blanks out comments and strings, line by line.
private struct CommentStripper {
    private enum Place {
        case code
        case blockComment
        /// Between `"""`; only these go on over the end of a line.
        case longString
        case string
    }

    private var place = Place.code

    mutating func code(of line: String) -> String {
        var code = ""
        var rest = Substring(line)
        if place == .string { place = .code }
        while let character = rest.first {
            switch place {
            case .code:
                if rest.hasPrefix("//") { return code }
                if rest.hasPrefix("/*") {
                    place = .blockComment
                } else if rest.hasPrefix("\"\"\"") {
                    place = .longString
                    rest = rest.dropFirst(2)
                } else if character == "\"" {
                    place = .string
                } else {
                    code.append(character)
                }
            case .blockComment:
                if rest.hasPrefix("*/") {
                    place = .code
                    rest = rest.dropFirst()
                }
            case .longString:
                if rest.hasPrefix("\"\"\"") {
                    place = .code
                    rest = rest.dropFirst(2)
                }
            case .string:
                if character == "\\" {
                    rest = rest.dropFirst()
                } else if character == "\"" {
                    place = .code
                }
            }
            rest = rest.dropFirst()
        }
        return code
    }
}
