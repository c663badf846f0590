// One typed picture of a show as a client sees it: begun by the snapshot of hello, moved by events, notices
// and replies. Console, `watch` and load test look at it instead of reading JSON on their own. Each part
// reads what concerns it; a new format brings a part of its own and one line in each of the lists below.
// Pure: times come from the server, and whoever has a clock passes the time.

public import WireProtocol

public struct ShowView: Equatable, Sendable {
    /// The last event in the picture; nil before the first snapshot.
    public internal(set) var position: LogPosition?
    public internal(set) var headline = HeadlineView()
    public internal(set) var catalogue = CatalogueView()
    public internal(set) var stage = StageView()
    public internal(set) var flashSales = FlashSalesView()
    public internal(set) var room = RoomView()
    public internal(set) var chat = ChatView()
    public internal(set) var own = OwnThings()

    public init() {}

    // MARK: Messages

    /// The `data` of a reply to `hello`. Without a snapshot, after a resume, only what is the client's own
    /// is replaced; the events that were missed follow.
    public mutating func take(hello data: JSONNode, in document: JSONDocument) {
        if let you = document.member(data, "you") { own.take(you: you, document) }
        guard let snapshot = document.member(data, "snapshot") else { return }
        var position: LogPosition?
        if let epoch = document.text("epoch", of: data),
            let offset = document.integer("offset", of: data)
        {
            position = LogPosition(epoch: epoch, offset: offset)
        }
        take(snapshot: snapshot, at: position, in: document)
    }

    /// The public state as of `position`; it replaces all but what is the client's own.
    public mutating func take(
        snapshot: JSONNode, at position: LogPosition?, in document: JSONDocument
    ) {
        self.position = position
        headline.take(snapshot: snapshot, document)
        catalogue.take(snapshot: snapshot, document)
        stage.take(snapshot: snapshot, document)
        flashSales.take(snapshot: snapshot, document)
        room.take(snapshot: snapshot, document)
        chat.take(snapshot: snapshot, document)
    }

    /// An event with its offset, or a notice without one. An event that is in the picture already changes
    /// nothing.
    public mutating func take(_ fact: ServerFact, offset: Int64?, in document: JSONDocument) {
        if let offset, let position {
            guard offset > position.offset else { return }
            self.position?.offset = offset
        }
        headline.take(fact, document)
        catalogue.take(fact, document)
        stage.take(fact, document)
        flashSales.take(fact, document, in: &catalogue)
        room.take(fact, document)
        chat.take(fact, document)
        own.take(fact, document)
    }

    /// What the reply to the client's own request tells sooner than events and notices, or alone.
    /// - Parameter sent: the `data` of the request.
    public mutating func take(reply: JSONDocument, to type: String, sent: JSONDocument) {
        catalogue.take(reply: reply, to: type, sent: sent)
        own.take(reply: reply, to: type, sent: sent)
    }

    /// Holds whose time is over by `now` go, such as those that another connection has ordered.
    public mutating func forgetHolds(before now: Int64) { own.forgetHolds(before: now) }

    // MARK: Over several parts

    /// Milliseconds since the show began, or that it took; nil before it begins.
    /// - Parameter now: by the server's clock.
    public func liveTime(at now: Int64) -> Int64? {
        headline.startedAt.map { max(0, (headline.endedAt ?? now) &- $0) }
    }

    /// The SKUs that a pin shows: the one it names, else all of its product.
    public func skus(of pin: PinView) -> [String] {
        pin.sku.map { [$0] } ?? catalogue.products[pin.product]?.skus ?? []
    }

    /// What is left of a pin, of all its SKUs when it names none.
    public func stock(of pin: PinView) -> StockView? {
        let all = skus(of: pin).compactMap { catalogue.stock[$0] }
        guard !all.isEmpty else { return nil }
        let onHand = all.compactMap(\.onHand)
        return StockView(
            available: all.reduce(0) { $0 &+ $1.available },
            onHand: onHand.count == all.count ? onHand.reduce(0, &+) : nil)
    }
}
