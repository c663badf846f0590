// What a rule is: a sentence, and a function from a file to the lines that break it. The rules
// themselves are in ImportRules.swift and the files beside it; `Rule.all` lists them.

/// Something that holds for every file of the project.
struct Rule: Sendable, CustomStringConvertible {
    /// A line that breaks a rule, and how.
    struct Finding: Equatable, CustomStringConvertible {
        let path: String
        /// Counted from 1.
        let line: Int
        let message: String

        var description: String { "\(path):\(line): \(message)" }
    }

    /// The rule as a sentence.
    let description: String
    let findings: @Sendable (SourceFile) -> [Finding]

    static let all: [Rule] =
        ImportRules.all + FolderRules.all + CodeRules.all + TextRules.all

    /// A rule about the code of Swift files: `complaint` looks at one line without comments and
    /// strings and says what is wrong with it, if anything is.
    static func code(
        _ description: String, in applies: @escaping @Sendable (SourceFile) -> Bool,
        complaint: @escaping @Sendable (String) -> String?
    ) -> Rule {
        Rule(description: description) { file in
            guard applies(file) else { return [] }
            return findings(in: file, lines: file.codeLines, complaint: complaint)
        }
    }

    /// A rule about every line of every file, comments and strings included.
    static func text(
        _ description: String, complaint: @escaping @Sendable (String) -> String?
    ) -> Rule {
        Rule(description: description) { file in
            findings(in: file, lines: file.lines, complaint: complaint)
        }
    }

    private static func findings(
        in file: SourceFile, lines: [String], complaint: (String) -> String?
    ) -> [Finding] {
        lines.enumerated().compactMap { index, line in
            complaint(line).map { Finding(path: file.path, line: index + 1, message: $0) }
        }
    }
}
