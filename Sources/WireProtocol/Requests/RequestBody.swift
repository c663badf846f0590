// The arguments of every request, checked for form and with defaults filled in. Single arguments stand in
// the case itself, more than one in a struct of the request's name. What the arguments mean, and whether
// they may be obeyed, is none of this module's business.

public enum RequestBody: Hashable, Sendable {
    indirect case hello(Hello)
    case claimCreate(ClaimCreate)
    /// `quantity`: nil is all.
    case holdRelease(hold: String, quantity: Int64?)
    case holdExtend(hold: String)
    case waitlistLeave(sku: String)
    /// `unitPrice`: the price the buyer saw.
    case waitlistAccept(sku: String, unitPrice: Int64?)
    case orderPlace(holds: [String], coupon: String?)
    case orderPay(order: String, method: TestPayment)
    case orderCancel(order: String)
    case chatSend(text: String, replyTo: String?, product: String?)
    case productOpen(ProductTarget)
    case productRequest(ProductTarget)
    case productGet(ProductTarget)
    case receiptGet(seq: Int64)
    case tokenRefresh(token: String)
    case ping

    case showStart
    case showPause
    case showResume
    case showEnd
    case rehearsalStart
    case rehearsalEnd
    indirect case productAdd(ProductInput)
    indirect case productUpdate(ProductChange)
    case productRemove(product: String)
    case productPin(ProductTarget, seconds: Int64?)
    /// Nil: all that is pinned.
    case productUnpin(product: String?)
    case queueSet(products: [String])
    case queueNext
    case stockAdjust(sku: String, delta: Int64)
    case stockSet(sku: String, onHand: Int64, expected: Int64)
    case priceSet(sku: String, price: Int64)
    indirect case flashStart(FlashStart)
    /// By the sale's id or by its SKU; one of them is there.
    case flashStop(flash: String?, sku: String?)
    case noteSet(text: String, seconds: Int64?)
    case noteClear
    case chatDelete(message: String)
    case chatSpotlight(message: String)
    case participantTimeout(ParticipantMeasure)
    case participantUntimeout(ParticipantMeasure)
    case participantBan(ParticipantMeasure)
    case participantUnban(ParticipantMeasure)
    case participantRestrict(ParticipantMeasure)
    case participantUnrestrict(ParticipantMeasure)
    case participantShadowBan(ParticipantMeasure)
    case participantSetRole(participant: String, role: GrantedRole)
    /// At least one setting; names and values are checked by whoever knows the settings.
    case roomConfigure([JSONValue.Member])
    case ordersMine(ListPage)
    case viewersList(ListPage)
    case holdsList(sku: String?, ListPage)
    case waitlistList(sku: String?, ListPage)
    /// Nil: orders of every status.
    case ordersList(status: ListedOrders?, ListPage)
    case showReport

    /// A known name that this version does not carry out: answered `unknown_type`.
    case unsupported
}

