// The part of a show's audience that is on one loop: members, their common frame log, and how far the
// present sweep has come. A sweep visits each member once and gives it all it is behind by.

internal import WireProtocol

final class Room {
    let id: RoomID
    let log = FrameLog()
    private(set) var members: [Connection] = []

    /// The next member to visit; nil between sweeps.
    var position: Int?
    /// The log's end when the sweep began: after it everybody has at least that.
    private(set) var sweepEnd = 0
    /// When the last sweep began, in monotonic microseconds.
    private(set) var lastStart: Int64 = 0
    /// Smallest cursor of members that were visited, took what they got, and are to get more.
    var unfinished = Int.max
    /// What waits for the next sweep, and since when.
    private(set) var wanted: Urgency?
    private var wantedSince: Int64 = 0
    /// Members that heard the room along with an answer of their own since the last sweep began.
    private var riders = 0
    /// How long what may ride along waits for an answer to ride with.
    private var patience: Int64 = 0
    /// Whether the loop has it among the rooms with work.
    var isScheduled = false

    /// The frames between two offsets, counted last; most members are behind by the same ones.
    private var countedRange = 0..<0
    private var countedFrames = 0

    init(id: RoomID) { self.id = id }

    func add(_ connection: Connection) {
        connection.room = self
        connection.memberIndex = members.count
        connection.cursor = log.end
        members.append(connection)
    }

    /// Takes a member out, without a running sweep missing or visiting twice any other.
    func remove(_ connection: Connection) {
        var hole = connection.memberIndex
        if let position, hole < position {
            move(from: position - 1, to: hole)
            hole = position - 1
            self.position = position - 1
        }
        move(from: members.count - 1, to: hole)
        members.removeLast()
        connection.room = nil
    }

    private func move(from source: Int, to target: Int) {
        guard source != target else { return }
        members[target] = members[source]
        members[target].memberIndex = target
    }

    func want(_ urgency: Urgency) {
        if wanted == nil { wantedSince = monotonicMicroseconds() }
        if wanted != .prompt { wanted = urgency }
    }

    /// A member heard the room along with an answer.
    func noteRider() { riders += 1 }

    /// The earliest start of the next sweep in monotonic microseconds. The pause grows with the room,
    /// so that big rooms batch and small ones are instant.
    func due(for urgency: Urgency) -> Int64 {
        switch urgency {
        case .prompt: lastStart + pause(TransportLimits.promptMicrosecondsPerMember)
        case .relaxed:
            max(
                lastStart + pause(TransportLimits.relaxedMicrosecondsPerMember),
                wantedSince + patience)
        }
    }

    private func pause(_ perMember: Int64) -> Int64 {
        min(Int64(members.count) * perMember, TransportLimits.sweepIntervalMicrosecondsMax)
    }

    func beginSweep(at now: Int64) {
        // In a rush of requests nearly everybody is answered within moments and hears the room for
        // nothing; it is worth waiting for as long as many do.
        patience =
            riders * TransportLimits.ridersPerMember > members.count
            ? min(patience + TransportLimits.patienceStep, TransportLimits.patienceMax)
            : patience / 2
        riders = 0
        position = 0
        sweepEnd = log.end
        lastStart = now
        unfinished = .max
        wanted = nil
    }

    /// The number of frames a member got that went from one offset to another.
    func frames(from start: Int, to end: Int) -> Int {
        if countedRange != start..<end {
            let bytes = log.bytes(from: start)
            countedFrames = FrameWalk.count(
                UnsafeRawBufferPointer(rebasing: bytes[..<(end - start)]))
            countedRange = start..<end
        }
        return countedFrames
    }
}
