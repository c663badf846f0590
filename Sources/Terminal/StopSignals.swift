// Signals without handlers: they stay blocked and are looked for, so that a program can give the terminal
// back, or say what it knows, before it ends. Made on the main thread before there are others.

internal import Glibc

public struct StopSignals: Sendable {
    private let numbers: [Int32]

    /// Blocks the signals for this thread and those it makes: all that end a console, or the two that
    /// ask any program to end.
    public init(onlyRequests: Bool = false) {
        numbers =
            (onlyRequests ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
            .filter { $0 != SIGHUP || !Self.isIgnored(SIGHUP) }
        var set = set
        sigprocmask(SIG_BLOCK, &set, nil)
    }

    /// The number of a signal that came since the last look; nil for none.
    public func take() -> Int32? {
        var set = set
        var atOnce = timespec()
        let number = sigtimedwait(&set, nil, &atOnce)
        return number > 0 ? number : nil
    }

    /// Looks no more: the next one, or one that waits already, ends the process. On the same thread.
    public func release() {
        for number in numbers { signal(number, SIG_DFL) }
        var set = set
        sigprocmask(SIG_UNBLOCK, &set, nil)
    }

    /// A closed terminal is nothing to a program that was started with `nohup`.
    private static func isIgnored(_ number: Int32) -> Bool {
        var current = sigaction()
        sigaction(number, nil, &current)
        let handler = current.__sigaction_handler.sa_handler
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }
}
