// What one worker has to do when: the steps of the script, of each action the buyer and the time, and of
// those the ones whose buyer belongs to this worker. Pure; a late question gets all that is due.

struct Agenda: Sendable {
    struct Action: Equatable, Sendable {
        /// The step by its place in the script.
        var step: Int
        var buyer: Int
        var due: Int64
    }

    struct Entry: Sendable {
        let step: Script.Step
        let crowd: Crowd
        let schedule: Schedule
        /// The next action that was not handed out.
        fileprivate(set) var next = 0
    }

    private(set) var entries: [Entry]
    private let number: Int
    private let threads: Int

    /// For worker `number` of `threads`, to whom every `threads`-th buyer belongs.
    init(_ script: Script, viewers: Int, beginning: Int64, number: Int, threads: Int) {
        self.number = number
        self.threads = threads
        entries = script.steps.enumerated().map { number, step in
            let crowd = script.crowd(ofStep: number, viewers: viewers)
            return Entry(
                step: step, crowd: crowd,
                schedule: Schedule(step, crowd: crowd, beginning: beginning))
        }
    }

    /// The next action that is due by now.
    mutating func take(now: Int64) -> Action? {
        for index in entries.indices {
            while entries[index].next < entries[index].schedule.count {
                let action = entries[index].next
                let due = entries[index].schedule.due(action)
                guard due <= now else { break }
                entries[index].next += 1
                let buyer = entries[index].crowd[action]
                if buyer % threads == number { return Action(step: index, buyer: buyer, due: due) }
            }
        }
        return nil
    }

    /// When the next action of any worker is due; nil when none is left.
    var nextDue: Int64? {
        entries.lazy.filter { $0.next < $0.schedule.count }
            .map { $0.schedule.due($0.next) }.min()
    }

    /// Whether every action was handed out and every closed loop is over.
    func isThrough(now: Int64) -> Bool {
        entries.allSatisfy { entry in
            guard entry.next >= entry.schedule.count else { return false }
            if case .inFlight = entry.step.pace { return now >= entry.schedule.end }
            return true
        }
    }

    /// Whether a closed loop goes on.
    func goesOn(step: Int, now: Int64) -> Bool {
        entries.indices.contains(step) && now < entries[step].schedule.end
    }
}
