// Finds and reads the project's own text files. Everything below is given paths relative to the root.

import Foundation

/// The checkout these tests were compiled in.
enum SourceTree {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let folders = ["Sources", "Tests", "scripts", "docs", "web", ".ci"]
    private static let suffixes = [
        "swift", "h", "c", "modulemap", "md", "js", "css", "html", "py", "sh", "yaml", "yml", "",
    ]

    /// The project's text files, in the order of their paths; read once.
    static func files() throws -> [SourceFile] { try read.get() }

    private static let read = Result {
        try paths().sorted().map { path in
            let data = try Data(contentsOf: root.appending(path: path))
            return SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
        }
    }

    private static func paths() throws -> [String] {
        var paths = try FileManager.default.contentsOfDirectory(atPath: root.path).filter {
            isText($0) && !isFolder($0) && !$0.hasPrefix(".")
        }
        for folder in folders {
            let walk = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            while let below = walk?.nextObject() as? String {
                let path = "\(folder)/\(below)"
                if isText(path) && !isFolder(path) && !path.contains("__pycache__") {
                    paths.append(path)
                }
            }
        }
        return paths
    }

    private static func isText(_ path: String) -> Bool {
        suffixes.contains(URL(filePath: path).pathExtension) && !path.hasSuffix("/.keep")
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        let there = FileManager.default.fileExists(
            atPath: root.appending(path: path).path, isDirectory: &isFolder)
        return !there || isFolder.boolValue
    }
}
