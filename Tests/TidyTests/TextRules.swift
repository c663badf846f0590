// Rules about files as they are read by people. The words they look for are put together from halves,
// so that this file does not break its own rules.

enum TextRules {
    private static let linesMax = 600
    private static let unfinished = ["TO" + "DO", "FIX" + "ME"]
    private static let foreignFolders = ["../" + "shared", "/work/" + "shared"]

    static let all: [Rule] = [
        Rule.text("nothing is left for later") { line in
            unfinished.first { hasWord($0, line) }.map { "\($0): do it, or say why not" }
        },

        Rule.text("nothing refers to files outside the project") { line in
            foreignFolders.first { line.contains($0) }.map { "refers to \($0)" }
        },

        Rule(description: "no source file has more than \(linesMax) lines") { file in
            guard isSource(file), file.lines.count > linesMax else { return [] }
            let message = "\(file.lines.count) lines: which noun is missing?"
            return [Rule.Finding(path: file.path, line: linesMax + 1, message: message)]
        },

        Rule(description: "every source file begins by saying what it is for") { file in
            guard isSource(file), !beginsWithComment(file) else { return [] }
            let message = "begin with a comment: what the file is for, who calls it"
            return [Rule.Finding(path: file.path, line: 1, message: message)]
        },
    ]

    private static let codeSuffixes = [".swift", ".h", ".c", ".js", ".py", ".sh", ".css"]

    private static func isSource(_ file: SourceFile) -> Bool {
        codeSuffixes.contains { file.path.hasSuffix($0) }
            || (file.isIn("scripts") || file.isIn(".ci")) && !file.path.contains(".")
    }

    private static func beginsWithComment(_ file: SourceFile) -> Bool {
        // A file of one type may say it in the type's own comment, after the imports.
        let first = file.lines.first { line in
            !line.isEmpty && !line.hasPrefix("#!") && ImportRules.importedModule(line) == nil
        }
        guard let first else { return false }
        let marks = ["//", "/*", "# ", "\"\"\""]
        return marks.contains { first.hasPrefix($0) && first.count > $0.count + 1 }
    }

    /// Whether the word stands in the line with no letter or digit beside it.
    private static func hasWord(_ word: String, _ line: String) -> Bool {
        line.split { !$0.isLetter && !$0.isNumber }.contains(Substring(word))
    }
}
