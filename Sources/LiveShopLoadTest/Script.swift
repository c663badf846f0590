// What happens in a run: groups of buyers, and steps that say who does what when. The built-in scenarios
// are scripts made from options (BuiltInScenarios), a scenario file is one that was written down
// (ScenarioFile). Only a description: the worker plays it, Schedule and Crowd say when and who.

public struct Script: Equatable, Sendable {
    /// For the report: the scenario's name or the file's.
    public var name: String
    /// The buyers of the groups come first and in this order; the others belong to no group.
    var groups: [Group] = []
    var steps: [Step] = []
    var length: Length

    /// Whether a step needs a host's token.
    public var needsHost: Bool { steps.contains { $0.who == .host } }

    /// Whether connections are cut on purpose, so that they have to come back.
    var cutsConnections: Bool { steps.contains { $0.deed == .cut } }

    /// How long it is to last, or how long everybody is to stay; nil: until everything was answered.
    var seconds: Double? {
        switch length {
        case .seconds(let seconds): seconds
        case .untilAnswered(let staying): staying > 0 ? staying : nil
        }
    }

    /// When the run is over.
    enum Length: Equatable, Sendable {
        /// This long after everybody is in.
        case seconds(Double)
        /// When everything was done and answered, and then this much later.
        case untilAnswered(staying: Double)
    }

    struct Group: Equatable, Sendable {
        var name: String
        var size: Size
        /// Nil: there before the run begins.
        var arrival: Arrival?

        enum Size: Equatable, Sendable {
            case count(Int)
            /// Of all buyers, 0 … 1.
            case share(Double)
        }
    }

    /// Connections opened evenly over a time, in seconds after the beginning.
    struct Arrival: Equatable, Sendable {
        var at: Double
        var over: Double
    }

    enum Who: Equatable, Sendable {
        case everybody
        /// A group by its place in `groups`.
        case group(Int)
        /// A further connection with the host's token.
        case host
    }

    struct Step: Equatable, Sendable {
        var who = Who.everybody
        /// The part of them who do it, 0 … 1.
        var share = 1.0
        /// Seconds after the beginning.
        var at = 0.0
        var deed: Deed
        var pace: Pace
    }

    enum Pace: Equatable, Sendable {
        /// Each once, evenly over this many seconds; 0: all at the same moment.
        case once(over: Double)
        /// So many a second by all of them together, in turn, whatever the server answers.
        case rate(perSecond: Double, seconds: Double)
        /// Each keeps so many unanswered: the next leaves when an answer comes.
        case inFlight(Int, seconds: Double)
    }

    enum Deed: Equatable, Sendable {
        case claim(ClaimDeed)
        case chat
        case reaction
        case ping
        /// The connection breaks; it comes back at once and resumes.
        case cut
        /// Says goodbye and does not come back.
        case leave
        /// Any request, `data` being a JSON object.
        case request(type: String, data: [UInt8])
    }

    struct ClaimDeed: Equatable, Sendable {
        /// Empty: what is pinned.
        var skus: [String] = []
        /// Waits until one of `skus` (or anything) is pinned, each buyer for himself.
        var waitsForPin = false
        var quantity = 1
        /// How often it is sent with the same key.
        var sends = 1
    }
}

extension Script {
    /// The buyers of each group by index, for a number of buyers; later groups get what is left.
    func ranges(viewers: Int) -> [Range<Int>] {
        var start = 0
        return groups.map { group in
            let wanted =
                switch group.size {
                case .count(let count): count
                case .share(let share): Int((share * Double(viewers)).rounded())
                }
            let end = min(viewers, start + max(0, wanted))
            defer { start = end }
            return start..<end
        }
    }

    /// Those who do a step; the host's index follows the last buyer's.
    func crowd(ofStep number: Int, viewers: Int) -> Crowd {
        let step = steps[number]
        let range =
            switch step.who {
            case .everybody: 0..<viewers
            case .group(let index): ranges(viewers: viewers)[index]
            case .host: viewers..<(viewers + 1)
            }
        return Crowd(range, share: step.share, rotation: number * 7919)
    }

    /// How many are in before the run begins, the host among them.
    func countAtStart(viewers: Int) -> Int {
        let late = zip(groups, ranges(viewers: viewers)).reduce(0) { total, pair in
            pair.0.arrival == nil ? total : total + pair.1.count
        }
        return viewers - late + (needsHost ? 1 : 0)
    }

    /// When a buyer arrives, in seconds after the beginning; nil: before it.
    func arrival(of buyer: Int, _ ranges: [Range<Int>]) -> Double? {
        for (group, range) in zip(groups, ranges) where range.contains(buyer) {
            return group.arrival.map { arrival in
                arrival.at + arrival.over * Double(buyer - range.lowerBound) / Double(range.count)
            }
        }
        return nil
    }
}
