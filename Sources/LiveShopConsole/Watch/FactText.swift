// Events and notices in words, in any of the languages. Used by `watch` and, in English, by the host's
// console. Pure; what strangers wrote comes out printable.

import LiveShopClient
import WireProtocol

struct FactText {
    let language: Language
    let view: ShowView

    private static let amounts: Set<String> = [
        "price", "prior_price", "unit_price", "total", "discount", "amount",
    ]
    /// Values that are moments, with the name under which the texts have the time until then.
    private static let moments = [
        "expires_at": "expires_in", "starts_at": "starts_in", "ends_at": "ends_in",
        "pay_by": "pay_in", "until": "until_in",
    ]
    private static let claimsMax = 2
    private static let productsMax = 5

    var currency: Currency { view.headline.currency }

    /// One line, or none for what this version has no text for. Of many claims the first are named and
    /// the others counted.
    func lines(_ fact: ServerFact, _ document: JSONDocument) -> [String] {
        let now = fact.time.flatMap(RFC3339.milliseconds) ?? 0
        var values = values(fact.data, document, at: now)
        switch fact.type {
        case "claim.held":
            return claims(fact.data, document, now)
        case "chat.message":
            return [chat(fact.data, document, values)]
        case "queue.changed":
            let products = document.texts("products", of: fact.data)
            let titles = products.map(view.catalogue.title)
            guard !titles.isEmpty else { return [language.text(.queueEmptied)] }
            let shown = titles.prefix(FactText.productsMax).map { printable($0, limit: 60) }
            values["products"] = .text(
                shown.joined(separator: ", ") + (titles.count > shown.count ? ", …" : ""))
        case "room.configured":
            let settings = document.members(fact.data).map { name, value in
                let name = printable(document.string(name) ?? "", limit: 60)
                let bytes = document.rawBytes(value).filter { $0 != UInt8(ascii: "\"") }
                return "\(name) \(printable(String(decoding: bytes, as: UTF8.self), limit: 60))"
            }
            values["settings"] = .text(settings.joined(separator: ", "))
        case "participant.restricted":
            if document.flag("restricted", of: fact.data) == false {
                return [language.text(.participantUnrestricted)]
            }
        case "participant.timed_out":
            let until = document.member(fact.data, "until").flatMap(document.string)
            if let end = until.flatMap(RFC3339.milliseconds), end <= now {
                return [language.text(.participantUntimedOut)]
            }
        default: break
        }
        guard let phrase = Phrase(rawValue: fact.type) else { return [] }
        return [language.text(phrase, values)]
    }

    /// The members of an object as values of texts.
    /// - Parameter now: the moment from which times are counted, by the server's clock.
    func values(_ node: JSONNode, _ document: JSONDocument, at now: Int64) -> [String: TextValue] {
        var values: [String: TextValue] = [:]
        for (nameNode, member) in document.members(node) {
            guard let name = document.string(nameNode) else { continue }
            switch document.kind(member) {
            case .string:
                let text = document.string(member) ?? ""
                if name == "product" {
                    values[name] = .text(product(text, sku: nil))
                } else if let left = FactText.moments[name] {
                    let time = RFC3339.milliseconds(text) ?? now
                    values[left] = .text(StatusLine.clock(max(0, time &- now)))
                } else {
                    values[name] = .text(printable(text, limit: 500))
                }
            case .number:
                guard let number = document.integer(member) else { continue }
                values[name] =
                    FactText.amounts.contains(name)
                    ? .text(currency.text(number)) : .number(number)
            case .object where name == "product":
                values[name] = .text(product(member, document))
            case .object:
                // `order` in `{"order":{"order":"o1",…}}`.
                values.merge(self.values(member, document, at: now)) { first, _ in first }
            case .array, .bool, .null: break
            }
        }
        if let sku = document.text("sku", of: node),
            let id = document.text("product", of: node)
        {
            values["product"] = .text(product(id, sku: sku))
        }
        return values
    }

    // MARK: Products

    /// "Blue mug (MUG-S 19.90 EUR, MUG-L 24.90 EUR)": what one has to know to claim.
    func product(_ id: String, sku: String?) -> String {
        let catalogue = view.catalogue
        let skus = sku.map { [$0] } ?? catalogue.products[id]?.skus ?? []
        return product(
            title: catalogue.title(of: id), skus.map { ($0, catalogue.price(of: $0)) })
    }

    private func product(_ node: JSONNode, _ document: JSONDocument) -> String {
        let skus = document.list("variants", of: node).compactMap { variant in
            document.text("sku", of: variant).map { ($0, document.integer("price", of: variant)) }
        }
        return product(title: document.text("title", of: node) ?? "", skus)
    }

    private func product(title: String, _ skus: [(sku: String, price: Int64?)]) -> String {
        let title = printable(title, limit: 100)
        guard !skus.isEmpty else { return title }
        let shown = skus.prefix(FactText.productsMax).map { sku, price in
            printable(sku, limit: 64) + (price.map { " " + currency.text($0) } ?? "")
        }
        let more = skus.count > shown.count ? ", …" : ""
        return "\(title) (\(shown.joined(separator: ", "))\(more))"
    }

    // MARK: Claims and chat

    private func claims(
        _ data: JSONNode, _ document: JSONDocument, _ now: Int64
    ) -> [String] {
        let claims = document.list("claims", of: data)
        guard !claims.isEmpty else {
            guard document.member(data, "totals") != nil else { return [] }
            let lines = document.list("totals", of: data).map {
                language.text(.claimCounts, values($0, document, at: now))
            }
            return [lines.joined(separator: " ")]
        }
        var sentences = claims.prefix(FactText.claimsMax).map {
            language.text(.claimHeld, values($0, document, at: now))
        }
        if claims.count > sentences.count {
            let count = Int64(claims.count - sentences.count)
            sentences.append(language.text(.claimMore, ["count": .number(count)]))
        }
        return [sentences.joined(separator: " ")]
    }

    private func chat(
        _ data: JSONNode, _ document: JSONDocument, _ values: [String: TextValue]
    ) -> String {
        let role = document.text("role", of: data) ?? "viewer"
        let text = language.text(.chatMessage, values)
        return role == "viewer" ? text : "[\(printable(role, limit: 20))] \(text)"
    }
}
