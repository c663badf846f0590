// What is to be on the terminal, for any thread to say: lines above the prompt, a status line below it,
// the prompt. The line editor's thread takes it from here and draws. Bounded: when lines come faster
// than a terminal shows them the oldest are left out, and that is said.

internal import CEditline
internal import Glibc
internal import Lanes

/// How a line looks; plain when colours are off.
public enum LineStyle: Sendable {
    case plain, dim, strong, good, bad

    var code: String? {
        switch self {
        case .plain: nil
        case .dim: "2"
        case .strong: "1"
        case .good: "32"
        case .bad: "31"
        }
    }
}

public final class Screen: Sendable {
    struct Line: Equatable {
        var text: String
        var style: LineStyle
    }

    struct Prompt: Equatable {
        var text: String
        /// Whether what is typed here goes into the history.
        var isRemembered: Bool
    }

    struct State {
        var lines: [Line] = []
        var dropped = 0
        var status = ""
        var prompt: Prompt
        var isClosing = false
        /// Something changed since it was last taken.
        var isFresh = true
    }

    /// The lines that may wait to be drawn.
    static let linesMax = 2_000

    private let state: Lock<State>
    /// Readable while something is new: the editor waits for it beside the keyboard.
    let wake: Int32

    init(prompt: String) {
        state = Lock(State(prompt: Prompt(text: prompt, isRemembered: true)))
        wake = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    }

    deinit { if wake >= 0 { Glibc.close(wake) } }

    /// Prints a line above the prompt; line breaks in it and other control characters are replaced.
    public func show(_ text: String, _ style: LineStyle = .plain) {
        change { state in
            if state.lines.count >= Screen.linesMax {
                let excess = Screen.linesMax / 2
                state.lines.removeFirst(excess)
                state.dropped += excess
            }
            state.lines.append(Line(text: ScreenMath.harmless(text), style: style))
        }
    }

    /// Replaces the status line, where the window is large enough for one.
    public func status(_ text: String) {
        let text = ScreenMath.harmless(text)
        change { $0.status = text }
    }

    /// Replaces the prompt. - Parameter isRemembered: whether answers go into the history.
    public func prompt(_ text: String, isRemembered: Bool = true) {
        let text = ScreenMath.harmless(text)
        change { $0.prompt = Prompt(text: text, isRemembered: isRemembered) }
    }

    func close() { change { $0.isClosing = true } }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            state.isFresh = true
        }
        var one: UInt64 = 1
        _ = withUnsafeBytes(of: &one) { write(wake, $0.baseAddress, $0.count) }
    }

    /// What there is to draw; nil when nothing changed. The lines are taken out.
    func take() -> State? {
        var count: UInt64 = 0
        _ = withUnsafeMutableBytes(of: &count) { read(wake, $0.baseAddress, $0.count) }
        return state.withLock { state in
            guard state.isFresh else { return nil }
            let taken = state
            state.lines = []
            state.dropped = 0
            state.isFresh = false
            return taken
        }
    }
}
