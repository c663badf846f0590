// `watch`: a viewer in a terminal. Prints what happens in words, keeps what the viewer has, and sends
// what is typed: commands with a slash, everything else as chat. On a terminal it types and prints at
// the same time and has a status line; through pipes it is plain lines, or one JSON object each.

import Glibc
import Lanes
public import LiveShopClient
import Terminal
import WireProtocol

public final class ViewerConsole {
    public struct Options: Sendable {
        public var language = Language.english
        /// The messages of the server as they are, one per line, instead of words.
        public var isJSON = false

        public init() {}
    }

    public enum Outcome: Equatable, Sendable {
        case done
        /// The connection is gone for good; one line.
        case failed(String)
    }

    private static let turnSeconds = 0.02
    private static let statusMilliseconds: Int64 = 500

    private let connection: LiveShopConnection
    private let options: Options
    private let print: (String) -> Void
    private let session: TerminalSession?
    private let signals: StopSignals?
    /// Without a terminal; nil after the end of the input.
    private var reader: LineReader?
    private var context: ShowContext
    private let shared: Lock<ShowContext>
    private var keys: KeySource
    private var lines: [String] = []
    private var requests: [ConsoleRequest] = []
    private var awaited: (tag: Int, request: ConsoleRequest)?
    private var tags = 0
    private var isConnected = true
    private var isLeaving = false
    private var nextStatus: Int64 = 0

    /// Joins the show; takes the terminal over if there is one.
    /// - Parameters:
    ///   - connection: not joined yet.
    ///   - seed: for the keys of requests; must differ from run to run.
    ///   - print: takes one line when there is no terminal.
    public init(
        _ connection: LiveShopConnection, options: Options, seed: UInt64,
        print: @escaping (String) -> Void
    ) throws(ClientFailure) {
        self.connection = connection
        self.options = options
        self.print = print
        keys = KeySource(seed: seed)
        context = ShowContext(show: connection.identity.show)
        shared = Lock(context)
        let hello = try connection.join()
        guard !options.isJSON, TerminalSession.isPossible else {
            session = nil
            signals = nil
            reader = LineReader(descriptor: STDIN_FILENO, closes: false)
            take(hello: hello)
            return
        }
        signals = StopSignals()
        let shared = shared
        var terminal = TerminalSession.Options(
            prompt: printable(connection.identity.show, limit: 12) + "> "
        ) { before in ViewerConsole.completion(before, shared.withLock { $0 }) }
        terminal.hasColour = TerminalSession.wantsColour
        session = TerminalSession(terminal)
        take(hello: hello)
    }

    /// Why joining failed, in the viewer's language.
    public static func text(_ failure: ClientFailure, in language: Language) -> String {
        // Nothing else is looked for when one joins.
        if case .refused("not_found", _, _) = failure { return language.text(.watchNoShow) }
        let facts = FactText(language: language, view: ShowView())
        return ViewerText(facts: facts, own: OwnThings(), now: 0).failure(failure)
    }

    /// Runs until the viewer leaves or the connection is gone for good.
    public func run() -> Outcome {
        defer {
            session?.finish()
            connection.close()
        }
        greet()
        while !isLeaving {
            do throws(ClientFailure) {
                var item = try connection.next(seconds: ViewerConsole.turnSeconds)
                while let present = item {
                    take(present)
                    item = try connection.next(seconds: 0)
                }
            } catch {
                return .failed(text.failure(error))
            }
            readKeyboard()
            readInput()
            goOn()
            tick()
            switch signals?.take() {
            case nil: break
            // Ctrl-C in the moment in which the terminal was not the editor's.
            case SIGINT: interrupt(true)
            default: isLeaving = true
            }
        }
        return .done
    }

    // MARK: What is typed

    private func readKeyboard() {
        guard let session else { return }
        var events: [TerminalEvent] = []
        _ = session.events.drain(into: &events, waitingUntil: 0)
        for event in events {
            switch event {
            case .line(let line): lines.append(line)
            case .interrupt(let wasEmpty): interrupt(wasEmpty)
            case .end: isLeaving = true
            }
        }
    }

