// A prompt on the terminal: lines come out of `events`, whatever is to be shown goes into `screen`, and
// both at the same time. The consoles of hosts and viewers own one each. Needs standard input and output
// to be a terminal.

internal import Glibc
public import Lanes

public enum TerminalEvent: Equatable, Sendable {
    /// Enter was pressed.
    case line(String)
    /// Ctrl-C; the line has been cleared.
    case interrupt(wasEmpty: Bool)
    /// Ctrl-D, or the terminal went away. The last event.
    case end
}

/// What may stand for the end of the text before the cursor.
public struct Completion: Equatable, Sendable {
    /// How many characters before the cursor a candidate replaces.
    public var replaces: Int
    public var candidates: [String]

    public init(replaces: Int, candidates: [String]) {
        self.replaces = replaces
        self.candidates = candidates
    }
}

public final class TerminalSession: Sendable {
    public struct Options: Sendable {
        public var prompt: String
        /// Where the history is kept between sessions; nil keeps none.
        public var historyFile: String?
        public var hasColour = true
        /// Whether there is a status line on windows that are large enough.
        public var hasStatus = true
        /// Called on the editor's thread with the text before the cursor.
        public var complete: @Sendable (String) -> Completion

        public init(
            prompt: String, historyFile: String? = nil,
            complete: @escaping @Sendable (String) -> Completion
        ) {
            self.prompt = prompt
            self.historyFile = historyFile
            self.complete = complete
        }
    }

    public let screen: Screen
    public let events = Mailbox<TerminalEvent>(capacity: 1_000)
    private let lane: Lane

    /// Whether standard input and output are both terminals that can do more than a teletype.
    public static var isPossible: Bool {
        isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && !isDumb
    }

    private static var isDumb: Bool {
        getenv("TERM").map { ["", "dumb"].contains(String(cString: $0)) } ?? true
    }

    /// Whether standard output wants colours: a terminal that is not dumb, and no NO_COLOR.
    public static var wantsColour: Bool {
        let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        return isatty(STDOUT_FILENO) == 1 && !noColor && !isDumb
    }

    /// Starts editing on a thread of its own.
    public init(_ options: Options) {
        let screen = Screen(prompt: options.prompt)
        let events = events
        self.screen = screen
        lane = Lane(name: "terminal") {
            let editor = LineEditor(options, screen, events)
            editor.run()
            _ = events.offer(.end)
            events.close()
        }
    }

    /// Shows what is still to be shown, takes prompt and status line off and gives the terminal back
    /// as it was found.
    public func finish() {
        screen.close()
        lane.join()
    }
}
