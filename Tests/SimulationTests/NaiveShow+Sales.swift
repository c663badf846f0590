// Flash sales and late payments of the naive show: every count from the single holds, offers and orders.

extension NaiveShow {
    typealias Terms = (units: Int, price: Int, sale: Int)

    func runningSale(of item: Int) -> (number: Int, sale: Sale)? {
        for (number, sale) in sales where sale.item == item && sale.isRunning {
            return (number, sale)
        }
        return nil
    }

    /// Units of a sale that somebody has or is offered; of one person, or of all.
    func units(inSale number: Int, of person: Int? = nil) -> Int {
        var units = 0
        for hold in holds where hold.sale == number && hold.state == .open {
            if person == nil || hold.owner == person { units += hold.units }
        }
        for waiter in queues.joined() where waiter.offered > 0 && waiter.offeredIn == number {
            if person == nil || waiter.person == person { units += waiter.offered }
        }
        for order in orders.values where order.state == .placed || order.state == .paid {
            if person != nil, order.owner != person { continue }
            for hold in order.holds where holds[hold - 1].sale == number {
                units += holds[hold - 1].units
            }
        }
        return units
    }

    func remaining(_ number: Int, _ sale: Sale) -> Int? {
        sale.quantity.map { max(0, $0 - units(inSale: number)) }
    }

    /// Whether a claim of so many units more is within what a running sale gives each buyer.
    func keepsSaleLimit(_ person: Int, _ item: Int, _ wanted: Int) -> Bool {
        guard let (number, sale) = runningSale(of: item), sale.perBuyer > 0 else { return true }
        var counted = units(inSale: number, of: person)
        for waiter in queues[item] where waiter.person == person && waiter.joinedIn == number {
            counted += waiter.wants - waiter.offered
        }
        return counted + wanted <= sale.perBuyer
    }

    func keepsLimit(_ person: Int, _ item: Int, _ wanted: Int) -> Bool {
        let limit = items[item].limit ?? setting("limit_per_buyer")
        return limit == 0 || counted(person, item) + wanted <= limit
    }

    /// What units of an item are offered at now, and how many at that.
    func terms(_ item: Int, _ person: Int, _ most: Int) -> Terms {
        guard let (number, sale) = runningSale(of: item) else {
            return (most, items[item].price, 0)
        }
        var units = min(most, remaining(number, sale) ?? most)
        if sale.perBuyer > 0 {
            units = min(units, sale.perBuyer - self.units(inSale: number, of: person))
        }
        return units > 0 ? (units, sale.price, number) : (most, sale.regularPrice, 0)
    }

    /// Whether a cancelled order may be paid late: it ran out, and its buyer would get all of it by
    /// claims, at no higher price.
    func mayComeBack(_ id: String, at now: Int64) -> Bool {
        guard let order = orders[id], order.ranOut, !mayNotBuy(order.owner, at: now) else {
            return false
        }
        let lines = order.holds.map { holds[$0 - 1] }
        return Set(lines.map(\.item)).allSatisfy { item in
            let same = lines.filter { $0.item == item }
            let units = same.reduce(0) { $0 + $1.units }
            let left = runningSale(of: item).flatMap { remaining($0.number, $0.sale) }
            return !items[item].isRemoved && available(item) >= units && left ?? units >= units
                && same.allSatisfy { items[item].price <= $0.price }
                && keepsLimit(order.owner, item, units)
                && keepsSaleLimit(order.owner, item, units)
        }
    }
}
