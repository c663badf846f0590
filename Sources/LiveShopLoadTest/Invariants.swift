// The verdict, from what all buyers saw together. Pure: a history in, violations out. What one
// connection can see alone (gaps, changed answers) was found on the way and is only added here.

/// What the server last said about the stock of a SKU.
struct StockStatement: Equatable, Sendable {
    var sku: String
    var available: Int
    var held: Int
    var sold: Int
    var onHand: Int
    /// The offset it was true at.
    var asOf: Int64

    /// Whether the numbers fit each other.
    var addsUp: Bool {
        available >= 0 && held >= 0 && sold >= 0 && available + held + sold == onHand
    }
}

/// What is known of one SKU at the end.
struct StockHistory: Equatable, Sendable {
    /// `available` in the snapshot at joining.
    var availableAtStart: Int?
    /// The first statement after joining, and whether it came before any claim of ours.
    var first: StockStatement?
    var firstIsBeforeClaims = false
    var last: StockStatement?
    /// On hand was raised before the first statement, nobody knows from what.
    var wasRestockedBefore = false
    /// On hand was raised or lowered on the way.
    var wasAdjusted = false
    /// What our buyers hold, have ordered, bought and are offered.
    var oursAtEnd = 0
    /// What buyers had who left or were lost; meanwhile it may have lapsed.
    var absentAtEnd = 0
    /// From where to where both went in the last moments. The server announces numbers now and then
    /// and the end of a hold at once, so while holds end all the time they never meet.
    var lately: StockMovement?

    /// Ours and the server's, as they are at the end, or were lately.
    var movement: StockMovement? {
        guard let last else { return nil }
        let now = StockMovement(ours: oursAtEnd, bound: last.held + last.sold)
        return lately.map(now.union) ?? now
    }

    /// Units that others held or had bought before we came; nil when it cannot be known.
    var others: Int? {
        guard let first else { return nil }
        if firstIsBeforeClaims { return first.held + first.sold }
        if wasRestockedBefore { return nil }
        return availableAtStart.map { first.onHand - $0 }
    }

    /// Statements may come over several connections; one that is older than the last says nothing.
    mutating func take(_ statement: StockStatement, beforeClaims: Bool) {
        if let last, statement.asOf < last.asOf { return }
        if beforeClaims || first == nil {
            first = statement
            firstIsBeforeClaims = beforeClaims
        }
        if let last, last.onHand != statement.onHand { wasAdjusted = true }
        last = statement
    }
}

/// What our buyers had of a SKU and what the server counted as held and sold, over some time.
struct StockMovement: Equatable, Sendable {
    var ours: ClosedRange<Int>
    var bound: ClosedRange<Int>

    init(ours: Int, bound: Int) {
        self.ours = ours...ours
        self.bound = bound...bound
    }

    func union(_ other: StockMovement) -> StockMovement {
        var both = self
        both.ours = Self.union(ours, other.ours)
        both.bound = Self.union(bound, other.bound)
        return both
    }

    private static func union(
        _ one: ClosedRange<Int>, _ other: ClosedRange<Int>
    ) -> ClosedRange<Int> {
        min(one.lowerBound, other.lowerBound)...max(one.upperBound, other.upperBound)
    }
}

/// What one connection that listened to chat heard of the run's own messages.
struct Ear: Equatable, Sendable {
    var buyer: Int
    var heard = 0
    /// As the server said with the messages it let through, from the second on.
    var dropped = 0
    /// What the first told of: anybody's since the one before it, perhaps from before this run.
    var droppedBefore: Int?
    /// More messages in a second may be held back; 0 is all.
    var sampledAbove = 0
    /// When the newest message was due and when it was heard, in monotonic nanoseconds.
    var newestDue: Int64 = 0
    var newestHeard: Int64 = 0
    /// The longest that one took, in nanoseconds.
    var slowest: Int64 = 0
    /// It was there from before the first message to the end.
    var isWhole: Bool