    private func interrupt(_ wasEmpty: Bool) {
        lines = []
        requests = []
        awaited = nil
        if wasEmpty { say("/quit  " + options.language.text(.helpQuit), .dim) }
    }

    /// One line at a time, so that a pipe waits while a request is under way.
    private func readInput() {
        guard awaited == nil, requests.isEmpty, lines.isEmpty else { return }
        switch reader?.next(milliseconds: 0) {
        case .line(let line): lines.append(line)
        // Whoever has nothing to say goes on watching.
        case .end: reader = nil
        case .unreadable, .nothing, nil: break
        }
    }

    private func goOn() {
        while awaited == nil, !isLeaving {
            if !requests.isEmpty {
                send(requests.removeFirst())
            } else if !lines.isEmpty {
                start(lines.removeFirst())
            } else {
                return
            }
        }
    }

    private func start(_ line: String) {
        do throws(ViewerCommand.Refusal) {
            switch try ViewerCommand(line, context.view.own) {
            case .requests(let requests): self.requests = requests
            case .holds: for line in text.belongings() { say(line) }
            case .help: help()
            case .quit: isLeaving = true
            case nil: break
            }
        } catch {
            let text = options.language.text(error.phrase, error.values)
            if options.isJSON { writeJSON(code: "bad_request", text) } else { say(text, .bad) }
        }
    }

    private func help() {
        let width = (ViewerTable.rows.map(\.form.count).max() ?? 0) + 2
        for form in ViewerTable.rows {
            let blanks = String(repeating: " ", count: width - form.form.count)
            say(form.form + blanks + options.language.text(form.about))
        }
        say(String(repeating: " ", count: width) + options.language.text(.helpChat), .dim)
    }

    private func send(_ request: ConsoleRequest) {
        guard isConnected else {
            requests = []
            say(options.language.text(.watchNotConnected), .bad)
            return
        }
        tags += 1
        awaited = (tags, request)
        connection.post(
            request.type, data: request.data(key: keys.next()), isRepeatable: true, tag: tags)
    }

    // MARK: The server

    private func take(_ item: LiveShopConnection.Incoming) {
        switch item {
        case .answered(let tag, let result):
            guard let awaited, awaited.tag == tag else { return }
            self.awaited = nil
            answered(awaited.request, result)
        case .disconnected(let failure):
            guard isConnected else { return }
            isConnected = false
            nextStatus = 0
            tell(.watchDisconnected, ["reason": .text(failure.message)], .bad)
        case .reconnected(let isResumed, let data):
            isConnected = true
            nextStatus = 0
            take(hello: data)
            tell(isResumed ? .watchReconnected : .watchRejoined, [:], .good)
            if !isResumed { greet() }
        case .message(let bytes):
            guard let document = try? JSONDocument(parsing: bytes),
                let message = ServerMessage(document)
            else { return }
            switch message {
            case .event(let fact, let offset): take(fact, offset, document, bytes)
            case .notice(let fact): take(fact, nil, document, bytes)
            case .reply, .error: break
            }
        }
    }

    private func take(hello data: [UInt8]) {
        context.take(hello: data, at: wallMilliseconds())
        if options.isJSON { writeJSON("reply", "data", data) }
    }

    private func take(
        _ fact: ServerFact, _ offset: Int64?, _ document: JSONDocument, _ bytes: [UInt8]
    ) {
        context.take(fact, offset: offset, in: document)
        guard !options.isJSON else { return writeJSON(bytes) }
        guard WatchLevel.all.shows(fact.type) else { return }
        for line in text.facts.lines(fact, document) { say(line, style(of: fact.type)) }
    }

    private func style(of type: String) -> LineStyle {
        switch type.prefix(while: { $0 != "." }) {
        case "chat": .plain
        case "hold", "order", "waitlist": .good
        case "flash", "note", "show": .strong
        case "participant": .bad
        default: type == "product.pinned" ? .strong : .dim
        }
    }

