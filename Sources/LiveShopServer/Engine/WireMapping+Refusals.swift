// Every refusal of the ledger and the show gets its code and a sentence here. The switches are
// exhaustive: a new refusal does not compile until it has a wire form.

import Inventory
import LiveSession
import WireProtocol

extension Refusal {
    init(_ refusal: ShowRefusal, at now: Timestamp) {
        switch refusal {
        case .stock(let refusal): self.init(refusal)
        case .notLive(let status):
            self.init(.notLive, "claims are open only while the show is live; it is \(status)")
        case .ended: self.init(.showEnded, "the show has ended")
        case .invalidState(let sentence): self.init(.invalidState, sentence)
        case .unknown(let what): self.init(.notFound, "no such \(what)")
        case .badRequest(let field, let form): self.init(.badRequest, "data.\(field): \(form)")
        case .guestLimit(let limit, let remaining, let ofAddress):
            let whose = ofAddress ? "for all guests of one address" : "for a guest"
            self.init(
                .limitReached, "at most \(limit) units \(whose), \(remaining) left for you",
                details: [("limit", limit), ("remaining", remaining)])
        case .limit(let limit, let what):
            self.init(
                .limitReached, "at most \(limit) \(what)",
                details: [("limit", limit), ("remaining", 0)])
        case .chatOff: self.init(.chatOff, "chat is off")
        case .forbidden(let sentence): self.init(.forbidden, sentence)
        case .muted(let until):
            self.init(
                .muted, "you may not write for a while",
                retryAfterMilliseconds: Int(max(0, until.milliseconds - now.milliseconds)))
        case .restricted: self.init(.restricted, "you may watch and chat here, not claim")
        case .rateLimited(let wait):
            self.init(.rateLimited, "too much chat at once", retryAfterMilliseconds: wait)
        case .slowMode(let wait):
            self.init(.slowMode, "slow mode is on", retryAfterMilliseconds: wait)
        }
    }

    init(_ refusal: StockRefusal) {
        switch refusal {
        case .unknownVariant: self.init(.notFound, "no such sku in this show")
        case .quarantined:
            self.init(.internal, "this sku is not sold at the moment; the operator has been told")
        case .soldOut: self.init(.soldOut, "sold out")
        case .insufficientStock(let available):
            self.init(
                .insufficientStock, "only \(available) available",
                details: [("available", available)])
        case .priceChanged(let price):
            self.init(
                .priceChanged, "the price is \(price) now", details: [("price", price)])
        case .limitReached(let limit, let remaining):
            self.init(
                .limitReached, "at most \(limit) per buyer, \(remaining) left for you",
                details: [("limit", limit), ("remaining", remaining)])
        case .tooManyHolds(let limit):
            self.init(
                .limitReached, "at most \(limit) open holds at once",
                details: [("limit", limit), ("remaining", 0)])
        case .waitlistFull: self.init(.waitlistFull, "the waitlist is full")
        case .unknownHold: self.init(.notFound, "no such hold")
        case .holdExpired: self.init(.holdExpired, "the hold has expired")
        case .holdNotOpen(let state):
            self.init(.invalidState, "the hold was \(state) before")
        case .noExtensionsLeft:
            self.init(.limitReached, "no extensions left")
        case .notWaiting: self.init(.notFound, "you do not wait for this sku")
        case .noOffer: self.init(.invalidState, "there is no offer to accept yet")
        case .unknownOrder: self.init(.notFound, "no such order")
        case .orderState(let state):
            self.init(.invalidState, "the order is \(WireMapping.name(of: state))")
        case .belowHeld(let minimum):
            self.init(
                .belowHeld, "\(minimum) units are held or sold", details: [("minimum", minimum)])
        case .stockChanged(let onHand):
            self.init(
                .stockChanged, "on hand is \(onHand) now", details: [("on_hand", onHand)])
        case .unitsHeld: self.init(.invalidState, "units of it are held")
        case .outOfRange(let field):
            self.init(.badRequest, "data.\(field): out of range")
        }
    }

    static let notJoined = Refusal(.notJoined, "say hello first")
    static let storageUnavailable = Refusal(
        .storageUnavailable, "nothing can be stored at the moment; try again",
        retryAfterMilliseconds: 1000)
    static let answerUnreadable = Refusal(
        .storageUnavailable,
        "this key was used; its first answer stands, but cannot be read at the moment; try again",
        retryAfterMilliseconds: 1000)
}
