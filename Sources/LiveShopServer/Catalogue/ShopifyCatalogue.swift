// Products from a Shopify product CSV: one row per variant or further image, the columns in any order. The
// first row of a product has its title; rows with an empty title continue the product of their handle.
// Collects everything that is wrong instead of stopping at the first, and never guesses about stock or money.

import WireProtocol

struct ShopifyCatalogue {
    /// A product while its rows are being read.
    private struct Draft {
        var line: Int
        var handle: String
        var isSkipped: Bool
        var input: ProductInput
        var optionNames: [String]
        var variantLines: [Int] = []
        var continueLine: Int?
    }

    private let columns: ShopifyColumns
    private let currency: Currency
    private var reader: CSVReader
    private var result = CatalogueImport()
    private var drafts: [Draft] = []
    private var draftByHandle: [String: Int] = [:]
    private var skus = SKUMaker()

    /// Reads the whole file; `start` is where the text begins, after a byte-order mark.
    static func read(_ bytes: [UInt8], from start: Int, currency: Currency) -> CatalogueImport {
        var reader = CSVReader(bytes, from: start)
        var result = CatalogueImport()
        guard reader.advance() else {
            result.reject(1, "the file is empty; the first line must name the columns")
            return result
        }
        switch ShopifyColumns.read(reader) {
        case .failure(let note):
            result.rejected.append(note.note)
            return result
        case .success(let columns):
            if columns.quantity == nil {
                result.warn(
                    reader.line, "no column Variant Inventory Qty: every variant has no stock")
            }
            var catalogue = ShopifyCatalogue(
                columns: columns, currency: currency, reader: reader, result: result)
            catalogue.readRows()
            return catalogue.finished()
        }
    }

    private init(
        columns: ShopifyColumns, currency: Currency, reader: CSVReader, result: CatalogueImport
    ) {
        self.columns = columns
        self.currency = currency
        self.reader = reader
        self.result = result
    }

    // MARK: - Rows

    private mutating func readRows() {
        while reader.advance() {
            if let problem = reader.problem {
                result.reject(problem.line, problem.text)
                continue
            }
            guard reader.count == columns.count else {
                result.reject(
                    reader.line, "\(reader.count) fields, but the header has \(columns.count)")
                continue
            }
            do throws(BadRow) {
                try readRow()
            } catch {
                result.reject(reader.line, error.text)
            }
        }
    }

    private struct BadRow: Error {
        var text: String
    }

    private func field(_ column: Int?) throws(BadRow) -> String {
        guard let column else { return "" }
        guard let text = reader.text(column) else { throw BadRow(text: "not UTF-8") }
        return ClientText.clean(text)
    }

    private mutating func readRow() throws(BadRow) {
        let handle = try field(columns.handle)
        if handle.isEmpty { throw BadRow(text: "Handle is empty") }
        let title = try field(columns.title)
        let index = try draft(handle: handle, title: title)
        if drafts[index].isSkipped { return }

        try readImage(into: index)
        var values: [String] = []
        for column in columns.optionValues { values.append(try field(column)) }
        let price = try field(columns.price)
        // A row that only adds an image.
        if price.isEmpty && values.allSatisfy(\.isEmpty) { return }
        if title.isEmpty, try isFalse(columns.published, "Published") {
            result.warn(reader.line, "variant skipped: Published is false")
            return
        }
        let variant = try variant(of: index, values: values, price: price)
        drafts[index].input.variants.append(variant)
        drafts[index].variantLines.append(reader.line)
    }

    /// The product that the row belongs to: a new one, or that of an earlier row.
    private mutating func draft(handle: String, title: String) throws(BadRow) -> Int {
        if let known = draftByHandle[handle] {
            if title.isEmpty || title == drafts[known].input.title { return known }
            throw BadRow(
                text: "Handle \(ClientText.quotable(handle)) belongs to another product, line "
                    + "\(drafts[known].line)")
        }
        if title.isEmpty {
            throw BadRow(
                text: "Title is empty, and no row before has the handle "
                    + ClientText.quotable(handle))
        }
        // From here on the rows that follow have a product, however bad this one is.
        drafts.append(
            Draft(
                line: reader.line, handle: handle, isSkipped: false,
                input: ProductInput(
                    id: ClientText.isSKU(handle) ? handle : nil, title: title, variants: []),
                optionNames: []))
        let index = drafts.count - 1
        draftByHandle[handle] = index
        if try isFalse(columns.published, "Published") {
            drafts[index].isSkipped = true
            result.warn(
                reader.line, "\(ClientText.quotable(title)) skipped: Published is false")
            return index
        }
        if !WireLimits.titleCharacters.contains(ClientText.length(title)) {
            throw BadRow(
                text: "Title must have at most \(WireLimits.titleCharacters.upperBound) characters")
        }
        for column in columns.optionNames { drafts[index].optionNames.append(try field(column)) }
        try readDescription(into: index)
        return index
    }

