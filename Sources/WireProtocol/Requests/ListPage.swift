/// Which part of a list is wanted: what follows a place that an earlier reply named, at most so much.
public struct ListPage: Hashable, Sendable {
    /// `next` of the reply before; nil for the beginning.
    public var after: String?
    public var limit: Int

    public init(after: String? = nil, limit: Int = 100) {
        self.after = after
        self.limit = limit
    }

    init(_ data: JSONNode, in json: JSONDocument) throws(FieldError) {
        self.init(after: try json.identifier(in: data, "after"))
        if let limit = try json.integer(in: data, "limit", WireLimits.listLength) {
            self.limit = Int(limit)
        }
    }
}

/// The orders that a list is about.
public enum ListedOrders: String, Hashable, Sendable, CaseIterable {
    case placed, paid, cancelled
    case refundDue = "refund_due"
    case refunded
}
