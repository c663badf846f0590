// The host's console on a terminal: carries out typed verbs one after another, prints what happens
// meanwhile, keeps the status line, and comes back after a broken connection. Everything here is one
// thread's; the terminal has its own and is spoken to through TerminalSession.

import Glibc
import Lanes
public import LiveShopClient
import Terminal
import WireProtocol

public final class HostConsole {
    public struct Options: Sendable {
        /// Dangerous verbs are carried out without asking.
        public var saysYes = false
        /// Nothing that changes something is sent; the console says what would be.
        public var isDryRun = false
        /// Where typed lines are kept between sessions; nil keeps none.
        public var historyFile: String?

        public init() {}
    }

    public enum Outcome: Equatable, Sendable {
        case done
        /// The connection is gone for good, or never came; one line.
        case failed(String)
    }

    /// What the console is in the middle of; typed lines wait until it is over.
    private enum Activity {
        case idle
        case asking(Verb)
        case awaiting(tag: Int, Purpose)
        case waiting(until: Int64)
        case waitingFor(AwaitedFact, until: Int64)
    }

    /// What the answer to a request is for.
    private enum Purpose {
        case reply(ConsoleRequest)
        /// The first attempt to set stock, made without knowing what is there.
        case stock(sku: String, onHand: Int64)
        /// The list in which a name is looked for.
        case names(Measure, ConsoleRequest)
        case measure(MeasureRun)
    }

    private struct Line {
        var text: String
        /// Of a file: it is echoed, and an error stops the rest.
        var isFromFile = false
    }

    private static let turnSeconds = 0.02
    private static let statusMilliseconds: Int64 = 500

    private let connection: LiveShopConnection
    private let options: Options
    private let session: TerminalSession
    private let signals: StopSignals
    private let completionContext: Lock<ShowContext>
    private var context: ShowContext
    private var keys: KeySource
    private var activity = Activity.idle
    private var lines: [Line] = []
    private var isInFile = false
    private var seen = SeenFacts()
    private var level = WatchLevel.all
    private var isConnected = true
    private var isLeaving = false
    private var tags = 0
    private var nextStatus: Int64 = 0

    /// Joins the show and takes the terminal over.
    /// - Parameters:
    ///   - connection: not joined yet.
    ///   - seed: for the keys of requests; must differ from run to run.
    public init(
        _ connection: LiveShopConnection, options: Options, seed: UInt64
    ) throws(ClientFailure) {
        self.connection = connection
        self.options = options
        keys = KeySource(seed: seed)
        var context = ShowContext(show: connection.identity.show)
        context.take(hello: try connection.join(), at: wallMilliseconds())
        self.context = context
        signals = StopSignals()
        let shared = Lock(context)
        completionContext = shared
        var terminal = TerminalSession.Options(
            prompt: HostConsole.prompt(context), historyFile: options.historyFile
        ) { before in HostCompletion.of(before, in: shared.withLock { $0 }) }
        terminal.hasColour = TerminalSession.wantsColour
        session = TerminalSession(terminal)
    }

    /// Whether there is a terminal to run on: standard input and output both are one.
    public static var isPossible: Bool { TerminalSession.isPossible }

    private static func prompt(_ context: ShowContext) -> String {
        printable(context.show, limit: 12) + "> "
    }

    /// Runs until the host leaves. The terminal is given back before it returns.
    public func run() -> Outcome {
        say(context.line, .strong)
        say("help lists the verbs, Tab completes, Ctrl-D leaves; the show goes on", .dim)
        defer {
            session.finish()
            connection.close()
        }
        var events: [TerminalEvent] = []
        while !isLeaving {
            do throws(ClientFailure) {
                var item = try connection.next(seconds: HostConsole.turnSeconds)
                while let present = item {
                    take(present)
                    item = try connection.next(seconds: 0)
                }
            } catch {
                return .failed(error.message)
            }
            _ = session.events.drain(into: &events, waitingUntil: 0)
            for event in events { take(event) }
            goOn()
            tick()
            switch signals.take() {
            case nil: break
            // Ctrl-C in the moment in which the terminal was not the editor's.
            case SIGINT: interrupt(true)
            default: isLeaving = true
            }
        }
        return .done
    }

    // MARK: The keyboard

