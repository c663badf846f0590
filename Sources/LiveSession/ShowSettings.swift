public import Inventory

/// What of the room hosts and moderators may set, and what the operator presets for all shows.
/// `ShowSetting.all` gives each its name, range and scope.
public struct ShowSettings: Hashable, Sendable {
    public var stock = StockRules()
    public var flashHoldSeconds = 300
    public var claimFeed = ClaimFeed.names
    public var replaySales = false
    public var pins = 1
    public var chat = ChatMode.everyone
    public var chatLength = 200
    public var chatRate = 10
    public var chatRateSeconds = 30
    /// Messages of viewers that are sent to everybody; 0 is all.
    public var chatPerSecond = 20
    public var slowModeSeconds = 0

    // Of the whole server, not of a show.
    public var requestRate = 600
    public var requestBurst = 120
    /// Nil: nobody has set it, so it does not hold for loopback addresses in development mode.
    public var addressRequestRate: Int?
    public var addressRequestBurst: Int?
    public var guestsPerAddress: Int?
    public var guestUnits: Int?
    public var guestUnitsPerAddress: Int?
    public var connectionsPerParticipant = 20
    /// Whether limits of addresses that nobody set do not hold for loopback: development mode.
    public var sparesLoopback = false
    public var pingSeconds = 25
    public var pongSeconds = 10
    public var sendQueueBytes = 1 << 20
    public var connectionsPerAddressMax = 2000
    public var joinsPerSecondPerAddressMax = 200

    public enum ClaimFeed: String, Sendable, CaseIterable { case names, counts, off }
    public enum ChatMode: String, Sendable, CaseIterable { case everyone, off }

    public init() {}
}

/// A setting's value as it is written: in files, flags, environment and `room.configure`.
public enum SettingValue: Hashable, Sendable, CustomStringConvertible {
    case integer(Int)
    case flag(Bool)
    case text(String)

    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .flag(let value): value ? "on" : "off"
        case .text(let value): value
        }
    }

    /// Reads a flag as people write it; nil when it is none.
    public static func onOrOff(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "on", "true", "yes": true
        case "off", "false", "no": false
        default: nil
        }
    }
}

/// One setting of a show: its name, who may change it, what it may be.
public struct ShowSetting: Sendable {
    public enum Scope: Sendable {
        /// Hosts.
        case show
        /// Moderators too.
        case chat
        /// The operator only; the same for all shows.
        case server
    }

    public enum Kind: Sendable {
        case integer(ClosedRange<Int>)
        case flag
        case choice([String])
    }

    public let name: String
    public let scope: Scope
    public let kind: Kind
    /// Below this only 0 is in the range: 0 turns it off, and less than this makes no sense.
    private var leastButZero = 0
    private let read: @Sendable (ShowSettings) -> SettingValue
    private let write: @Sendable (inout ShowSettings, SettingValue) -> Void

    public func value(in settings: ShowSettings) -> SettingValue { read(settings) }

    /// Sets the value; else says what the setting may be.
    public func set(_ value: SettingValue, in settings: inout ShowSettings) -> String? {
        switch (kind, value) {
        case (.integer(let range), .integer(let number))
        where range.contains(number) && (number == 0 || number >= leastButZero):
            write(&settings, value)
        case (.flag, .flag): write(&settings, value)
        case (.choice(let choices), .text(let text)) where choices.contains(text):
            write(&settings, value)
        case (.choice(let choices), .flag(false)) where choices.contains("off"):
            // YAML and JSON writers turn a bare `off` into false.
            write(&settings, .text("off"))
        default: return form
        }
        return nil
    }

    /// Reads a value as it is written in a flag or a file; nil when it is not of the kind.
    public func parse(_ text: String) -> SettingValue? {
        switch kind {
        case .integer: Int(text).map(SettingValue.integer)
        case .flag: SettingValue.onOrOff(text).map(SettingValue.flag)
        case .choice: .text(text)
        }
    }

    /// What it may be, as a sentence.
    public var form: String { "\(name) takes \(takes)" }

