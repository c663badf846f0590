// The arguments of requests that have several: viewers' first, then hosts' and moderators'. All are read
// from the `data` object of a request; products have a file of their own.

/// `hello`: who connects, to which show, and from which point on.
public struct Hello: Hashable, Sendable {
    /// The point up to which a client knows the events of a show.
    public struct Resume: Hashable, Sendable {
        public var epoch: String
        public var offset: Int64

        public init(epoch: String, offset: Int64) {
            self.epoch = epoch
            self.offset = offset
        }
    }

    /// Where a viewer came from; travels to her orders.
    public struct Attribution: Hashable, Sendable {
        public var source: String?
        public var medium: String?
        public var campaign: String?
        public var ref: String?

        public init(
            source: String? = nil, medium: String? = nil, campaign: String? = nil,
            ref: String? = nil
        ) {
            self.source = source
            self.medium = medium
            self.campaign = campaign
            self.ref = ref
        }
    }

    public var show: String
    /// Wins over `name`; its form is the business of authentication.
    public var token: String?
    /// Cleaned, 1…40 code points.
    public var name: String?
    public var resume: Resume?
    public var attribution: Attribution?

    init(_ data: JSONNode, in json: JSONDocument) throws(FieldError) {
        show = try json.require(json.showID(in: data, "show"), data, "show")
        token = try json.identifier(in: data, "token", WireLimits.tokenCharacters)
        // With a token the name is not looked at, whatever it is.
        name = token == nil ? try json.text(in: data, "name", WireLimits.nameCharacters) : nil
        if let node = try json.object(in: data, "resume") {
            do throws(FieldError) {
                let epoch = try json.identifier(in: node, "epoch", WireLimits.epochCharacters)
                let offset = try json.integer(in: node, "offset", 0...WireLimits.integerMax)
                resume = Resume(
                    epoch: try json.require(epoch, node, "epoch"),
                    offset: try json.require(offset, node, "offset"))
            } catch {
                throw error.within("resume")
            }
        }
        if let node = try json.object(in: data, "attribution") {
            do throws(FieldError) {
                let length = WireLimits.attributionCharacters
                attribution = Attribution(
                    source: try json.text(in: node, "source", length),
                    medium: try json.text(in: node, "medium", length),
                    campaign: try json.text(in: node, "campaign", length),
                    ref: try json.text(in: node, "ref", length))
            } catch {
                throw error.within("attribution")
            }
        }
    }
}

/// `claim.create`: a wish for units of a SKU.
public struct ClaimCreate: Hashable, Sendable {
    public var sku: String
    public var quantity: Int64
    /// The price the buyer saw, in minor units.
    public var unitPrice: Int64?
    /// Take what there is when it is less than wanted.
    public var partial: Bool
    /// Wait for what is missing.
    public var waitlist: Bool

    public init(
        sku: String, quantity: Int64 = 1, unitPrice: Int64? = nil, partial: Bool = true,
        waitlist: Bool = true
    ) {
        self.sku = sku
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.partial = partial
        self.waitlist = waitlist
    }

    init(_ data: JSONNode, in json: JSONDocument) throws(FieldError) {
        sku = try json.require(json.sku(in: data, "sku"), data, "sku")
        quantity = try json.integer(in: data, "quantity", WireLimits.quantity) ?? 1
        unitPrice = try json.integer(in: data, "unit_price", WireLimits.amount)
        partial = try json.bool(in: data, "partial") ?? true
        waitlist = try json.bool(in: data, "waitlist") ?? true
    }
}

/// How a payment ends with `--payment test`.
public enum TestPayment: String, Hashable, Sendable, CaseIterable {
    case succeeded, failed, timeout
}

/// Which product is meant, by its id or one of its SKUs; at least one is there.
public struct ProductTarget: Hashable, Sendable {
    public var product: String?
    public var sku: String?

    public init(product: String? = nil, sku: String? = nil) {
        self.product = product
        self.sku = sku
    }

    init(_ data: JSONNode, in json: JSONDocument) throws(FieldError) {
        product = try json.identifier(in: data, "product")
        sku = try json.sku(in: data, "sku")
        if product == nil && sku == nil {
            throw FieldError(
                "product", "or sku is required", offset: json.rawRange(data).lowerBound)
        }
    }
}

/// `flash.start`: a price for a short time.
public struct FlashStart: Hashable, Sendable {
    public var sku: String
    public var price: Int64
    public var countdownSeconds: Int64
    public var durationSeconds: Int64
    /// Units per buyer in this sale; 0 is no limit.
    public var perBuyer: Int64
    /// Units in this sale; nil is all there are.
    public var quantity: Int64?
    /// Claims of this span are ordered by lot; nil or 0 is first come, first served.
    public var fairWindowMilliseconds: Int64?

    init(_ data: JSONNode, in json: JSONDocument) throws(FieldError) {
        sku = try json.require(json.sku(in: data, "sku"), data, "sku")
        let price = try json.integer(in: data, "price", WireLimits.amount)
        self.price = try json.require(price, data, "price")
        countdownSeconds =
            try json.integer(in: data, "countdown_seconds", WireLimits.flashCountdownSeconds) ?? 10
        durationSeconds =
            try json.integer(in: data, "duration_seconds", WireLimits.flashDurationSeconds) ?? 60
        perBuyer = try json.integer(in: data, "per_buyer", WireLimits.buyerLimit) ?? 1
        quantity = try json.integer(in: data, "quantity", 1...WireLimits.onHand.upperBound)
        fairWindowMilliseconds = try json.integer(
            in: data, "fair_window_ms", WireLimits.fairWindowMilliseconds)
    }
}

/// What a moderator does about a participant.
public struct ParticipantMeasure: Hashable, Sendable {
    public var participant: String
    /// Nil: the measure's own default, or until it is lifted. Lifting takes no time.
    public var seconds: Int64?
    /// Cleaned; empty when none was given.
    public var reason: String

    init(_ data: JSONNode, in json: JSONDocument, lifts: Bool = false) throws(FieldError) {
        let participant = try json.identifier(in: data, "participant")
        self.participant = try json.require(participant, data, "participant")
        seconds = lifts ? nil : try json.integer(in: data, "seconds", WireLimits.measureSeconds)
        reason = try json.text(in: data, "reason", WireLimits.reasonCharacters) ?? ""
    }
}

/// The roles that `participant.set_role` gives.
public enum GrantedRole: String, Hashable, Sendable, CaseIterable {
    case viewer, moderator
    case coHost = "co_host"
}
