// One live selling event: its state, and `apply`, the one function that changes it by facts. Commands
// are in extensions by subject (life cycle, catalogue, sale, chat); each checks its rules, records
// facts and notes what others should hear in `effects`. Pure: time, ids and hashes are arguments.
// Called by the engine only, which runs one command after the other.

import DequeModule
public import Inventory
public import OrderedCollections

public struct Show: Sendable {
    public let headline: ShowHeadline
    public internal(set) var status = ShowStatus.scheduled
    public internal(set) var startedAt: Timestamp?
    public internal(set) var endedAt: Timestamp?
    public internal(set) var settings: ShowSettings
    public internal(set) var ledger = StockLedger()
    public internal(set) var products: OrderedDictionary<String, Product> = [:]
    /// Which product a variant belongs to, by the variant's index.
    var productOfVariant: [String] = []
    /// What shops call their variants; those of removed products stay, for the orders.
    private var shopSKUs: [VariantID: String] = [:]
    public internal(set) var pins: [Pin] = []
    public internal(set) var queue: [String] = []
    public internal(set) var flashSales: [FlashSale] = []
    var flashSaleCount = 0
    public internal(set) var note: Note?
    var restraints: [ParticipantID: Restraint] = [:]
    /// When the next measure ends.
    var nextMeasureEnd: Timestamp?
    var chatRates = ChatRates()
    var guestUnits = GuestUnits()
    /// Guests who left and whom no fact names, in the order in which they left.
    var departed: Deque<(until: Timestamp, guest: ParticipantID)> = []
    var sampler = ChatSampler()
    public var roster = Roster()
    public internal(set) var chat = ChatLog()
    public internal(set) var log = EventLog()
    public internal(set) var lastSeq = 0
    /// The number of the last whole journal entry: what is decided now goes into the next.
    public private(set) var lastEntry = 0
    var answers = AnswerBook()
    var grants = GrantFeed()
    var warnings = WarningQueue()
    var notices = NoticeQueue()
    var soldOuts = SoldOutFeed()
    var viewersNotice = Conflator<Bool>(intervalMilliseconds: ShowLimits.viewersNoticeMilliseconds)
    /// The offset at which everybody was last told the stock of a variant; variants whose stock never
    /// moved are not in it.
    var stockToldAt: [VariantID: Int] = [:]
    /// What was available of each variant when the last command was done, to see a sell-out.
    var availableSeen: [Units] = []
    /// Variants whose counters moved since the last command was settled.
    var settled: [VariantID] = []
    /// Memory for the ledger's next facts.
    var spareEvents: [StockEvent] = []
    /// Counts public changes, so that a snapshot can be prepared once for a crowd.
    public internal(set) var version = 0
    /// The same without what events and notices tell later: counts of stock, and what is hers alone.
    public internal(set) var structureVersion = 0
    public internal(set) var effects = ShowEffects()

    /// A show before its first fact. `settings` are the server's; the show's own come as facts.
    public init(headline: ShowHeadline, settings: ShowSettings) {
        self.headline = headline
        self.settings = settings
    }

    /// Continues with what the store has besides the journal, which has been replayed.
    public mutating func restore(log: EventLog, chat: ChatLog) {
        self.log = log
        restore(chat: chat)
        availableSeen = ledger.levels.map(\.available)
        // When stock was told is not in the journal: what ever moved counts as told just now.
        for number in 0..<ledger.holdCount {
            if let hold = ledger.hold(HoldID(number + 1)) { stockToldAt[hold.variant] = 0 }
        }
        for variant in stockToldAt.keys { stockToldAt[variant] = log.lastOffset }
        for participant in ledger.participants() { recountUnits(of: participant) }
    }

    /// The variants whose stock was told at an offset or later, in catalogue order: what somebody who
    /// was away since then may have missed.
    public func stockTold(since offset: Int) -> [VariantID] {
        stockToldAt.filter { $0.value >= offset && !ledger.level($0.key).isRemoved }
            .map(\.key).sorted { $0.index < $1.index }
    }

    /// Continues with chat that may be ahead of the store: what was said while nothing could be stored.
    public mutating func restore(chat: ChatLog) {
        self.chat.restore(chat)
    }

