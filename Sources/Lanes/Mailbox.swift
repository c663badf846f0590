// A bounded queue from many lanes to one. The receiver takes everything that is there in one step, by
// swapping buffers, so that batches form by themselves and no element is copied twice. The answer to
// "full" is always a `false` that the sender has to deal with; nothing is ever dropped in silence.

import Glibc

/// Many senders, one receiver, a fixed capacity.
public final class Mailbox<Element: Sendable>: @unchecked Sendable {
    /// The most elements that can wait here.
    public let capacity: Int

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let arrived: UnsafeMutablePointer<pthread_cond_t>
    private let taken: UnsafeMutablePointer<pthread_cond_t>
    private var elements: [Element] = []
    private var isClosed = false
    private var sendersWaiting = 0

    public init(capacity: Int) {
        precondition(capacity > 0, "a mailbox holds at least one element")
        self.capacity = capacity
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        precondition(pthread_mutex_init(mutex, nil) == 0, "the system refuses a mutex")
        arrived = makeMonotonicCondition()
        taken = makeMonotonicCondition()
    }

    deinit {
        for condition in [arrived, taken] {
            pthread_cond_destroy(condition)
            condition.deinitialize(count: 1)
            condition.deallocate()
        }
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
    }

    /// How many elements wait now.
    public var count: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return elements.count
    }

    /// Adds an element; `false` (and nothing changed) when the mailbox is full or closed. Never waits.
    public func offer(_ element: Element) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return add(element)
    }

    /// Adds an element, waiting up to `milliseconds` for room; `false` when there was none in that
    /// time or the mailbox is closed. For senders that may wait: an event loop never does.
    public func offer(_ element: Element, waitingMilliseconds milliseconds: Int) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let deadline = timespec(milliseconds: Clock.monotonic() + Int64(milliseconds))
        while !isClosed, elements.count >= capacity {
            sendersWaiting += 1
            let result = wait(taken, until: deadline)
            sendersWaiting -= 1
            if result == ETIMEDOUT { break }
        }
        return add(element)
    }

    /// Takes everything that waits into `buffer`, whose old content is forgotten and whose memory is
    /// used again. Waits for the first element until `deadline`, in milliseconds of the monotonic
    /// clock (`Clock.monotonic()`); nil waits without end, 0 not at all. After the deadline the buffer
    /// is empty.
    ///
    /// Returns `false` when the mailbox is closed and everything was taken: the receiver can end.
    public func drain(into buffer: inout [Element], waitingUntil deadline: Int64?) -> Bool {
        buffer.removeAll(keepingCapacity: true)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let deadline {
            if deadline > 0 {
                let end = timespec(milliseconds: deadline)
                while elements.isEmpty, !isClosed {
                    if wait(arrived, until: end) == ETIMEDOUT { break }
                }
            }
        } else {
            while elements.isEmpty, !isClosed { pthread_cond_wait(arrived, mutex) }
        }
        if elements.isEmpty { return !isClosed }
        swap(&buffer, &elements)
        if sendersWaiting > 0 { pthread_cond_broadcast(taken) }
        return true
    }

    /// Lets nothing in any more. What is there can still be drained; waiting ends at once.
    public func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(arrived)
        pthread_cond_broadcast(taken)
        pthread_mutex_unlock(mutex)
    }

    /// With the mutex held.
    private func add(_ element: Element) -> Bool {
        guard !isClosed, elements.count < capacity else { return false }
        elements.append(element)
        if elements.count == 1 { pthread_cond_signal(arrived) }
        return true
    }

    /// With the mutex held.
    private func wait(
        _ condition: UnsafeMutablePointer<pthread_cond_t>, until end: timespec
    ) -> Int32 {
        var end = end
        return pthread_cond_timedwait(condition, mutex, &end)
    }
}

/// A condition variable whose deadlines do not move when somebody sets the wall clock.
private func makeMonotonicCondition() -> UnsafeMutablePointer<pthread_cond_t> {
    let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    precondition(
        pthread_cond_init(condition, &attributes) == 0, "the system refuses a condition variable")
    pthread_condattr_destroy(&attributes)
    return condition
}

extension timespec {
    fileprivate init(milliseconds: Int64) {
        self.init(
            tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
    }
}
