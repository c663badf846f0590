public import Inventory

/// What somebody may do by rank. Ordered: each may do what those before it may.
public enum Role: String, Sendable, CaseIterable, Comparable {
    case viewer, moderator
    case coHost = "co_host"
    case host, admin

    /// The participants whose names nobody else may take.
    public var isStaff: Bool { self != .viewer }

    public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }

    private var rank: Int { Role.allCases.firstIndex(of: self) ?? 0 }
}

/// What a connection may do, from its token. Source: docs/PROTOCOL.md, tokens.
public struct Capabilities: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let view = Capabilities(rawValue: 1)
    public static let chat = Capabilities(rawValue: 2)
    public static let claim = Capabilities(rawValue: 4)
    public static let bid = Capabilities(rawValue: 8)
    public static let moderate = Capabilities(rawValue: 16)
    public static let host = Capabilities(rawValue: 32)
    public static let admin = Capabilities(rawValue: 64)

    /// The names on the wire, in order.
    public static let names: [(name: String, value: Capabilities)] = [
        ("view", .view), ("chat", .chat), ("claim", .claim), ("bid", .bid),
        ("moderate", .moderate), ("host", .host), ("admin", .admin),
    ]

    /// What a role brings when its token lists nothing.
    public init(of role: Role) {
        switch role {
        case .viewer: self = [.view, .chat, .claim, .bid]
        case .moderator: self = [.view, .chat, .claim, .bid, .moderate]
        case .coHost, .host: self = [.view, .chat, .claim, .bid, .moderate, .host]
        case .admin: self = [.view, .chat, .claim, .bid, .moderate, .host, .admin]
        }
    }
}

/// A person as the show knows her.
public struct Participant: Sendable {
    /// The `sub` of her token: who she is. A name is not.
    public let subject: String
    public internal(set) var name: String
    public let isGuest: Bool
    /// Where a guest was last seen; nil of those with a token of the shop, and when it is not known.
    public internal(set) var address: AddressKey?
    /// The role of her token.
    public internal(set) var tokenRole: Role
    /// A role that a host of this show gave her, until it ends.
    var grantedRole: Role?
    /// Has, or had, a rank in this show.
    public internal(set) var wasStaff = false
    /// A guest who bears the name of somebody of the staff: others see that they are a guest.
    var isNamesake = false
    public internal(set) var connections = 0

    public init(
        subject: String, name: String, isGuest: Bool, role: Role, address: AddressKey? = nil
    ) {
        self.subject = subject
        self.name = name
        self.isGuest = isGuest
        self.address = address
        tokenRole = role
    }

    public var role: Role { max(tokenRole, grantedRole ?? .viewer) }

    /// The name that everybody else sees.
    public var shownName: String { isNamesake ? name + " (guest)" : name }
}

/// Everybody a show has met. A number is given at the first `hello`; it becomes durable with the first
/// fact that names it, so that a crowd that only watches writes nothing.
public struct Roster: Sendable {
    /// By number, with room where somebody came who left nothing behind.
    private var participants = SparseArray<Participant?>(repeating: nil)
    /// The number of the next who comes.
    private var nextNumber = 0
    private var numbers: [String: ParticipantID] = [:]
    /// Those with a rank, ascending: few, and everybody who joins is compared with their names.
    private var staffNumbers: [Int] = []
    /// What the store has of each number, so that facts may name it; asked for every claim.
    private var rows = SparseArray(repeating: Row.none)
    /// Numbers of forgotten guests, to be given again.
    private var freeNumbers: [Int] = []
    /// Connected people, and their connections.
    public private(set) var viewers = 0
    public private(set) var connections = 0

    private enum Row: UInt8 { case none, stale, current }

    public init() {}

    /// How many people it knows.
    public var count: Int { numbers.count }

    public subscript(_ id: ParticipantID) -> Participant {
        // Numbers come from this roster or from facts whose participants were loaded first; a damaged
        // store may name somebody it does not have.
        guard let known = participants[id.index] else {
            return Participant(subject: "", name: "?", isGuest: false, role: .viewer)
        }
        return known
    }

    /// Whether there is no number left that facts could name: then nobody new is met.
    public var isFull: Bool {
        freeNumbers.isEmpty && nextNumber >= InventoryLimits.participantsMax
    }

    public func find(_ subject: String) -> ParticipantID? { numbers[subject] }

    /// Hosts, co-hosts and moderators, in the order the show met them.
    public func staff() -> [Participant] { staffNumbers.compactMap { participants[$0] } }

    /// Those with a rank now, and those who had one.
    public func staffEver() -> [Participant] {
        participants.takenIndices.compactMap { index in
            participants[index]?.wasStaff == true ? participants[index] : nil
        }
    }

