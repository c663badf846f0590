// What a worker sees of the shop through a few of its connections: products, what is pinned, what the
// server says about stock. Pure. It decides nothing; Invariants judge what it kept.

import LiveShopClient
import WireProtocol

struct ShopWindow: Sendable {
    private(set) var catalogue = Catalogue()
    private(set) var stock: [String: StockHistory] = [:]
    /// SKUs that our buyers claimed.
    var claimed: Set<String> = []
    /// SKUs of which units came back.
    private(set) var moved: Set<String> = []
    /// The SKU to claim of what is pinned now.
    private(set) var pinned: String?
    private var pinOffset: Int64?
    private var lastPinned: [UInt8]?
    private let wanted: [String]
    private let waitsForPin: Bool
    private var document = JSONDocument()

    /// - Parameters:
    ///   - wanted: the SKUs to claim of a pinned product; empty: any.
    ///   - waitsForPin: nobody of ours claims before something is pinned.
    init(wanted: [String], waitsForPin: Bool) {
        self.wanted = wanted
        self.waitsForPin = waitsForPin
    }

    /// The snapshot of a `hello`, which begins at `start`. The catalogue is read from the first one
    /// only, the pin from each that differs from the last.
    mutating func take(snapshot start: Int, in object: Span<UInt8>) {
        if catalogue.variants.isEmpty, parse(object, at: start) {
            catalogue.take(snapshot: document.root, document)
        }
        guard let at = JSONSkim.member("pinned", of: start, in: object) else { return }
        let bytes = jsonValue(at, object)
        guard lastPinned != bytes else { return }
        lastPinned = bytes
        pinned =
            parse(bytes.span, at: 0)
            ? catalogue.sku(ofPinned: document.root, wanted: wanted, document) : nil
    }

    /// An event; most types change nothing here and cost nothing.
    mutating func take(event object: Span<UInt8>, _ type: Range<Int>, offset: Int64) {
        guard type.count > 8, object[type.lowerBound] == UInt8(ascii: "p") else { return }
        func isType(_ name: StaticString) -> Bool { JSONSkim.matches(object, type, name) }
        if isType("product.pinned") {
            guard let data = data(of: object) else { return }
            guard let sku = catalogue.sku(of: data, wanted: wanted, document) else { return }
            pinned = sku
            if claimed.isEmpty { pinOffset = pinOffset ?? offset }
        } else if isType("product.unpinned") {
            pinned = nil
            lastPinned = nil
        } else if isType("product.added") || isType("product.updated") {
            guard let data = data(of: object), let product = document.member(data, "product")
            else { return }
            catalogue.take(product: product, document)
        } else if isType("product.restocked") {
            guard let data = data(of: object), let sku = Belongings.text(data, "sku", document)
            else { return }
            moved.insert(sku)
            if stock[sku]?.first == nil {
                stock[sku, default: StockHistory()].wasRestockedBefore = true
            }
        }
    }

    /// A `stock.changed`; returns what is wrong with it. `isEarly`: no claim of ours is due yet.
    mutating func take(stockChanged object: Span<UInt8>, isEarly: Bool) -> Violation? {
        guard let data = data(of: object), let sku = Belongings.text(data, "sku", document)
        else { return Violation(.protocolKept, "a stock.changed without data") }
        func number(_ name: StaticString) -> Int? { Belongings.number(data, name, document) }
        guard let available = number("available"), let held = number("held"),
            let sold = number("sold"), let onHand = number("on_hand")
        else { return Violation(.protocolKept, "a stock.changed without its numbers") }
        let statement = StockStatement(
            sku: sku, available: available, held: held, sold: sold, onHand: onHand,
            asOf: Int64(number("as_of") ?? 0))
        let isUnpinned = pinOffset.map { statement.asOf < $0 } ?? claimed.isEmpty
        let isBefore = isEarly || (waitsForPin && isUnpinned)
        stock[sku, default: StockHistory()].take(statement, beforeClaims: isBefore)
        guard !statement.addsUp else { return nil }
        return Violation(
            .stockAddsUp, "\(printable(sku)): \(available) + \(held) + \(sold) is not \(onHand)")
    }

    /// What is known of the claimed SKUs now; `ours`: what our buyers have, `absent`: what those have
    /// who are not there to hear of its end.
    func histories(ours: [String: Int], absent: [String: Int]) -> [String: StockHistory] {
        var now: [String: StockHistory] = [:]
        for sku in claimed {
            var history = stock[sku] ?? StockHistory()
            history.availableAtStart = history.availableAtStart ?? catalogue.available(sku)
            history.oursAtEnd = ours[sku] ?? 0
            history.absentAtEnd = absent[sku] ?? 0
            now[sku] = history
        }
        return now
    }

    private mutating func data(of object: Span<UInt8>) -> JSONNode? {
        parse(object, at: 0) ? document.member(document.root, "data") : nil
    }

    private mutating func parse(_ object: Span<UInt8>, at start: Int) -> Bool {
        let bytes = jsonValue(start, object)
        return (try? document.parse(bytes, in: 0..<bytes.count)) != nil
    }
}

/// The bytes of the JSON value that begins at `start`.
func jsonValue(_ start: Int, _ object: Span<UInt8>) -> [UInt8] {
    let end = JSONSkim.skipValue(object, start) ?? object.count
    return Array(object.extracting(start..<max(start, end)))
}
