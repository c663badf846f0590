// The model as a picture, to be compared with the ledger's.

extension NaiveShop {
    func picture(people: Int) -> LedgerPicture {
        LedgerPicture(
            skus: skus.indices.map(picture(ofSKU:)),
            holds: holds.map {
                LedgerPicture.Hold(
                    who: $0.who, sku: $0.sku, quantity: $0.quantity, price: $0.price,
                    ends: $0.ends, extensions: $0.extensions, state: $0.state)
            },
            orders: orders.map {
                LedgerPicture.Order(
                    id: $0.id, who: $0.who, holds: $0.holds, total: total($0), payBy: $0.payBy,
                    paidAt: $0.paidAt, state: $0.state)
            },
            people: (0..<people).map(picture(ofPerson:)))
    }

    private func picture(ofSKU sku: Int) -> LedgerPicture.SKU {
        LedgerPicture.SKU(
            onHand: skus[sku].onHand, available: available(sku), held: held(sku),
            sold: sold(sku), price: skus[sku].price, limit: skus[sku].limit,
            isRemoved: skus[sku].removed,
            queue: waiting.filter { $0.sku == sku }.enumerated().map { index, entry in
                LedgerPicture.Waiting(
                    who: entry.who, place: index + 1, quantity: entry.wants,
                    offered: entry.offered, aside: entry.aside,
                    price: entry.offered > 0 ? entry.price : nil,
                    ends: entry.offered > 0 ? entry.ends : nil)
            })
    }

    private func picture(ofPerson who: Int) -> LedgerPicture.Person {
        LedgerPicture.Person(
            openHolds: holds.indices.map { $0 + 1 }.filter {
                holds[$0 - 1].who == who && holds[$0 - 1].state == "open"
            },
            orders: orders.filter { $0.who == who }.map(\.id),
            waiting: waiting.filter { $0.who == who }.map(\.sku),
            counted: skus.indices.map { counted(who, $0) }, open: open(who))
    }
}