    private mutating func readDescription(into index: Int) throws(BadRow) {
        guard let column = columns.description else { return }
        guard let html = reader.text(column) else { throw BadRow(text: "not UTF-8") }
        let text = PlainText.stripped(html)
        let limit = WireLimits.descriptionCharacters.upperBound
        if text.utf8.count > limit && ClientText.length(text) > limit {
            result.warn(reader.line, "description cut after \(limit) characters")
            let cut = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
            drafts[index].input.description = ClientText.clean(cut, keepingLines: true)
        } else {
            drafts[index].input.description = text
        }
    }

    private mutating func readImage(into index: Int) throws(BadRow) {
        let address = try field(columns.image)
        if address.isEmpty || drafts[index].input.media.contains(address) { return }
        guard ProductInput.isMediaAddress(address),
            drafts[index].input.media.count < WireLimits.mediaPerProduct.upperBound
        else {
            result.warn(reader.line, "image left out: \(ClientText.quotable(address))")
            return
        }
        drafts[index].input.media.append(address)
    }

    // MARK: - Variants

    private mutating func variant(
        of index: Int, values: [String], price: String
    ) throws(BadRow) -> VariantInput {
        var options: [ProductOption] = []
        let isDefault =
            values.dropFirst().allSatisfy(\.isEmpty)
            && (values.first ?? "").lowercased() == "default title"
        if !isDefault {
            for (place, value) in values.enumerated() where !value.isEmpty {
                let names = drafts[index].optionNames
                let name = place < names.count && !names[place].isEmpty ? names[place] : nil
                options.append(ProductOption(name: name ?? "Option\(place + 1)", value: value))
            }
        }
        for option in options
        where max(ClientText.length(option.name), ClientText.length(option.value))
            > WireLimits.optionCharacters.upperBound
        {
            throw BadRow(
                text: "an option must have at most "
                    + "\(WireLimits.optionCharacters.upperBound) characters")
        }
        let optionNames = Set(options.map(\.name))
        if optionNames.count < options.count { throw BadRow(text: "an option is named twice") }

        guard let amount = currency.minorUnits(price) else {
            throw BadRow(text: "Variant Price \(quoted(price)) is no price in \(currency.code)")
        }
        let onHand = try quantity()
        try readPolicy(into: index)
        let sku = try field(columns.sku)
        if !sku.isEmpty {
            guard ClientText.isSKU(sku) else {
                throw BadRow(
                    text: "Variant SKU \(quoted(sku)) must be 1 to 64 printable characters "
                        + "without spaces")
            }
            if let line = skus.take(sku, line: reader.line) {
                throw BadRow(text: "Variant SKU \(quoted(sku)) is used on line \(line) already")
            }
        }
        let title = options.map(\.value).joined(separator: " / ")
        return VariantInput(
            sku: sku,
            title: String(
                String.UnicodeScalarView(
                    title.unicodeScalars.prefix(WireLimits.titleCharacters.upperBound))),
            options: options, price: amount, onHand: onHand)
    }

    /// Counts whatever the tracker says; an empty field is no stock.
    private func quantity() throws(BadRow) -> Int64 {
        let text = try field(columns.quantity)
        if text.isEmpty { return 0 }
        guard let quantity = Int64(text), WireLimits.onHand.contains(quantity) else {
            throw BadRow(
                text: "Variant Inventory Qty \(quoted(text)) must be an integer from 0 to "
                    + "\(WireLimits.onHand.upperBound)")
        }
        return quantity
    }

    private mutating func readPolicy(into index: Int) throws(BadRow) {
        let policy = try field(columns.policy)
        switch policy.lowercased() {
        case "", "deny", "false": break
        case "continue", "true":
            if drafts[index].continueLine == nil { drafts[index].continueLine = reader.line }
        default:
            throw BadRow(
                text: "Variant Inventory Policy \(quoted(policy)) must be deny or continue")
        }
    }

    private func isFalse(_ column: Int?, _ name: String) throws(BadRow) -> Bool {
        let text = try field(column)
        switch text.lowercased() {
        case "", "true", "yes", "1": return false
        case "false", "no", "0": return true
        default: throw BadRow(text: "\(name) \(quoted(text)) must be true or false")
        }
    }

    private func quoted(_ text: String) -> String { "\"\(ClientText.quotable(text))\"" }

    // MARK: - The end

    /// Makes the missing SKUs, which must not collide with any that the file has, and sorts the notes.
    private mutating func finished() -> CatalogueImport {
        for draft in drafts where !draft.isSkipped {
            var product = draft.input
            for index in product.variants.indices where product.variants[index].sku.isEmpty {
                product.variants[index].sku = skus.make(
                    handle: draft.handle, options: product.variants[index].options,
                    line: draft.variantLines[index])
            }
            if let line = draft.continueLine {
                result.warn(line, "policy continue is taken as deny: a show does not oversell")
            }
            if product.variants.isEmpty {
                // A bad variant row has been reported already.
                if result.rejected.isEmpty {
                    result.reject(draft.line, "product without a variant")
                }
            } else {
                result.products.append(product)
            }
        }
        result.warnings.sort { $0.line < $1.line }
        result.rejected.sort { $0.line < $1.line }
        return result
    }
}
