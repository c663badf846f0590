// The members of one mapping of a scenario file, taken out one after the other as what they are meant to
// be: a duration, a share, a rate, a name. What is left over at the end is unknown, and said so with the
// nearest right name.

import WireProtocol

struct ScenarioFields {
    private let path: String
    /// Where the mapping begins.
    let line: Int
    private var members: [(name: String, line: Int, value: ScenarioNode)]
    private var asked: [String] = []

    init(_ node: ScenarioNode, path: String, what: String) throws(ScenarioProblem) {
        guard case .mapping(let members) = node.content else {
            throw ScenarioProblem(
                message: "\(path):\(node.line): \(what) is written as lines of 'name: value'")
        }
        self.path = path
        self.members = members
        line = node.line
    }

    func complaint(_ line: Int, _ text: String) -> ScenarioProblem {
        ScenarioProblem(message: "\(path):\(line): \(text)")
    }

    /// Takes a member out; nil when it is not there.
    mutating func take(_ name: String) -> ScenarioNode? {
        asked.append(name)
        guard let at = members.firstIndex(where: { $0.name == name }) else { return nil }
        return members.remove(at: at).value
    }

    /// The rest must be nothing.
    func end() throws(ScenarioProblem) {
        guard let left = members.first else { return }
        let near = NearMiss.of(left.name, in: asked).map { ", did you mean '\($0)'?" } ?? ""
        throw complaint(
            left.line,
            "unknown name '\(left.name)'\(near) (known: \(asked.joined(separator: ", ")))")
    }

    mutating func text(_ name: String) throws(ScenarioProblem) -> (value: String, line: Int)? {
        guard let node = take(name) else { return nil }
        guard case .scalar(let text, _) = node.content, !text.isEmpty else {
            throw complaint(node.line, "\(name) is one word or number")
        }
        return (text, node.line)
    }

    /// Seconds: `10s`, `500ms`, `2m`, or a plain number.
    mutating func seconds(_ name: String) throws(ScenarioProblem) -> Double? {
        guard let (text, line) = try text(name) else { return nil }
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = ScenarioFields.number(text.dropLast(unit.count)) else { break }
            guard number * factor <= 86_400 else {
                throw complaint(line, "\(name) is at most 24h, not '\(text)'")
            }
            return number * factor
        }
        throw complaint(line, "\(name) is a time like 10s, 500ms or 2m, not '\(text)'")
    }

    /// 0 … 1: `30%` or `0.3`.
    mutating func share(_ name: String) throws(ScenarioProblem) -> Double? {
        guard let (text, line) = try text(name) else { return nil }
        guard let share = ScenarioFields.share(text) else {
            throw complaint(line, "\(name) is a part of the whole like 30% or 0.3, not '\(text)'")
        }
        return share
    }

    /// Per second: `20` or `20/s`.
    mutating func rate(_ name: String) throws(ScenarioProblem) -> Double? {
        guard let (text, line) = try text(name) else { return nil }
        let digits = text.hasSuffix("/s") ? text.dropLast(2) : text[...]
        guard let rate = ScenarioFields.number(digits), rate > 0, rate <= LoadOptions.rateMax
        else {
            throw complaint(
                line, "\(name) is so many a second like 20/s, up to 1000000, not '\(text)'")
        }
        return rate
    }

    mutating func count(
        _ name: String, _ range: ClosedRange<Int>
    ) throws(ScenarioProblem) -> Int? {
        guard let (text, line) = try text(name) else { return nil }
        guard let count = Int(text), range.contains(count) else {
            throw complaint(
                line,
                "\(name) is a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'"
            )
        }
        return count
    }

    /// One text or a list of them.
    mutating func texts(_ name: String) throws(ScenarioProblem) -> [String]? {
        guard let node = take(name) else { return nil }
        let nodes = if case .list(let list) = node.content { list } else { [node] }
        var texts: [String] = []
        for node in nodes {
            guard case .scalar(let text, _) = node.content, !text.isEmpty else {
                throw complaint(node.line, "\(name) is a list of words")
            }
            texts.append(text)
        }
        return texts
    }

    static func share(_ text: String) -> Double? {
        let isPercent = text.hasSuffix("%")
        guard let number = number(isPercent ? text.dropLast() : text[...]) else { return nil }
        let share = isPercent ? number / 100 : number
        return share <= 1 ? share : nil
    }

    /// Digits with a decimal point at most; no sign, no exponent, nothing that is not finite.
    private static func number(_ text: Substring) -> Double? {
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        guard isPlain, !text.isEmpty, text.count <= 20 else { return nil }
        return Double(text)
    }
}