    /// What it may be: "on or off".
    public var takes: String {
        switch kind {
        case .integer(let range) where leastButZero > 0:
            "0 or a whole number from \(leastButZero) to \(range.upperBound)"
        case .integer(let range):
            "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "on or off"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        }
    }

    public static func named(_ name: String) -> ShowSetting? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// Every setting, in the order of the documentation.
    public static let all: [ShowSetting] = [
        integer("hold_seconds", 1...259_200, \.stock.holdSeconds),
        integer("flash_hold_seconds", 1...3_600, \.flashHoldSeconds),
        integer("waitlist_offer_seconds", 1...86_400, \.stock.offerSeconds),
        integer("payment_seconds", 1...259_200, \.stock.paymentSeconds),
        integer("hold_warning_seconds", 0...259_200, \.stock.warningSeconds),
        integer("hold_extension_seconds", 1...3_600, \.stock.extensionSeconds),
        integer("hold_extensions", 0...100, \.stock.extensions),
        integer("limit_per_buyer", 0...999, \.stock.limitPerBuyer),
        integer("active_holds", 0...1_000, \.stock.activeHolds),
        integer("waitlist_max", 0...100_000, \.stock.waitlistMax),
        flag("replay_sales", \.replaySales),
        choice("claim_feed", \.claimFeed),
        integer("pins", 1...3, \.pins),
        choice("chat", scope: .chat, \.chat),
        integer("chat_length", scope: .chat, 1...500, \.chatLength),
        integer("chat_rate", scope: .chat, 0...1_000, \.chatRate),
        integer("chat_rate_seconds", scope: .chat, 1...3_600, \.chatRateSeconds),
        integer("chat_per_second", scope: .chat, 0...1_000, \.chatPerSecond),
        integer(
            "slow_mode_seconds", scope: .chat, 0...120, leastButZero: 3, \.slowModeSeconds),
        integer("request_rate", scope: .server, 0...1_000_000, \.requestRate),
        integer("request_burst", scope: .server, 1...1_000_000, \.requestBurst),
        integer(
            "address_request_rate", scope: .server, 0...1_000_000, \.addressRequestRate,
            default: AddressLimits().requestRate),
        integer(
            "address_request_burst", scope: .server, 1...1_000_000, \.addressRequestBurst,
            default: AddressLimits().requestBurst),
        integer(
            "guests_per_address", scope: .server, 0...1_000_000, \.guestsPerAddress,
            default: AddressLimits().guests),
        integer(
            "guest_units", scope: .server, 0...1_000_000, \.guestUnits,
            default: AddressLimits().guestUnits),
        integer(
            "guest_units_per_address", scope: .server, 0...1_000_000, \.guestUnitsPerAddress,
            default: AddressLimits().units),
        integer(
            "connections_per_participant", scope: .server, 0...1_000_000,
            \.connectionsPerParticipant),
        integer("ping_seconds", scope: .server, 1...3_600, \.pingSeconds),
        integer("pong_seconds", scope: .server, 1...3_600, \.pongSeconds),
        integer("send_queue_bytes", scope: .server, 65_536...(1 << 20), \.sendQueueBytes),
        integer(
            "max_connections_per_address", scope: .server, 1...1_000_000,
            \.connectionsPerAddressMax),
        integer(
            "joins_per_second_per_address", scope: .server, 1...1_000_000,
            \.joinsPerSecondPerAddressMax),
    ]

    private static func integer(
        _ name: String, scope: Scope = .show, _ range: ClosedRange<Int>, leastButZero: Int = 0,
        _ path: any WritableKeyPath<ShowSettings, Int> & Sendable
    ) -> ShowSetting {
        ShowSetting(
            name: name, scope: scope, kind: .integer(range), leastButZero: leastButZero,
            read: { .integer($0[keyPath: path]) },
            write: { if case .integer(let number) = $1 { $0[keyPath: path] = number } })
    }

    private static func integer(
        _ name: String, scope: Scope = .show, _ range: ClosedRange<Int>,
        _ path: any WritableKeyPath<ShowSettings, Int?> & Sendable, default preset: Int
    ) -> ShowSetting {
        ShowSetting(
            name: name, scope: scope, kind: .integer(range),
            read: { .integer($0[keyPath: path] ?? preset) },
            write: { if case .integer(let number) = $1 { $0[keyPath: path] = number } })
    }

    private static func flag(
        _ name: String, scope: Scope = .show,
        _ path: any WritableKeyPath<ShowSettings, Bool> & Sendable
    ) -> ShowSetting {
        ShowSetting(
            name: name, scope: scope, kind: .flag, read: { .flag($0[keyPath: path]) },
            write: { if case .flag(let value) = $1 { $0[keyPath: path] = value } })
    }

    private static func choice<C: RawRepresentable<String> & CaseIterable & SendableMetatype>(
        _ name: String, scope: Scope = .show,
        _ path: any WritableKeyPath<ShowSettings, C> & Sendable
    ) -> ShowSetting {
        ShowSetting(
            name: name, scope: scope, kind: .choice(C.allCases.map(\.rawValue)),
            read: { .text($0[keyPath: path].rawValue) },
            write: {
                if case .text(let text) = $1, let choice = C(rawValue: text) {
                    $0[keyPath: path] = choice
                }
            })
    }
}
