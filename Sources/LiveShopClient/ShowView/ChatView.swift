// The newest messages of the chat.

import WireProtocol

public struct ChatMessageView: Equatable, Sendable {
    public internal(set) var id: String
    public internal(set) var participant: String
    public internal(set) var name: String
    public internal(set) var role: String
    public internal(set) var isGuest: Bool
    public internal(set) var text: String
    /// The message that it answers.
    public internal(set) var replyTo: String?
    /// The product that it is about.
    public internal(set) var product: String?
    /// Milliseconds since 1970.
    public internal(set) var time: Int64?

    init?(_ node: JSONNode, _ document: JSONDocument, time: Int64?) {
        guard let id = document.text("message", of: node) else { return nil }
        self.id = id
        participant = document.text("participant", of: node) ?? ""
        name = document.text("name", of: node) ?? ""
        role = document.text("role", of: node) ?? "viewer"
        isGuest = document.flag("guest", of: node) ?? false
        text = document.text("text", of: node) ?? ""
        replyTo = document.text("reply_to", of: node)
        product = document.text("product", of: node)
        self.time = time
    }
}

public struct ChatView: Equatable, Sendable {
    /// As many as a snapshot has.
    public static let messagesMax = 50

    /// The newest last.
    public internal(set) var messages: [ChatMessageView] = []

    mutating func take(snapshot: JSONNode, _ document: JSONDocument) {
        messages = document.list("chat", of: snapshot).compactMap {
            ChatMessageView($0, document, time: document.time("time", of: $0))
        }
    }

    mutating func take(_ fact: ServerFact, _ document: JSONDocument) {
        switch fact.type {
        case "chat.message":
            let time = fact.time.flatMap(RFC3339.milliseconds)
            // After a resume the server repeats what may be known.
            guard let message = ChatMessageView(fact.data, document, time: time),
                !messages.contains(where: { $0.id == message.id })
            else { return }
            messages.append(message)
            if messages.count > ChatView.messagesMax { messages.removeFirst() }
        case "chat.deleted":
            let id = document.text("message", of: fact.data)
            messages.removeAll { $0.id == id }
        default:
            break
        }
    }
}
