// `liveshop orders`: the orders of a show, a row per line, for spreadsheets and accounting.

import ArgumentParser
import LiveShopClient
import LiveShopServer
import WireProtocol

struct OrdersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders",
        abstract: "Exports the orders of a show.",
        discussion: """
            One row per order line. CSV has money in decimals of the show's currency, JSON in minor
            units; both add up to the same sums.

            Examples:
              liveshop orders --show spring > orders.csv
              liveshop orders --show spring --format json --server http://127.0.0.1:8080
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, json }

    @OptionGroup var place: PlaceOptions
    @OptionGroup var show: ShowOption

    @Option(help: "csv, or json: one array of objects.")
    var format = Format.csv

    func run() throws {
        let (documents, currency) = try place.server == nil ? local() : remote()
        var rows: [OrderRow] = []
        for document in documents {
            guard let list = document.member(document.root, "orders") else {
                throw place.strangeAnswer
            }
            for order in document.elements(list) {
                rows += OrderRow.rows(
                    of: order, in: document, show: show.show, currency: currency)
            }
        }
        switch format {
        case .csv:
            Output.line(OrderRow.columns.joined(separator: ","))
            for row in rows { Output.line(row.csv(currency)) }
        case .json:
            Output.line("[")
            for (index, row) in rows.enumerated() {
                Output.line((index == 0 ? "" : ",") + row.json)
            }
            Output.line("]")
        }
    }

    private func local() throws -> ([JSONDocument], Currency) {
        let data = try place.data.open(.read)
        defer { data.close() }
        let bytes = try refusing { () throws(ServerFailure) in try data.orders(show: show.show) }
        let currency = try refusing { () throws(ServerFailure) in
            try data.currency(ofShow: show.show)
        }
        return ([try parsed(bytes)], currency)
    }

    private func remote() throws -> ([JSONDocument], Currency) {
        let token = try place.token()
        let headline = try place.get("/v1/shows/\(show.show)")
        guard let code = headline.member(headline.root, "currency").flatMap(headline.string),
            let currency = Currency(code)
        else { throw place.strangeAnswer }
        let pages = try place.pages(of: "orders.list", of: show.show, with: token)
        if pages.isEmpty { throw place.strangeAnswer }
        return (pages, currency)
    }

    private func parsed(_ bytes: [UInt8]) throws -> JSONDocument {
        guard let document = try? JSONDocument(parsing: bytes) else { throw place.strangeAnswer }
        return document
    }
}

/// One line of one order.
private struct OrderRow {
    static let columns = [
        "order", "show", "status", "placed_at", "paid_at", "participant", "name", "sku",
        "shop_sku", "title", "quantity", "unit_price", "discount", "total", "currency", "source",
        "medium", "campaign",
        "ref",
    ]

    private var texts: [String: String] = [:]
    private var quantity: Int64 = 0
    private var money: [String: Int64] = [:]

    static func rows(
        of order: JSONNode, in json: JSONDocument, show: String, currency: Currency
    ) -> [OrderRow] {
        var row = OrderRow()
        row.texts = ["show": show, "currency": currency.code]
        for name in ["order", "status", "placed_at", "paid_at", "participant", "name"] {
            row.texts[name] = json.member(order, named: name).flatMap(json.string) ?? ""
        }
        guard let lines = json.member(order, "lines") else { return [] }
        let totals = json.elements(lines).map { line in
            json.member(line, "total").flatMap(json.integer) ?? 0
        }
        let discount = json.member(order, "discount").flatMap(json.integer) ?? 0
        let shares = Self.spread(discount, over: totals)
        return json.elements(lines).enumerated().map { index, line in
            var row = row
            row.texts["sku"] = json.member(line, "sku").flatMap(json.string) ?? ""
            row.texts["shop_sku"] = json.member(line, "shop_sku").flatMap(json.string) ?? ""
            row.texts["title"] = json.member(line, "title").flatMap(json.string) ?? ""
            row.quantity = json.member(line, "quantity").flatMap(json.integer) ?? 0
            row.money = [
                "unit_price": json.member(line, "unit_price").flatMap(json.integer) ?? 0,
                "discount": shares[index], "total": totals[index] - shares[index],
            ]
            return row
        }
    }

    /// An order's discount over its lines by largest remainder, so that the rows add up to the order.
    private static func spread(_ discount: Int64, over totals: [Int64]) -> [Int64] {
        let sum = totals.reduce(0, +)
        guard discount > 0, sum > 0 else { return totals.map { _ in 0 } }
        let parts = totals.map { total in
            sum.dividingFullWidth(total.multipliedFullWidth(by: discount))
        }
        var shares = parts.map(\.quotient)
        let missing = Int(discount - shares.reduce(0, +))
        let order = parts.indices.sorted { parts[$0].remainder > parts[$1].remainder }
        for index in order.prefix(missing) { shares[index] += 1 }
        return shares
    }

    func csv(_ currency: Currency) -> String {
        Self.columns.map { column in
            if column == "quantity" { return "\(quantity)" }
            if let amount = money[column] { return currency.decimal(amount) }
            return CSVText.field(texts[column] ?? "")
        }.joined(separator: ",")
    }

    var json: String {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        for column in Self.columns {
            writer.key(string: column)
            if column == "quantity" {
                writer.integer(quantity)
            } else if let amount = money[column] {
                writer.integer(amount)
            } else if let text = texts[column], !text.isEmpty {
                writer.string(text)
            } else {
                writer.null()
            }
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