    private func answered(_ request: ConsoleRequest, _ result: Result<[UInt8], ClientFailure>) {
        switch result {
        case .failure(let failure):
            // The rest of a command that was refused in part is tried nevertheless.
            if options.isJSON {
                if case .refused(let code, let message, _) = failure {
                    writeJSON(code: code, message, of: request.type)
                } else {
                    writeJSON(code: "connection", failure.message, of: request.type)
                }
            } else {
                say(text.failure(failure), .bad)
            }
        case .success(let data):
            if options.isJSON { writeJSON("reply", "data", data) }
            let waited = context.view.own.waits
            context.take(reply: data, to: request)
            // The notices say the rest; who waits already hears of nothing new.
            guard request.type == "claim.create", !options.isJSON,
                let document = try? JSONDocument(parsing: data),
                let node = document.member(document.root, "waitlist"),
                let sku = document.text("sku", of: node),
                waited.contains(where: { $0.sku == sku })
            else { return }
            tell(.waitlistJoined, text.facts.values(node, document, at: text.now), .good)
        }
    }

    // MARK: The screen

    private var text: ViewerText {
        let facts = FactText(language: options.language, view: context.view)
        return ViewerText(
            facts: facts, own: context.view.own, now: context.serverTime(at: wallMilliseconds()))
    }

    private func greet() {
        guard !options.isJSON else { return }
        let view = context.view
        let title = view.headline.title.isEmpty ? context.show : view.headline.title
        tell(
            .watchJoined,
            [
                "name": .text(printable(view.own.name, limit: 40)),
                "show": .text(printable(title, limit: 100)),
                "status": .text(options.language.status(view.headline.status)),
            ], .strong)
        for line in text.situation() { say(line, .strong) }
        if !view.own.hasNothing { for line in text.belongings() { say(line, .good) } }
    }

    private func tick() {
        let now = Clock.monotonic()
        guard now >= nextStatus else { return }
        nextStatus = now + ViewerConsole.statusMilliseconds
        context.forgetHolds(at: wallMilliseconds())
        guard let session else { return }
        session.screen.status(text.status(isConnected: isConnected))
        let present = context
        shared.withLock { $0 = present }
    }

    private func tell(_ phrase: Phrase, _ values: [String: TextValue], _ style: LineStyle) {
        if options.isJSON {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("notice", String(phrase.rawValue.drop { $0 != "." }.dropFirst()))
            writer.endObject()
            return writeJSON(writer.bytes)
        }
        say(options.language.text(phrase, values), style)
    }

    private func say(_ line: String, _ style: LineStyle = .plain) {
        if let session { return session.screen.show(line, style) }
        guard options.isJSON else { return print(line) }
        // What is only for reading: help, and what one has.
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "text")
        writer.member("text", line)
        writer.endObject()
        writeJSON(writer.bytes)
    }

    // MARK: JSON

    /// Control characters can only stand inside strings there, and never raw.
    private func writeJSON(_ bytes: [UInt8]) {
        print(printable(String(decoding: bytes, as: UTF8.self), limit: .max))
    }

    private func writeJSON(_ type: String, _ name: StaticString, _ value: [UInt8]) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", type)
        writer.key(name)
        writer.raw(value)
        writer.endObject()
        writeJSON(writer.bytes)
    }

    private func writeJSON(code: String, _ message: String, of type: String? = nil) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("code", code)
        writer.member("message", message)
        if let type { writer.member("request", type) }
        writer.endObject()
        writeJSON("error", "error", writer.bytes)
    }

    // MARK: Completion

    private static func completion(_ before: String, _ context: ShowContext) -> Completion {
        guard before.hasPrefix("/") else { return Completion(replaces: 0, candidates: []) }
        let words = before.split(separator: " ", omittingEmptySubsequences: false)
        let typed = words.last.map(String.init) ?? ""
        let candidates =
            words.count <= 1
            ? ViewerTable.rows.map { "/" + $0.name }
            : context.view.catalogue.productOfSKU.keys.map { printable($0, limit: 64) }
        let fitting = candidates.filter { $0.lowercased().hasPrefix(typed.lowercased()) }
        return Completion(replaces: typed.unicodeScalars.count, candidates: fitting.sorted())
    }
}
