// A thread of our own with a name. A lane builds its state inside its closure, so the compiler proves
// that nothing else touches it; it hears of the world through a mailbox. Only this file makes threads.

import Glibc

/// One owned thread, running from `init` until its closure returns.
public final class Lane: @unchecked Sendable {
    private let thread: pthread_t
    private let joined = Lock(false)

    /// Starts the thread. `name` is cut to the 15 bytes the kernel keeps.
    ///
    /// The thread takes no signals: those go to the threads that want them.
    public init(name: String, _ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Start(name: name, body: body))
        var everySignal = sigset_t()
        var before = sigset_t()
        sigfillset(&everySignal)
        pthread_sigmask(SIG_BLOCK, &everySignal, &before)
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, run, box.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        precondition(result == 0, "the system refuses a thread (error \(result))")
        self.thread = thread
    }

    /// Starts a thread for asynchronous work, which has it to itself: nobody else's tasks can keep it
    /// waiting, as they could on Swift's pool. The lane ends when `work` has returned.
    public convenience init(name: String, running work: @escaping @Sendable () async -> Void) {
        self.init(name: name) {
            let executor = LaneExecutor()
            _ = Task(executorPreference: executor) {
                await work()
                executor.stop()
            }
            executor.run()
        }
    }

    /// Waits until the closure has returned; later calls return at once. Not from the lane itself.
    public func join() {
        joined.withLock { joined in
            if !joined { pthread_join(thread, nil) }
            joined = true
        }
    }

    deinit {
        joined.withLock { joined in
            if !joined { pthread_detach(thread) }
        }
    }
}

/// Runs the steps of one piece of asynchronous work, and of the actors it waits for, on one thread.
private final class LaneExecutor: TaskExecutor {
    /// A piece of work that waits has one step here; more than a few come only from children.
    private let steps = Mailbox<UnownedJob>(capacity: 1024)

    func enqueue(_ step: consuming ExecutorJob) {
        let isTaken = steps.offer(UnownedJob(step))
        precondition(isTaken, "asynchronous work outlives its lane, or waits for too much at once")
    }

    func run() {
        var waiting: [UnownedJob] = []
        while steps.drain(into: &waiting, waitingUntil: nil) {
            for step in waiting { step.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    func stop() { steps.close() }
}

private final class Start {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    nameThisThread(start.name)
    start.body()
    return nil
}

/// Through the kernel's file: glibc hides pthread_setname_np from Swift. A machine without /proc shows
/// the program's name instead, which harms nobody.
private func nameThisThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    let bytes = Array(name.utf8.prefix(15))
    _ = write(file, bytes, bytes.count)
    close(file)
}
