// The settings of the room, and how many people are in it.

import WireProtocol

/// The value of a setting. Its description is how a host writes it.
public enum RoomSetting: Equatable, Sendable, CustomStringConvertible {
    case number(Int64)
    case flag(Bool)
    case text(String)

    init?(_ node: JSONNode, _ document: JSONDocument) {
        if let number = document.integer(node) {
            self = .number(number)
        } else if let flag = document.bool(node) {
            self = .flag(flag)
        } else if let text = document.string(node) {
            self = .text(text)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .number(let number): String(number)
        case .flag(let flag): flag ? "on" : "off"
        case .text(let text): text
        }
    }
}

public struct RoomView: Equatable, Sendable {
    /// By name.
    public internal(set) var settings: [String: RoomSetting] = [:]
    /// People who watch.
    public internal(set) var viewers: Int64?

    mutating func take(snapshot: JSONNode, _ document: JSONDocument) {
        settings = [:]
        if let room = document.member(snapshot, "room") { take(settings: room, document) }
        viewers = document.integer("viewers", of: snapshot)
    }

    mutating func take(_ fact: ServerFact, _ document: JSONDocument) {
        switch fact.type {
        case "room.configured": take(settings: fact.data, document)
        case "viewers.count": viewers = document.integer("viewers", of: fact.data) ?? viewers
        default: break
        }
    }

    private mutating func take(settings node: JSONNode, _ document: JSONDocument) {
        for (name, value) in document.members(node) {
            guard let name = document.string(name) else { continue }
            settings[name] = RoomSetting(value, document) ?? settings[name]
        }
    }
}
