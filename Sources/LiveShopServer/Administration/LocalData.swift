// What commands do with a data directory themselves, without a server: create shows, import, start and
// end, export, audit. Reading works beside a running server; writing takes the directory's lock, so it
// is refused while one runs.

import Inventory
import Lanes
public import LiveSession
import Store
public import WireProtocol

public struct LocalData {
    private let repository: ShowRepository
    private var store: Store { repository.store }
    private let clock = Clock()

    public enum Access: Sendable {
        case read
        case write
        /// Makes the directory and the database when they are not there.
        case create
    }

    /// - Parameter alternative: what helps, besides stopping it, when a server uses the directory.
    public init(
        _ directory: String, _ access: Access, orElse alternative: String? = nil
    ) throws(ServerFailure) {
        let mode: Store.Mode =
            switch access {
            case .read: .readOnly
            case .write: .readWrite
            case .create: .create
            }
        do throws(StoreError) {
            let store = try Store.open(directory: directory, mode: mode)
            repository = ShowRepository(store: store, settings: ShowSettings())
        } catch {
            if case .inUse = error {
                let help = alternative.map { "stop it, or \($0)" }
                throw ServerFailure(
                    "\(error.description), probably a server; "
                        + (help ?? "stop it first: this command has no --server yet"))
            }
            throw ServerFailure(error.description)
        }
    }

    public func close() { store.close() }

    // MARK: Shows

    public struct ShowSummary: Sendable {
        public let id: String
        public let title: String
        public let status: String
        public let currency: String

        public init(id: String, title: String, status: String, currency: String) {
            self.id = id
            self.title = title
            self.status = status
            self.currency = currency
        }
    }

    public func shows() throws(ServerFailure) -> [ShowSummary] {
        try reading { () throws(StoreError) in
            try store.shows().map {
                ShowSummary(id: $0.id, title: $0.title, status: $0.status, currency: $0.currency)
            }
        }
    }

    /// Adds a show with settings of its own. `scheduledAt` in milliseconds since 1970.
    public func createShow(
        _ id: String, title: String, currency: Currency, scheduledAt: Int64?, isPrivate: Bool,
        settings: [(name: String, value: SettingValue)] = []
    ) throws(ServerFailure) {
        let exists = try reading { () throws(StoreError) in try store.show(id: id) != nil }
        if exists { throw ServerFailure("show \(id) exists") }
        let headline = ShowHeadline(
            id: id, title: title, currency: currency.code, epoch: Self.newEpoch(),
            createdAt: now, scheduledAt: scheduledAt.map(Timestamp.init(milliseconds:)),
            isPrivate: isPrivate)
        let key = try reading { () throws(StoreError) in try repository.newKey() }
        let new = StoredShow(
            key: key, show: Show(headline: headline, settings: ShowSettings()))
        let (_, records) = try run(new) { (show, _) throws(LedgerDefect) in
            let refusal = try show.configure(settings, keepingEqual: true)
            return refusal.map { .failure($0) } ?? .success(())
        }
        try reading { () throws(StoreError) in
            try repository.create(headline, key: key, records, at: now)
        }
    }

    /// A short random name for the life of an event log.
    private static func newEpoch() -> String {
        String(UInt64.random(in: 0..<(1 << 40)), radix: 36)
    }

    public enum Step: Sendable { case start, end }

    /// Starts or ends a show that no server runs.
    public func take(_ step: Step, show id: String) throws(ServerFailure) {
        try change(id) { (show, now) throws(LedgerDefect) in
            let refusal =
                switch step {
                case .start: try show.start(at: now)
                case .end: try show.end(at: now)
                }
            return refusal.map { .failure($0) } ?? .success(())
        }
    }

    // MARK: Catalogue

    public struct ImportSummary: Sendable {
        public let products: Int
        public let variants: Int
        /// Variants that existed; their stock was left alone.
        public let updated: Int
        /// Units of the variants that are new.
        public let units: Int
        /// What happened to variants that somebody may have expected otherwise, a line each.
        public let warnings: [String]
    }

    public func currency(ofShow id: String) throws(ServerFailure) -> Currency {
        let row = try reading { () throws(StoreError) in try store.show(id: id) }
        guard let row else { throw ServerFailure("no show \(id)") }
        guard let currency = Currency(row.currency) else {
            throw ServerFailure("show \(id): unknown currency \(row.currency)")
        }
        return currency
    }

    /// SKUs of the products that also have stock in another show that has not ended, as "SKU in show".
    public func sharedSKUs(
        of products: [ProductInput], show id: String
    ) throws(ServerFailure) -> [String] {
        let wanted = Set(products.flatMap { $0.variants.map(\.sku) })
        return try reading { () throws(StoreError) in
            var shared: [String] = []
            for row in try store.shows()
            where row.id != id && row.status != ShowStatus.ended.rawValue {
                for stock in try store.stock(show: row.key)
                where wanted.contains(stock.sku) && stock.onHand > 0 {
                    shared.append("\(stock.sku) in \(row.id)")
                }
            }
            return shared
        }
    }

