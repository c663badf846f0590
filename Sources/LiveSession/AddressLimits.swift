// What the guests of one address may do together. A guest costs nothing to become, so limits per person
// do not bound a person with a thousand names; an address has a price.

/// The limits that hold for one address; 0 is no limit.
public struct AddressLimits: Hashable, Sendable {
    /// Requests of all its guests in a minute.
    public var requestRate = 6_000
    public var requestBurst = 1_200
    /// New guest identities: so many at once, and as many again in ten minutes.
    public var guests = 300
    /// Units that one guest may hold, have ordered and not paid, be offered or wait for in a show; and
    /// all guests of the address together.
    public var guestUnits = 20
    public var units = 100

    public init() {}

    /// As the operator set them. What nobody set does not hold for loopback addresses in development mode.
    public init(_ settings: ShowSettings, at address: AddressKey) {
        let preset = AddressLimits()
        let isSpared = settings.sparesLoopback && address.isLoopback
        requestRate = settings.addressRequestRate ?? (isSpared ? 0 : preset.requestRate)
        requestBurst = settings.addressRequestBurst ?? preset.requestBurst
        guests = settings.guestsPerAddress ?? (isSpared ? 0 : preset.guests)
        guestUnits = settings.guestUnits ?? (isSpared ? 0 : preset.guestUnits)
        units = settings.guestUnitsPerAddress ?? (isSpared ? 0 : preset.units)
    }

    public var requests: Rate {
        Rate(capacity: requestBurst, refill: requestRate, milliseconds: 60_000)
    }

    public var newGuests: Rate { Rate(capacity: guests, refill: guests, milliseconds: 600_000) }
}