    private func take(_ event: TerminalEvent) {
        switch event {
        case .line(let text):
            guard case .asking(let verb) = activity else {
                lines.append(Line(text: text))
                return
            }
            activity = .idle
            session.screen.prompt(HostConsole.prompt(context))
            if ["y", "yes"].contains(text.lowercased()) {
                carryOut(verb)
            } else {
                fail("not done")
            }
        case .interrupt(let wasEmpty):
            interrupt(wasEmpty)
        case .end:
            isLeaving = true
        }
    }

    private func interrupt(_ wasEmpty: Bool) {
        let wasBusy: Bool
        switch activity {
        case .idle: wasBusy = !lines.isEmpty
        case .asking:
            session.screen.prompt(HostConsole.prompt(context))
            wasBusy = true
        case .awaiting, .waiting, .waitingFor: wasBusy = true
        }
        activity = .idle
        lines = []
        isInFile = false
        if wasBusy {
            say("stopped", .dim)
        } else if wasEmpty {
            say("quit or Ctrl-D leaves; the show goes on", .dim)
        }
    }

    // MARK: Verbs

    /// Carries out what waits, as far as it goes.
    private func goOn() {
        switch activity {
        case .waiting(let until) where now >= until:
            activity = .idle
        case .waitingFor(let fact, let until) where now >= until:
            activity = .idle
            fail("no \(fact.type) in time")
        default: break
        }
        while case .idle = activity, !lines.isEmpty, !isLeaving {
            let line = lines.removeFirst()
            isInFile = line.isFromFile
            if isInFile { say("> " + printable(line.text, limit: 500), .dim) }
            do throws(VerbError) {
                guard let verb = try VerbParser.parse(line.text, in: context) else { continue }
                start(verb)
            } catch {
                fail(error.message)
            }
        }
    }

    private func start(_ verb: Verb) {
        let isAnswered = options.saysYes || options.isDryRun || isInFile
        guard let question = verb.question, !isAnswered else {
            carryOut(verb)
            return
        }
        // An answer is given to a question that has been read.
        lines.removeAll()
        activity = .asking(verb)
        session.screen.prompt(printable(question, limit: 200) + " [y/N] ", isRemembered: false)
    }

    private func carryOut(_ verb: Verb) {
        switch verb.deed {
        case .request(let request): send(request, .reply(request))
        case .setStock(let sku, let onHand, let expected):
            let request = ConsoleRequest.setStock(sku, onHand: onHand, expected: expected ?? onHand)
            send(
                request,
                expected == nil ? .stock(sku: sku, onHand: onHand) : .reply(request))
        case .measure(let measure):
            // The list is asked for first: two people may bear the same name.
            send(.everybody, .names(measure, .everybody))
        case .room:
            for line in context.roomLines { say(line) }
        case .watch(let level):
            self.level = level
            say("ok", .good)
        case .run(let path): readFile(path)
        case .wait where options.isDryRun, .waitFor where options.isDryRun:
            say("would wait", .good)
        case .wait(let seconds): activity = .waiting(until: now + Int64(seconds * 1000))
        case .waitFor(let fact):
            // Who types means what comes from now on; a file, what has come since it began.
            if !isInFile { seen = SeenFacts() }
            activity = .waitingFor(fact, until: now + Int64(fact.seconds * 1000))
            endWaiting()
        case .help(let name):
            for line in VerbTable.help(name) { say(line) }
        case .quit: isLeaving = true
        }
    }

    private func readFile(_ path: String) {
        do throws(VerbError) {
            let texts = try VerbFile.lines(path)
            if !isInFile { seen = SeenFacts() }
            lines.insert(contentsOf: texts.map { Line(text: $0, isFromFile: true) }, at: 0)
        } catch {
            fail(error.message)
        }
    }

    private func send(_ request: ConsoleRequest, _ purpose: Purpose) {
        if options.isDryRun, request.changes {
            activity = .idle
            return say(request.preview, .good)
        }
        guard isConnected else {
            fail("not connected at the moment; try again when the connection is back")
            return
        }
        tags += 1
        activity = .awaiting(tag: tags, purpose)
        connection.post(
            request.type, data: request.data(key: keys.next()), isRepeatable: true, tag: tags)
    }

