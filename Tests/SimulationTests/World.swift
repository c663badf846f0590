// A simulated world around the real engine and the real client machines: clock, network, disk, people.
// One seed is one run. `run` plays it and throws the first broken promise.

import Inventory
import LiveSession
import LiveShopClient
import WireProtocol

@testable import LiveShopServer

/// What a run does; everything else follows from the seed.
struct RunOptions: Sendable {
    var seed: UInt64
    /// Things that happen until the faults stop, at most.
    var steps = RunOptions.usualSteps
    /// Kinds of faults and requests that do not occur: to see which ones a failure needs.
    var without: Set<String> = []
    var isTraced = false

    static let usualSteps = 1500

    /// Every other seed goes on after its faults, to see that everything comes to its end.
    var hasCalm: Bool { seed.isMultiple(of: 2) }
}

/// What happens at a moment.
enum Happening {
    case serverWakes(life: Int)
    case toServer(ConnectionID, ServerArrival, sentAt: Int64)
    case toClient(ConnectionID, ClientArrival, sentAt: Int64)
    case admitted(ConnectionID, Admission, life: Int)
    case delivered(DeliveryBatch, [AdmissionRequest], life: Int)
    case clientConnects(Int)
    case personActs(Int)
    case fault
    case diskHasSpace
    case diskIsFast
    case serverStops(life: Int)
    case serverStarts
    case tick
}

enum ServerArrival {
    case opened(address: String)
    case message([UInt8])
    case drained
    case closed
}

enum ClientArrival {
    case opened
    case message([UInt8])
    case closed(ConnectionEnding)
}

/// A message as its client numbers it.
struct ClientMessage: Hashable {
    let client: Int
    let id: Int
}

/// One connection, seen from outside.
struct Link {
    let client: Int
    /// The life of the server that it leads to.
    let life: Int
    /// Messages of one direction never overtake each other.
    var serverHearsAt: Int64 = 0
    var clientHearsAt: Int64 = 0
    /// When it was cut: what is sent later never arrives.
    var cutAt: Int64?
    var isOpenAtServer = false
    var isClosedAtClient = false
    /// Rooms it hears broadcasts of, at the server.
    var room: RoomID?
    var tokenEnds: Int64 = .max
}

final class World {
    let options: RunOptions
    var chance: Chance
    var now: Int64 = 1_700_000_000_000
    var agenda = Agenda<Happening>()
    let store: SimulatedStore
    let checker: Checker
    let configuration: EngineConfiguration

    // The server.
    var decider: BatchDecider<SimulatedStore>?
    /// Counts starts, so that what an earlier process planned is forgotten.
    var life = 0
    var inbox: [ServerInput] = []
    var busyUntil: Int64 = 0
    var isDiskSlow = false
    /// Since when the server has run and stored without a break; nil when it does not.
    var worksSince: Int64?

    // The network: every connection there ever was, by its number.
    var links: [Link] = []

    // The people.
    var people: [Person] = []
    var clients: [SimulatedClient] = []
    var sent: [Sent] = []
    var tagOfRequest: [Checker.ConnectionRequest: Int] = [:]
    var tagOfMessage: [ClientMessage: Int] = [:]
    var contents = 0
    var knownSKUs: [String: [String]] = [:]
    var knownProducts: [String: [String]] = [:]
    var tokens: [String: Identity] = [:]
    var products = 0
    var isCalm = false
    var steps = 0
    private var stepsAtOnce = 0
    private(set) var trace: [String] = []

    init(_ options: RunOptions) {
        self.options = options
        chance = Chance(seed: options.seed)
        configuration = World.configuration(&chance)
        store = SimulatedStore(settings: configuration.settings)
        let showIDs = chance.percent(20) ? ["one", "two"] : ["one"]
        var keys: [String: Int] = [:]
        for (place, id) in showIDs.enumerated() {
            keys[id] = place + 1
            store.create(
                ShowHeadline(
                    id: id, title: id, currency: "EUR", epoch: "e\(place)",
                    createdAt: Timestamp(milliseconds: now)), key: place + 1)
        }
        checker = Checker(showKeys: keys, settings: configuration.settings)
        for id in showIDs { invite(to: id) }
    }

    private static func configuration(_ chance: inout Chance) -> EngineConfiguration {
        var settings = ShowSettings()
        settings.stock.holdSeconds = chance.number(1...20)
        settings.flashHoldSeconds = chance.number(1...10)
        settings.stock.offerSeconds = chance.number(1...10)
        settings.stock.paymentSeconds = chance.number(1...20)
        settings.stock.warningSeconds = chance.number(0...5)
        settings.stock.extensionSeconds = chance.number(1...5)
        settings.stock.extensions = chance.number(0...3)
        settings.stock.limitPerBuyer = chance.percent(30) ? chance.number(1...6) : 0
        settings.stock.activeHolds = chance.number(0...6)
        settings.stock.waitlistMax = chance.percent(20) ? chance.number(0...3) : 100
        settings.replaySales = chance.percent(20)
        settings.pins = chance.number(1...3)
        settings.requestRate = chance.percent(20) ? 600 : 0
        settings.addressRequestRate = 0
        settings.guestsPerAddress = 0
        settings.guestUnits = 0
        settings.guestUnitsPerAddress = 0
        var configuration = EngineConfiguration(
            guests: .claim, testPayment: true, settings: settings)
        // Small enough that some resume in several pages and some share a snapshot.
        if chance.percent(50) { configuration.pageBytes = chance.number(1...2000) }
        if chance.percent(50) { configuration.sharedSnapshotBytes = chance.number(0...2000) }
        return configuration
    }

