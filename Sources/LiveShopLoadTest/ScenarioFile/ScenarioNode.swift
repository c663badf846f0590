// YAML with places: scalars, lists and mappings as they were written, each with its line, so that every
// complaint about a scenario file can say where. The only file of the load test that knows Yams. Values
// stay text, so YAML 1.1's guesses (`off` is false, `12:30` is 750) play no part.

import Yams

/// What is wrong with a scenario file: `FILE:LINE: what, and what is right`.
public struct ScenarioProblem: Error, Equatable, Sendable {
    public var message: String
}

/// A value of a scenario file.
struct ScenarioNode {
    indirect enum Content {
        /// As it was written; whether in quotes.
        case scalar(String, isQuoted: Bool)
        case list([ScenarioNode])
        /// In the order of the file; each name once.
        case mapping([(name: String, line: Int, value: ScenarioNode)])
    }

    var content: Content
    var line: Int

    static let depthMax = 16

    /// Nil for an empty file.
    static func parse(_ text: String, path: String) throws(ScenarioProblem) -> ScenarioNode? {
        do {
            let parser = try Parser(yaml: text, encoding: .utf8)
            // Anchors are held by the parser alone, so it has to live until they were looked for.
            return try withExtendedLifetime(parser) {
                try parser.singleRoot().map { try Reader(path: path).node($0, depth: 0) }
            }
        } catch let problem as ScenarioProblem {
            throw problem
        } catch let error as YamlError {
            throw Reader(path: path).problem(error)
        } catch {
            throw ScenarioProblem(message: "\(path): \(error)")
        }
    }

    private struct Reader {
        let path: String

        func node(_ node: Node, depth: Int) throws(ScenarioProblem) -> ScenarioNode {
            let line = node.mark?.line ?? 1
            guard node.anchor == nil else {
                throw complaint(line, "anchors (&) and aliases (*) are not taken; write the value")
            }
            guard depth < ScenarioNode.depthMax else {
                throw complaint(line, "nested too deeply")
            }
            switch node {
            case .scalar(let scalar):
                let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
                return ScenarioNode(
                    content: .scalar(scalar.string, isQuoted: isQuoted), line: line)
            case .sequence(let sequence):
                var list: [ScenarioNode] = []
                for element in sequence { list.append(try self.node(element, depth: depth + 1)) }
                return ScenarioNode(content: .list(list), line: line)
            case .mapping(let mapping):
                var members: [(name: String, line: Int, value: ScenarioNode)] = []
                for (key, value) in mapping {
                    let keyLine = key.mark?.line ?? line
                    guard case .scalar(let name) = key, key.anchor == nil else {
                        throw complaint(keyLine, "a name is expected before the colon")
                    }
                    members.append(
                        (name.string, keyLine, try self.node(value, depth: depth + 1)))
                }
                return ScenarioNode(content: .mapping(members), line: line)
            case .alias:
                throw complaint(line, "aliases (*) are not taken; write the value")
            }
        }

        private func complaint(_ line: Int, _ text: String) -> ScenarioProblem {
            ScenarioProblem(message: "\(path):\(line): \(text)")
        }

        func problem(_ error: YamlError) -> ScenarioProblem {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                complaint(mark.line, "not valid YAML: \(problem)")
            case .duplicatedKeysInMapping(let names, let context):
                complaint(context.mark.line, "\(names.first ?? "a name") is there twice")
            default:
                ScenarioProblem(message: "\(path): not valid YAML: \(error)")
            }
        }
    }
}
