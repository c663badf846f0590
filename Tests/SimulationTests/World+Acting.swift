// What people do next, by chance: buyers use every request a viewer has, hosts every one of theirs.

import Inventory
import LiveSession
import LiveShopClient
import WireProtocol

extension World {
    func act(_ person: Person) {
        if isCalm { return }
        switch person.role {
        case .host: direct(person)
        case .moderator: chance.percent(50) ? moderate(person) : buy(person)
        default: buy(person)
        }
    }

    private func sku(_ person: Person) -> JSONValue {
        if chance.percent(3) { return "no-such-sku" }
        // Most want the same few things.
        let skus = knownSKUs[person.show] ?? []
        return .string(chance.pick(chance.percent(60) ? Array(skus.suffix(2)) : skus) ?? "none")
    }

    private func number(_ range: ClosedRange<Int>) -> JSONValue {
        .integer(Int64(chance.number(range)))
    }

    /// One of the choices, unless the run is without it.
    private func choose(_ choices: [(weight: Int, choice: String)]) -> String {
        let choice = chance.weighted(choices)
        return options.without.contains(choice) ? "" : choice
    }

    // MARK: Buyers

    private func buy(_ person: Person) {
        let choice = choose([
            (40, "claim"), (3, "leave"), (5, "release"), (6, "extend"), (14, "order"), (9, "pay"),
            (3, "cancel"), (6, "chat"), (1, "ping"), (2, "get"), (8, "again"), (2, "cut"),
            (1, "nonsense"),
        ])
        // She takes what she is offered, mostly.
        if let offered = person.offers.popLast(), chance.percent(60) {
            return ask(person, "waitlist.accept", [("sku", .string(offered))], keyed: true)
        }
        switch choice {
        case "claim": claim(person)
        case "leave": ask(person, "waitlist.leave", [("sku", sku(person))])
        case "release":
            var members = [("hold", hold(of: person))]
            if chance.percent(30) { members.append(("quantity", number(1...2))) }
            ask(person, "hold.release", members)
        case "extend": ask(person, "hold.extend", [("hold", hold(of: person))])
        case "order":
            var holds = [hold(of: person)]
            for _ in 0..<chance.number(0...2) {
                let another = hold(of: person)
                if !holds.contains(another) || chance.percent(5) { holds.append(another) }
            }
            ask(person, "order.place", [("holds", .array(holds))], keyed: true)
        case "pay":
            let method = chance.weighted([(8, "succeeded"), (1, "failed"), (1, "timeout")])
            ask(
                person, "order.pay",
                [("order", order(of: person)), ("method", .string(method))], keyed: true)
        case "cancel": ask(person, "order.cancel", [("order", order(of: person))], keyed: true)
        case "chat": ask(person, "chat.send", [("text", .string("text \(contents)"))])
        case "ping": ask(person, "ping", [], keyed: false)
        case "get": ask(person, "product.get", [("sku", sku(person))], keyed: false)
        case "again": askAgain(person)
        case "cut":
            if let link = chance.pick(clients.filter { $0.person === person })?.link {
                cut(link, .lost(reason: ""))
            }
        case "nonsense": ask(person, "claim.create", [("sku", 7)], keyed: true)
        default: break
        }
    }

    /// Mostly one that she has, at times one she had, or somebody else's.
    private func hold(of person: Person) -> JSONValue {
        if chance.percent(85), let open = chance.pick(person.openHolds) { return .string(open) }
        return .string(chance.pick(person.holds) ?? "h1")
    }

    private func order(of person: Person) -> JSONValue {
        let order = chance.pick(person.orders.suffix(3).map { $0 })
        return .string(order ?? "o_" + String(repeating: "0", count: 32))
    }

    private func claim(_ person: Person) {
        var members: [(String, JSONValue)] = [("sku", sku(person))]
        if chance.percent(40) { members.append(("quantity", number(1...4))) }
        if chance.percent(20) { members.append(("unit_price", number(50...1200))) }
        if chance.percent(20) { members.append(("partial", false)) }
        if chance.percent(25) { members.append(("waitlist", false)) }
        ask(person, "claim.create", members, keyed: true)
    }

    // MARK: Hosts

