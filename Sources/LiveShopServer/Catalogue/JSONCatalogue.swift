// Products from JSON: `{"products":[...]}` or a bare array of the objects that `product.add` takes.

import WireProtocol

enum JSONCatalogue {
    /// Reads the whole file; `start` is where the text begins, after a byte-order mark.
    static func read(_ bytes: [UInt8], from start: Int) -> CatalogueImport {
        var result = CatalogueImport()
        var lines = LineCounter(bytes: bytes)
        var json = JSONDocument()
        do throws(JSONError) {
            try json.parse(bytes, in: start..<bytes.count)
        } catch {
            result.reject(
                lines.line(at: start + error.offset), "not JSON: \(error.reason.rawValue)")
            return result
        }
        guard let list = list(json) else {
            result.reject(1, "must be an array of products or {\"products\":[...]}")
            return result
        }
        var productLines: [String: Int] = [:]
        var skuLines: [String: Int] = [:]
        for (index, node) in json.elements(list).enumerated() {
            let line = lines.line(at: json.rawRange(node).lowerBound)
            do throws(FieldError) {
                guard json.kind(node) == .object else {
                    throw json.error("", "must be an object", node)
                }
                let product = try ProductInput(node, in: json)
                if let id = product.id {
                    if let known = productLines[id] {
                        throw FieldError(
                            "id", "is used on line \(known) already",
                            offset: json.rawRange(node).lowerBound)
                    }
                    productLines[id] = line
                }
                for (place, variant) in product.variants.enumerated() {
                    if let known = skuLines[variant.sku] {
                        throw FieldError(
                            "variants[\(place)].sku",
                            "\(ClientText.quotable(variant.sku)) is used on line \(known) already",
                            offset: json.rawRange(node).lowerBound)
                    }
                    skuLines[variant.sku] = line
                }
                result.products.append(product)
            } catch {
                result.reject(
                    lines.line(at: error.offset), error.within("products[\(index)]").message)
            }
        }
        return result
    }

    private static func list(_ json: JSONDocument) -> JSONNode? {
        if json.kind(json.root) == .array { return json.root }
        guard let list = json.member(json.root, "products"), json.kind(list) == .array else {
            return nil
        }
        return list
    }

    /// Turns offsets into line numbers; cheap as long as they mostly grow.
    private struct LineCounter {
        let bytes: [UInt8]
        private var position = 0
        private var count = 1

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func line(at offset: Int) -> Int {
            if offset < position { (position, count) = (0, 1) }
            while position < min(offset, bytes.count) {
                if bytes[position] == 0x0A { count += 1 }
                position += 1
            }
            return count
        }
    }
}