    /// What was done since the last call.
    public mutating func takeEffects() -> ShowEffects {
        var taken = ShowEffects()
        exchangeEffects(&taken)
        return taken
    }

    /// The same, leaving an empty one to be filled next, whose memory is used again.
    public mutating func exchangeEffects(_ empty: inout ShowEffects) { swap(&effects, &empty) }

    /// Stops all sales of a variant whose counters cannot be trusted.
    public mutating func quarantine(_ variant: VariantID) { ledger.quarantine(variant) }

    /// Adds an event, already encoded with the log's next offset.
    public mutating func append(event payload: [UInt8]) { log.append(payload) }

    public func variant(sku: String) -> VariantID? { ledger.variant(sku: sku) }
    public func sku(of variant: VariantID) -> String { ledger.sku(of: variant) }
    /// What the shop calls the variant that its catalogue brought.
    public func shopSKU(of variant: VariantID) -> String? { shopSKUs[variant] }
    public func price(of variant: VariantID) -> Money { ledger.level(variant).price }
    public var productCount: Int { products.count }

    public func product(_ id: String) -> Product? { products[id] }

    /// The product's title, with the variant's when the product has several.
    public func title(of variant: VariantID) -> String {
        guard let product = product(of: variant) else { return ledger.sku(of: variant) }
        guard product.variants.count > 1,
            let named = product.variants.first(where: { $0.id == variant })
        else { return product.title }
        return "\(product.title) – \(named.title)"
    }

    /// The products of a snapshot: what is pinned, queued or in a sale, then the others in catalogue
    /// order.
    public func snapshotProducts() -> [Product] {
        var chosen: OrderedSet<String> = []
        for pin in pins { chosen.append(pin.product) }
        for id in queue { chosen.append(id) }
        for sale in flashSales {
            if let product = product(of: sale.variant) { chosen.append(product.id) }
        }
        for id in products.keys where chosen.count < ShowLimits.snapshotProductsMax {
            chosen.append(id)
        }
        return chosen.prefix(ShowLimits.snapshotProductsMax).compactMap { products[$0] }
    }

    public func product(of variant: VariantID) -> Product? {
        productOfVariant.indices.contains(variant.index)
            ? products[productOfVariant[variant.index]] : nil
    }

    /// The rules for a claim: the show's settings as they are now.
    var rules: StockRules { settings.stock }

    // MARK: Facts

    /// Records a fact that was just decided.
    mutating func record(_ fact: ShowFact) throws(LedgerDefect) {
        try apply(fact)
        effects.facts.append(fact)
        version += 1
        switch fact {
        case .answered, .grantsAnnounced, .measureTaken: break
        default: structureVersion += 1
        }
    }

