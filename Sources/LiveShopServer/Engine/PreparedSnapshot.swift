// The public part of a snapshot, prepared for a crowd. A small one is made anew whenever something
// changed. A large one is dear: it is made once a second at most, shared between the connections that
// are sent it, and followed by the events since then.

import Inventory
import LiveSession
import WireProtocol

struct PreparedSnapshot: Sendable {
    let version: Int
    let structureVersion: Int
    /// The last event that it has.
    let offset: Int
    let madeAt: Timestamp
    /// JSON members, without braces.
    let members: [UInt8]
    /// The same as frames that continue a message; empty when it is small and not shared.
    let frames: [UInt8]

    var isShared: Bool { !frames.isEmpty }

    init(of show: Show, sharedAbove: Int, at now: Timestamp) {
        version = show.version
        structureVersion = show.structureVersion
        offset = show.log.lastOffset
        madeAt = now
        members = WireMapping.snapshotMembers(of: show)
        frames =
            members.count > sharedAbove
            ? Frame.continuations(of: members, bytesMax: sharedFrameBytes) : []
    }

    /// Whether it is the state still, or the state of a moment ago that events and notices since then
    /// bring up to date.
    func isGood(for show: Show, at now: Timestamp) -> Bool {
        if version == show.version { return true }
        return isShared && structureVersion == show.structureVersion
            && now.milliseconds - madeAt.milliseconds < snapshotMilliseconds
            && show.log.extent(after: offset) != nil
    }
}

/// A frame that a socket takes in part is copied to its end; so frames are short.
private let sharedFrameBytes = 16_384
/// How long a shared snapshot stands while stock moves.
private let snapshotMilliseconds: Int64 = 1000
/// A snapshot has at most 512 KiB; fifty messages of chat have at most a quarter of them.
let snapshotMembersBytesMax = 384 << 10
