// The verdict: a good history passes, and each way of breaking a promise is found.

import Testing

@testable import LiveShopLoadTest

/// Ten units, fifteen buyers: 0–9 hold one each, 10–14 wait in places 1–5.
private func goodHistory() -> History {
    var history = History()
    for buyer in 0..<15 {
        history.claims.append(
            ClaimRecord(
                buyer: buyer, key: "k\(buyer)", sku: "A", seq: Int64(100 + buyer * 2),
                hold: buyer < 10 ? "h\(buyer)" : nil, grantedUnits: buyer < 10 ? 1 : 0,
                place: buyer < 10 ? nil : buyer - 9))
    }
    history.claims.shuffle()
    var stock = StockHistory()
    stock.availableAtStart = 10
    stock.oursAtEnd = 10
    stock.take(statement(available: 4, held: 6), beforeClaims: false)
    stock.take(statement(available: 0, held: 10), beforeClaims: false)
    history.stock["A"] = stock
    return history
}

private func statement(
    available: Int, held: Int, sold: Int = 0, onHand: Int = 10
) -> StockStatement {
    StockStatement(
        sku: "A", available: available, held: held, sold: sold, onHand: onHand, asOf: 1)
}

private func broken(_ history: History) -> Set<Invariant> {
    Set(Invariants.check(history).counts.keys)
}

extension History {
    fileprivate mutating func change(buyer: Int, _ body: (inout ClaimRecord) -> Void) {
        for index in claims.indices where claims[index].buyer == buyer { body(&claims[index]) }
    }
}

@Suite struct InvariantsTests {
    @Test func `a good history breaks nothing`() {
        #expect(broken(goodHistory()).isEmpty)
    }

    @Test func `two keys with one hold are found`() {
        var history = goodHistory()
        history.change(buyer: 3) { $0.hold = "h4" }
        #expect(broken(history) == [.oneGrantPerKey])
    }

    @Test func `two keys with one seq are found`() {
        var history = goodHistory()
        history.change(buyer: 3) { $0.seq = 108 }
        #expect(broken(history) == [.oneGrantPerKey])
    }

    @Test func `one key with two first answers is found`() {
        var history = goodHistory()
        history.change(buyer: 3) { $0.key = "k4" }
        #expect(broken(history) == [.oneGrantPerKey])
    }

    @Test func `more granted than there is is found`() {
        var history = goodHistory()
        history.stock["A"]?.oursAtEnd = 11
        #expect(broken(history) == [.stockAddsUp])
    }

    @Test func `a unit that nobody has is found`() {
        var history = goodHistory()
        history.stock["A"]?.oursAtEnd = 9
        #expect(broken(history) == [.stockAddsUp])
    }

    @Test func `units of others before us are taken into account`() {
        var history = goodHistory()
        history.stock["A"] = StockHistory()
        history.stock["A"]?.oursAtEnd = 10
        history.stock["A"]?.availableAtStart = 10
        history.stock["A"]?.take(
            statement(available: 0, held: 12, sold: 3, onHand: 15), beforeClaims: false)
        #expect(broken(history).isEmpty)
        history.stock["A"]?.availableAtStart = 11
        #expect(broken(history) == [.stockAddsUp])
    }

    @Test func `a restock before the first statement hides what others had`() {
        var history = goodHistory()
        history.stock["A"] = StockHistory()
        history.stock["A"]?.oursAtEnd = 10
        history.stock["A"]?.availableAtStart = 10
        history.stock["A"]?.wasRestockedBefore = true
        history.stock["A"]?.take(
            statement(available: 20, held: 10, onHand: 30), beforeClaims: false)
        #expect(broken(history).isEmpty)
        // Not the limits, and not what a statement before the claims says.
        history.stock["A"]?.oursAtEnd = 11
        #expect(broken(history) == [.stockAddsUp])
        history.stock["A"]?.oursAtEnd = 9
        history.stock["A"]?.take(
            statement(available: 20, held: 10, onHand: 30), beforeClaims: true)
        #expect(broken(history) == [.stockAddsUp])
    }

