// A catalogue file turned into products, with notes on its rows. The import over HTTP and `liveshop import`
// call it; both apply the result only when nothing was rejected, so that an import is all or nothing. Pure:
// it reads no files and knows no show.

public import WireProtocol

/// A remark about one line of a catalogue file.
public struct RowNote: Hashable, Sendable, CustomStringConvertible {
    /// 1 is the first line of the file.
    public var line: Int
    public var text: String

    public init(line: Int, text: String) {
        self.line = line
        self.text = text
    }

    public var description: String { "line \(line): \(text)" }
}

public struct CatalogueImport: Hashable, Sendable {
    public enum Format: String, Sendable {
        case json, csv
    }

    /// What could be read; to be used only when `rejected` is empty. SKUs differ.
    public var products: [ProductInput] = []
    /// Taken, but not quite as written.
    public var warnings: [RowNote] = []
    /// Bad rows: with one of them nothing is to be imported.
    public var rejected: [RowNote] = []

    public var variantCount: Int { products.reduce(0) { $0 + $1.variants.count } }

    /// Units of all variants.
    public var unitCount: Int64 {
        products.reduce(0) { $0 + $1.variants.reduce(0) { $0 + $1.onHand } }
    }

    init() {}

    /// Reads a Shopify product CSV or a JSON catalogue in UTF-8, with or without a byte-order mark, or in
    /// another encoding that is named. `currency` says what the decimal prices of a CSV mean; without a
    /// format it is told by the first character.
    public static func read(
        _ bytes: [UInt8], format: Format? = nil, encoding: CatalogueEncoding? = nil,
        currency: Currency
    ) -> CatalogueImport {
        let text: ArraySlice<UInt8>
        switch CatalogueBytes.utf8(bytes, encoding) {
        case .success(let read): text = read
        case .failure(let problem):
            var result = CatalogueImport()
            result.rejected.append(problem.note)
            return result
        }
        let start = text.startIndex
        // The bytes themselves when nothing was converted.
        let whole = encoding == nil ? bytes : Array(text)
        var result: CatalogueImport
        switch format ?? sniffed(text) {
        case .json: result = JSONCatalogue.read(whole, from: start)
        case .csv: result = ShopifyCatalogue.read(whole, from: start, currency: currency)
        }
        result.checkSize()
        return result
    }

    private static func sniffed(_ bytes: ArraySlice<UInt8>) -> Format {
        switch bytes.first(where: { $0 > 0x20 }) {
        case UInt8(ascii: "{"), UInt8(ascii: "["): .json
        default: .csv
        }
    }

    private mutating func checkSize() {
        if products.isEmpty && rejected.isEmpty && warnings.isEmpty {
            reject(1, "the file has no product")
        }
        if products.count > CatalogueLimits.productsWithoutWarning {
            warn(1, "\(products.count) products; more than 500 are hard to present in one show")
        }
        let variants = variantCount
        if variants > WireLimits.variantsPerShow {
            reject(1, "\(variants) variants; a show has at most \(WireLimits.variantsPerShow)")
        }
    }

    mutating func warn(_ line: Int, _ text: String) {
        warnings.append(RowNote(line: line, text: text))
    }

    mutating func reject(_ line: Int, _ text: String) {
        rejected.append(RowNote(line: line, text: text))
    }
}

enum CatalogueLimits {
    static let productsWithoutWarning = 500
    /// What is kept of a SKU that is too long, before its hash.
    static let skuPrefix = 55
}
