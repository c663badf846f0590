// A client that says exactly what a test tells it to and keeps all that comes: the project's own loop
// below, no cleverness above. It checks what every client may rely on: whole objects, no gap in the
// offsets. Waiting ends with what was waited for, with the connection, or after a generous time.

import LiveShopClient
import Testing
import WireProtocol

final class Client: ClientLoopOwner {
    /// The server answered a request with an error.
    struct Refused: Error, CustomStringConvertible {
        let code: String
        let message: String
        let error: Message
        var description: String { "\(code): \(message)" }
    }

    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    private static let patience = Duration.seconds(30)

    private let loop: ClientLoop
    private var isOpen = false
    private(set) var ending: ConnectionEnding?
    /// What came and was not taken yet.
    private var inbox: [Message] = []
    /// Every event since joining, as it came.
    private(set) var events: [Message] = []
    private(set) var epoch: String?
    private(set) var offset: Int?
    private(set) var token: String?
    /// The reply to the last hello.
    private(set) var hello: Message?
    private(set) var gaps: [String] = []
    private var lastID = 0

    init(port: Int, seed: UInt64 = 1) throws {
        let address = ServerAddress(host: "127.0.0.1", port: UInt16(port))
        loop = try ClientLoop(
            try Endpoint.reachable(address, seconds: 10), authority: address.authority, seed: seed)
        try connect()
    }

    func connect() throws {
        isOpen = false
        ending = nil
        inbox = []
        loop.connect(0)
        try wait("an open connection") { self.isOpen }
    }

    // MARK: Saying

    /// Joins, as who the client is and where it was, unless told otherwise.
    @discardableResult
    func join(
        _ show: String = "spring", name: String? = nil, token: String? = nil,
        resume: (epoch: String, offset: Int)? = nil
    ) throws -> Message {
        var json = JSONWriter()
        json.beginObject()
        json.member("show", show)
        if let token = token ?? self.token {
            json.member("token", token)
        } else {
            json.member("name", name ?? "Ana")
        }
        if let place = resume ?? position {
            json.key("resume")
            json.beginObject()
            json.member("epoch", place.epoch)
            json.member("offset", place.offset)
            json.endObject()
        }
        json.endObject()
        let reply = try request("hello", String(decoding: json.bytes, as: UTF8.self))
        return reply
    }

    var position: (epoch: String, offset: Int)? {
        guard let epoch, let offset else { return nil }
        return (epoch, offset)
    }

    /// Sends a request and returns its id.
    @discardableResult
    func send(_ type: String, _ data: String = "{}") -> Int {
        lastID += 1
        say(#"{"id":\#(lastID),"type":"\#(type)","data":\#(data)}"#)
        return lastID
    }

    func say(_ text: String) { loop.send(Array(text.utf8).span, on: 0) }

    /// Sends a request and waits for the reply.
    @discardableResult
    func request(_ type: String, _ data: String = "{}") throws -> Message {
        try answer(to: send(type, data), type)
    }

    func answer(to id: Int, _ what: String = "request") throws -> Message {
        let answer = try next("the answer to \(what)") { $0.isAnswer && $0.id == id }
        guard answer.type == "reply" else {
            throw Refused(
                code: answer["error.code"].text ?? "", message: answer["error.message"].text ?? "",
                error: answer)
        }
        return answer
    }

    /// The code with which a request is refused.
    func refusal(
        of type: String, _ data: String = "{}", sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Refused? {
        do {
            let reply = try request(type, data)
            Issue.record("\(type) was not refused: \(reply)", sourceLocation: sourceLocation)
            return nil
        } catch let refused as Refused {
            return refused
        }
    }

    func claim(_ sku: String, _ key: String, _ more: String = "") throws -> Message {
        try request("claim.create", #"{"sku":"\#(sku)","key":"\#(key)"\#(more)}"#)
    }

    // MARK: Hearing

    /// Takes the first message that fits; others wait for their turn.
    func next(_ what: String, where fits: (Message) -> Bool) throws -> Message {
        var found: Int?
        try wait(what) {
            found = self.inbox.firstIndex(where: fits)
            return found != nil
        }
        guard let found else { throw TimedOut(description: "no \(what)") }
        return inbox.remove(at: found)
    }

    /// The next event or notice of a type.
    func next(_ type: String) throws -> Message { try next(type) { $0.type == type } }

    /// Waits until the event with this offset was seen.
    func see(_ offset: Int) throws {
        try wait("event \(offset)") { self.offset ?? 0 >= offset }
    }

    /// Waits for the end of the connection; its close code, 1006 without one.
    func closeCode() throws -> Int {
        let end = ContinuousClock.now + Self.patience
        while ending == nil {
            guard ContinuousClock.now < end else { throw TimedOut(description: "not closed") }
            loop.turn(milliseconds: 20, self)
        }
        return Int(ending?.code ?? 0)
    }

    /// Breaks the connection without a close frame.
    func cut() {
        loop.cut(0)
        loop.turn(milliseconds: 0, self)
    }

    /// Messages of a type that came and were not taken.
    func waiting(_ type: String) -> [Message] { inbox.filter { $0.type == type } }

    private func wait(_ what: String, until isDone: () -> Bool) throws {
        let end = ContinuousClock.now + Self.patience
        while !isDone() {
            if let ending {
                throw TimedOut(description: "the connection ended (\(ending)) before \(what)")
            }
            guard ContinuousClock.now < end else {
                throw TimedOut(description: "no \(what); there are \(inbox.map(\.text))")
            }
            loop.turn(milliseconds: 20, self)
        }
    }

    // MARK: ClientLoopOwner

    func opened(_ slot: Int, in loop: ClientLoop) { isOpen = true }

    func ended(_ slot: Int, _ ending: ConnectionEnding, in loop: ClientLoop) {
        self.ending = ending
    }

    func received(_ message: Span<UInt8>, on slot: Int, in loop: ClientLoop) {
        forEachObject(in: message) { object in
            guard let message = Message(Array(object)) else {
                gaps.append("not JSON: \(String(decoding: Array(object), as: UTF8.self))")
                return
            }
            note(message)
            inbox.append(message)
        }
    }

    private func note(_ message: Message) {
        if message.type == "reply", message["data.protocol"].exists {
            hello = message
            if message["data.resumed"].bool == false { offset = message["data.offset"].number }
            epoch = message["data.epoch"].text
            token = message["data.you.token"].text ?? token
        }
        guard let next = message.offset else { return }
        if next != (offset ?? 0) + 1 { gaps.append("event \(next) after \(offset ?? 0)") }
        offset = next
        events.append(message)
    }
}