    /// A message came, and with it word of so many others.
    mutating func hear(dropped count: Int) {
        if droppedBefore == nil { droppedBefore = count } else { dropped += count }
    }

    /// It was one of ours.
    mutating func hearOurs(due: Int64, at now: Int64) {
        heard += 1
        newestDue = max(newestDue, due)
        newestHeard = now
        slowest = max(slowest, now - due)
    }

    /// Of messages due at these times, how many at most were held back after the newest one that came, so
    /// that nothing tells of them: each at most a second after it, and with as many as a second may have
    /// in the second before. A message is said up to `slowest` after it was due.
    func untold(of chats: [Int64]) -> Int {
        guard sampledAbove > 0 else { return 0 }
        let second: Int64 = 1_000_000_000
        let (start, end) = (newestDue - slowest, newestHeard + second)
        let near = chats.filter { $0 > start - second - slowest && $0 < end }.sorted()
        return near.indices.dropFirst(sampledAbove).count { place in
            near[place] >= start && near[place] - near[place - sampledAbove] < second + slowest
        }
    }
}

/// Everything a run saw, in the form the checks want it.
struct History: Sendable {
    var claims: [ClaimRecord] = []
    var stock: [String: StockHistory] = [:]
    /// The lowest offset that a connection had reached at the end, by epoch.
    var reached: [String: Int64] = [:]
    /// The highest offset that any connection had when the end began, by epoch.
    var goal: [String: Int64] = [:]
    var ears: [Ear] = []
    /// When the messages that were accepted were due.
    var chats: [Int64] = []
    var chatsUnanswered = 0
    /// SKUs of which units came back: a hold ended, an offer was made, stock was raised.
    var moved: Set<String> = []
    /// Buyers (by index) who were offered something or left the waitlist, by SKU.
    var served: [String: Set<Int>] = [:]
    /// Buyers who left or were lost: what came to them nobody knows.
    var absent: Set<Int> = []
    var unanswered = 0
    /// Buyers who never saw a pinned product that they were to claim.
    var withoutPin = 0
    /// Why connections were lost, when they were not to be lost.
    var lostConnections: [String: Int] = [:]
    /// Other buyers may be at the same stock.
    var isShared = false
}

enum Invariants {
    /// Checks what only the whole shows.
    static func check(_ history: History) -> ViolationList {
        var found = ViolationList()
        grants(history, &found)
        for (sku, stock) in history.stock.sorted(by: { $0.key < $1.key }) {
            self.stock(sku, stock, history, &found)
        }
        for (sku, claims) in Dictionary(grouping: history.claims, by: \.sku) {
            order(sku, claims.sorted { $0.seq < $1.seq }, history, &found)
        }
        arrivals(history, &found)
        if history.unanswered > 0 {
            found.add(.allAnswered, "\(history.unanswered) requests have no answer")
        }
        if history.withoutPin > 0 {
            found.add(
                .allAnswered,
                "\(history.withoutPin) buyers claimed nothing: no product for them was pinned "
                    + "(pin one, name its --sku, or claim with --unpinned)")
        }
        for (reason, count) in history.lostConnections.sorted(by: { $0.value > $1.value }) {
            found.add(.connectionsKept, "\(count) connections: \(reason)")
        }
        return found
    }

    /// A key has one record; two records must not share a grant or a place in the order.
    private static func grants(_ history: History, _ found: inout ViolationList) {
        var keyOfHold: [String: String] = [:]
        var keyOfSeq: [Int64: String] = [:]
        var keys: Set<String> = []
        for claim in history.claims {
            if !keys.insert(claim.key).inserted {
                found.add(.oneGrantPerKey, "key \(claim.key) has two first answers")
            }
            if let hold = claim.hold, let other = keyOfHold.updateValue(claim.key, forKey: hold) {
                found.add(.oneGrantPerKey, "keys \(other) and \(claim.key) share hold \(hold)")
            }
            if let other = keyOfSeq.updateValue(claim.key, forKey: claim.seq) {
                found.add(.oneGrantPerKey, "keys \(other) and \(claim.key) share seq \(claim.seq)")
            }
        }
    }