    // MARK: Running

    func run() throws(SimulationFailure) {
        do {
            try start()
            try playTroubled()
            if options.hasCalm { try playCalm() }
            try finalChecks()
        } catch let violation as Violation {
            throw SimulationFailure(
                options: options, steps: steps, what: violation.description, trace: trace)
        } catch {
            throw SimulationFailure(
                options: options, steps: steps, what: "\(error)", trace: trace)
        }
    }

    private func start() throws {
        try startServer()
        for client in clients {
            plan(.clientConnects(client.number), after: chance.milliseconds(0...500))
        }
        for (place, person) in people.enumerated() {
            let delay: Int64 = person.role == .host ? 200 : 3000
            plan(.personActs(place), after: delay + chance.milliseconds(0...1500))
        }
        plan(.fault, after: chance.milliseconds(1000...10_000))
        plan(.tick, after: 250)
    }

    private func playTroubled() throws {
        while steps < options.steps, let next = agenda.next() { try step(next) }
    }

    func step(_ next: (at: Int64, item: Happening)) throws {
        stepsAtOnce = next.at > now ? 0 : stepsAtOnce + 1
        now = max(now, next.at)
        steps += 1
        guard stepsAtOnce < 5000 else {
            throw Violation("something is done again and again at once")
        }
        try happen(next.item)
    }

    private func happen(_ item: Happening) throws {
        switch item {
        case .serverWakes(let life): if life == self.life { try wakeServer() }
        case .toServer(let link, let arrival, let sentAt): hear(link, arrival, sentAt)
        case .toClient(let link, let arrival, let sentAt): try hear(link, arrival, sentAt)
        case .admitted(let link, let admission, let life):
            if life == self.life { receive(.admission(link, admission)) }
        case .delivered(let batch, let admissions, let life):
            if life == self.life {
                deliver(batch)
                authenticate(admissions)
            }
        case .clientConnects(let client): connect(clients[client])
        case .personActs(let person):
            act(people[person])
            if !isCalm { planAction(of: person) }
        case .fault:
            if !isCalm {
                try breakSomething()
                plan(.fault, after: chance.milliseconds(200...10_000))
            }
        case .diskHasSpace: store.isFull = false
        case .diskIsFast: isDiskSlow = false
        case .serverStops(let life):
            if life == self.life { killServer(.closed(code: 1001, reason: "")) }
        case .serverStarts: try startServer()
        case .tick:
            try checkTime()
            plan(.tick, after: 250)
        }
    }

    func plan(_ item: Happening, after delay: Int64) { agenda.plan(item, at: now + delay) }

    private func planAction(of person: Int) {
        plan(.personActs(person), after: chance.milliseconds(20...1500))
    }

    func note(_ line: @autoclosure () -> String) {
        guard options.isTraced else { return }
        trace.append("\(now - 1_700_000_000_000) \(line())")
        if trace.count > 4000 { trace.removeFirst(2000) }
    }

    /// Nothing that has a time lasts longer than a second beyond it, while the server runs.
    private func checkTime() throws {
        guard let since = worksSince else { return }
        for key in checker.shows.keys.sorted() {
            guard let late = checker.shows[key]?.overdue(at: now) else { continue }
            let from = max(late.since, since)
            guard now - from <= 1000 else {
                throw Violation("\(late.what) should have ended \(now - from) ms ago")
            }
        }
        for (place, link) in links.enumerated() where link.isOpenAtServer && link.room != nil {
            let from = max(link.tokenEnds, since)
            guard now <= from || now - from <= 5000 else {
                throw Violation("connection c\(place) outlived its token by \(now - from) ms")
            }
        }
    }
}

/// A run that broke a promise, and how to see it again.
struct SimulationFailure: Error, CustomStringConvertible {
    let options: RunOptions
    let steps: Int
    let what: String
    let trace: [String]

    var command: String {
        var words = ["scripts/simulate --seed \(options.seed)"]
        if options.steps != RunOptions.usualSteps { words.append("--steps \(options.steps)") }
        if !options.without.isEmpty {
            words.append("--without \(options.without.sorted().joined(separator: ","))")
        }
        return words.joined(separator: " ")
    }

    var description: String {
        "seed \(options.seed) after \(steps) steps: \(what)\nrepeat with: \(command)"
    }
}
