// The host's console without a terminal: verbs from a file or a pipe, one after another, each echoed
// with its reply. Stops at the first error unless told to go on. Knows the connection and the verbs;
// where lines come from and go to is the caller's.

public import LiveShopClient
import WireProtocol

public struct ConsoleScript {
    public struct Options: Sendable {
        public var keepGoing = false
        /// One JSON object per verb instead of text.
        public var isJSON = false
        /// Nothing that changes something is sent, and nothing waited for: what would be is told.
        public var isDryRun = false

        public init() {}
    }

    public enum Outcome: Equatable, Sendable {
        case done
        /// One line: the place, the verb, the reason.
        case failed(String)
    }

    private let connection: LiveShopConnection
    private let options: Options
    private let print: (String) -> Void
    private var context: ShowContext
    private var keys: KeySource
    private var level = WatchLevel.off
    /// Files that run each other.
    private var filesOpen = 0
    private static let filesOpenMax = 5
    private var isConnected = true
    private var seen = SeenFacts()

    /// - Parameters:
    ///   - connection: not joined yet.
    ///   - seed: for the keys of requests; must differ from run to run.
    ///   - print: takes one line, free of control characters.
    public init(
        _ connection: LiveShopConnection, options: Options, seed: UInt64,
        print: @escaping (String) -> Void
    ) {
        self.connection = connection
        self.options = options
        self.print = print
        keys = KeySource(seed: seed)
        context = ShowContext(show: connection.identity.show)
    }

    /// Joins, carries out the lines until their end or `quit`, and leaves.
    public mutating func run(_ lines: consuming LineReader) -> Outcome {
        do throws(ClientFailure) {
            context.take(hello: try connection.join(), at: wallMilliseconds())
        } catch {
            return .failed(error.message)
        }
        defer { connection.close() }
        if !options.isJSON { print(context.line) }
        var failures: [String] = []
        var number = 0
        while true {
            switch lines.next(milliseconds: 50) {
            case .end:
                return outcome(failures)
            case .nothing:
                if let failure = serve(seconds: 0) { return .failed(failure.message) }
                continue
            case .unreadable:
                number += 1
                failures.append("line \(number) is not UTF-8, or longer than a line may be")
            case .line(let line):
                number += 1
                guard let reason = carryOut(line) else { continue }
                if reason.isEmpty { return outcome(failures) }
                failures.append("line \(number): \(reason)")
            }
            if !options.keepGoing { return outcome(failures) }
        }
    }

    private func outcome(_ failures: [String]) -> Outcome {
        guard let first = failures.first else { return .done }
        return .failed(
            failures.count == 1 ? first : "\(failures.count) verbs failed, the first in \(first)")
    }

    /// Nil when it went well, an empty text for `quit`.
    private mutating func carryOut(_ line: String) -> String? {
        let shown = printable(trimmed(line), limit: 500)
        let verb: Verb?
        do throws(VerbError) {
            verb = try VerbParser.parse(line, in: context)
        } catch {
            report(shown, code: "bad_request", error.message)
            return error.message
        }
        do throws(ClientFailure) {
            switch verb?.deed {
            case nil:
                return nil
            case .quit:
                return ""
            case .help(let name):
                for line in VerbTable.help(name) where !options.isJSON { print(line) }
            case .wait(let seconds):
                if !options.isDryRun { try wait(seconds) }
                report(shown, reply: Array("{}".utf8))
            case .waitFor where options.isDryRun:
                report(shown, reply: Array("{}".utf8))
            case .waitFor(let awaited):
                report(shown, reply: try wait(for: awaited))
            case .request(let request):
                var page: ConsoleRequest? = request
                while let asked = page {
                    let reply = try send(asked)
                    // What came before the reply, a broken connection for one, is told before it.
                    let failure = serve(seconds: 0)
                    report(shown, reply: reply)
                    if let failure { throw failure }
                    page = asked.following(reply)
                }
            case .setStock(let sku, let onHand, let expected):
                report(shown, reply: try setStock(sku, onHand, expected))
            case .measure(let measure):
                return try carryOut(measure, shown)
            case .room:
                report(shown, reply: Array("{}".utf8))
                for line in context.roomLines where !options.isJSON { print("  " + line) }
            case .watch(let level):
                self.level = level
                report(shown, reply: Array("{}".utf8))
            case .run(let path):
                return run(file: path, shown)
            }
            return nil
        } catch {
            if case .refused(let code, let message, _) = error {
                report(shown, code: code, message)
            } else {
                report(shown, code: "connection", error.message)
            }
            return "\(shown): \(error.message)"
        }
    }

    private mutating func send(_ request: ConsoleRequest) throws(ClientFailure) -> [UInt8] {
        if options.isDryRun, request.changes {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("dry_run", request.preview)
            writer.endObject()
            return writer.bytes
        }
        let data = request.data(key: keys.next())
        let reply = try connection.request(request.type, data: data, isRepeatable: true)
        context.take(reply: reply, to: request)
        return reply
    }

    /// The list of viewers comes first: two people may bear the same name. Those who may not see it
    /// name people by id, or as they know them from the chat.
    private mutating func carryOut(
        _ measure: Measure, _ shown: String
    ) throws(ClientFailure) -> String? {
        do throws(ClientFailure) {
            var request: ConsoleRequest? = .everybody
            while let page = request { request = page.following(try send(page)) }
        } catch {
            guard case .refused = error else { throw error }
        }
        let participant: String
        do throws(VerbError) {
            participant = try context.participant(measure.who)
        } catch {
            report(shown, code: "bad_request", error.message)
            return error.message
        }
        var run = MeasureRun(measure, participant: participant)
        while let request = run.next() {
            let result: Result<[UInt8], ClientFailure>
            do throws(ClientFailure) {
                result = .success(try send(request))
            } catch {
                result = .failure(error)
            }
            if let failure = run.take(result) { throw failure }
        }
        if let reply = run.reply { report(shown, reply: reply) }
        return nil
    }

