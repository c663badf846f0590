// The commands of a viewer for buying: claims, holds, waitlists, orders.

import LiveShopClient
import WireProtocol

enum SaleCommands {
    static let rows: [ViewerRow] = [
        ViewerRow("claim", claimForm, .helpClaim, words: 1...2, read: claim),
        ViewerRow("holds", "/holds", .helpHolds, read: { _, _ in .holds }),
        ViewerRow("extend", "/extend [SKU]", .helpExtend, read: each("hold.extend")),
        ViewerRow("release", "/release [SKU]", .helpRelease, read: each("hold.release")),
        ViewerRow(
            "accept", "/accept SKU", .helpAccept, words: 1...1, read: entry("waitlist.accept")),
        ViewerRow("leave", "/leave SKU", .helpLeave, words: 1...1, read: entry("waitlist.leave")),
        ViewerRow("order", "/order [SKU…]", .helpOrder, read: order),
        ViewerRow("pay", "/pay [ORDER]", .helpPay, words: 0...1, read: pay),
        ViewerRow("cancel", "/cancel [ORDER]", .helpCancel, words: 0...1, read: cancel),
    ]

    private static let claimForm = "/claim SKU [n]"

    private static func claim(
        _ words: [String], _ own: OwnThings
    ) throws(ViewerCommand.Refusal) -> ViewerCommand {
        var quantity: Int64 = 1
        if words.count == 2 {
            guard let number = Int64(words[1]), WireLimits.quantity.contains(number) else {
                throw ViewerRow.wrong(claimForm)
            }
            quantity = number
        }
        return .requests([
            ConsoleRequest("claim.create") { writer in
                writer.member("sku", words[0])
                writer.member("quantity", quantity)
            }
        ])
    }

    /// A request about the entry on the waitlist of a SKU.
    private static func entry(_ type: String) -> ViewerReader {
        { words, _ in .requests([ConsoleRequest(type) { $0.member("sku", words[0]) }]) }
    }

    // MARK: Holds

    /// The holds that the words name, or all.
    private static func meant(
        _ words: [String], _ own: OwnThings
    ) throws(ViewerCommand.Refusal) -> [String] {
        let holds = words.isEmpty ? own.holds : words.flatMap(own.holds)
        guard !holds.isEmpty else { throw ViewerCommand.Refusal(phrase: .watchNothingHeld) }
        return holds.map(\.id)
    }

    /// One request for each of the holds that are meant.
    private static func each(_ type: String) -> ViewerReader {
        { words, own throws(ViewerCommand.Refusal) in
            .requests(
                try meant(words, own).map { hold in
                    ConsoleRequest(type) { $0.member("hold", hold) }
                })
        }
    }

    // MARK: Orders

    private static func order(
        _ words: [String], _ own: OwnThings
    ) throws(ViewerCommand.Refusal) -> ViewerCommand {
        let holds = try meant(words, own)
        return .requests([
            ConsoleRequest("order.place") { writer in
                writer.key("holds")
                writer.beginArray()
                for hold in holds { writer.string(hold) }
                writer.endArray()
            }
        ])
    }

    private static func pay(
        _ words: [String], _ own: OwnThings
    ) throws(ViewerCommand.Refusal) -> ViewerCommand {
        let order = try unpaid(words, own)
        return .requests([
            ConsoleRequest("order.pay") { writer in
                writer.member("order", order)
                writer.member("method", "succeeded")
            }
        ])
    }

    private static func cancel(
        _ words: [String], _ own: OwnThings
    ) throws(ViewerCommand.Refusal) -> ViewerCommand {
        let order = try unpaid(words, own)
        return .requests([ConsoleRequest("order.cancel") { $0.member("order", order) }])
    }

    /// The order that is named, or the newest that waits for payment.
    private static func unpaid(
        _ words: [String], _ own: OwnThings
    ) throws(ViewerCommand.Refusal) -> String {
        guard let order = words.first ?? own.unpaid.last?.id else {
            throw ViewerCommand.Refusal(phrase: .watchNothingToPay)
        }
        return order
    }
}
