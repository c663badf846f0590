// All shows there are, as their rows tell of them: to list shows, or to tell of one that is over, loads none.
// Shows are made and removed while no server runs, so the store is asked once.

import LiveSession

struct ShowDirectory {
    private(set) var listings: [ShowListing] = []
    private var places: [String: Int] = [:]
    private var isRead = false

    /// Asks the store, if that was not done yet.
    mutating func read(_ environment: EngineEnvironment) throws(LoadFailure) {
        if isRead { return }
        listings = try environment.listings()
        for (place, listing) in listings.enumerated() { places[listing.headline.id] = place }
        isRead = true
    }

    func place(of show: String) -> Int? { places[show] }

    /// Keeps what is known of a show that is unloaded, or was just looked at.
    mutating func keep(_ listing: ShowListing) {
        if let place = places[listing.headline.id] { listings[place] = listing }
    }
}
