// The one clock of the server: wall time at start plus the time since boot. It never jumps when
// somebody sets the wall clock, so holds and sales end when they should; a step is noticed, logged by
// the owner, and taken over at the next start. All readings are milliseconds.

import Glibc

/// A clock that shows wall time and only runs forward.
public struct Clock: Sendable {
    private let wallAtStart: Int64
    private let bootAtStart: Int64

    /// Starts at the wall clock's present reading.
    public init() {
        wallAtStart = Self.read(CLOCK_REALTIME)
        bootAtStart = Self.read(CLOCK_BOOTTIME)
    }

    /// Milliseconds since 1970 by this clock.
    public func now() -> Int64 { wallAtStart + Self.read(CLOCK_BOOTTIME) - bootAtStart }

    /// How far the machine's wall clock is ahead of this one now (behind: negative). Small values are
    /// the slow corrections of NTP; beyond a second somebody set the clock.
    public func wallStepMilliseconds() -> Int64 { Self.read(CLOCK_REALTIME) - now() }

    /// The monotonic reading, as `Mailbox.drain(into:waitingUntil:)` wants it, at which this clock
    /// will show `time`. Time that is past gives a reading that is past.
    public func monotonic(at time: Int64) -> Int64 {
        let (wait, overflow) = time.subtractingReportingOverflow(now())
        if overflow { return time > 0 ? .max : 1 }
        let (reading, beyond) = Self.monotonic().addingReportingOverflow(wait)
        return beyond ? .max : max(1, reading)
    }

    /// Milliseconds of the machine's monotonic clock; it stands still while the machine sleeps.
    public static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
