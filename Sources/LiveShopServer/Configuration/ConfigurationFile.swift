// A configuration file: YAML, one `name: value` per line, lists for what may be repeated. Only the form
// is looked at here; Configuration knows the names. Values are taken as they are written, so YAML 1.1's
// guesses (`off` is false, `12:30` is 750) play no part. The only file that knows Yams.

import WireProtocol
import Yams

public struct ConfigurationFile: Sendable {
    /// In the order of the file; each name once.
    public let entries: [ConfigurationEntry]

    /// More than any configuration needs.
    public static let bytesMax = 1 << 16

    /// Reads the text of a file. `path` is for messages and may be shortened.
    public init(path: String, bytes: [UInt8]) throws(ConfigurationProblem) {
        guard let text = String(validating: ByteOrderMark.dropped(from: bytes), as: UTF8.self)
        else {
            throw ConfigurationProblem("\(path): the file is not UTF-8")
        }
        entries = try YAMLReader(path: path).entries(of: text)
    }
}

private struct YAMLReader {
    let path: String

    func entries(of text: String) throws(ConfigurationProblem) -> [ConfigurationEntry] {
        do {
            let parser = try Parser(yaml: text, encoding: .utf8)
            // Anchors are held by the parser alone, so it has to live until they were looked for.
            return try withExtendedLifetime(parser) { try entries(of: parser.singleRoot()) }
        } catch let problem as ConfigurationProblem {
            throw problem
        } catch let error as YamlError {
            throw self.problem(error)
        } catch {
            throw ConfigurationProblem("\(path): \(error)")
        }
    }

    private func entries(of root: Node?) throws(ConfigurationProblem) -> [ConfigurationEntry] {
        guard let root, !isNothing(root) else { return [] }
        guard case .mapping(let mapping) = root else {
            throw complaint(root, "a configuration is lines of 'name: value'")
        }
        try refuseAnchor(root)
        var entries: [ConfigurationEntry] = []
        for (key, value) in mapping {
            let entry = try entry(key, value)
            guard !entries.contains(where: { $0.name == entry.name }) else {
                throw complaint(key, "\(entry.name) is set twice")
            }
            entries.append(entry)
        }
        return entries
    }

    private func entry(
        _ key: Node, _ value: Node
    ) throws(ConfigurationProblem) -> ConfigurationEntry {
        try refuseAnchor(key)
        guard case .scalar(let scalar) = key else {
            throw complaint(key, "the name of a setting is expected")
        }
        let name = ConfigurationKey.underscored(scalar.string)
        try refuseAnchor(value)
        let values: [String]
        switch value {
        case .scalar: values = [try text(value, of: name)]
        case .sequence(let nodes):
            var texts: [String] = []
            for node in nodes {
                try refuseAnchor(node)
                texts.append(try text(node, of: name))
            }
            values = texts
        case .mapping, .alias:
            throw complaint(
                key,
                "'\(name)' has lines of its own, but settings are not nested: "
                    + "write each in the first column")
        }
        return ConfigurationEntry(name, values, from: .file(path, line: line(key)))
    }

    private func text(_ node: Node, of name: String) throws(ConfigurationProblem) -> String {
        guard case .scalar(let scalar) = node else {
            throw complaint(node, "\(name) has a list or lines of its own within its list")
        }
        guard !isNothing(node) else {
            throw complaint(node, "\(name) has no value; remove the line for the default")
        }
        return scalar.string
    }

    /// What stands for no value.
    private func isNothing(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// An alias needs an anchor, so neither is left.
    private func refuseAnchor(_ node: Node) throws(ConfigurationProblem) {
        if node.anchor != nil {
            throw complaint(node, "anchors (&) and aliases (*) are not taken; write the value")
        }
    }

    private func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

    private func complaint(_ node: Node, _ text: String) -> ConfigurationProblem {
        ConfigurationProblem("\(path):\(line(node)): \(text)")
    }

    private func problem(_ error: YamlError) -> ConfigurationProblem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ConfigurationProblem("\(path):\(mark.line): not valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let names, let context):
            ConfigurationProblem(
                "\(path):\(context.mark.line): \(names.first ?? "") is set twice, first here")
        default:
            ConfigurationProblem("\(path): not valid YAML: \(error)")
        }
    }
}
