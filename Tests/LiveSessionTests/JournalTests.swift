// The journal: every fact comes back from its bytes, and replaying all of them gives the same show.

import Inventory
import OrderedCollections
import Testing

@testable import LiveSession

extension Stage {
    /// A fresh show with the same people and this one's journal.
    func replayed() throws -> Show {
        var show = Show(headline: Stage.headline, settings: settingsAtStart)
        for (number, participant) in people.enumerated() {
            show.roster.restore(number, participant)
        }
        for (place, fact) in facts.enumerated() {
            try show.replay(entry: place + 1, Stage.encode(fact))
        }
        return show
    }

    var settingsAtStart: ShowSettings { ShowSettings() }

    private var people: [Participant] {
        (0..<show.roster.connections).map { index in
            let known = show.roster[ParticipantID(index)]
            return Participant(
                subject: known.subject, name: known.name, isGuest: known.isGuest,
                role: known.tokenRole)
        }
    }

    static func encode(_ fact: ShowFact) -> [UInt8] {
        var writer = ByteWriter()
        fact.write(to: &writer)
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws -> ShowFact {
        var reader = ByteReader(bytes)
        let fact = try ShowFact(from: &reader)
        guard reader.isAtEnd else { throw Unexpected("bytes are left over") }
        return fact
    }
}

/// Everything of a show that its journal has to bring back, as text that can be compared and read.
func picture(of show: Show) -> String {
    var lines = [
        "status \(show.status.rawValue) started \(show.startedAt?.milliseconds ?? 0) "
            + "ended \(show.endedAt?.milliseconds ?? 0) seq \(show.lastSeq)",
        "settings \(show.settings)", "pins \(show.pins)", "queue \(show.queue)",
        "note \(show.note?.text ?? "-")", "flash \(show.flashSales)",
    ]
    for product in show.products.values { lines.append("product \(product)") }
    for level in show.ledger.levels {
        lines.append(
            "\(level.sku) price \(level.price) limit \(level.limit ?? -1) on hand \(level.onHand) "
                + "held \(level.held) sold \(level.sold) removed \(level.isRemoved)")
        for entry in level.waitlist.inOrder { lines.append("  waits \(entry)") }
    }
    for number in 0..<show.ledger.holdCount {
        lines.append("\(show.ledger.hold(HoldID(number + 1)).map { "\($0)" } ?? "-")")
    }
    for index in 0..<show.ledger.orderCount { lines.append("\(show.ledger.order(at: index))") }
    for index in 0..<8 {
        // When everything is over: a replay leaves it to the clock to end measures.
        let restraint = show.restraint(
            of: ParticipantID(index), at: Timestamp(milliseconds: 1_700_000_800_000))
        lines.append("restraint \(index) \(restraint.map { "\($0)" } ?? "-")")
        lines.append("role \(index) \(show.roster[ParticipantID(index)].role)")
    }
    return lines.joined(separator: "\n")
}

struct JournalTests {
    /// A show in which everything that makes a fact has happened.
    private func eventful() throws -> Stage {
        let stage = try Stage(.scheduled)
        let mug = try stage.product("mug", onHand: 5, price: 1000)
        let cup = try stage.product("cup", onHand: 1, price: 300)
        try stage.product("pot", onHand: 1)
        try stage.run { show, now in
            _ = try show.start(at: now)
            _ = try show.updateProduct(
                ProductDraft(
                    id: "mug", description: "Stoneware", media: ["/m.jpg"], sponsored: true,
                    firstPaid: false,
                    variants: [
                        .init(
                            sku: "MUG", options: [.init(name: "Size", value: "S")], limit: 4)
                    ]))
            _ = try show.removeProduct("pot")
            _ = try show.setQueue(["cup", "mug"])
            _ = try show.pinNext(at: now)
            _ = try show.pin(product: "mug", sku: "MUG", seconds: 3, at: now)
            _ = try show.configure([
                ("pins", .integer(2)), ("claim_feed", .text("counts")),
                ("replay_sales", .flag(true)),
            ])
            _ = try show.setPrice(cup, 350)
            try show.setNote("Hello", seconds: 5, at: now)
            _ = try show.take(
                .timeout(until: now.adding(seconds: 9)), against: stage.cleo, by: stage.host,
                actorRole: .host, reason: "spam", at: now)
            _ = try show.take(
                .restrict(until: nil), against: stage.cleo, by: stage.host, actorRole: .host,
                reason: "",
                at: now)
            _ = try show.setRole(.moderator, of: stage.ben, by: stage.host)
            _ = try show.startFlashSale(
                FlashSaleDraft(
                    variant: mug, price: 900, countdownSeconds: 1, durationSeconds: 2, perBuyer: 3,
                    quantity: 4), at: now)
        }
        let first = try stage.claim(stage.ana, 2, of: mug)
        try stage.announce()
        try stage.pass(seconds: 1)
        let second = try stage.claim(stage.ben, 1, of: mug)
        let third = try stage.claim(stage.ana, 1, of: cup)
        try stage.claim(stage.ben, 1, of: cup)
        try stage.pass(seconds: 3)
        let order = try stage.order([#require(first.hold)], by: stage.ana)
        let other = try stage.order([#require(second.hold)], by: stage.ben)
        try stage.run { show, now in
            _ = try show.pay(order.id, by: stage.ana, at: now)
            _ = try show.cancelOrder(other.id, by: stage.ben, at: now)
            _ = try show.release(#require(third.hold), by: stage.ana, at: now)
            try show.remember(
                Array("{}".utf8), as: show.nextSeq,
                Idempotency(
                    key: KeyDigest("k", of: stage.ana), content: ContentHash(words: [7, 0, 0, 0])),
                of: stage.ana)
            let accepted = Idempotency(
                key: KeyDigest("a", of: stage.ben), content: ContentHash(words: [8, 0, 0, 0]))
            _ = try show.acceptOffer(of: cup, by: stage.ben, unitPrice: nil, accepted, at: now)
                .get()
            _ = try show.adjustStock(cup, by: 2, at: now)
            _ = try show.unpin(product: nil)
        }
        _ = try stage.say("hello", by: stage.ana).get()
        try stage.run { show, _ in _ = try show.deleteMessage(1) }
        try stage.pass(seconds: 700)
        try stage.run { show, now in _ = try show.pause(at: now) }
        return stage
    }

    @Test func `every fact comes back from its bytes`() throws {
        let stage = try eventful()
        for fact in stage.facts {
            let bytes = Stage.encode(fact)
            #expect(Stage.encode(try Stage.decode(bytes)) == bytes, "\(fact)")
        }
        // Every kind of fact but the ban, which has a test of its own.
        let kinds = Set(stage.facts.map { String("\($0)".prefix { $0 != "(" }) })
        #expect(kinds.count == 19, "\(kinds.sorted())")
    }

    @Test func `replaying the journal gives the same show`() throws {
        let stage = try eventful()
        let again = try stage.replayed()
        #expect(picture(of: again) == picture(of: stage.show))
        #expect(again.log.lastOffset == 0)
    }

    @Test func `a ban gives back what the banned one held, also after a replay`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1)
        try stage.claim(stage.ana, of: mug)
        try stage.claim(stage.ben, of: mug)
        #expect(
            try stage.run {
                try $0.take(
                    .ban(until: nil), against: stage.ana, by: stage.host, actorRole: .host,
                    reason: "x", at: $1)
            } == nil)
        #expect(stage.show.ledger.level(mug).waitlist.entry(of: stage.ben)?.offer != nil)
        #expect(picture(of: try stage.replayed()) == picture(of: stage.show))
    }

    @Test func `answers are found by their keys after a replay`() throws {
        let stage = try eventful()
        var again = try stage.replayed()
        let key = KeyDigest("k", of: stage.ana)
        guard case .stored(let entry, let content)? = again.answer(to: key) else {
            Issue.record("not found")
            return
        }
        let reply = try ShowFact.reply(to: key, in: Stage.encode(stage.facts[entry - 1]))
        #expect(reply == Array("{}".utf8) && content == ContentHash(words: [7, 0, 0, 0]))
        guard case .claim(let claim, _)? = again.answer(to: KeyDigest("key 1", of: stage.ana))
        else {
            Issue.record("not found")
            return
        }
        #expect(claim.seq == 1 && claim.granted == 2)
        #expect(again.answer(to: KeyDigest("k", of: stage.ben)) == nil)
        #expect(again.answer(to: KeyDigest("K", of: stage.ana)) == nil)
    }

    @Test func `what was granted and not announced before a crash is announced after it`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 9)
        try stage.claim(stage.ana, of: mug)
        try stage.announce()
        try stage.claim(stage.ben, of: mug)
        try stage.claim(stage.cleo, 2, of: mug)
        var again = try stage.replayed()
        again.restore(log: stage.show.log, chat: ChatLog())
        stage.clear()
        stage.show = again
        try stage.announce()
        let announced = try #require(stage.announcements.first)
        #expect(announced.grants.map(\.participant) == [stage.ben, stage.cleo])
        #expect(announced.totals.map(\.units) == [4])
        try stage.pass(milliseconds: 300)
        #expect(stage.announcements.count == 1)
    }