    /// Replays a fact from the journal, or applies one just decided.
    public mutating func apply(_ fact: ShowFact) throws(LedgerDefect) {
        switch fact {
        case .statusChanged(let new, let time):
            if new == .live, startedAt == nil { startedAt = time }
            endedAt = new == .ended ? time : nil
            if new == .ended { roster.endGrants() }
            status = new
        case .productPut(let product):
            try check(product)
            products[product.id] = product
            for variant in product.variants where variant.shopSKU != nil {
                shopSKUs[variant.id] = variant.shopSKU
            }
        case .productRemoved(let id):
            products[id] = nil
            pins.removeAll { $0.product == id }
            queue.removeAll { $0 == id }
        case .pinned(let pin):
            pins.removeAll { $0.product == pin.product }
            pins.append(pin)
        case .unpinned(let product):
            pins.removeAll { $0.product == product }
        case .queueSet(let products):
            queue = products
        case .settingSet(let name, let value):
            _ = ShowSetting.named(name)?.set(value, in: &settings)
        case .stock(.orderPlaced(let placement)):
            try check(seq: placement.seq)
            // Older facts have no texts: the catalogue at this place of the journal has them.
            let event = StockEvent.orderPlaced(placement.filled(lineText))
            try ledger.apply(event)
            follow(event)
        case .stock(let event):
            try ledger.apply(event)
            follow(event)
        case .claimed(let claim, let idempotency):
            try check(seq: claim.seq)
            try ledger.apply(.claimed(claim))
            follow(.claimed(claim))
            answers.remember(claim, idempotency)
        case .answered(let seq, let idempotency, let reply):
            try check(seq: seq)
            lastSeq = seq
            answers.remember(reply, in: lastEntry + 1, idempotency)
        case .grantsAnnounced(let count):
            guard count <= grants.granted else {
                throw LedgerDefect(nil, "more grants were announced than there are")
            }
            grants.announced(count)
        case .flashScheduled(let sale):
            guard ledger.levels.indices.contains(sale.variant.index), sale.perBuyer >= 0,
                sale.quantity ?? 0 >= 0
            else { throw LedgerDefect(nil, "flash sale \(sale.id) is out of range") }
            flashSaleCount = max(flashSaleCount, sale.number)
            flashSales.append(sale)
        case .flashStarted(let number, let regularPrice):
            guard let place = flashSales.firstIndex(where: { $0.number == number }) else { return }
            flashSales[place].isRunning = true
            flashSales[place].regularPrice = regularPrice
            ledger.begin(flashSales[place].special)
        case .flashEnded(let number):
            flashSales.removeAll { $0.number == number }
            ledger.endSpecial(number)
        case .measureTaken(let measure, let target, _, _):
            apply(measure, against: target)
        case .messageDeleted(let number):
            chat.delete(number)
        case .noteSet(let new):
            note = new
        case .noteCleared:
            note = nil
        case .roleSet(let target, let role, _):
            roster.grant(role, to: target)
        }
    }

    /// Replays one journal entry, the next one.
    public mutating func replay(entry number: Int, _ facts: [UInt8]) throws {
        guard number == lastEntry + 1 else { throw JournalGap(missing: lastEntry + 1) }
        var reader = ByteReader(facts)
        while !reader.isAtEnd {
            let fact = try ShowFact(from: &reader)
            guard fact.isWithinLimits else { throw reader.defect("a number is out of its range") }
            try apply(fact)
        }
        endEntry()
    }

    /// What was decided since the last call is a journal entry of its own; gives its number.
    @discardableResult
    public mutating func endEntry() -> Int {
        lastEntry += 1
        answers.endEntry()
        return lastEntry
    }

    /// Every decision takes the next place in the order, or none of its own.
    private func check(seq: Int) throws(LedgerDefect) {
        guard seq == lastSeq || seq == nextSeq else {
            throw LedgerDefect(nil, "decision \(seq) follows decision \(lastSeq)")
        }
    }

    /// Gives the product the variants that nobody has yet; the others must be its own.
    private mutating func check(_ product: Product) throws(LedgerDefect) {
        for variant in product.variants {
            let index = variant.id.index
            guard ledger.levels.indices.contains(index), index <= productOfVariant.count else {
                throw LedgerDefect(nil, "product \(product.id) has a variant that does not exist")
            }
            if index == productOfVariant.count { productOfVariant.append(product.id) }
            guard productOfVariant[index] == product.id else {
                throw LedgerDefect(nil, "product \(product.id) has a variant of another product")
            }
        }
    }

    /// Keeps what the show itself derives from the ledger's facts.
    mutating func follow(_ event: StockEvent) {
        switch event {
        case .claimed(let claim):
            lastSeq = max(lastSeq, claim.seq)
            guard let hold = claim.hold else { return }
            grants.add(claim)
            warnings.add(hold, expiresAt: claim.expiresAt, grantedAt: claim.time, settings.stock)
        case .holdExtended(let hold, let expiresAt):
            warnings.add(hold, expiresAt: expiresAt, grantedAt: nil, settings.stock)
        case .orderPlaced(let placement):
            lastSeq = max(lastSeq, placement.seq)
        case .onHandSet(let variant, _):
            stockToldAt[variant] = log.lastOffset
        default:
            return
        }
    }
}

/// A journal without one of its entries.
public struct JournalGap: Error, Hashable, Sendable, CustomStringConvertible {
    public let missing: Int

    public var description: String { "journal entry \(missing) is missing" }
}