    private func direct(_ person: Person) {
        let show = person.show
        let status = checker.showKeys[show].flatMap { checker.shows[$0]?.status } ?? ""
        if knownSKUs[show, default: []].count < 2 { return addProduct(person) }
        if status != "live", chance.percent(80) {
            return ask(person, status == "paused" ? "show.resume" : "show.start", [])
        }
        let product = JSONValue.string(chance.pick(knownProducts[show] ?? []) ?? "p1")
        let choice = choose([
            (12, "adjust"), (8, "set"), (6, "price"), (8, "flash"), (3, "stop"), (5, "pin"),
            (2, "unpin"), (3, "queue"), (3, "next"), (2, "add"), (3, "update"), (1, "remove"),
            (2, "pause"), (1, "end"), (5, "configure"), (4, "list"), (6, "moderate"), (3, "again"),
            (1, "role"),
        ])
        switch choice {
        case "adjust":
            ask(person, "stock.adjust", [("sku", sku(person)), ("delta", number(-3...4))])
        case "set":
            ask(
                person, "stock.set",
                [("sku", sku(person)), ("on_hand", number(0...12)), ("expected", number(0...12))])
        case "price": ask(person, "price.set", [("sku", sku(person)), ("price", number(0...1000))])
        case "flash": startFlash(person)
        case "stop": ask(person, "flash.stop", [("sku", sku(person))])
        case "pin":
            var members = [chance.percent(50) ? ("product", product) : ("sku", sku(person))]
            if chance.percent(50) { members.append(("seconds", number(1...10))) }
            ask(person, "product.pin", members)
        case "unpin": ask(person, "product.unpin", chance.percent(50) ? [] : [("product", product)])
        case "queue":
            let some = (knownProducts[show] ?? []).filter { _ in chance.percent(50) }
            ask(person, "queue.set", [("products", .array(some.map { .string($0) }))])
        case "next": ask(person, "queue.next", [])
        case "add": addProduct(person)
        case "update": updateProduct(person, product)
        case "remove": ask(person, "product.remove", [("product", product)])
        case "pause": ask(person, "show.pause", [])
        case "end": ask(person, "show.end", [])
        case "configure": configure(person)
        case "list":
            let lists = ["viewers.list", "holds.list", "waitlist.list", "orders.list"]
            ask(person, chance.pick(lists) ?? "viewers.list", [], keyed: false)
        case "role":
            ask(
                person, "participant.set_role",
                [
                    ("participant", anybody(person)),
                    ("role", .string(chance.pick(["viewer", "moderator", "co_host"]) ?? "viewer")),
                ])
        case "again": askAgain(person)
        case "moderate": moderate(person)
        default: break
        }
    }

    private func addProduct(_ person: Person) {
        products += 1
        let variants = (1...chance.number(1...2)).map { number in
            JSONValue.make([
                ("sku", .string("\(person.show)-s\(products)-\(number)")),
                ("price", self.number(100...1000)), ("on_hand", self.number(0...8)),
            ])
        }
        var members: [(String, JSONValue)] = [
            ("title", .string("Product \(products)")), ("variants", .array(variants)),
        ]
        if chance.percent(50) { members.append(("id", .string("own-\(products)"))) }
        ask(person, "product.add", [("product", .make(members))])
    }

    private func updateProduct(_ person: Person, _ product: JSONValue) {
        var members: [(String, JSONValue)] = [("id", product)]
        if chance.percent(50) { members.append(("title", .string("Title \(contents)"))) }
        if chance.percent(50) {
            var variant: [(String, JSONValue)] = [("sku", sku(person)), ("price", number(0...900))]
            if chance.percent(30) { variant.append(("limit", number(0...4))) }
            members.append(("variants", .array([.make(variant)])))
        }
        ask(person, "product.update", [("product", .make(members))])
    }

    private func startFlash(_ person: Person) {
        let wanted = sku(person)
        let key = checker.showKeys[person.show] ?? 0
        let price = wanted.text.flatMap { sku in
            checker.shows[key]?.items.first { $0.sku == sku }?.price
        }
        var members: [(String, JSONValue)] = [
            ("sku", wanted), ("price", .integer(Int64((price ?? 100) / 2))),
            ("countdown_seconds", number(0...5)), ("duration_seconds", number(1...10)),
            ("per_buyer", number(0...3)),
        ]
        if chance.percent(40) { members.append(("quantity", number(1...4))) }
        ask(person, "flash.start", members)
    }

    private func configure(_ person: Person) {
        let setting: (String, JSONValue) = chance.weighted([
            (2, ("hold_seconds", number(1...20))), (1, ("flash_hold_seconds", number(1...10))),
            (2, ("waitlist_offer_seconds", number(1...10))),
            (2, ("payment_seconds", number(1...20))), (1, ("hold_extensions", number(0...3))),
            (2, ("limit_per_buyer", number(0...6))), (2, ("active_holds", number(0...6))),
            (1, ("waitlist_max", number(0...50))), (1, ("pins", number(1...3))),
            (1, ("claim_feed", .string(chance.pick(["names", "counts", "off"]) ?? "off"))),
            (1, ("slow_mode_seconds", number(0...3))),
        ])
        ask(person, "room.configure", [setting])
    }

    // MARK: Moderators

    private func anybody(_ person: Person) -> JSONValue {
        .string(chance.pick(people.filter { $0.show == person.show })?.subject ?? "nobody")
    }

    private func moderate(_ person: Person) {
        let choice = choose([
            (3, "note"), (2, "clear"), (4, "delete"), (2, "timeout"), (1, "ban"), (5, "unban"),
            (1, "restrict"), (1, "unrestrict"), (1, "untimeout"),
        ])
        let measure = "participant.\(choice)"
        switch choice {
        case "note":
            var members: [(String, JSONValue)] = [("text", .string("note \(contents)"))]
            if chance.percent(50) { members.append(("seconds", number(1...10))) }
            ask(person, "note.set", members)
        case "clear": ask(person, "note.clear", [])
        case "delete":
            ask(person, "chat.delete", [("message", .string("m\(chance.number(1...40))"))])
        case "timeout", "ban", "restrict":
            var members = [("participant", anybody(person))]
            if choice == "timeout" || chance.percent(70) {
                members.append(("seconds", number(1...20)))
            }
            ask(person, measure, members)
        case "unban", "unrestrict", "untimeout":
            ask(person, measure, [("participant", anybody(person))])
        default: break
        }
    }
}
