// What the engine knows of the addresses that connections come from: what their guests have asked for
// together. An address is known while it has connections and until its buckets are full again, so that
// coming back does not renew them. Sessions name an address by its place here, a small number.

import DequeModule
import Inventory
import LiveSession

struct AddressTable {
    struct Entry {
        let key: AddressKey
        let limits: AddressLimits
        fileprivate(set) var connections = 0
        fileprivate var isIdle = false
        /// What its guests have left of their requests, and of new identities.
        var requests = TokenBucket()
        var newGuests = TokenBucket()
    }

    private let settings: ShowSettings
    private var entries: [Entry] = []
    private var places: [AddressKey: Int] = [:]
    private var free: [Int] = []
    private var idle: Deque<Int> = []

    init(_ settings: ShowSettings) { self.settings = settings }

    var count: Int { places.count }

    subscript(place: Int) -> Entry {
        _read { yield entries[place] }
        _modify { yield &entries[place] }
    }

    /// A connection came from the address. Gives the address's place.
    mutating func enter(_ key: AddressKey) -> Int {
        let place = places[key] ?? add(key)
        entries[place].connections += 1
        return place
    }

    /// A connection of the address is gone.
    mutating func leave(_ place: Int) {
        entries[place].connections -= 1
        guard entries[place].connections == 0, !entries[place].isIdle else { return }
        entries[place].isIdle = true
        idle.append(place)
    }

    /// Forgets some addresses that nobody is connected from. Not within a batch, which may be taken back
    /// and needs its places.
    mutating func forgetSome(at now: Timestamp) {
        for _ in 0..<min(idle.count, forgottenPerBatch) {
            let place = idle.removeFirst()
            if entries[place].connections > 0 {
                entries[place].isIdle = false
            } else if isAsNew(entries[place], at: now) {
                places[entries[place].key] = nil
                free.append(place)
            } else {
                idle.append(place)
            }
        }
    }

    private func isAsNew(_ entry: Entry, at now: Timestamp) -> Bool {
        entry.requests.isFull(entry.limits.requests, at: now)
            && entry.newGuests.isFull(entry.limits.newGuests, at: now)
    }

    private mutating func add(_ key: AddressKey) -> Int {
        let entry = Entry(key: key, limits: AddressLimits(settings, at: key))
        let place: Int
        if let last = free.popLast() {
            place = last
            entries[place] = entry
        } else {
            place = entries.count
            entries.append(entry)
        }
        places[key] = place
        return place
    }
}

/// A batch brings few new addresses; looking at more idle ones than that forgets them all in time.
private let forgottenPerBatch = 64
