// Special prices and limits of the naive model: every count is added up anew from holds, offers and orders.

extension NaiveShop {
    struct Special {
        var number: Int
        var sku: Int
        var price: Int
        var regular: Int
        var perBuyer: Int
        var quantity: Int?
    }

    typealias Terms = (units: Int, price: Int, special: Int)

    func special(of sku: Int) -> Special? { specials.first { $0.sku == sku } }

    /// Units in a special price: of one person, or of all.
    func units(in special: Special, of who: Int? = nil) -> Int {
        var sum = 0
        for hold in holds where hold.state == "open" && hold.special == special.number {
            if who == nil || who == hold.who { sum += hold.quantity }
        }
        for entry in waiting where entry.offered > 0 && entry.offeredIn == special.number {
            if who == nil || who == entry.who { sum += entry.offered }
        }
        for order in orders where ["placed", "paid"].contains(order.state) {
            for line in lines(order) where line.special == special.number {
                if who == nil || who == line.who { sum += line.quantity }
            }
        }
        return sum
    }

    func remaining(_ special: Special) -> Int? {
        special.quantity.map { max(0, $0 - units(in: special)) }
    }

    /// What a unit offered now would cost, and how many may be offered at that.
    func terms(_ sku: Int, _ who: Int, _ most: Int) -> Terms {
        guard let special = special(of: sku) else { return (most, skus[sku].price, 0) }
        var units = min(most, remaining(special) ?? most)
        if special.perBuyer > 0 {
            units = min(units, special.perBuyer - self.units(in: special, of: who))
        }
        return units > 0 ? (units, special.price, special.number) : (most, special.regular, 0)
    }

    mutating func open(_ index: Int, _ terms: Terms) {
        waiting[index].price = terms.price
        waiting[index].ends = now + Int64(rules.offer) * 1000
        waiting[index].offeredIn = terms.special
        waiting[index].offered = terms.units
        tellOffer(index, terms.units)
    }

    mutating func offerAside(_ index: Int) {
        let entry = waiting[index]
        let terms = terms(entry.sku, entry.who, entry.aside)
        waiting[index].aside -= terms.units
        open(index, terms)
    }

    mutating func tellOffer(_ index: Int, _ units: Int) {
        let entry = waiting[index]
        log.append(
            "offered \(units) of \(entry.sku) to \(entry.who) at \(entry.price) "
                + "until \(entry.ends)")
    }

    func overLimit(_ who: Int, _ sku: Int, _ quantity: Int) -> String? {
        if let special = special(of: sku), special.perBuyer > 0 {
            var counted = units(in: special, of: who)
            for entry in waiting where entry.who == who && entry.joinedIn == special.number {
                counted += entry.wants - entry.offered
            }
            if counted + quantity > special.perBuyer {
                let left = max(0, special.perBuyer - counted)
                return "limitReached(limit: \(special.perBuyer), remaining: \(left))"
            }
        }
        let limit = skus[sku].limit ?? rules.limit
        let counted = counted(who, sku)
        if limit > 0, counted + quantity > limit {
            return "limitReached(limit: \(limit), remaining: \(max(0, limit - counted)))"
        }
        return nil
    }

    /// Whether claims of the same units would be granted now: all of them at once, at no higher price.
    func wouldBeGranted(_ order: Order) -> Bool {
        for sku in Set(lines(order).map(\.sku)) {
            let same = lines(order).filter { $0.sku == sku }
            let units = same.reduce(0) { $0 + $1.quantity }
            guard exists(sku), available(sku) >= units,
                same.allSatisfy({ skus[sku].price <= $0.price }),
                overLimit(order.who, sku, units) == nil
            else { return false }
            if let left = special(of: sku).flatMap(remaining), left < units { return false }
        }
        return true
    }
}