extension RequestBody {
    /// Reads the arguments of a request; `data` is an object. Unknown members are ignored.
    init(
        _ type: RequestType, _ data: JSONNode, in json: JSONDocument
    ) throws(FieldError) {
        func hold() throws(FieldError) -> String {
            try json.require(json.identifier(in: data, "hold"), data, "hold")
        }
        func sku() throws(FieldError) -> String {
            try json.require(json.sku(in: data, "sku"), data, "sku")
        }
        func order() throws(FieldError) -> String {
            try json.require(json.identifier(in: data, "order"), data, "order")
        }
        func message() throws(FieldError) -> String {
            try json.require(json.identifier(in: data, "message"), data, "message")
        }
        func unitPrice() throws(FieldError) -> Int64? {
            try json.integer(in: data, "unit_price", WireLimits.amount)
        }

        switch type {
        case .hello: self = .hello(try Hello(data, in: json))
        case .claimCreate: self = .claimCreate(try ClaimCreate(data, in: json))
        case .holdRelease:
            self = .holdRelease(
                hold: try hold(),
                quantity: try json.integer(in: data, "quantity", WireLimits.quantity))
        case .holdExtend: self = .holdExtend(hold: try hold())
        case .waitlistLeave: self = .waitlistLeave(sku: try sku())
        case .waitlistAccept: self = .waitlistAccept(sku: try sku(), unitPrice: try unitPrice())
        case .orderPlace:
            let holds = try json.identifiers(in: data, "holds", WireLimits.holdsPerOrder)
            self = .orderPlace(
                holds: try json.require(holds, data, "holds"),
                coupon: try json.identifier(in: data, "coupon", WireLimits.couponCharacters))
        case .orderPay:
            let method = try json.choice(in: data, "method", TestPayment.self)
            self = .orderPay(order: try order(), method: try json.require(method, data, "method"))
        case .orderCancel: self = .orderCancel(order: try order())
        case .chatSend:
            let text = try json.text(in: data, "text", WireLimits.chatCharacters)
            self = .chatSend(
                text: try json.require(text, data, "text"),
                replyTo: try json.identifier(in: data, "reply_to"),
                product: try json.identifier(in: data, "product"))
        case .productOpen: self = .productOpen(try ProductTarget(data, in: json))
        case .productRequest: self = .productRequest(try ProductTarget(data, in: json))
        case .productGet: self = .productGet(try ProductTarget(data, in: json))
        case .receiptGet:
            let seq = try json.integer(in: data, "seq", 1...WireLimits.integerMax)
            self = .receiptGet(seq: try json.require(seq, data, "seq"))
        case .tokenRefresh:
            let token = try json.identifier(in: data, "token", WireLimits.tokenCharacters)
            self = .tokenRefresh(token: try json.require(token, data, "token"))
        case .ping: self = .ping

        case .showStart: self = .showStart
        case .showPause: self = .showPause
        case .showResume: self = .showResume
        case .showEnd: self = .showEnd
        case .rehearsalStart: self = .rehearsalStart
        case .rehearsalEnd: self = .rehearsalEnd
        case .productAdd:
            let product = try json.require(json.object(in: data, "product"), data, "product")
            do throws(FieldError) {
                self = .productAdd(try ProductInput(product, in: json))
            } catch {
                throw error.within("product")
            }
        case .productUpdate:
            let product = try json.require(json.object(in: data, "product"), data, "product")
            do throws(FieldError) {
                self = .productUpdate(try ProductChange(product, in: json))
            } catch {
                throw error.within("product")
            }
        case .productRemove: self = .productRemove(product: try Self.removed(data, in: json))
        case .productPin:
            self = .productPin(
                try ProductTarget(data, in: json),
                seconds: try json.integer(in: data, "seconds", WireLimits.pinSeconds))
        case .productUnpin:
            self = .productUnpin(product: try json.identifier(in: data, "product"))
        case .queueSet:
            let products = try json.identifiers(in: data, "products", WireLimits.queueLength)
            self = .queueSet(products: try json.require(products, data, "products"))
        case .queueNext: self = .queueNext
        case .stockAdjust:
            let delta = try json.integer(in: data, "delta", WireLimits.stockDelta)
            self = .stockAdjust(sku: try sku(), delta: try json.require(delta, data, "delta"))
        case .stockSet:
            let onHand = try json.integer(in: data, "on_hand", WireLimits.onHand)
            let expected = try json.integer(in: data, "expected", WireLimits.onHand)
            self = .stockSet(
                sku: try sku(), onHand: try json.require(onHand, data, "on_hand"),
                expected: try json.require(expected, data, "expected"))
        case .priceSet:
            let price = try json.integer(in: data, "price", WireLimits.amount)
            self = .priceSet(sku: try sku(), price: try json.require(price, data, "price"))
        case .flashStart: self = .flashStart(try FlashStart(data, in: json))
        case .flashStop:
            let flash = try json.identifier(in: data, "flash")
            let sku = try json.sku(in: data, "sku")
            if flash == nil && sku == nil { _ = try json.require(sku, data, "sku") }
            self = .flashStop(flash: flash, sku: sku)

        case .noteSet:
            let text = try json.text(in: data, "text", WireLimits.noteCharacters)
            self = .noteSet(
                text: try json.require(text, data, "text"),
                seconds: try json.integer(in: data, "seconds", WireLimits.noteSeconds))
        case .noteClear: self = .noteClear
        case .chatDelete: self = .chatDelete(message: try message())
        case .chatSpotlight: self = .chatSpotlight(message: try message())
        case .participantTimeout:
            self = .participantTimeout(try ParticipantMeasure(data, in: json))
        case .participantUntimeout:
            self = .participantUntimeout(try ParticipantMeasure(data, in: json, lifts: true))
        case .participantBan: self = .participantBan(try ParticipantMeasure(data, in: json))
        case .participantUnban:
            self = .participantUnban(try ParticipantMeasure(data, in: json, lifts: true))
        case .participantRestrict:
            if try json.bool(in: data, "restricted") == false {
                throw FieldError(
                    "restricted", "cannot be false: participant.unrestrict lifts a restriction",
                    offset: json.rawRange(data).lowerBound)
            }
            self = .participantRestrict(try ParticipantMeasure(data, in: json))
        case .participantUnrestrict:
            self = .participantUnrestrict(try ParticipantMeasure(data, in: json, lifts: true))
        case .participantShadowBan:
            self = .participantShadowBan(try ParticipantMeasure(data, in: json))
        case .participantSetRole:
            let participant = try json.identifier(in: data, "participant")
            let role = try json.choice(in: data, "role", GrantedRole.self)
            self = .participantSetRole(
                participant: try json.require(participant, data, "participant"),
                role: try json.require(role, data, "role"))
        case .roomConfigure: self = .roomConfigure(try Self.settings(data, in: json))
        case .ordersMine: self = .ordersMine(try ListPage(data, in: json))
        case .viewersList: self = .viewersList(try ListPage(data, in: json))
        case .holdsList:
            self = .holdsList(sku: try json.sku(in: data, "sku"), try ListPage(data, in: json))
        case .waitlistList:
            self = .waitlistList(sku: try json.sku(in: data, "sku"), try ListPage(data, in: json))
        case .ordersList:
            let status = try json.choice(in: data, "status", ListedOrders.self)
            self = .ordersList(status: status, try ListPage(data, in: json))
        case .showReport: self = .showReport

        case .reactionSend, .questionAsk, .questionVote, .pollVote, .quizAnswer, .giveawayEnter,
            .couponClaim, .auctionBid, .showFollow, .showUnfollow, .shareCreate, .auctionStart,
            .auctionVoid, .giveawayOpen, .giveawayDraw, .giveawayCancel, .couponDrop, .couponEnd,
            .pollOpen, .pollClose, .quizOpen, .quizClose, .questionAnswer, .questionMerge:
            self = .unsupported
        }
    }

    /// `product` is an id, or an object with one, as in `product.add`.
    private static func removed(
        _ data: JSONNode, in json: JSONDocument
    ) throws(FieldError) -> String {
        guard let node = json.member(data, "product"), json.kind(node) == .object else {
            return try json.require(json.identifier(in: data, "product"), data, "product")
        }
        do throws(FieldError) {
            return try json.require(json.identifier(in: node, "id"), node, "id")
        } catch {
            throw error.within("product")
        }
    }

    private static func settings(
        _ data: JSONNode, in json: JSONDocument
    ) throws(FieldError) -> [JSONValue.Member] {
        let limit = WireLimits.settingValues.upperBound
        guard json.count(within: data) <= limit else {
            throw FieldError("", "must have at most \(limit) names and values")
        }
        var settings: [JSONValue.Member] = []
        for (name, value) in json.members(data) where !json.isString(name, "key") {
            let name = json.string(name) ?? ""
            do throws(FieldError) {
                settings.append(.init(name: name, value: try JSONValue(value, in: json)))
            } catch {
                throw error.within(ClientText.quotable(name))
            }
        }
        if settings.isEmpty {
            throw FieldError("", "must name at least one setting")
        }
        return settings
    }
}
