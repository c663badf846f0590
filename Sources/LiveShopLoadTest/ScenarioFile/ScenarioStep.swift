// One step of a scenario file: `at`, `who`, `do` and how often.

import WireProtocol

struct ScenarioStep {
    let path: String
    let groups: [Script.Group]
    let length: Script.Length

    /// What `do` knows besides requests, which have a point in their name.
    private static let deeds = ["claim", "chat", "react", "ping", "cut", "leave"]

    func read(_ node: ScenarioNode) throws(ScenarioProblem) -> Script.Step {
        var fields = try ScenarioFields(node, path: path, what: "a step")
        let at = try fields.seconds("at") ?? 0
        let who = try who(&fields)
        let share = try fields.share("share") ?? 1
        guard let (name, line) = try fields.text("do") else {
            throw fields.complaint(
                node.line,
                "'do' is missing: \(ScenarioStep.deeds.joined(separator: ", ")) "
                    + "or a request like product.pin")
        }
        let deed = try deed(name, line, &fields)
        let pace = try pace(deed, at: at, line, &fields)
        try fields.end()
        if case .seconds(let seconds) = length, at > seconds {
            throw fields.complaint(node.line, "this step begins after the scenario's duration")
        }
        return Script.Step(who: who, share: share, at: at, deed: deed, pace: pace)
    }

    private func who(_ fields: inout ScenarioFields) throws(ScenarioProblem) -> Script.Who {
        guard let (name, line) = try fields.text("who") else { return .everybody }
        if name == "all" { return .everybody }
        if name == "host" { return .host }
        if let at = groups.firstIndex(where: { $0.name == name }) { return .group(at) }
        let known = ["all", "host"] + groups.map(\.name)
        let near = NearMiss.of(name, in: known).map { ", did you mean '\($0)'?" } ?? ""
        throw fields.complaint(
            line, "nobody is called '\(name)'\(near) (known: \(known.joined(separator: ", ")))")
    }

    private func deed(
        _ name: String, _ line: Int, _ fields: inout ScenarioFields
    ) throws(ScenarioProblem) -> Script.Deed {
        switch name {
        case "claim":
            var deed = Script.ClaimDeed()
            deed.skus = try fields.texts("sku") ?? []
            deed.quantity = try fields.count("quantity", 1...999) ?? 1
            deed.sends = try fields.count("sends", 1...LoadOptions.sendsMax) ?? 1
            return .claim(deed)
        case "chat": return .chat
        case "react": return .reaction
        case "ping": return .ping
        case "cut": return .cut
        case "leave": return .leave
        default:
            guard name.contains("."), name.utf8.count <= 64 else {
                let near =
                    NearMiss.of(name, in: ScenarioStep.deeds).map { ", did you mean '\($0)'?" }
                    ?? ""
                throw fields.complaint(
                    line,
                    "nobody can '\(name)'\(near) (known: "
                        + "\(ScenarioStep.deeds.joined(separator: ", ")), or a request like "
                        + "product.pin with its data)")
            }
            guard name != "hello", let node = fields.take("data") else {
                return .request(type: name, data: Array("{}".utf8))
            }
            guard case .mapping = node.content else {
                throw fields.complaint(node.line, "data is lines of 'name: value'")
            }
            var writer = JSONWriter()
            write(node, &writer)
            return .request(type: name, data: writer.bytes)
        }
    }

    /// How often: once each (all at the same moment, or `over` a time), at a `rate`, or so many
    /// `inflight`, the last two `for` a time or to the end.
    private func pace(
        _ deed: Script.Deed, at: Double, _ line: Int, _ fields: inout ScenarioFields
    ) throws(ScenarioProblem) -> Script.Pace {
        let rate = try fields.rate("rate")
        let inFlight = try fields.count("inflight", 1...1_000)
        let over = try fields.seconds("over")
        let lasts = try fields.seconds("for")
        guard [rate != nil, inFlight != nil, over != nil].count(where: { $0 }) <= 1 else {
            throw fields.complaint(line, "only one of rate, inflight and over fits a step")
        }
        guard rate != nil || inFlight != nil else {
            guard lasts == nil else {
                throw fields.complaint(line, "'for' needs a rate or inflight")
            }
            return .once(over: over ?? 0)
        }
        let seconds: Double
        switch (lasts, length) {
        case (let lasts?, _): seconds = lasts
        case (nil, .seconds(let whole)): seconds = max(0, whole - at)
        case (nil, .untilAnswered):
            throw fields.complaint(
                line, "say for how long ('for: 10s'), or give the scenario a duration")
        }
        if let rate { return .rate(perSecond: rate, seconds: seconds) }
        switch deed {
        case .claim, .ping: return .inFlight(inFlight ?? 1, seconds: seconds)
        default:
            throw fields.complaint(line, "inflight fits claim and ping; give the others a rate")
        }
    }

    /// Integers, true, false and null as themselves unless quoted; everything else is text.
    private func write(_ node: ScenarioNode, _ writer: inout JSONWriter) {
        switch node.content {
        case .scalar(let text, let isQuoted):
            switch text {
            case _ where isQuoted: writer.string(text)
            case "true", "false": writer.bool(text == "true")
            case "null", "~", "": writer.null()
            default:
                if let number = Int64(text), String(number) == text {
                    writer.integer(number)
                } else {
                    writer.string(text)
                }
            }
        case .list(let nodes):
            writer.beginArray()
            for node in nodes { write(node, &writer) }
            writer.endArray()
        case .mapping(let members):
            writer.beginObject()
            for (name, _, value) in members {
                writer.key(string: name)
                write(value, &writer)
            }
            writer.endObject()
        }
    }
}