    /// Every event reached everybody, and every chat message those who listened.
    private static func arrivals(_ history: History, _ found: inout ViolationList) {
        for (epoch, goal) in history.goal {
            guard let reached = history.reached[epoch], reached < goal else { continue }
            found.add(
                .nothingMissed, "a connection ended at event \(reached), others had event \(goal)")
        }
        guard history.chatsUnanswered == 0 else { return }
        // Among what was dropped may be others' messages.
        for ear in history.ears where ear.isWhole && !(history.isShared && ear.dropped > 0) {
            let before = ear.droppedBefore ?? 0
            let missed = history.chats.count - ear.heard - ear.dropped
            guard missed < 0 || missed > before + ear.untold(of: history.chats) else { continue }
            found.add(
                .chatComplete,
                "buyer \(ear.buyer) heard \(ear.heard) messages and \(ear.dropped) were dropped "
                    + "(\(before) before the first), \(history.chats.count) were accepted")
        }
    }

    private static func stock(
        _ sku: String, _ stock: StockHistory, _ history: History, _ found: inout ViolationList
    ) {
        guard let last = stock.last, let movement = stock.movement else {
            if stock.oursAtEnd > 0 {
                found.add(.stockAddsUp, "\(sku): \(stock.oursAtEnd) granted, no stock.changed came")
            }
            return
        }
        let (ours, bound) = (movement.ours, movement.bound)
        if !last.addsUp {
            found.add(
                .stockAddsUp,
                "\(sku): available \(last.available) + held \(last.held) + sold \(last.sold) "
                    + "is not on hand \(last.onHand)")
        }
        if ours.lowerBound > bound.upperBound || stock.oursAtEnd > last.onHand {
            found.add(
                .stockAddsUp,
                "\(sku): buyers have \(stock.oursAtEnd), the server counts held \(last.held) + "
                    + "sold \(last.sold) of \(last.onHand)")
        } else if !history.isShared, let others = stock.others,
            ours.lowerBound > bound.upperBound - others
                || ours.upperBound + stock.absentAtEnd < bound.lowerBound - others
        {
            found.add(
                .stockAddsUp,
                "\(sku): buyers have \(stock.oursAtEnd), others had \(others), the server counts "
                    + "held \(last.held) + sold \(last.sold)")
        }
    }

    /// `claims` of one SKU in the order of `seq`.
    private static func order(
        _ sku: String, _ claims: [ClaimRecord], _ history: History, _ found: inout ViolationList
    ) {
        // Who claims again while waiting is told of the entry as it stands: only the first counts.
        var known: Set<Int> = []
        let waiting = claims.filter { $0.place != nil && known.insert($0.buyer).inserted }
        let served = history.served[sku] ?? []
        if history.moved.contains(sku) {
            // Places have moved. Still nobody may be served before somebody who came earlier.
            guard let lastServed = waiting.last(where: { served.contains($0.buyer) })
            else { return }
            for claim in waiting
            where claim.seq < lastServed.seq && !served.contains(claim.buyer)
                && !history.absent.contains(claim.buyer)
            {
                found.add(
                    .waitlistOrder,
                    "\(sku): seq \(lastServed.seq) was served before seq \(claim.seq)")
            }
            return
        }
        for (earlier, later) in zip(waiting, waiting.dropFirst()) {
            guard let first = earlier.place, let second = later.place else { continue }
            let fits = history.isShared ? second > first : second == first + 1
            if !fits {
                found.add(
                    .waitlistOrder,
                    "\(sku): seq \(earlier.seq) has place \(first), seq \(later.seq) place \(second)"
                )
            }
        }
        if let head = waiting.first,
            let late = claims.first(where: { $0.seq > head.seq && $0.hold != nil })
        {
            found.add(
                .waitlistOrder,
                "\(sku): seq \(late.seq) was granted although seq \(head.seq) waits")
        }
    }
}
