// A line split into words as a host writes them: by blanks, "…" around what contains blanks. Pure.

struct Words: Equatable {
    struct Word: Equatable {
        /// Without quotes.
        var text: String
        var isQuoted = false
        /// Where the word begins in the line.
        var start: String.Index
    }

    var words: [Word] = []
    /// The last word has no closing quote.
    var isOpen = false

    /// Only a word that begins with `"` is quoted; inside, `\"` and `\\` stand for themselves.
    init(_ line: some StringProtocol) {
        let line = String(line)
        var index = line.startIndex
        while index < line.endIndex {
            if line[index].isWhitespace {
                index = line.index(after: index)
                continue
            }
            var word = Word(text: "", start: index)
            if line[index] == "\"" {
                word.isQuoted = true
                index = Words.readQuoted(line, line.index(after: index), &word.text, &isOpen)
            } else {
                while index < line.endIndex, !line[index].isWhitespace {
                    word.text.append(line[index])
                    index = line.index(after: index)
                }
            }
            words.append(word)
        }
    }

    /// Returns the index after the closing quote.
    private static func readQuoted(
        _ line: String, _ start: String.Index, _ text: inout String, _ isOpen: inout Bool
    ) -> String.Index {
        var index = start
        while index < line.endIndex {
            var character = line[index]
            index = line.index(after: index)
            if character == "\"" { return index }
            if character == "\\", index < line.endIndex, "\"\\".contains(line[index]) {
                character = line[index]
                index = line.index(after: index)
            }
            text.append(character)
        }
        isOpen = true
        return index
    }

    /// A word in quotes if it needs them.
    static func quoted(_ word: String) -> String {
        guard word.isEmpty || word.first == "\"" || word.contains(where: \.isWhitespace) else {
            return word
        }
        var text = "\""
        for character in word {
            if character == "\"" || character == "\\" { text.append("\\") }
            text.append(character)
        }
        return text + "\""
    }
}
