// What `watch` says beside the events: what a viewer has, why something was refused, the status line.
// Pure, in any of the languages.

import LiveShopClient
import WireProtocol

struct ViewerText {
    var facts: FactText
    var own: OwnThings
    /// The moment by the server's clock.
    var now: Int64

    private var language: Language { facts.language }

    /// One line for each hold, place, offer and unpaid order.
    func belongings() -> [String] {
        let lines =
            own.holds.map { hold in
                language.text(
                    .watchHeld, values(hold.sku, hold.quantity, hold.unitPrice, hold.expiresAt))
            }
            + own.waits.map { wait in
                if let offer = wait.offer {
                    let values = values(
                        wait.sku, offer.quantity, offer.unitPrice, offer.expiresAt)
                    return language.text(.watchOffered, values)
                }
                let number = wait.place.map { TextValue.number($0) } ?? .text("?")
                return language.text(
                    .watchWaiting,
                    [
                        "quantity": .number(wait.quantity), "sku": sku(wait.sku),
                        "place": number,
                    ])
            }
            + own.unpaid.map { order in
                language.text(
                    .watchToPay,
                    [
                        "order": .text(printable(order.id, limit: 64)),
                        "total": .text(facts.currency.text(order.total)),
                        "pay_in": left(order.payBy),
                    ])
            }
        return lines.isEmpty ? [language.text(.watchNothingHeld)] : lines
    }

    /// What is on screen and said at the moment, for somebody who has just come.
    func situation() -> [String] {
        facts.view.stage.pins.map { pin in
            language.text(
                .productPinned, ["product": .text(facts.product(pin.product, sku: pin.sku))])
        }
    }

    /// Why something did not happen.
    func failure(_ failure: ClientFailure) -> String {
        switch failure {
        case .refused(let code, let message, let numbers):
            guard let phrase = Phrase(rawValue: "error." + code) else {
                let text = printable(code, limit: 40) + ": " + printable(message, limit: 300)
                return language.text(.errorOther, ["code": .text(text)])
            }
            var values = numbers.mapValues { TextValue.number($0) }
            if let price = numbers["price"] { values["price"] = .text(facts.currency.text(price)) }
            if let wait = numbers["retry_after_ms"] {
                values["retry"] = .number(max(1, (max(0, wait) &+ 999) / 1000))
            }
            return language.text(phrase, values)
        case .closed(4502, _): return language.text(.watchNoShow)
        case .closed(4500, _): return language.text(.errorUnauthorized)
        case .closed(4501, _): return language.text(.errorBanned)
        case .timedOut: return language.text(.watchNoAnswer)
        default: return failure.message
        }
    }

    /// " LIVE 12:34 │ 3 viewers │ MUG 5 left │ MUG × 1 4:31".
    func status(isConnected: Bool) -> String {
        let view = facts.view
        guard isConnected else { return " " + language.text(.watchNotConnected) }
        let time = view.liveTime(at: now).map { " " + StatusLine.clock($0) } ?? ""
        var parts = [language.status(view.headline.status) + time]
        if let viewers = view.room.viewers {
            parts.append(language.text(.viewersCount, ["viewers": .number(viewers)]))
        }
        parts += view.stage.pins.map { StatusLine.pinned($0, view, now) }
        parts += own.holds.map { hold in
            "✔ \(printable(hold.sku, limit: 24)) × \(hold.quantity) \(left(hold.expiresAt).text)"
        }
        parts += own.waits.compactMap { wait in
            wait.offer.map { "★ \(printable(wait.sku, limit: 24)) \(left($0.expiresAt).text)" }
        }
        return " " + parts.joined(separator: " │ ")
    }

    private func values(
        _ name: String, _ quantity: Int64, _ unitPrice: Int64, _ expiresAt: Int64?
    ) -> [String: TextValue] {
        [
            "quantity": .number(quantity), "sku": sku(name),
            "unit_price": .text(facts.currency.text(unitPrice)), "expires_in": left(expiresAt),
        ]
    }

    private func sku(_ sku: String) -> TextValue { .text(printable(sku, limit: 64)) }

    private func left(_ time: Int64?) -> TextValue {
        .text(StatusLine.clock(max(0, (time ?? now) &- now)))
    }
}

extension Language {
    /// The word for a status of a show; an unknown one as it is.
    func status(_ status: String) -> String {
        Phrase(rawValue: "status." + status).map(text) ?? printable(status, limit: 20)
    }
}