    @Test func `a restock is noted when it comes before what the server says of the stock`() {
        func event(_ type: String, _ data: String) -> [UInt8] {
            Array(#"{"type":"\#(type)","show":"s","offset":3,"data":{\#(data)}}"#.utf8)
        }
        let restocked = event("product.restocked", #""sku":"A""#)
        let changed = event(
            "stock.changed",
            #""sku":"A","available":9,"held":1,"sold":0,"on_hand":10,"as_of":3"#)
        func evidence(_ body: (inout SharedView) -> Void) -> StockHistory? {
            var shared = SharedView(wanted: [], waitsForPin: false)
            body(&shared)
            return shared.evidence.stock["A"]
        }
        let before = evidence {
            $0.take(event: restocked.span, offset: 3)
            #expect($0.take(stockChanged: changed.span, isEarly: false) == nil)
        }
        #expect(before?.wasRestockedBefore == true && before?.first?.onHand == 10)
        let after = evidence {
            #expect($0.take(stockChanged: changed.span, isEarly: false) == nil)
            $0.take(event: restocked.span, offset: 3)
        }
        #expect(after?.wasRestockedBefore == false)
    }

    @Test func `a statement before the claims is the base for later ones`() {
        var stock = StockHistory()
        stock.availableAtStart = 3
        stock.take(statement(available: 5, held: 4, sold: 1), beforeClaims: true)
        stock.take(statement(available: 0, held: 9, sold: 1), beforeClaims: false)
        #expect(stock.others == 5)
        #expect(!stock.wasAdjusted)
        stock.take(statement(available: 2, held: 9, sold: 1, onHand: 12), beforeClaims: false)
        #expect(stock.wasAdjusted)
    }

    @Test func `with other buyers at the stock only the limits are checked`() {
        var history = goodHistory()
        history.isShared = true
        history.stock["A"]?.oursAtEnd = 7
        #expect(broken(history).isEmpty)
        history.stock["A"]?.oursAtEnd = 11
        #expect(broken(history) == [.stockAddsUp])
    }

    @Test func `numbers that do not add up are found`() {
        for wrong in [
            statement(available: 1, held: 10), statement(available: -1, held: 11),
            statement(available: 0, held: 10, sold: 1),
        ] {
            var history = goodHistory()
            history.stock["A"]?.take(wrong, beforeClaims: false)
            #expect(broken(history).contains(.stockAddsUp))
        }
    }

    @Test func `grants without a word about the stock are found`() {
        var history = goodHistory()
        history.stock["A"] = StockHistory()
        history.stock["A"]?.oursAtEnd = 10
        #expect(broken(history) == [.stockAddsUp])
    }

    @Test func `places out of the order of seq are found`() {
        var history = goodHistory()
        history.change(buyer: 11) { $0.place = 3 }
        history.change(buyer: 12) { $0.place = 2 }
        #expect(broken(history) == [.waitlistOrder])
    }

    @Test func `a place left out is found, unless others wait too`() {
        var history = goodHistory()
        history.change(buyer: 14) { $0.place = 6 }
        #expect(broken(history) == [.waitlistOrder])
        history.isShared = true
        #expect(broken(history).isEmpty)
    }

    @Test func `a grant after somebody waits is found`() {
        var history = goodHistory()
        history.change(buyer: 9) { $0.seq = 121 }
        #expect(broken(history) == [.waitlistOrder])
    }

    @Test func `once units moved, the served must be the first in order`() {
        var history = goodHistory()
        history.moved = ["A"]
        history.change(buyer: 13) { $0.place = 2 }
        history.served = ["A": [10, 11]]
        #expect(broken(history).isEmpty)
        history.served = ["A": [10, 12]]
        #expect(broken(history) == [.waitlistOrder])
        history.served = ["A": [10, 12], "B": [11]]
        #expect(broken(history) == [.waitlistOrder])
        history.absent = [11]
        #expect(broken(history).isEmpty)
    }

    @Test func `who claims again while waiting is told of the same place`() {
        var history = goodHistory()
        history.claims.append(
            ClaimRecord(
                buyer: 11, key: "again", sku: "A", seq: 150, hold: nil, grantedUnits: 0, place: 2))
        #expect(broken(history).isEmpty)
    }

    @Test func `what those had who left may have lapsed, but not more`() {
        var history = goodHistory()
        history.stock["A"]?.oursAtEnd = 7
        history.stock["A"]?.absentAtEnd = 3
        #expect(broken(history).isEmpty)
        history.stock["A"]?.absentAtEnd = 2
        #expect(broken(history) == [.stockAddsUp])
        history.stock["A"]?.oursAtEnd = 11
        #expect(broken(history) == [.stockAddsUp])
    }

    @Test func `while holds end all the time, what was true lately is enough`() {
        var history = goodHistory()
        // The server still counts what has ended here a moment ago, and went on from more.
        history.stock["A"]?.oursAtEnd = 8
        #expect(broken(history) == [.stockAddsUp])
        history.stock["A"]?.lately = StockMovement(ours: 11, bound: 14)
        #expect(broken(history).isEmpty)
        // Moves that never met: two units are nobody's.
        history.stock["A"]?.lately = StockMovement(ours: 9, bound: 11)
        #expect(broken(history) == [.stockAddsUp])
        // Always more than the server counted.
        history.stock["A"]?.take(statement(available: 5, held: 5), beforeClaims: false)
        history.stock["A"]?.lately = StockMovement(ours: 7, bound: 6)
        #expect(broken(history) == [.stockAddsUp])
    }

    @Test func `an older statement over another connection changes nothing`() {
        var stock = StockHistory()
        var newer = statement(available: 0, held: 10)
        newer.asOf = 5
        stock.take(newer, beforeClaims: false)
        stock.take(statement(available: 3, held: 7), beforeClaims: false)
        #expect(stock.last == newer)
    }

    @Test func `a connection that ends behind the others is found`() {
        var history = goodHistory()
        history.goal = ["e": 40]
        history.reached = ["e": 40]
        #expect(broken(history).isEmpty)
        history.reached = ["e": 39]
        #expect(broken(history) == [.nothingMissed])
        // Events of another life of the log cannot be waited for.
        history.reached = ["f": 3]
        #expect(broken(history).isEmpty)
    }

    @Test func `chat that a listener did not hear is found`() {
        var history = goodHistory()
        history.chats = Array(1...20)
        history.ears = [Ear(buyer: 1, heard: 20, isWhole: true), Ear(buyer: 2, isWhole: false)]
        #expect(broken(history).isEmpty)
        history.ears[0].heard = 19
        #expect(broken(history) == [.chatComplete])
        history.ears[0].heard = 21
        #expect(broken(history) == [.chatComplete])
        history.chatsUnanswered = 1
        #expect(broken(history).isEmpty)
    }

    @Test func `sampled chat accounts for what was dropped`() {
        var history = goodHistory()
        history.chats = Array(1...20)
        history.ears = [Ear(buyer: 1, heard: 12, dropped: 8, isWhole: true)]
        #expect(broken(history).isEmpty)
        for dropped in [7, 9] {
            history.ears[0].dropped = dropped
            #expect(broken(history) == [.chatComplete])
        }
        history.isShared = true
        #expect(broken(history).isEmpty)
    }

    /// The mark of the first message that is heard may tell of messages from before the run.
    @Test func `what was dropped before the first message may be somebody else's`() {
        var history = goodHistory()
        var ear = Ear(buyer: 1, heard: 20, isWhole: true)
        ear.hear(dropped: 28)
        history.ears = [ear]
        for (accepted, isBroken) in [(19, true), (20, false), (48, false), (49, true)] {
            history.chats = Array(1...Int64(accepted))
            #expect(broken(history) == (isBroken ? [.chatComplete] : []))
        }
        ear.hear(dropped: 7)
        history.ears = [ear]
        for (accepted, isBroken) in [(26, true), (27, false), (55, false), (56, true)] {
            history.chats = Array(1...Int64(accepted))
            #expect(broken(history) == (isBroken ? [.chatComplete] : []))
        }
    }

    /// Ten a second, five of which may be heard, and nothing that tells of the last five.
    @Test func `what was dropped after the last message is not told`() {
        let second: Int64 = 1_000_000_000
        var history = goodHistory()
        history.chats = (0..<50).map { 100 * second + $0 * second / 10 }
        var ear = Ear(buyer: 1, sampledAbove: 5, isWhole: true)
        for (place, due) in history.chats.enumerated() where place % 10 < 5 {
            ear.hear(dropped: place > 0 && place % 10 == 0 ? 5 : 0)
            ear.hearOurs(due: due, at: due + second / 100)
        }
        history.ears = [ear]
        #expect(broken(history).isEmpty)

        // Where nothing is sampled, or not so much, they are missing.
        history.ears[0].sampledAbove = 0
        #expect(broken(history) == [.chatComplete])
        for limit in [11, 25] {
            history.ears[0].sampledAbove = limit
            #expect(broken(history) == [.chatComplete])
        }

        // A second later the next one would have come.
        history.ears = [ear]
        history.chats += (1...3).map { ear.newestHeard + $0 * second }
        #expect(broken(history) == [.chatComplete])
    }

    @Test func `workers' parts become one history`() {
        var first = Closing()
        var second = Closing()
        first.stock["A"] = StockHistory()
        first.stock["A"]?.oursAtEnd = 3
        first.stock["A"]?.availableAtStart = 10
        second.stock["A"] = StockHistory()
        second.stock["A"]?.oursAtEnd = 4
        second.stock["A"]?.take(statement(available: 3, held: 7), beforeClaims: false)
        first.reached = ["e": 5]
        second.reached = ["e": 4]
        first.chats = [1, 2]
        second.chats = [3, 4, 5]
        let history = History([first, second], goal: ["e": 5])
        #expect(history.stock["A"]?.oursAtEnd == 7)
        #expect(history.stock["A"]?.availableAtStart == 10)
        #expect(history.stock["A"]?.last?.held == 7)
        #expect(history.reached == ["e": 4] && history.chats.count == 5)
        #expect(broken(history) == [.nothingMissed])
    }

    @Test func `requests without an answer and lost connections are found`() {
        var history = goodHistory()
        history.unanswered = 1
        history.lostConnections = ["closed with code 4008": 2]
        #expect(broken(history) == [.allAnswered, .connectionsKept])
    }

    @Test func `all violations are counted, a few are kept`() {
        var list = ViolationList()
        for number in 0..<100 { list.add(.gaplessOffsets, "gap \(number)") }
        var other = ViolationList()
        for number in 0..<3 { other.add(.sameOrder, "event \(number)") }
        list.add(other)
        #expect(list.counts == [.gaplessOffsets: 100, .sameOrder: 3])
        #expect(list.kept.count == ViolationList.keptMax + 3)
    }
}
