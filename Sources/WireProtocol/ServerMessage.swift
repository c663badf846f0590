// What a client receives, told apart by `type`. Used by LiveShopClient for every object of every message;
// `data` stays a node of the document, since each caller wants something else from it.

public enum ServerMessage: Sendable {
    /// The answer to a request, `{"type":"reply","id":7,"data":{...}}`.
    case reply(id: RequestID, data: JSONNode)
    /// A refusal; without `id` when the server could not tell which request it was.
    case error(id: RequestID?, ServerError)
    /// Public and durable; offsets are 1, 2, 3 … per show.
    case event(ServerFact, offset: Int64)
    /// Everything without an offset.
    case notice(ServerFact)

    /// Nil when the document is no message of this protocol. Types that are not known are let through.
    public init?(_ document: JSONDocument) {
        let root = document.root
        guard let node = document.member(root, "type"), let type = document.string(node) else {
            return nil
        }
        let id = document.member(root, "id").flatMap { RequestID($0, in: document) }
        switch type {
        case "reply":
            guard let id else { return nil }
            self = .reply(id: id, data: document.member(root, "data") ?? .none)
        case "error":
            guard let node = document.member(root, "error"),
                let error = ServerError(node, in: document)
            else { return nil }
            self = .error(id: id, error)
        default:
            let fact = ServerFact(type: type, in: document)
            guard let node = document.member(root, "offset") else {
                self = .notice(fact)
                return
            }
            guard let offset = document.integer(node), offset > 0 else { return nil }
            self = .event(fact, offset: offset)
        }
    }
}

/// The `error` object of a refusal.
public struct ServerError: Error, Hashable, Sendable {
    /// As it was written; a newer server may know codes that `ErrorCode` does not.
    public var code: String
    public var message: String
    public var retryable: Bool
    public var retryAfterMilliseconds: Int64

    public var knownCode: ErrorCode? { ErrorCode(rawValue: code) }

    public init(
        code: String, message: String, retryable: Bool = false, retryAfterMilliseconds: Int64 = 0
    ) {
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    init?(_ node: JSONNode, in document: JSONDocument) {
        guard let code = document.member(node, "code").flatMap(document.string) else { return nil }
        self.init(
            code: code, message: document.member(node, "message").flatMap(document.string) ?? "",
            retryable: document.member(node, "retryable").flatMap(document.bool) ?? false,
            retryAfterMilliseconds: document.member(node, "retry_after_ms")
                .flatMap(document.integer) ?? 0)
    }
}

/// An event or a notice.
public struct ServerFact: Sendable {
    public var type: String
    public var show: String?
    /// RFC 3339 as written; `RFC3339.milliseconds` reads it.
    public var time: String?
    /// An object; a node without members when there is none.
    public var data: JSONNode

    init(type: String, in document: JSONDocument) {
        self.type = type
        show = document.member(document.root, "show").flatMap(document.string)
        time = document.member(document.root, "time").flatMap(document.string)
        data = document.member(document.root, "data") ?? .none
    }
}
