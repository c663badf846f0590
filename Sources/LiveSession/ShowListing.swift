public import Inventory

/// What a list of shows tells of one: kept beside its journal, so that a list reads no journal.
public struct ShowListing: Sendable {
    public var headline: ShowHeadline
    public var status: ShowStatus
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    /// The names of hosts and co-hosts.
    public var hosts: [String]
    /// Nil when a program wrote the row that did not keep it.
    public var productCount: Int?

    public init(
        headline: ShowHeadline, status: ShowStatus, startedAt: Timestamp? = nil,
        endedAt: Timestamp? = nil, hosts: [String] = [], productCount: Int? = nil
    ) {
        self.headline = headline
        self.status = status
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.hosts = hosts
        self.productCount = productCount
    }
}

extension Show {
    public var listing: ShowListing {
        ShowListing(
            headline: headline, status: status, startedAt: startedAt, endedAt: endedAt,
            hosts: roster.staff().filter { $0.role >= .coHost }.map(\.name),
            productCount: productCount)
    }

    /// Whether nothing happens here by itself and nobody is here: the store has all there is.
    public var isIdle: Bool {
        status == .ended && roster.connections == 0 && nextDeadline == nil
    }
}
