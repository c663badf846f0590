// One show on a stage: a clock that is a number, people with names, and everything the show did kept in
// lists. Used by all tests of this module; each step of a test is one line.

import Inventory
import Testing

@testable import LiveSession

final class Stage {
    var show: Show
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    private(set) var facts: [ShowFact] = []
    private(set) var events: [PublicEvent] = []
    private(set) var personal: [(ParticipantID, PersonalNotice)] = []
    private(set) var shared: [SharedNotice] = []
    /// Rows of participants that the store was told to write.
    private(set) var stored: [ParticipantID] = []
    private var keys = 0
    private var orders: UInt64 = 0

    let ana: ParticipantID
    let ben: ParticipantID
    let cleo: ParticipantID
    let host: ParticipantID

    init(_ status: ShowStatus = .live, settings: ShowSettings = ShowSettings()) throws {
        var show = Show(headline: Stage.headline, settings: settings)
        ana = show.connect(.init(subject: "u-ana", name: "Ana", isGuest: false, role: .viewer))
        ben = show.connect(.init(subject: "u-ben", name: "Ben", isGuest: false, role: .viewer))
        cleo = show.connect(.init(subject: "u-cleo", name: "Cleo", isGuest: true, role: .viewer))
        host = show.connect(.init(subject: "u-host", name: "Host", isGuest: false, role: .host))
        self.show = show
        if status != .scheduled { try run { try $0.start(at: $1) } }
        if status == .paused { try run { try $0.pause(at: $1) } }
        if status == .ended { try run { try $0.end(at: $1) } }
        clear()
    }

    static let headline = ShowHeadline(
        id: "spring", title: "Spring", currency: "EUR", epoch: "k3f9",
        createdAt: Timestamp(milliseconds: 1_699_999_000_000))

    // MARK: Steps

    /// Runs a command at the present time and keeps what it did.
    @discardableResult
    func run<T>(_ body: (inout Show, Timestamp) throws -> T) rethrows -> T {
        let result = try body(&show, now)
        collect()
        return result
    }

    private func collect() {
        let effects = show.takeEffects()
        facts += effects.facts
        events += effects.events
        personal += effects.personal
        shared += effects.shared
        stored += effects.participants
        for _ in effects.events { show.append(event: Array("{}".utf8)) }
    }

    /// Forgets what was noted so far, except the facts.
    func clear() {
        events = []
        personal = []
        shared = []
    }

    /// The end of a batch.
    func announce(storing: Bool = true) throws {
        try run { try $0.announce(at: $1, storing: storing) }
    }

    /// Lets time pass; what is due by itself happens at its end.
    func pass(milliseconds: Int) throws {
        now = now.adding(milliseconds: milliseconds)
        try run { try $0.expire(at: $1) }
        try announce()
    }

    func pass(seconds: Int) throws { try pass(milliseconds: seconds * 1000) }

    // MARK: Catalogue

    /// Adds a product with one variant whose SKU is the product's id in capitals.
    @discardableResult
    func product(_ id: String, onHand: Units = 3, price: Money = 500) throws -> VariantID {
        _ = try run { show, _ in
            try show.addProduct(
                ProductDraft(
                    id: id, title: "The \(id)",
                    variants: [.init(sku: id.uppercased(), price: price, onHand: onHand)]))
        }.get()
        clear()
        return try #require(show.ledger.variant(sku: id.uppercased()))
    }

    // MARK: Sale

    @discardableResult
    func claim(
        _ who: ParticipantID, _ quantity: Units = 1, of variant: VariantID, key: String? = nil
    ) throws -> Claim {
        let decision = try tryClaim(who, quantity, of: variant, key: key).get()
        guard case .decided(let claim) = decision else {
            throw Unexpected("\(decision)")
        }
        return claim
    }

    func tryClaim(
        _ who: ParticipantID, _ quantity: Units = 1, of variant: VariantID, key: String? = nil
    ) throws -> Result<ClaimDecision, ShowRefusal> {
        keys += 1
        let idempotency = Idempotency(
            key: KeyDigest(key ?? "key \(keys)", of: who),
            content: ContentHash(words: [1, 2, 3, 4])
        )
        return try run { show, now in
            try show.claim(
                ClaimRequest(participant: who, variant: variant, quantity: quantity),
                idempotency, at: now)
        }
    }

    func accept(_ who: ParticipantID, of variant: VariantID) throws -> Claim {
        try tryAccept(who, of: variant).get()
    }

    func tryAccept(
        _ who: ParticipantID, of variant: VariantID
    ) throws -> Result<Claim, ShowRefusal> {
        keys += 1
        let idempotency = Idempotency(
            key: KeyDigest("key \(keys)", of: who), content: ContentHash(words: [1, 2, 3, 4]))
        return try run { show, now in
            try show.acceptOffer(
                of: variant, by: who, unitPrice: nil, idempotency, at: now)
        }
    }

    func order(_ holds: [HoldID], by who: ParticipantID) throws -> Order {
        orders += 1
        return try run { show, now in
            try show.placeOrder(OrderID(high: 0, low: orders), of: holds, by: who, at: now)
        }.get()
    }

    func say(_ text: String, by who: ParticipantID) -> Result<ChatMessage, ShowRefusal> {
        run { show, now in show.say(text, by: who, replyTo: nil, product: nil, at: now) }
    }

    /// Takes a measure, or lifts one; the refusal without what would have to be looked up.
    @discardableResult
    func take(
        _ measure: Measure, against target: ParticipantID, by role: Role = .host,
        reason: String = ""
    ) throws -> String? {
        try run {
            try $0.take(
                measure, against: target, by: host, actorRole: role, reason: reason, at: $1)
        }?.kind
    }

    // MARK: Reading

    /// What everybody was told, a word each.
    var eventNames: [String] { events.map(Stage.name) }

    var announcements: [GrantAnnouncement] {
        events.compactMap { if case .claimsHeld(let grants) = $0 { grants } else { nil } }
    }

    func noticesCount(_ matches: (SharedNotice) -> Bool) -> Int { shared.count(where: matches) }

    static func name(_ event: PublicEvent) -> String {
        switch event {
        case .statusChanged(let status, let resumed): "\(status.rawValue)\(resumed ? " again" : "")"
        case .productAdded(let id): "added \(id)"
        case .productUpdated(let id): "updated \(id)"
        case .productRemoved(let id): "removed \(id)"
        case .catalogueChanged(let total): "catalogue of \(total)"
        case .pinned(let pin): "pinned \(pin.product)"
        case .unpinned(let id): "unpinned \(id)"
        case .soldOut(let sku): "sold out \(sku)"
        case .restocked(let sku): "restocked \(sku)"
        case .queueChanged(let ids): "queue \(ids.joined(separator: " "))"
        case .priceChanged(let sku, let price, let prior): "price of \(sku) \(prior) -> \(price)"
        case .claimsHeld(let held): "held \(held.grants.count)"
        case .roomConfigured(let changes):
            "room " + changes.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        case .flashScheduled(let sale): "flash scheduled \(sale.id)"
        case .flashStarted(let sale): "flash started \(sale.id)"
        case .flashEnded(let sale): "flash ended \(sale.id)"
        case .chatDeleted(let number): "deleted m\(number)"
        case .noteSet(let note): "note \(note.text)"
        case .noteCleared: "note cleared"
        }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension ShowRefusal {
    /// The refusal without what would have to be looked up.
    var kind: String { String("\(self)".prefix { $0 != "(" }) }
}

/// Random numbers from a seed, the same on every machine (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
