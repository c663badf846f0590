public import Inventory

/// One line of chat as everybody sees it.
public struct ChatMessage: Hashable, Sendable {
    /// 1, 2, 3 … in the show; on the wire `m1`.
    public let number: Int
    public let participant: ParticipantID
    public let subject: String
    public let name: String
    public let role: Role
    public let isGuest: Bool
    public let text: String
    public let replyTo: Int?
    public let product: String?
    public let time: Timestamp

    /// Reads the wire form of a message's number; nil when it cannot be one.
    public static func number(_ text: String) -> Int? {
        guard text.utf8.first == UInt8(ascii: "m"), text.utf8.count <= 18,
            let number = Int(text.dropFirst()), number > 0, text == "m\(number)"
        else { return nil }
        return number
    }
}

/// The newest chat of a show, for the snapshot and for clients that come back.
public struct ChatLog: Sendable {
    public private(set) var lastNumber: Int
    private var recent: [ChatMessage]
    private var deleted: Set<Int> = []

    /// A log that goes on after `lastNumber`.
    public init(lastNumber: Int = 0, recent: [ChatMessage] = []) {
        self.lastNumber = lastNumber
        self.recent = recent
    }

    public mutating func append(_ message: ChatMessage) {
        lastNumber = message.number
        recent.append(message)
        if recent.count >= 2 * ShowLimits.chatReplayMax {
            recent.removeFirst(recent.count - ShowLimits.chatReplayMax)
        }
    }

    /// Whether a message was deleted, or was never there.
    public func isDeleted(_ number: Int) -> Bool { deleted.contains(number) }

    mutating func delete(_ number: Int) {
        deleted.insert(number)
        // The number was given; its row is gone from the store, where numbers are read from.
        lastNumber = max(lastNumber, number)
        recent.removeAll { $0.number == number }
    }

    /// Goes on with the messages of a log that knows them, or newer ones; what this one knows to be
    /// deleted stays so.
    mutating func restore(_ other: ChatLog) {
        if other.recent.last?.number ?? 0 >= recent.last?.number ?? 0 {
            recent = other.recent.filter { !deleted.contains($0.number) }
        }
        lastNumber = max(lastNumber, other.lastNumber)
    }

    public func message(_ number: Int) -> ChatMessage? { recent.last { $0.number == number } }

    /// The newest messages, oldest first.
    public func newest(_ count: Int) -> ArraySlice<ChatMessage> { recent.suffix(count) }

    /// What somebody missed who was away since `time`.
    public func since(_ time: Timestamp) -> ArraySlice<ChatMessage> {
        let kept = recent.suffix(ShowLimits.chatReplayMax)
        return kept[(kept.firstIndex { $0.time > time } ?? kept.endIndex)...]
    }
}

extension ChatMessage {
    /// The row of the store.
    public func write(to writer: inout ByteWriter) {
        writer.write(tag: 1)
        writer.write(number)
        writer.write(participant.index)
        writer.write(subject)
        writer.write(name)
        writer.write(role.rawValue)
        writer.write(isGuest)
        writer.write(text)
        writer.write(replyTo) { $0.write($1) }
        writer.write(product) { $0.write($1) }
        writer.write(time)
    }

    public init(from reader: inout ByteReader) throws(DecodingDefect) {
        guard try reader.readTag() == 1 else { throw reader.defect("unknown chat row") }
        number = try reader.readInt()
        participant = try reader.readParticipant()
        subject = try reader.readString()
        name = try reader.readString()
        guard let role = Role(rawValue: try reader.readString()) else {
            throw reader.defect("unknown role")
        }
        self.role = role
        isGuest = try reader.readBool()
        text = try reader.readString()
        replyTo = try reader.readOptional { reader throws(DecodingDefect) in try reader.readInt() }
        product = try reader.readOptional { reader throws(DecodingDefect) in
            try reader.readString()
        }
        time = try reader.readTimestamp()
    }
}