    @Test func `after a restart everything that ever moved counts as moved`() throws {
        let stage = try eventful()
        let pot = try stage.product("teapot", onHand: 2)
        var again = try stage.replayed()
        again.restore(log: stage.show.log, chat: ChatLog())
        let told = again.stockTold(since: again.log.lastOffset)
        #expect(told.map { again.ledger.level($0).sku } == ["MUG", "CUP"])
        #expect(!told.contains(pot))
    }

    @Test func `a sold-out variant is not announced again after a restart`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 1)
        try stage.claim(stage.ana, of: mug)
        var again = try stage.replayed()
        again.restore(log: stage.show.log, chat: ChatLog())
        stage.clear()
        stage.show = again
        try stage.claim(stage.ben, of: mug)
        #expect(stage.eventNames == [])
    }

    @Test func `damaged bytes are found out or harmless, never a trap`() throws {
        let journal = try eventful().facts.map(Stage.encode)
        for seed in 0..<400 as Range<UInt64> {
            var random = SplitMix(seed: seed)
            var damaged = journal
            for _ in 0...random.below(3) {
                let entry = random.below(damaged.count)
                guard !damaged[entry].isEmpty else { continue }
                let place = random.below(damaged[entry].count)
                switch random.below(4) {
                case 0: damaged[entry][place] = UInt8(random.below(256))
                case 1: damaged[entry].remove(at: place)
                case 2: damaged[entry].insert(UInt8(random.below(256)), at: place)
                default: damaged.remove(at: entry)
                }
            }
            var show = Show(headline: Stage.headline, settings: ShowSettings())
            var reader = ByteReader(Array(damaged.joined()))
            do {
                while !reader.isAtEnd { try show.apply(try ShowFact(from: &reader)) }
            } catch {
                continue
            }
            // What was taken for good can be looked at and goes on.
            show.restore(log: EventLog(), chat: ChatLog())
            _ = picture(of: show)
            _ = show.snapshotProducts()
            for variant in show.ledger.levels.indices { _ = show.title(of: VariantID(variant)) }
            for sale in show.flashSales { _ = show.price(of: sale.variant) }
            for product in show.products.values {
                for variant in product.variants { _ = show.price(of: variant.id) }
            }
            try? show.expire(at: Timestamp(milliseconds: 1_800_000_000_000))
            try? show.announce(at: Timestamp(milliseconds: 1_800_000_000_000), storing: true)
        }
    }
}