    /// Everybody who is connected.
    public func present() -> [(ParticipantID, Participant)] { present(from: 0, count: .max) }

    /// Those who are connected, from a number on, at most so many.
    public func present(from start: Int, count: Int) -> [(ParticipantID, Participant)] {
        var present: [(ParticipantID, Participant)] = []
        for index in start..<max(start, nextNumber) {
            guard let known = participants[index], known.connections > 0 else { continue }
            present.append((ParticipantID(index), known))
            if present.count == count { break }
        }
        return present
    }

    /// The role a host of the show gave, if any.
    public func grantedRole(of id: ParticipantID) -> Role? {
        participants[id.index]?.grantedRole
    }

    /// Restores somebody from the store; the number is within the limits.
    public mutating func restore(_ number: Int, _ participant: Participant) {
        nextNumber = max(nextNumber, number + 1)
        participants[number] = participant
        rows[number] = .current
        noteRank(number)
        numbers[participant.subject] = ParticipantID(number)
    }

    /// Somebody says hello: gets her number, the first time a new one.
    public mutating func meet(_ participant: Participant) -> ParticipantID {
        let id: ParticipantID
        if let known = numbers[participant.subject] {
            id = known
            if participants[id.index]?.name != participant.name
                || participants[id.index]?.tokenRole != participant.tokenRole
                || participants[id.index]?.address != participant.address
            {
                participants[id.index]?.name = participant.name
                participants[id.index]?.tokenRole = participant.tokenRole
                participants[id.index]?.address = participant.address
                if rows[id.index] == .current { rows[id.index] = .stale }
            }
        } else {
            id = ParticipantID(freeNumbers.popLast() ?? nextNumber)
            nextNumber = max(nextNumber, id.index + 1)
            participants[id.index] = participant
            numbers[participant.subject] = id
        }
        noteRank(id.index)
        return id
    }

    /// Keeps `staffNumbers` true after somebody's role may have changed.
    private mutating func noteRank(_ number: Int) {
        let isStaff = participants[number]?.role.isStaff ?? false
        if isStaff { participants[number]?.wasStaff = true }
        let place = staffNumbers.firstIndex { $0 >= number } ?? staffNumbers.count
        let isNoted = place < staffNumbers.count && staffNumbers[place] == number
        if isStaff, !isNoted { staffNumbers.insert(number, at: place) }
        if !isStaff, isNoted { staffNumbers.remove(at: place) }
    }

    /// Whether somebody came without a token of the shop.
    func isGuest(_ id: ParticipantID) -> Bool {
        participants.read(id.index) { $0?.isGuest == true }
    }

    /// Where a guest was last seen.
    func address(of id: ParticipantID) -> AddressKey? {
        participants.read(id.index) { $0?.address }
    }

    /// Whether a guest bears the name of somebody of the staff.
    public mutating func setNamesake(_ id: ParticipantID, _ isNamesake: Bool) {
        guard participants[id.index] != nil else { return }
        participants[id.index]?.isNamesake = isNamesake
    }

    /// Whether somebody is a guest whom no fact names and who is not here: nothing would be lost.
    func isForgettable(_ id: ParticipantID) -> Bool {
        guard rows[id.index] == .none else { return false }
        return participants[id.index].map { $0.isGuest && $0.connections == 0 } ?? false
    }

    /// Forgets a forgettable guest, whose number is given to somebody else.
    mutating func forget(_ id: ParticipantID) {
        guard isForgettable(id), let subject = participants[id.index]?.subject else { return }
        participants[id.index] = nil
        numbers[subject] = nil
        freeNumbers.append(id.index)
    }

    /// Gives a role that the show grants.
    mutating func grant(_ role: Role, to id: ParticipantID) {
        guard participants[id.index] != nil else { return }
        participants[id.index]?.grantedRole = role == .viewer ? nil : role
        noteRank(id.index)
    }

    /// The show has ended, and with it the roles it granted.
    mutating func endGrants() {
        for number in staffNumbers { participants[number]?.grantedRole = nil }
        for number in staffNumbers { noteRank(number) }
    }

    mutating func connect(_ id: ParticipantID) {
        if participants[id.index]?.connections == 0 { viewers += 1 }
        participants[id.index]?.connections += 1
        connections += 1
    }

    mutating func disconnect(_ id: ParticipantID) {
        participants[id.index]?.connections -= 1
        connections -= 1
        if participants[id.index]?.connections == 0 { viewers -= 1 }
    }

    /// Marks her row as written; true when it was not.
    mutating func markStored(_ id: ParticipantID) -> Bool {
        guard (0..<nextNumber).contains(id.index), rows[id.index] != .current else { return false }
        rows[id.index] = .current
        return true
    }
}
