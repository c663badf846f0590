public import Inventory

/// A rule of the show said no; nothing has changed. The wire mapping gives each its code.
public enum ShowRefusal: Error, Sendable {
    case stock(StockRefusal)
    case notLive(ShowStatus)
    case ended
    /// The step is not possible from here, in a sentence.
    case invalidState(String)
    /// No such thing, or not yours: `what` names its kind.
    case unknown(String)
    case badRequest(field: String, String)
    case limit(Int, String)
    /// Over what one guest, or the guests of one address, may hold and wait for.
    case guestLimit(Units, remaining: Units, ofAddress: Bool)
    case chatOff
    /// The role is too low, in a sentence.
    case forbidden(String)
    case muted(until: Timestamp)
    case restricted
    case rateLimited(retryAfterMilliseconds: Int)
    case slowMode(retryAfterMilliseconds: Int)
}
