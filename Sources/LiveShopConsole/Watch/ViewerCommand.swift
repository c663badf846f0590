// What a viewer types: a command that begins with a slash, or chat. Pure.

import LiveShopClient
import WireProtocol

/// How a command is written; the texts of the languages say what it does.
struct ViewerForm: Sendable {
    var name: String
    var form: String
    var about: Phrase

    static let all: [ViewerForm] = [
        ViewerForm(name: "claim", form: "/claim SKU [n]", about: .helpClaim),
        ViewerForm(name: "holds", form: "/holds", about: .helpHolds),
        ViewerForm(name: "extend", form: "/extend [SKU]", about: .helpExtend),
        ViewerForm(name: "release", form: "/release [SKU]", about: .helpRelease),
        ViewerForm(name: "accept", form: "/accept SKU", about: .helpAccept),
        ViewerForm(name: "leave", form: "/leave SKU", about: .helpLeave),
        ViewerForm(name: "order", form: "/order [SKU…]", about: .helpOrder),
        ViewerForm(name: "pay", form: "/pay [ORDER]", about: .helpPay),
        ViewerForm(name: "cancel", form: "/cancel [ORDER]", about: .helpCancel),
        ViewerForm(name: "help", form: "/help", about: .helpHelp),
        ViewerForm(name: "quit", form: "/quit", about: .helpQuit),
    ]
}

enum ViewerCommand: Equatable, Sendable {
    case requests([ConsoleRequest])
    case holds, help, quit

    /// What a line cannot be: a text of the language with its values.
    struct Refusal: Error, Equatable {
        var phrase: Phrase
        var values: [String: TextValue] = [:]
    }

    /// Nil for an empty line.
    init?(_ line: String, _ own: Belongings) throws(Refusal) {
        let words = Words(line).words.map(\.text)
        guard let first = words.first else { return nil }
        guard first.hasPrefix("/") else {
            self = .requests([ConsoleRequest("chat.send") { $0.member("text", line) }])
            return
        }
        let name = String(first.dropFirst())
        guard let form = ViewerForm.all.first(where: { $0.name == name }) else {
            let near = NearMiss.of(name, in: ViewerForm.all.map(\.name)).map { " (/\($0)?)" } ?? ""
            let command = printable(first, limit: 60) + near
            throw Refusal(phrase: .watchUnknownCommand, values: ["command": .text(command)])
        }
        let arguments = Array(words.dropFirst())
        let wrong = Refusal(phrase: .watchForm, values: ["form": .text(form.form)])
        switch name {
        case "claim": self = .requests([try ViewerCommand.claim(arguments, wrong)])
        case "extend": self = .requests(try ViewerCommand.each("hold.extend", arguments, own))
        case "release": self = .requests(try ViewerCommand.each("hold.release", arguments, own))
        case "accept", "leave":
            guard arguments.count == 1 else { throw wrong }
            self = .requests([
                ConsoleRequest("waitlist.\(name)") { $0.member("sku", arguments[0]) }
            ])
        case "order": self = .requests([try ViewerCommand.order(arguments, own)])
        case "pay", "cancel":
            guard arguments.count <= 1 else { throw wrong }
            guard let order = arguments.first ?? own.unpaid.last?.id else {
                throw Refusal(phrase: .watchNothingToPay)
            }
            self = .requests([
                ConsoleRequest("order.\(name)") { writer in
                    writer.member("order", order)
                    if name == "pay" { writer.member("method", "succeeded") }
                }
            ])
        case "holds": self = .holds
        case "help": self = .help
        default: self = .quit
        }
    }

    private static func claim(
        _ arguments: [String], _ wrong: Refusal
    ) throws(Refusal) -> ConsoleRequest {
        guard (1...2).contains(arguments.count) else { throw wrong }
        var quantity: Int64 = 1
        if arguments.count == 2 {
            guard let number = Int64(arguments[1]), WireLimits.quantity.contains(number) else {
                throw wrong
            }
            quantity = number
        }
        return ConsoleRequest("claim.create") { writer in
            writer.member("sku", arguments[0])
            writer.member("quantity", quantity)
        }
    }

    /// The holds that the words name, or all.
    private static func meant(
        _ arguments: [String], _ own: Belongings
    ) throws(Refusal) -> [String] {
        let holds = arguments.isEmpty ? own.holds : arguments.flatMap(own.holds)
        guard !holds.isEmpty else { throw Refusal(phrase: .watchNothingHeld) }
        return holds.map(\.id)
    }

    private static func each(
        _ type: String, _ arguments: [String], _ own: Belongings
    ) throws(Refusal) -> [ConsoleRequest] {
        try meant(arguments, own).map { hold in ConsoleRequest(type) { $0.member("hold", hold) } }
    }

    private static func order(
        _ arguments: [String], _ own: Belongings
    ) throws(Refusal) -> ConsoleRequest {
        let holds = try meant(arguments, own)
        return ConsoleRequest("order.place") { writer in
            writer.key("holds")
            writer.beginArray()
            for hold in holds { writer.string(hold) }
            writer.endArray()
        }
    }
}
