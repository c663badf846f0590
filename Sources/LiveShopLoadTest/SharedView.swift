// What the connections of one worker see together: one picture of the show for all its buyers, what of it
// is to be claimed, and the evidence about stock. A few connections feed it; an event that several of them
// hear is read once, and the others cost a glance at its offset. Only events move the picture: what
// notices say of stock is evidence. Pure.

import LiveShopClient
import WireProtocol

struct SharedView: Sendable {
    private(set) var show = ShowView()
    var evidence: StockEvidence
    /// The SKU to claim of what is pinned now.
    private(set) var pinned: String?
    private let wanted: [String]
    private var document = JSONDocument()

    /// - Parameters:
    ///   - wanted: the SKUs to claim of a pinned product; empty: any.
    ///   - waitsForPin: nobody of ours claims before something is pinned.
    init(wanted: [String], waitsForPin: Bool) {
        self.wanted = wanted
        evidence = StockEvidence(waitsForPin: waitsForPin)
    }

    /// The snapshot of a `hello`, which begins at `start`. One that is no newer than the picture costs
    /// nothing.
    mutating func take(snapshot start: Int, at position: LogPosition, in object: Span<UInt8>) {
        if let known = show.position, known.epoch == position.epoch {
            guard known.offset < position.offset else { return }
        }
        let bytes = jsonValue(start, object)
        guard (try? document.parse(bytes, in: 0..<bytes.count)) != nil else { return }
        show.take(snapshot: document.root, at: position, in: document)
        evidence.announce(show.catalogue)
        choose()
    }

    /// An event, from a connection that hears all of them in order.
    mutating func take(event object: Span<UInt8>, offset: Int64) {
        guard offset > show.position?.offset ?? 0, let fact = fact(of: object) else { return }
        show.take(fact, offset: offset, in: document)
        switch fact.type {
        case "product.pinned":
            choose()
            if pinned != nil { evidence.pinned(at: offset) }
        case "product.unpinned":
            choose()
        case "product.added", "product.updated":
            evidence.announce(show.catalogue)
        case "product.restocked":
            if let sku = document.text("sku", of: fact.data) { evidence.restocked(sku) }
        default:
            break
        }
    }

    /// A `product.pinned` at a connection that waits for it, and that is perhaps the first to hear of it.
    /// The picture's place stays: what came before the pin may still be missing.
    mutating func take(pin object: Span<UInt8>, offset: Int64) {
        guard offset > show.position?.offset ?? 0, let fact = fact(of: object) else { return }
        show.take(fact, offset: nil, in: document)
        choose()
        if pinned != nil { evidence.pinned(at: offset) }
    }

    /// A `stock.changed`; returns what is wrong with it. `isEarly`: no claim of ours is due yet.
    mutating func take(stockChanged object: Span<UInt8>, isEarly: Bool) -> Violation? {
        guard let fact = fact(of: object) else {
            return Violation(.protocolKept, "a stock.changed that is not JSON")
        }
        return evidence.take(stockChanged: fact.data, document, isEarly: isEarly)
    }

    private mutating func choose() { pinned = show.skuToClaim(wanted: wanted) }

    private mutating func fact(of object: Span<UInt8>) -> ServerFact? {
        let bytes = jsonValue(0, object)
        guard (try? document.parse(bytes, in: 0..<bytes.count)) != nil else { return nil }
        switch ServerMessage(document) {
        case .event(let fact, _), .notice(let fact): return fact
        case .reply, .error, nil: return nil
        }
    }
}

extension ShowView {
    /// The SKU to claim of the newest pin that has one: the first of `wanted` that its product has; when
    /// nothing is wanted the one pinned, else the first with units, else the first.
    func skuToClaim(wanted: [String]) -> String? {
        for pin in stage.pins.reversed() {
            let skus = catalogue.products[pin.product]?.skus ?? []
            let sku =
                wanted.isEmpty
                ? pin.sku ?? skus.first { catalogue.stock[$0]?.available ?? 0 > 0 } ?? skus.first
                : wanted.first { $0 == pin.sku || skus.contains($0) }
            if let sku { return sku }
        }
        return nil
    }
}

/// The bytes of the JSON value that begins at `start`.
func jsonValue(_ start: Int, _ object: Span<UInt8>) -> [UInt8] {
    let end = JSONSkim.skipValue(object, start) ?? object.count
    return Array(object.extracting(start..<max(start, end)))
}