    private func answered(_ purpose: Purpose, _ result: Result<[UInt8], ClientFailure>) {
        activity = .idle
        switch (purpose, result) {
        case (.names(let measure, let request), _):
            if case .success(let list) = result {
                context.take(list: list)
                if let next = request.following(list) {
                    return send(next, .names(measure, next))
                }
            }
            do throws(VerbError) {
                let participant = try context.participant(measure.who)
                goOn(MeasureRun(measure, participant: participant))
            } catch {
                fail(error.message)
            }
        case (.stock(let sku, let onHand), .failure(.refused("stock_changed", _, let numbers))):
            guard let present = numbers["on_hand"] else { return fail("the stock has changed") }
            let request = ConsoleRequest.setStock(sku, onHand: onHand, expected: present)
            send(request, .reply(request))
        case (.measure(let run), .failure(.refused("not_found", let message, _))):
            fail("not_found: " + context.hint(message, about: run.who))
        case (.measure(var run), _):
            if let failure = run.take(result) { return fail(failure.message) }
            goOn(run)
        case (_, .failure(let failure)):
            fail(failure.message)
        case (.reply(let request), .success(let data)):
            context.take(reply: data, to: request)
            if let next = request.following(data) {
                succeed(data)
                return send(next, .reply(next))
            }
            succeed(data)
        case (.stock(let sku, let onHand), .success(let data)):
            context.take(
                reply: data, to: .setStock(sku, onHand: onHand, expected: onHand))
            succeed(data)
        }
    }

    /// The next request of a measure, or its end.
    private func goOn(_ run: MeasureRun) {
        var run = run
        while let request = run.next() {
            send(request, .measure(run))
            if !options.isDryRun { return }
        }
        if let reply = run.reply { succeed(reply) }
    }

    // MARK: The server

    private func take(_ item: LiveShopConnection.Incoming) {
        switch item {
        case .answered(let tag, let result):
            // Others are answers that Ctrl-C has stopped waiting for.
            guard case .awaiting(tag, let purpose) = activity else { return }
            answered(purpose, result)
        case .disconnected(let failure):
            guard isConnected else { return }
            isConnected = false
            nextStatus = 0
            say("connection lost (\(failure.message)); trying again, the show goes on", .bad)
        case .reconnected(let isResumed, let data):
            context.take(hello: data, at: wallMilliseconds())
            isConnected = true
            nextStatus = 0
            let what = isResumed ? "nothing was missed" : "this is the show as it is now"
            say("connected again: \(what)", .good)
            if !isResumed { say(context.line, .strong) }
        case .message(let bytes):
            guard let document = try? JSONDocument(parsing: bytes),
                let message = ServerMessage(document)
            else { return }
            switch message {
            case .event(let fact, let offset): take(fact, offset, document)
            case .notice(let fact): take(fact, nil, document)
            case .reply, .error: break
            }
        }
    }

    private func take(_ fact: ServerFact, _ offset: Int64?, _ document: JSONDocument) {
        context.take(fact, offset: offset, in: document)
        seen.add(fact, document)
        endWaiting()
        guard level.shows(fact.type) else { return }
        let isChat = fact.type == "chat.message"
        let texts = FactText(language: .english, view: context.view)
        for line in texts.lines(fact, document) {
            let number = isChat ? document.text("message", of: fact.data) : nil
            let id = number.map { printable($0, limit: 20) + " " } ?? ""
            say("· " + id + line, isChat ? .plain : .dim)
        }
    }

    /// Ends a wait whose event has come.
    private func endWaiting() {
        guard case .waitingFor(let awaited, _) = activity, let fact = seen.take(awaited) else {
            return
        }
        activity = .idle
        say("ok \(printable(fact.type, limit: 60))", .good)
    }

    // MARK: The screen

    private func tick() {
        guard now >= nextStatus else { return }
        nextStatus = now + HostConsole.statusMilliseconds
        let wall = wallMilliseconds()
        session.screen.status(
            StatusLine.text(context, isConnected: isConnected, at: wall))
        let present = context
        completionContext.withLock { $0 = present }
    }

    private var now: Int64 { Clock.monotonic() }

    private func succeed(_ reply: [UInt8]) {
        let lines = ReplyText(currency: context.view.headline.currency).lines(reply)
        say((["ok"] + lines.prefix(1)).joined(separator: " "), .good)
        for line in lines.dropFirst() { say(line) }
    }

    /// Says what went wrong; the rest of a file is given up.
    private func fail(_ reason: String) {
        say(reason, .bad)
        guard isInFile else { return }
        let left = lines.filter(\.isFromFile).count
        lines.removeAll(where: \.isFromFile)
        isInFile = false
        if left > 0 { say("the rest of the file was not carried out", .bad) }
    }

    private func say(_ line: String, _ style: LineStyle = .plain) {
        session.screen.show(line, style)
    }
}
