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
        /// As written in the file.
        var skuFields: [String] = []
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
            if reader.isRowBlank { continue }
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

    private func field(_ column: Int?) -> String {
        guard let column else { return "" }
        return ClientText.clean(reader.text(column))
    }

    private mutating func readRow() throws(BadRow) {
        let handle = field(columns.handle)
        if handle.isEmpty { throw BadRow(text: "Handle is empty") }
        let title = field(columns.title)
        let index = try draft(handle: handle, title: title)
        if drafts[index].isSkipped { return }

        readImage(into: index)
        var values: [String] = []
        for column in columns.optionValues { values.append(field(column)) }
        let price = field(columns.price)
        // A row that only adds an image.
        if price.isEmpty && values.allSatisfy(\.isEmpty) { return }
        if title.isEmpty, let reason = try reasonToSkip() {
            result.warn(reader.line, "variant skipped: \(reason)")
            return
        }
        let variant = try variant(of: index, values: values, price: price)
        drafts[index].input.variants.append(variant)
        drafts[index].variantLines.append(reader.line)
        drafts[index].skuFields.append(field(columns.sku))
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
        if let reason = try reasonToSkip() {
            drafts[index].isSkipped = true
            result.warn(reader.line, "\(ClientText.quotable(title)) skipped: \(reason)")
            return index
        }
        if !WireLimits.titleCharacters.contains(ClientText.length(title)) {
            throw BadRow(
                text: "Title must have at most \(WireLimits.titleCharacters.upperBound) characters")
        }
        for column in columns.optionNames { drafts[index].optionNames.append(field(column)) }
        readDescription(into: index)
        return index
    }

    /// Why the shop does not sell what the row has; blank fields say nothing.
    private func reasonToSkip() throws(BadRow) -> String? {
        if try isFalse(columns.published, "Published") { return "Published is false" }
        let status = field(columns.status)
        switch status.lowercased() {
        case "draft", "archived": return "Status is \(status.lowercased())"
        default: break
        }
        switch field(columns.giftCard).lowercased() {
        case "true", "yes", "1": return "it is a gift card"
        default: return nil
        }
    }

    private mutating func readDescription(into index: Int) {
        guard let column = columns.description else { return }
        let text = PlainText.stripped(reader.text(column))
        let limit = WireLimits.descriptionCharacters.upperBound
        if text.utf8.count > limit && ClientText.length(text) > limit {
            result.warn(reader.line, "description cut after \(limit) characters")
            let cut = String(text.unicodeScalars.prefix(limit))
            drafts[index].input.description = ClientText.clean(cut, keepingLines: true)
        } else {
            drafts[index].input.description = text
        }
    }

    private mutating func readImage(into index: Int) {
        let address = field(columns.image)
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
        let title = options.map(\.value).joined(separator: " / ")
        // The SKU is made when all of the file are known.
        let shopSKU = SKUMaker.shopSKU(field(columns.sku))
        return VariantInput(
            sku: "", shopSKU: shopSKU.isEmpty ? nil : shopSKU,
            title: String(title.unicodeScalars.prefix(WireLimits.titleCharacters.upperBound)),
            options: options, price: amount, onHand: onHand)
    }

    /// Counts whatever the tracker says; an empty field is no stock, and neither is less than nothing.
    private mutating func quantity() throws(BadRow) -> Int64 {
        let text = field(columns.quantity)
        if text.isEmpty { return 0 }
        if text.utf8.first == UInt8(ascii: "-"), let quantity = Int64(text), quantity < 0 {
            result.warn(reader.line, "Variant Inventory Qty \(quantity) is taken as 0")
            return 0
        }
        guard let quantity = Int64(text), WireLimits.onHand.contains(quantity) else {
            throw BadRow(
                text: "Variant Inventory Qty \(quoted(text)) must be an integer from 0 to "
                    + "\(WireLimits.onHand.upperBound)")
        }
        return quantity
    }

    private mutating func readPolicy(into index: Int) throws(BadRow) {
        let policy = field(columns.policy)
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
        let text = field(column)
        switch text.lowercased() {
        case "", "true", "yes", "1": return false
        case "false", "no", "0": return true
        default: throw BadRow(text: "\(name) \(quoted(text)) must be true or false")
        }
    }

    private func quoted(_ text: String) -> String { "\"\(ClientText.quotable(text))\"" }

    // MARK: - The end

    /// Makes the SKUs and sorts the notes.
    private mutating func finished() -> CatalogueImport {
        makeSKUs()
        for draft in drafts where !draft.isSkipped {
            let product = draft.input
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

    /// Each variant gets the SKU that its shop's makes, as long as no earlier one has it; then those that
    /// have to differ from all others in the file, and those that the shop gives none.
    private mutating func makeSKUs() {
        for (index, place) in variantPlaces() {
            guard let shopSKU = drafts[index].input.variants[place].shopSKU else { continue }
            let sku = SKUMaker.sku(shopSKU)
            if !sku.isEmpty, skus.take(sku, line: drafts[index].variantLines[place]) == nil {
                drafts[index].input.variants[place].sku = sku
            }
        }
        for (index, place) in variantPlaces() {
            let draft = drafts[index]
            let (variant, line) = (draft.input.variants[place], draft.variantLines[place])
            let field = draft.skuFields[place]
            if variant.sku.isEmpty {
                let wanted = variant.shopSKU.map(SKUMaker.sku) ?? ""
                let base =
                    wanted.isEmpty
                    ? SKUMaker.sku(handle: draft.handle, options: variant.options) : wanted
                let sku = skus.free(base, line: line)
                drafts[index].input.variants[place].sku = sku
                if variant.shopSKU != nil {
                    result.warn(line, "Variant SKU \(quoted(field)) is taken as \(sku)")
                }
            } else if variant.sku != field {
                result.warn(line, "Variant SKU \(quoted(field)) is taken as \(variant.sku)")
            }
        }
    }

    private func variantPlaces() -> [(draft: Int, variant: Int)] {
        drafts.indices.flatMap { index in
            drafts[index].isSkipped
                ? [] : drafts[index].input.variants.indices.map { (index, $0) }
        }
    }
}
