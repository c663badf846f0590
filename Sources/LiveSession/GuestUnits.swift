// What guests keep from others: the units that the guests of one address hold, have ordered and not paid,
// are offered or wait for, all together. A guest costs nothing to become, so a limit per person alone
// would bound nobody. Kept as it changes, and counted anew when the show is read.

import Inventory

struct GuestUnits: Sendable {
    private var sums: [AddressKey: Units] = [:]
    /// What of each guest is in the sums.
    private var counted = SparseArray<Units>(repeating: 0)

    func units(at address: AddressKey) -> Units { sums[address] ?? 0 }

    /// Somebody's open units are so many now.
    mutating func note(_ units: Units, of guest: ParticipantID, at address: AddressKey) {
        let before = counted[guest.index]
        guard units != before else { return }
        counted[guest.index] = units
        add(units - before, at: address)
    }

    /// Somebody came from another address than before, with so many open units.
    mutating func move(
        _ guest: ParticipantID, _ units: Units, from old: AddressKey?, to new: AddressKey
    ) {
        if let old { note(0, of: guest, at: old) }
        note(units, of: guest, at: new)
    }

    private mutating func add(_ units: Units, at address: AddressKey) {
        let sum = (sums[address] ?? 0) + units
        sums[address] = sum == 0 ? nil : sum
    }
}

extension Show {
    /// Why a guest may not ask for so many units more, if it is for what guests may have.
    func guestRefusal(of request: ClaimRequest) -> ShowRefusal? {
        guard roster.isGuest(request.participant) else { return nil }
        let address = roster.address(of: request.participant)
        let limits = AddressLimits(settings, at: address ?? .unknown)
        if limits.guestUnits > 0 {
            let left = limits.guestUnits - ledger.openUnits(of: request.participant)
            if request.quantity > left {
                return .guestLimit(limits.guestUnits, remaining: max(0, left), ofAddress: false)
            }
        }
        if let address, limits.units > 0 {
            let left = limits.units - guestUnits.units(at: address)
            if request.quantity > left {
                return .guestLimit(limits.units, remaining: max(0, left), ofAddress: true)
            }
        }
        return nil
    }

    /// Keeps the sums of addresses true after somebody's units may have changed.
    mutating func recountUnits(of participant: ParticipantID) {
        guard let address = roster.address(of: participant) else { return }
        guestUnits.note(ledger.openUnits(of: participant), of: participant, at: address)
    }
}
