/// The codes of `error` messages. They are stable for ever: clients switch on them.
/// Source: docs/PROTOCOL.md, error codes.
public enum ErrorCode: String, Sendable, CaseIterable {
    case badJSON = "bad_json"
    case badRequest = "bad_request"
    case unknownType = "unknown_type"
    case notJoined = "not_joined"
    case alreadyJoined = "already_joined"
    case unauthorized
    case forbidden
    case notFound = "not_found"
    case rateLimited = "rate_limited"
    case tooLarge = "too_large"
    case `internal`
    case overloaded
    case storageUnavailable = "storage_unavailable"
    case notLive = "not_live"
    case showEnded = "show_ended"
    case soldOut = "sold_out"
    case insufficientStock = "insufficient_stock"
    case limitReached = "limit_reached"
    case restricted
    case keyConflict = "key_conflict"
    case holdExpired = "hold_expired"
    case waitlistFull = "waitlist_full"
    case priceChanged = "price_changed"
    case stockChanged = "stock_changed"
    case belowHeld = "below_held"
    case auctionClosed = "auction_closed"
    case bidTooLow = "bid_too_low"
    case confirmBid = "confirm_bid"
    case alreadyVoted = "already_voted"
    case muted
    case banned
    case slowMode = "slow_mode"
    case chatOff = "chat_off"
    case textRejected = "text_rejected"
    case paymentFailed = "payment_failed"
    case invalidState = "invalid_state"

    /// Whether the very same request may succeed later without anything being corrected.
    public var isRetryable: Bool {
        switch self {
        case .rateLimited, .overloaded, .storageUnavailable, .internal, .notLive, .soldOut,
            .insufficientStock, .limitReached, .waitlistFull, .belowHeld, .muted, .slowMode,
            .chatOff, .paymentFailed:
            true
        case .badJSON, .badRequest, .unknownType, .notJoined, .alreadyJoined, .unauthorized,
            .forbidden, .notFound, .tooLarge, .showEnded, .restricted, .keyConflict, .holdExpired,
            .priceChanged, .stockChanged, .auctionClosed, .bidTooLow, .confirmBid, .alreadyVoted,
            .banned, .textRejected, .invalidState:
            false
        }
    }
}
