// A scenario file: who does what when, in YAML. samples/load/evening.yaml is an example of everything but
// `do: react`, which the server does not know yet. Read into a Script and into what it says about buyers;
// nothing is played here.

import WireProtocol

public struct ScenarioFile: Equatable, Sendable {
    public var script: Script
    /// How many buyers there are unless the command line says so.
    public var viewers: Int?
    /// What buyers do with what they got; nil where the file is silent.
    public var orderShare: Double?
    public var payShare: Double?
    public var acceptShare: Double?
    public var thinkSeconds: Double?

    /// More than any scenario needs.
    public static let bytesMax = 1 << 20
    public static let stepsMax = 1_000

    /// - Parameter path: for messages and as the scenario's name.
    public init(path: String, bytes: [UInt8]) throws(ScenarioProblem) {
        guard let text = String(validating: ByteOrderMark.dropped(from: bytes), as: UTF8.self)
        else {
            throw ScenarioProblem(message: "\(path): the file is not UTF-8")
        }
        guard let root = try ScenarioNode.parse(text, path: path) else {
            throw ScenarioProblem(message: "\(path): the file is empty; write steps")
        }
        var fields = try ScenarioFields(root, path: path, what: "a scenario")
        let name = try fields.text("name")?.value ?? path
        viewers = try fields.count("viewers", 1...LoadOptions.viewersMax)
        script = Script(name: name, length: .untilAnswered(staying: 0))
        if let seconds = try fields.seconds("duration") { script.length = .seconds(seconds) }
        if let node = fields.take("buyers") {
            var buyers = try ScenarioFields(node, path: path, what: "buyers")
            orderShare = try buyers.share("order")
            payShare = try buyers.share("pay")
            acceptShare = try buyers.share("accept")
            thinkSeconds = try buyers.seconds("think")
            try buyers.end()
        }
        if let node = fields.take("groups") {
            script.groups = try ScenarioFile.groups(node, path: path)
        }
        guard let steps = fields.take("steps") else {
            try fields.end()
            throw fields.complaint(fields.line, "steps are missing: who does what when")
        }
        try fields.end()
        guard case .list(let nodes) = steps.content, !nodes.isEmpty,
            nodes.count <= ScenarioFile.stepsMax
        else {
            throw fields.complaint(
                steps.line, "steps is a list, each '- at: …', 1 to \(ScenarioFile.stepsMax) of them"
            )
        }
        for node in nodes {
            let step = ScenarioStep(path: path, groups: script.groups, length: script.length)
            script.steps.append(try step.read(node))
        }
    }

    private static func groups(
        _ node: ScenarioNode, path: String
    ) throws(ScenarioProblem) -> [Script.Group] {
        guard case .mapping(let members) = node.content else {
            throw ScenarioProblem(
                message: "\(path):\(node.line): groups are written as 'name: 60%' or 'name: 200'")
        }
        var groups: [Script.Group] = []
        var shares = 0.0
        for (name, line, value) in members {
            guard !["all", "host"].contains(name) else {
                throw ScenarioProblem(
                    message: "\(path):\(line): a group cannot be called \(name), that has a meaning"
                )
            }
            let group = try group(name, value, path: path)
            if case .share(let share) = group.size { shares += share }
            guard shares <= 1.000_001 else {
                throw ScenarioProblem(
                    message: "\(path):\(line): the shares of the groups are more than 100%")
            }
            groups.append(group)
        }
        return groups
    }

    /// `early: 60%`, `early: 300`, `late: {share: 40%, arrive: 10s, over: 20s}`.
    private static func group(
        _ name: String, _ node: ScenarioNode, path: String
    ) throws(ScenarioProblem) -> Script.Group {
        guard case .scalar(let text, _) = node.content else {
            var fields = try ScenarioFields(node, path: path, what: "a group")
            let share = try fields.share("share")
            let count = try fields.count("count", 1...LoadOptions.viewersMax)
            let arrive = try fields.seconds("arrive")
            let over = try fields.seconds("over")
            try fields.end()
            guard (share == nil) != (count == nil) else {
                throw fields.complaint(node.line, "group \(name) needs a share or a count")
            }
            guard over == nil || arrive != nil else {
                throw fields.complaint(node.line, "over needs arrive: from when on they come")
            }
            return Script.Group(
                name: name, size: share.map { .share($0) } ?? .count(count ?? 1),
                arrival: arrive.map { Script.Arrival(at: $0, over: over ?? 0) })
        }
        if let count = Int(text), (1...LoadOptions.viewersMax).contains(count) {
            return Script.Group(name: name, size: .count(count))
        }
        if text.hasSuffix("%"), let share = ScenarioFields.share(text) {
            return Script.Group(name: name, size: .share(share))
        }
        throw ScenarioProblem(
            message:
                "\(path):\(node.line): group \(name) is a number of viewers or a share like 60%, "
                + "not '\(text)'")
    }
}
