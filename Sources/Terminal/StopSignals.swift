// SIGINT, SIGTERM, SIGHUP and SIGQUIT without handlers: they stay blocked and are looked for, so that a
// console can give the terminal back before it ends. Made on the main thread before there are others.

internal import Glibc

public struct StopSignals: Sendable {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Blocks the signals for this thread and those it makes.
    public init() {
        var set = StopSignals.set()
        sigprocmask(SIG_BLOCK, &set, nil)
    }

    /// The number of a signal that came since the last look; nil for none.
    public func take() -> Int32? {
        var set = StopSignals.set()
        var atOnce = timespec()
        let number = sigtimedwait(&set, nil, &atOnce)
        return number > 0 ? number : nil
    }

    private static func set() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }
}
