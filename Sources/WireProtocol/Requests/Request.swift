// From the bytes of a message to requests. The server's sequencer calls it for every message; what comes
// out keeps the order of the checks that clients rely on: parse, joined, role, known key, show status, and
// only then arguments, which is why the body is a result. Never throws, never traps.

/// A request whose envelope is in order.
public struct Request: Hashable, Sendable {
    /// Nil: carried out or refused in silence.
    public var id: RequestID?
    public var type: RequestType
    /// The idempotency key, 1…128 characters; nil when none, or none of the right form, was given.
    public var key: String?
    /// The arguments, or the first one that is wrong; paths begin with `data`.
    public var body: Result<RequestBody, FieldError>

    public init(
        id: RequestID? = nil, type: RequestType, key: String? = nil,
        body: Result<RequestBody, FieldError>
    ) {
        self.id = id
        self.type = type
        self.key = key
        self.body = body
    }
}

/// Decodes messages one after the other with memory that is reused.
public struct RequestDecoder: Sendable {
    private var document = JSONDocument()
    private var claims = ClaimTemplates()
    /// The newest type and its name: mostly it is asked for again.
    private var lastType: (name: String, type: RequestType) = ("ping", .ping)

    public init() {}

    /// Gives each object of a message, in order, to `receive`; at least one call is made. The bytes are
    /// `range` of the array.
    public mutating func decodeMessage(
        _ bytes: [UInt8], in range: Range<Int>,
        _ receive: (Result<Request, RequestError>) -> Void
    ) {
        var isEmpty = true
        for line in MessageSplitter(bytes, in: range) {
            isEmpty = false
            receive(decode(bytes, in: line))
        }
        if isEmpty { receive(.failure(RequestError(.badJSON, "empty message"))) }
    }

    /// One object.
    public mutating func decode(
        _ bytes: [UInt8], in range: Range<Int>
    ) -> Result<Request, RequestError> {
        let range = range.clamped(to: 0..<bytes.count)
        if let claim = claims.request(in: bytes, range) { return .success(claim) }
        // The bytes belong to the caller, who may go on filling them without copying.
        defer { document.removeAll() }
        do throws(JSONError) {
            try document.parse(bytes, in: range)
        } catch {
            return .failure(RequestError(.badJSON, error.description))
        }
        do throws(RequestError) {
            let request = try request()
            claims.note(request, in: document)
            return .success(request)
        } catch {
            return .failure(error)
        }
    }

    private mutating func request() throws(RequestError) -> Request {
        let root = document.root
        guard document.kind(root) == .object else {
            throw RequestError(.badRequest, "a request must be an object")
        }
        var id: RequestID?
        if let node = document.member(root, "id") {
            id = RequestID(node, in: document)
            if id == nil {
                let error = document.error(
                    "id", "must be an integer from 1 to 9007199254740991 or 1 to 64 characters",
                    node)
                throw RequestError(.badRequest, error.message)
            }
        }
        guard let node = document.member(root, "type"), let name = document.string(node) else {
            throw RequestError(.badRequest, "type: must be a string")
        }
        guard let type = type(named: name) else {
            throw RequestError(
                .unknownType, "unknown type \"\(ClientText.quotable(name))\"", id: id,
                isSilent: id == nil)
        }
        var key: String?
        let body: Result<RequestBody, FieldError>
        do throws(FieldError) {
            body = .success(try self.body(type, &key))
        } catch {
            body = .failure(error.within("data"))
        }
        return Request(id: id, type: type, key: key, body: body)
    }

    private mutating func type(named name: String) -> RequestType? {
        // Names of types are plain and short; hashing and comparing others is not cheap.
        guard name.utf8.count <= WireLimits.typeBytesMax else { return nil }
        if name == lastType.name { return lastType.type }
        guard let type = RequestType.named(name) else { return nil }
        lastType = (name, type)
        return type
    }

    private func body(
        _ type: RequestType, _ key: inout String?
    ) throws(FieldError) -> RequestBody {
        let member = document.member(document.root, "data")
        if let member, document.kind(member) != .object {
            throw document.error("", "must be an object", member)
        }
        let data = member ?? .none
        key = try document.identifier(in: data, "key", WireLimits.keyCharacters)
        let body = try RequestBody(type, data, in: document)
        if type.keyIsRequired, body != .unsupported { _ = try document.require(key, data, "key") }
        return body
    }
}