    /// Takes a whole catalogue, or nothing of it; a dry run says what would happen.
    public func importCatalogue(
        _ products: [ProductInput], show id: String, isDryRun: Bool = false
    ) throws(ServerFailure) -> ImportSummary {
        let summary = try change(id, isDryRun: isDryRun) { (show, _) throws(LedgerDefect) in
            try show.importCatalogue(products.map(ProductDraft.init))
        }
        let kept = summary.keptSKUs.map { sku, instead in
            "\(instead) is \(sku) in this show, as before: it has the same product and options"
        }
        let missing = summary.missing.map { product, sku in
            "\(sku) of \(product) is not in the file any more; it stays"
        }
        return ImportSummary(
            products: summary.products, variants: summary.variants, updated: summary.updated,
            units: summary.units, warnings: kept + missing)
    }

    // MARK: Exports

    /// The events of a show after an offset as wire bytes, oldest first.
    public func events(
        show id: String, after offset: Int64, limit: Int
    ) throws(ServerFailure) -> [(offset: Int64, payload: [UInt8])] {
        let row = try reading { () throws(StoreError) in try store.show(id: id) }
        guard let row else { throw ServerFailure("no show \(id)") }
        return try reading { () throws(StoreError) in
            try store.events(show: row.key, after: offset, limit: limit)
                .map { ($0.offset, $0.payload) }
        }
    }

    /// The orders of a show in the form of the reply to `orders.list`.
    public func orders(show id: String) throws(ServerFailure) -> [UInt8] {
        var json = JSONWriter()
        WireMapping.writeOrders(of: try load(id).show, to: &json)
        return json.bytes
    }

    /// Every difference between what the journal says and what the tables hold, a line each.
    public func audit() throws(ServerFailure) -> Audit {
        try reading { () throws(StoreError) in try Audit(of: repository) }
    }

    // MARK: Backup

    /// Copies everything to a new file, beside a running server, too.
    public func backUp(to file: String) throws(ServerFailure) {
        try reading { () throws(StoreError) in try store.backUp(to: file) }
    }

    /// Makes a data directory from a backup.
    public static func restore(
        from file: String, to directory: String
    ) throws(ServerFailure) {
        do throws(StoreError) {
            try Store.restore(from: file, to: directory, newEpoch: newEpoch)
        } catch {
            throw ServerFailure(error.description)
        }
    }

    // MARK: Steps

    private var now: Timestamp { Timestamp(milliseconds: clock.now()) }

    private func load(_ id: String) throws(ServerFailure) -> StoredShow {
        let stored: StoredShow?
        do throws(LoadFailure) {
            stored = try repository.load(id)
        } catch {
            throw ServerFailure(error.reason)
        }
        guard let stored else { throw ServerFailure("no show \(id)") }
        return stored
    }

    /// Runs a command of a show and stores what it did in one commit.
    private func change<T>(
        _ id: String, isDryRun: Bool = false,
        _ body: (inout Show, Timestamp) throws(LedgerDefect) -> Result<T, ShowRefusal>
    ) throws(ServerFailure) -> T {
        let stored = try load(id)
        let (value, records) = try run(stored, body)
        if let records, !isDryRun {
            try reading { () throws(StoreError) in
                try repository.commit([records], headlines: { _ in stored.show.headline }, at: now)
            }
        }
        return value
    }

    /// Runs a command of a show; what it answered, and what is to be stored.
    private func run<T>(
        _ stored: StoredShow,
        _ body: (inout Show, Timestamp) throws(LedgerDefect) -> Result<T, ShowRefusal>
    ) throws(ServerFailure) -> (T, RoomRecords?) {
        var room = Room(stored, id: RoomID(rawValue: 0))
        let result: Result<T, ShowRefusal>
        do throws(LedgerDefect) {
            result = try body(&room.show, now)
        } catch {
            throw ServerFailure(
                "the ledger of \(stored.show.headline.id) contradicts itself: "
                    + error.description)
        }
        let value: T
        switch result {
        case .success(let success): value = success
        case .failure(let refusal): throw ServerFailure(Refusal(refusal, at: now).message)
        }
        var unused = JSONWriter()
        var deliveries = DeliveryBatch()
        room.collect(at: now, own: &unused, into: &deliveries)
        return (value, room.takeRecords())
    }

    private func reading<T>(_ body: () throws(StoreError) -> T) throws(ServerFailure) -> T {
        do throws(StoreError) {
            return try body()
        } catch {
            throw ServerFailure(error.description)
        }
    }
}
