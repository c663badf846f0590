// The name of every request (docs/PROTOCOL.md, viewer requests and host requests), who may send it and
// whether it needs an idempotency key. Whether a request makes sense now is the show's business.

/// The least role a request needs; what a role may do besides is decided by capabilities.
public enum RequestRole: Int, Sendable, Comparable {
    case viewer, moderator, host

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

public enum RequestType: String, Sendable, CaseIterable {
    case hello
    case claimCreate = "claim.create"
    case holdRelease = "hold.release"
    case holdExtend = "hold.extend"
    case waitlistLeave = "waitlist.leave"
    case waitlistAccept = "waitlist.accept"
    case orderPlace = "order.place"
    case orderPay = "order.pay"
    case orderCancel = "order.cancel"
    case ordersMine = "orders.mine"
    case chatSend = "chat.send"
    case reactionSend = "reaction.send"
    case questionAsk = "question.ask"
    case questionVote = "question.vote"
    case pollVote = "poll.vote"
    case quizAnswer = "quiz.answer"
    case giveawayEnter = "giveaway.enter"
    case couponClaim = "coupon.claim"
    case auctionBid = "auction.bid"
    case productOpen = "product.open"
    case productRequest = "product.request"
    case productGet = "product.get"
    case receiptGet = "receipt.get"
    case showFollow = "show.follow"
    case showUnfollow = "show.unfollow"
    case shareCreate = "share.create"
    case tokenRefresh = "token.refresh"
    case ping

    case showStart = "show.start"
    case showPause = "show.pause"
    case showResume = "show.resume"
    case showEnd = "show.end"
    case rehearsalStart = "rehearsal.start"
    case rehearsalEnd = "rehearsal.end"
    case productAdd = "product.add"
    case productUpdate = "product.update"
    case productRemove = "product.remove"
    case productPin = "product.pin"
    case productUnpin = "product.unpin"
    case queueSet = "queue.set"
    case queueNext = "queue.next"
    case stockAdjust = "stock.adjust"
    case stockSet = "stock.set"
    case priceSet = "price.set"
    case flashStart = "flash.start"
    case flashStop = "flash.stop"
    case auctionStart = "auction.start"
    case auctionVoid = "auction.void"
    case giveawayOpen = "giveaway.open"
    case giveawayDraw = "giveaway.draw"
    case giveawayCancel = "giveaway.cancel"
    case couponDrop = "coupon.drop"
    case couponEnd = "coupon.end"
    case pollOpen = "poll.open"
    case pollClose = "poll.close"
    case quizOpen = "quiz.open"
    case quizClose = "quiz.close"
    case questionAnswer = "question.answer"
    case questionMerge = "question.merge"
    case noteSet = "note.set"
    case noteClear = "note.clear"
    case chatDelete = "chat.delete"
    case chatSpotlight = "chat.spotlight"
    case participantTimeout = "participant.timeout"
    case participantUntimeout = "participant.untimeout"
    case participantBan = "participant.ban"
    case participantUnban = "participant.unban"
    case participantRestrict = "participant.restrict"
    case participantUnrestrict = "participant.unrestrict"
    case participantShadowBan = "participant.shadow_ban"
    case participantSetRole = "participant.set_role"
    case roomConfigure = "room.configure"
    case viewersList = "viewers.list"
    case holdsList = "holds.list"
    case waitlistList = "waitlist.list"
    case ordersList = "orders.list"
    case showReport = "show.report"

    /// The type with this wire name; constant time, unlike `init(rawValue:)`.
    public static func named(_ name: String) -> RequestType? { byName[name] }

    private static let byName = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// The least role. `room.configure` needs a moderator, and for some settings more.
    public var minimumRole: RequestRole {
        switch self {
        case .hello, .claimCreate, .holdRelease, .holdExtend, .waitlistLeave, .waitlistAccept,
            .orderPlace, .orderPay, .orderCancel, .ordersMine, .chatSend, .reactionSend,
            .questionAsk,
            .questionVote, .pollVote, .quizAnswer, .giveawayEnter, .couponClaim, .auctionBid,
            .productOpen, .productRequest, .productGet, .receiptGet, .showFollow, .showUnfollow,
            .shareCreate, .tokenRefresh, .ping:
            .viewer
        case .questionAnswer, .questionMerge, .noteSet, .noteClear, .chatDelete, .chatSpotlight,
            .participantTimeout, .participantUntimeout, .participantBan, .participantUnban,
            .participantRestrict, .participantUnrestrict, .participantShadowBan, .roomConfigure:
            .moderator
        case .showStart, .showPause, .showResume, .showEnd, .rehearsalStart, .rehearsalEnd,
            .productAdd, .productUpdate, .productRemove, .productPin, .productUnpin, .queueSet,
            .queueNext, .stockAdjust, .stockSet, .priceSet, .flashStart, .flashStop,
            .auctionStart, .auctionVoid, .giveawayOpen, .giveawayDraw, .giveawayCancel,
            .couponDrop, .couponEnd, .pollOpen, .pollClose, .quizOpen, .quizClose,
            .participantSetRole, .viewersList, .holdsList, .waitlistList, .ordersList, .showReport:
            .host
        }
    }

    /// Whether `data.key` must be there; everywhere else it may be.
    public var keyIsRequired: Bool {
        switch self {
        case .claimCreate, .waitlistAccept, .orderPlace, .orderPay, .orderCancel, .auctionBid: true
        default: false
        }
    }
}
