// The public state of a show as a client can know it: a snapshot, then events. Counts that notices move
// (available, viewers, chat) are not in it. Written from the protocol, not from the server's code.

import WireProtocol

struct PublicView: Equatable {
    var status = ""
    var pinned: [JSONValue] = []
    var queue: [String] = []
    var products: [String: Product] = [:]
    var productsTotal = 0
    var flash: [String: Flash] = [:]
    var note: JSONValue?
    var room: [String: JSONValue] = [:]

    struct Product: Equatable {
        var title: String
        var isSponsored: Bool
        var variants: [Variant]
    }

    struct Variant: Equatable {
        var sku: String
        var title: String
        var price: Int
    }

    struct Flash: Equatable {
        var sku: String
        var price: Int
        var endsAt: String
        var isRunning: Bool
    }

    init?(snapshot: JSONValue) {
        guard let status = snapshot["show"]?["status"]?.text else { return nil }
        self.status = status
        pinned = snapshot["pinned"]?.list ?? []
        queue = snapshot["queue"]?.list.compactMap(\.text) ?? []
        for product in snapshot["products"]?.list ?? [] { put(product) }
        productsTotal = snapshot["products_total"]?.int ?? -1
        for sale in snapshot["flash"]?.list ?? [] {
            put(sale, isRunning: sale["running"]?.flag ?? false)
        }
        if let note = snapshot["note"], note != .null { self.note = note }
        for member in snapshot["room"]?.members ?? [] { room[member.name] = member.value }
    }

    /// Applies the next event. False when it makes no sense.
    mutating func apply(_ type: String, _ data: JSONValue) -> Bool {
        switch type {
        case "show.started", "show.paused", "show.resumed", "show.ended":
            guard let status = data["status"]?.text else { return false }
            self.status = status
        case "product.added":
            guard let product = data["product"] else { return false }
            put(product)
            productsTotal += 1
        case "product.updated":
            guard let product = data["product"], let id = product["id"]?.text,
                products[id] != nil
            else { return false }
            put(product)
        case "product.removed":
            guard let id = data["product"]?.text, products[id] != nil else { return false }
            products[id] = nil
            productsTotal -= 1
        case "product.pinned":
            pinned.removeAll { $0["product"] == data["product"] }
            pinned.append(data)
        case "product.unpinned":
            pinned.removeAll { $0["product"] == data["product"] }
        case "queue.changed":
            queue = data["products"]?.list.compactMap(\.text) ?? []
        case "price.changed":
            guard let sku = data["sku"]?.text, let price = data["price"]?.int,
                let prior = data["prior_price"]?.int, self.price(of: sku) == prior
            else { return false }
            set(price, of: sku)
        case "flash.scheduled":
            put(data, isRunning: false)
        case "flash.started":
            guard let id = data["flash"]?.text, flash[id] != nil, let sku = data["sku"]?.text,
                let price = data["price"]?.int
            else { return false }
            flash[id]?.isRunning = true
            set(price, of: sku)
        case "flash.ended":
            guard let id = data["flash"]?.text, flash.removeValue(forKey: id) != nil else {
                return false
            }
        case "note.set": note = data
        case "note.cleared":
            guard note != nil else { return false }
            note = nil
        case "room.configured":
            for member in data.members { room[member.name] = member.value }
        case "product.sold_out", "product.restocked", "claim.held", "chat.deleted": break
        default: return false
        }
        return true
    }

    func price(of sku: String) -> Int? {
        for product in products.values {
            if let variant = product.variants.first(where: { $0.sku == sku }) {
                return variant.price
            }
        }
        return nil
    }

    private mutating func set(_ price: Int, of sku: String) {
        for id in products.keys.sorted() {
            guard let place = products[id]?.variants.firstIndex(where: { $0.sku == sku }) else {
                continue
            }
            products[id]?.variants[place].price = price
        }
    }

    private mutating func put(_ product: JSONValue) {
        guard let id = product["id"]?.text else { return }
        products[id] = Product(
            title: product["title"]?.text ?? "", isSponsored: product["sponsored"]?.flag ?? false,
            variants: (product["variants"]?.list ?? []).map {
                Variant(
                    sku: $0["sku"]?.text ?? "", title: $0["title"]?.text ?? "",
                    price: $0["price"]?.int ?? -1)
            })
    }

    private mutating func put(_ sale: JSONValue, isRunning: Bool) {
        guard let id = sale["flash"]?.text else { return }
        flash[id] = Flash(
            sku: sale["sku"]?.text ?? "", price: sale["price"]?.int ?? -1,
            endsAt: sale["ends_at"]?.text ?? "", isRunning: isRunning)
    }

    /// Where two views differ, for the report.
    func difference(from other: PublicView) -> String {
        if status != other.status { return "status \(status) and \(other.status)" }
        if pinned != other.pinned {
            return "pinned \(pinned.map(\.string)) and \(other.pinned.map(\.string))"
        }
        if queue != other.queue { return "queue \(queue) and \(other.queue)" }
        if productsTotal != other.productsTotal {
            return "products_total \(productsTotal) and \(other.productsTotal)"
        }
        for id in Set(products.keys).union(other.products.keys).sorted()
        where products[id] != other.products[id] {
            let (mine, theirs) = (products[id], other.products[id])
            return "product \(id): \(mine as Any) and \(theirs as Any)"
        }
        if flash != other.flash { return "flash \(flash) and \(other.flash)" }
        if note != other.note { return "note \(note as Any) and \(other.note as Any)" }
        for name in Set(room.keys).union(other.room.keys).sorted()
        where room[name] != other.room[name] {
            return "setting \(name): \(room[name] as Any) and \(other.room[name] as Any)"
        }
        return "nothing"
    }
}
