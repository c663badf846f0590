// Folders that must not know each other: what is about one subject or sale format stands in a folder of its
// own and names no type of a neighbour, so that each can be read, changed and removed alone.

enum FolderRules {
    /// Folders that consist of such folders, with those below them that everybody there may use.
    private static let houses: [(path: String, shared: Set<String>)] = [
        ("Sources/LiveShopConsole", ["Verbs", "Watch"])
    ]

    static let all: [Rule] = houses.map { house, shared in
        Rule(description: "in \(house) no folder names a type of its neighbours") { file in
            guard let own = folder(of: file, in: house), !shared.contains(own) else { return [] }
            let foreign = (types[house] ?? [:]).filter {
                $0.value != own && !shared.contains($0.value)
            }
            return file.codeLines.enumerated().flatMap { index, line in
                CodeRules.words(line).compactMap { word in
                    foreign[word].map { folder in
                        Rule.Finding(
                            path: file.path, line: index + 1,
                            message: "\(word) belongs to \(folder), this to \(own)")
                    }
                }
            }
        }
    }

    /// The folder below a house in which a file stands; nil for a file that stands directly in it.
    private static func folder(of file: SourceFile, in house: String) -> String? {
        guard file.isIn(house) else { return nil }
        let parts = file.path.dropFirst(house.count + 1).split(separator: "/")
        return parts.count > 1 ? String(parts[0]) : nil
    }

    /// By house; the tree is read once.
    private static let types = Dictionary(
        uniqueKeysWithValues: houses.map { ($0.path, types(in: $0.path)) })

    /// The types that the folders of a house declare for others to see, with their folder.
    private static func types(in house: String) -> [String: String] {
        var types: [String: String] = [:]
        for file in (try? SourceTree.files()) ?? [] {
            guard let folder = folder(of: file, in: house) else { continue }
            for line in file.codeLines {
                if let type = declaredType(line) { types[type] = folder }
            }
        }
        return types
    }

    private static func declaredType(_ line: String) -> String? {
        let words = CodeRules.words(line)
        guard line.first?.isLetter == true, !line.hasPrefix("private"),
            !line.hasPrefix("fileprivate"), !line.hasPrefix("extension"),
            let keyword = words.firstIndex(where: keywords.contains),
            words.indices.contains(keyword + 1)
        else { return nil }
        return words[keyword + 1]
    }

    private static let keywords: Set<String> = [
        "actor", "class", "enum", "protocol", "struct", "typealias",
    ]
}