    /// Carries out a file's verbs up to the first error.
    private mutating func run(file path: String, _ shown: String) -> String? {
        let texts: [String]
        do throws(VerbError) {
            guard filesOpen < ConsoleScript.filesOpenMax else {
                throw VerbError(message: "files run each other without end")
            }
            texts = try VerbFile.lines(path)
        } catch {
            report(shown, code: "bad_request", error.message)
            return error.message
        }
        filesOpen += 1
        defer { filesOpen -= 1 }
        for (index, text) in texts.enumerated() {
            guard let reason = carryOut(text) else { continue }
            return reason.isEmpty
                ? "" : "\(printable(path, limit: 200)) line \(index + 1): \(reason)"
        }
        return nil
    }

    /// When the units on hand are not known yet, a refused first attempt tells them. When they are,
    /// a refusal stands: somebody else has changed them since.
    private mutating func setStock(
        _ sku: String, _ onHand: Int64, _ expected: Int64?
    ) throws(ClientFailure) -> [UInt8] {
        let first = ConsoleRequest.setStock(sku, onHand: onHand, expected: expected ?? onHand)
        do throws(ClientFailure) {
            return try send(first)
        } catch {
            guard expected == nil, case .refused("stock_changed", _, let numbers) = error,
                let present = numbers["on_hand"]
            else { throw error }
            return try send(.setStock(sku, onHand: onHand, expected: present))
        }
    }

    // MARK: Waiting

    private mutating func wait(_ seconds: Double) throws(ClientFailure) {
        let end = monotonicNanoseconds() + Int64(seconds * 1e9)
        while true {
            let left = Double(end - monotonicNanoseconds()) / 1e9
            guard left > 0 else { return }
            if let item = try connection.next(seconds: left) { take(item) }
        }
    }

    /// Returns what came, as `{"type":…,"data":…}`.
    private mutating func wait(for awaited: AwaitedFact) throws(ClientFailure) -> [UInt8] {
        let end = monotonicNanoseconds() + Int64(awaited.seconds * 1e9)
        while true {
            if let fact = seen.take(awaited) {
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("type", fact.type)
                if let sku = fact.sku { writer.member("sku", sku) }
                writer.endObject()
                return writer.bytes
            }
            let left = Double(end - monotonicNanoseconds()) / 1e9
            guard left > 0 else { throw .timedOut(what: awaited.type) }
            if let item = try connection.next(seconds: left) { take(item) }
        }
    }

    /// Takes what has arrived; a failure means that the connection is gone for good.
    private mutating func serve(seconds: Double) -> ClientFailure? {
        do throws(ClientFailure) {
            while let item = try connection.next(seconds: seconds) { take(item) }
            return nil
        } catch {
            return error
        }
    }

    private mutating func take(_ item: LiveShopConnection.Incoming) {
        switch item {
        case .disconnected(let failure):
            // Said once, not for every attempt to come back.
            if isConnected { note("disconnected", failure.message) }
            isConnected = false
        case .reconnected(let isResumed, let data):
            context.take(hello: data, at: wallMilliseconds())
            isConnected = true
            note("reconnected", isResumed ? "nothing was missed" : "everything was read anew")
        case .message(let bytes):
            guard let document = try? JSONDocument(parsing: bytes),
                let message = ServerMessage(document)
            else { return }
            switch message {
            case .event(let fact, let offset): take(fact, offset, document)
            case .notice(let fact): take(fact, nil, document)
            case .reply, .error:
                break
            }
        case .answered:
            // Nothing is posted here without waiting for its answer.
            break
        }
    }

    private mutating func take(_ fact: ServerFact, _ offset: Int64?, _ document: JSONDocument) {
        context.take(fact, offset: offset, in: document)
        seen.add(fact, document)
        guard level.shows(fact.type), !options.isJSON else { return }
        let texts = FactText(language: .english, view: context.view)
        for line in texts.lines(fact, document) { print("* " + line) }
    }

    // MARK: Telling

    private func note(_ what: String, _ detail: String) {
        guard options.isJSON else {
            print("-- \(what): \(printable(detail, limit: 300))")
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("notice", what)
        writer.member("detail", printable(detail, limit: 300))
        writer.endObject()
        print(String(decoding: writer.bytes, as: UTF8.self))
    }

    private func report(_ verb: String, reply: [UInt8]) {
        guard options.isJSON else {
            print("> \(verb)")
            let lines = ReplyText(currency: context.view.headline.currency).lines(reply)
            print("  " + (["ok"] + lines.prefix(1)).joined(separator: " "))
            for line in lines.dropFirst() { print("  " + line) }
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("verb", verb)
        writer.member("ok", true)
        writer.key("reply")
        writer.raw(reply)
        writer.endObject()
        // Control characters can only stand inside strings there, and not raw on a terminal.
        print(printable(String(decoding: writer.bytes, as: UTF8.self), limit: .max))
    }

    private func report(_ verb: String, code: String, _ message: String) {
        guard options.isJSON else {
            print("> \(verb)")
            print("  error \(printable(code, limit: 40)): \(printable(message, limit: 500))")
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("verb", verb)
        writer.member("ok", false)
        writer.key("error")
        writer.beginObject()
        writer.member("code", code)
        writer.member("message", printable(message, limit: 500))
        writer.endObject()
        writer.endObject()
        print(String(decoding: writer.bytes, as: UTF8.self))
    }

    private func trimmed(_ line: String) -> String {
        let start = line.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
