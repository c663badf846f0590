// What everybody hears of claims and stock: sell-outs, restocks, the feed of grants, counts, warnings.

import Inventory
import Testing

@testable import LiveSession

struct SaleTests {
    @Test func `an order keeps the title of its day, whatever becomes of the product`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug")
        let hold = try #require(stage.claim(stage.ana, of: mug).hold)
        let order = try stage.order([hold], by: stage.ana)
        _ = try stage.run { show, _ in
            try show.updateProduct(ProductDraft(id: "mug", title: "Sun plate"))
        }.get()
        _ = try stage.run { try $0.pay(order.id, by: stage.ana, at: $1) }.get()
        _ = try stage.run { show, _ in try show.removeProduct("mug") }
        for show in [stage.show, try stage.replayed()] {
            let line = try #require(show.ledger.order(order.id)).lines[0]
            #expect(show.ledger.text(of: line).title == "The mug")
        }
    }

    // MARK: Sold out, restocked, prices

    @Test func `the claim of the last unit says sold out, once`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 2)
        try stage.claim(stage.ana, of: mug)
        #expect(stage.eventNames == [])
        try stage.claim(stage.ben, of: mug)
        try stage.claim(stage.cleo, of: mug)
        #expect(stage.eventNames == ["sold out MUG"])
    }

    @Test func `a unit that goes from one buyer to the next one waiting was never available`()
        throws
    {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1)
        let claim = try stage.claim(stage.ana, of: mug)
        try stage.claim(stage.ben, of: mug)
        stage.clear()
        _ = try stage.run { try $0.release(#require(claim.hold), by: stage.ana, at: $1) }.get()
        #expect(stage.events.isEmpty)
        #expect(stage.personal.map(\.0) == [stage.ana, stage.ben])
    }

    @Test func `a unit that comes back and goes again sells out again`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1)
        let claim = try stage.claim(stage.ana, of: mug)
        _ = try stage.run { try $0.release(#require(claim.hold), by: stage.ana, at: $1) }.get()
        try stage.claim(stage.ben, of: mug)
        #expect(stage.eventNames == ["sold out MUG", "sold out MUG"])
    }

    @Test
    func `a unit that comes and goes all the time is told sold out now and then, and at the end`()
        throws
    {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1)
        func toggle(_ times: Int) throws {
            for _ in 0..<times {
                let claim = try stage.claim(stage.ana, of: mug)
                try stage.announce()
                _ = try stage.run { try $0.release(#require(claim.hold), by: stage.ana, at: $1) }
                    .get()
                try stage.pass(milliseconds: 10)
            }
        }
        func soldOuts() -> Int { stage.eventNames.filter { $0 == "sold out MUG" }.count }
        try toggle(1100)
        // Eleven seconds: three times at once; at the end of the first ten it was not sold out.
        #expect((3...5).contains(soldOuts()))
        let before = soldOuts()
        try stage.claim(stage.ben, of: mug)
        for _ in 0..<11 { try stage.pass(milliseconds: 1000) }
        #expect(soldOuts() == before + 1)
        try stage.pass(milliseconds: 30_000)
        #expect(soldOuts() == before + 1)
    }

    @Test func `after a restock a sell-out is told at once`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1)
        for number in 0..<6 {
            try stage.claim(number % 2 == 0 ? stage.ana : stage.ben, of: mug)
            try stage.announce()
            _ = try stage.run { try $0.adjustStock(mug, by: 1, at: $1) }
        }
        #expect(stage.eventNames.filter { $0 == "sold out MUG" }.count == 6)
    }

    @Test func `all notices of stock share a budget, in turn, and each value is told in the end`()
        throws
    {
        let stage = try Stage()
        var skus: [VariantID] = []
        for number in 0..<60 { skus.append(try stage.product("p\(number)", onHand: 10_000)) }
        try stage.pass(milliseconds: 2000)
        stage.clear()
        func told() -> [VariantID] {
            stage.shared.compactMap {
                if case .stockChanged(let variant) = $0 { variant } else { nil }
            }
        }
        for step in 0..<20 {
            for sku in skus {
                let claim = try stage.claim(stage.ana, 1, of: sku)
                _ = try stage.run { try $0.release(#require(claim.hold), by: stage.ana, at: $1) }
                    .get()
            }
            if step == 0 { #expect(Set(told()).count <= 60) }
            try stage.pass(milliseconds: 100)
        }
        // Two seconds, and what was saved up.
        #expect((200...320).contains(told().count), "\(told().count)")
        let counts = Dictionary(grouping: told()) { $0 }.mapValues(\.count)
        #expect(counts.count == 60)
        #expect((counts.values.max() ?? 0) - (counts.values.min() ?? 0) <= 1)
        stage.clear()
        for _ in 0..<20 { try stage.pass(milliseconds: 100) }
        #expect(Set(told()).count == told().count)
        #expect(stage.show.nextDeadline.map { $0 > stage.now.adding(seconds: 5) } ?? true)
    }

    @Test func `restocked means that on hand was raised`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 2)
        func adjust(_ delta: Units) throws -> [String] {
            stage.clear()
            #expect(try stage.run { try $0.adjustStock(mug, by: delta, at: $1) } == nil)
            return stage.eventNames
        }
        #expect(try adjust(5) == ["restocked MUG"])
        #expect(try adjust(-3) == [])
        #expect(try adjust(0) == [])
        #expect(try adjust(-4) == ["sold out MUG"])
        stage.clear()
        #expect(try stage.run { try $0.setStock(mug, onHand: 1, expected: 0, at: $1) } == nil)
        #expect(stage.eventNames == ["restocked MUG"])
    }

    @Test func `restocked units go to those who wait, and that is restocked too`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 0)
        try stage.claim(stage.ana, of: mug)
        try stage.claim(stage.ben, of: mug)
        stage.clear()
        #expect(try stage.run { try $0.adjustStock(mug, by: 1, at: $1) } == nil)
        #expect(stage.eventNames == ["restocked MUG"])
        #expect(stage.personal.map(\.0) == [stage.ana])
        #expect(stage.show.ledger.level(mug).available == 0)
    }

    @Test func `a correction below what is promised, or on a wrong belief, is refused`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 3)
        try stage.claim(stage.ana, 2, of: mug)
        stage.clear()
        #expect(
            try stage.run { try $0.adjustStock(mug, by: -2, at: $1) }?.kind == "stock"
                && stage.show.ledger.level(mug).onHand == 3)
        #expect(try stage.run { try $0.setStock(mug, onHand: 9, expected: 4, at: $1) } != nil)
        #expect(stage.events.isEmpty)
    }

    @Test func `a new price is told with the old one, and a snapshot shows it`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", price: 500)
        let version = stage.show.version
        #expect(try stage.run { show, _ in try show.setPrice(mug, 650) } == nil)
        #expect(stage.eventNames == ["price of MUG 500 -> 650"])
        #expect(stage.show.version > version)
    }

    @Test func `a host who comes or renames herself changes the snapshot, a viewer does not`()
        throws
    {
        let stage = try Stage()
        func version(after name: String, _ role: Role) -> Int {
            _ = stage.show.connect(
                Participant(subject: "u-new", name: name, isGuest: false, role: role))
            return stage.show.version
        }
        let before = stage.show.version
        #expect(version(after: "Dan", .viewer) == before)
        let asHost = version(after: "Dan", .host)
        #expect(asHost > before)
        #expect(version(after: "Dan", .host) == asHost)
        #expect(version(after: "Daniel", .host) > asHost)
    }

    // MARK: The feed of grants

    @Test func `the first grant after a quiet moment is announced at once`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 50)
        try stage.claim(stage.ana, of: mug)
        try stage.announce()
        #expect(stage.announcements.count == 1)
        try stage.pass(milliseconds: 250)
        try stage.claim(stage.ben, 2, of: mug)
        try stage.announce()
        let second = try #require(stage.announcements.last)
        #expect(stage.announcements.count == 2)
        #expect(second.grants.map(\.participant) == [stage.ben])
        #expect(second.totals.map(\.claims) == [2] && second.totals.map(\.units) == [3])
    }

    @Test func `under load all grants of a quarter of a second share one event`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1000)
        let cup = try stage.product("cup", onHand: 1000)
        var grants = 0
        for step in 0..<100 {
            let who = stage.show.connect(
                Participant(subject: "b\(step)", name: "B\(step)", isGuest: true, role: .viewer))
            try stage.claim(who, of: step.isMultiple(of: 2) ? mug : cup)
            grants += 1
            try stage.announce()
            try stage.pass(milliseconds: 10)
        }
        try stage.pass(milliseconds: 250)
        // 1000 ms of grants: the first at once, then one per 250 ms, and the rest.
        #expect(stage.announcements.count == 5)
        #expect(stage.announcements.map(\.grants.count).reduce(0, +) == grants)
        let seqs = stage.announcements.flatMap { $0.grants.map(\.seq) }
        #expect(seqs == seqs.sorted())
        #expect(stage.announcements.last?.totals.map(\.units).reduce(0, +) == grants)
    }

    @Test func `an event names the newest hundred, the totals count all`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1000)
        var last = 0
        for step in 0..<350 {
            let who = stage.show.connect(
                Participant(subject: "b\(step)", name: "B\(step)", isGuest: true, role: .viewer))
            last = try stage.claim(who, of: mug).seq
        }
        try stage.announce()
        let announced = try #require(stage.announcements.first)
        #expect(announced.grants.count == 100 && announced.grants.last?.seq == last)
        #expect(announced.totals.first?.claims == 350)
    }

    @Test func `the feed shows names, counts or nothing`() throws {
        for feed in ShowSettings.ClaimFeed.allCases {
            var settings = ShowSettings()
            settings.claimFeed = feed
            let stage = try Stage(settings: settings)
            let mug = try stage.product("mug")
            try stage.claim(stage.ana, of: mug)
            try stage.announce()
            #expect(stage.announcements.count == (feed == .off ? 0 : 1))
            #expect(stage.announcements.first?.grants.count == [.names: 1, .counts: 0][feed])
            #expect(stage.show.nextDeadline.map { $0 > stage.now } ?? true)
        }
    }

    @Test func `who only waits is not announced`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 0)
        try stage.claim(stage.ana, of: mug)
        try stage.announce()
        #expect(stage.announcements.isEmpty)
    }

    // MARK: Counts

    @Test func `stock is told ten times a second at most, and the last value always`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1000)
        let cup = try stage.product("cup", onHand: 1000)
        func told(_ variant: VariantID) -> Int {
            stage.noticesCount { if case .stockChanged(variant) = $0 { true } else { false } }
        }
        try stage.pass(milliseconds: 100)
        stage.clear()
        var wanted: Units = 1000
        for step in 0..<200 {
            let who = stage.show.connect(
                Participant(subject: "b\(step)", name: "B\(step)", isGuest: true, role: .viewer))
            try stage.claim(who, of: mug)
            wanted -= 1
            if step == 50 { try stage.claim(who, of: cup) }
            try stage.announce()
            try stage.pass(milliseconds: 5)
        }
        #expect((10...11).contains(told(mug)) && told(cup) == 1)
        stage.clear()
        try stage.pass(milliseconds: 100)
        #expect(told(mug) <= 1)
        #expect(stage.show.ledger.level(mug).available == wanted)
        stage.clear()
        try stage.pass(milliseconds: 1000)
        #expect(told(mug) == 0)
    }

    @Test func `the stock that moved since an offset is known`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 10)
        let cup = try stage.product("cup", onHand: 10)
        let pot = try stage.product("pot", onHand: 10)
        try stage.claim(stage.ana, of: mug)
        try stage.announce()
        let offset = stage.show.log.lastOffset
        try stage.pass(milliseconds: 1000)
        try stage.claim(stage.ben, of: cup)
        try stage.announce()
        #expect(stage.show.log.lastOffset > offset)
        #expect(stage.show.stockTold(since: offset) == [mug, cup])
        #expect(stage.show.stockTold(since: stage.show.log.lastOffset) == [cup])
        #expect(!stage.show.stockTold(since: 0).contains(pot))
    }

    @Test func `the length of a waitlist is told when it changes`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 0)
        try stage.announce()
        stage.clear()
        try stage.claim(stage.ana, of: mug)
        try stage.claim(stage.ben, of: mug)
        try stage.announce()
        #expect(
            stage.noticesCount { if case .waitlistLength(mug) = $0 { true } else { false } } == 1)
        stage.clear()
        _ = try stage.run { try $0.leaveWaitlist(of: mug, by: stage.ana, at: $1) }
        try stage.announce()
        try stage.pass(milliseconds: 1000)
        #expect(
            stage.noticesCount { if case .waitlistLength(mug) = $0 { true } else { false } } == 1)
    }

    // MARK: Warnings

    private func warned(_ stage: Stage) -> [ParticipantID] {
        stage.personal.compactMap { who, notice in
            if case .holdExpiring = notice { who } else { nil }
        }
    }

    @Test func `a minute before its end a buyer is warned of it, once`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug")
        try stage.claim(stage.ana, of: mug)
        try stage.pass(milliseconds: 539_999)
        #expect(warned(stage) == [])
        try stage.pass(milliseconds: 1)
        #expect(warned(stage) == [stage.ana])
        try stage.pass(seconds: 59)
        #expect(warned(stage).count == 1)
    }

    @Test func `an extended hold is warned of before its new end, a released one never`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug")
        let first = try #require(try stage.claim(stage.ana, of: mug).hold)
        let second = try #require(try stage.claim(stage.ben, of: mug).hold)
        _ = try stage.run { try $0.extend(first, by: stage.ana, at: $1) }.get()
        _ = try stage.run { try $0.release(second, by: stage.ben, at: $1) }.get()
        try stage.pass(seconds: 540)
        #expect(warned(stage) == [])
        try stage.pass(seconds: 60)
        #expect(warned(stage) == [stage.ana])
    }

    @Test func `a hold that is not longer than the warning gets none`() throws {
        var settings = ShowSettings()
        settings.stock.holdSeconds = 60
        let stage = try Stage(settings: settings)
        let mug = try stage.product("mug")
        try stage.claim(stage.ana, of: mug)
        try stage.pass(seconds: 59)
        #expect(warned(stage) == [])
        try stage.pass(seconds: 1)
        #expect(stage.show.ledger.openHolds(of: stage.ana).isEmpty)
    }
}

struct OwedSellOutTests {
    @Test func `a restock ends what was owed of a sell-out, and nothing is due any more`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1)
        for _ in 0...ShowLimits.soldOutsAtOnce {
            let claim = try stage.claim(stage.ana, of: mug)
            let hold = try #require(claim.hold)
            _ = try stage.run { try $0.release(hold, by: stage.ana, at: $1) }
            try stage.announce()
        }
        _ = try stage.run { try $0.adjustStock(mug, by: 1, at: $1) }
        try stage.pass(seconds: ShowLimits.soldOutSeconds + 1)
        #expect(stage.show.nextDeadline.map { $0 > stage.now } ?? true)
    }
}
