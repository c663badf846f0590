// The promises of Lock, Mailbox, Lane and Clock that other modules build on: nothing lost, nothing
// beyond the capacity, nobody left waiting. Waiting is for events, never for time to pass.

import Glibc
import Lanes
import Testing

struct LockTests {
    @Test func `concurrent changes are all kept`() {
        let counter = Lock(0)
        let lanes = (0..<4).map { number in
            Lane(name: "count \(number)") {
                for _ in 0..<10_000 { counter.withLock { $0 += 1 } }
            }
        }
        for lane in lanes { lane.join() }
        #expect(counter.withLock { $0 } == 40_000)
    }

    @Test func `an error leaves the lock open`() {
        struct Refused: Error {}
        let lock = Lock(1)
        #expect(throws: Refused.self) { try lock.withLock { _ in throw Refused() } }
        #expect(lock.withLock { $0 } == 1)
    }
}

struct MailboxTests {
    @Test func `a drain takes everything in order`() {
        let mailbox = Mailbox<Int>(capacity: 10)
        for number in 1...3 { #expect(mailbox.offer(number)) }
        var taken: [Int] = []
        #expect(mailbox.drain(into: &taken, waitingUntil: nil))
        #expect(taken == [1, 2, 3])
        #expect(mailbox.count == 0)
    }

    @Test func `a full mailbox refuses and keeps what it has`() {
        let mailbox = Mailbox<Int>(capacity: 2)
        #expect(mailbox.offer(1))
        #expect(mailbox.offer(2))
        #expect(!mailbox.offer(3))
        #expect(!mailbox.offer(3, waitingMilliseconds: 1))
        var taken: [Int] = []
        _ = mailbox.drain(into: &taken, waitingUntil: 0)
        #expect(taken == [1, 2])
        #expect(mailbox.offer(3))
    }

    @Test func `a drain that finds nothing returns at its deadline, empty and still open`() {
        let mailbox = Mailbox<Int>(capacity: 1)
        var taken = [7]
        #expect(mailbox.drain(into: &taken, waitingUntil: 0))
        #expect(taken.isEmpty)
        taken = [7]
        #expect(mailbox.drain(into: &taken, waitingUntil: Clock.monotonic() + 1))
        #expect(taken.isEmpty)
    }

    @Test func `closing ends waiting, after what was left is taken`() {
        let mailbox = Mailbox<Int>(capacity: 5)
        #expect(mailbox.offer(1))
        mailbox.close()
        #expect(!mailbox.offer(2))
        var taken: [Int] = []
        #expect(mailbox.drain(into: &taken, waitingUntil: nil))
        #expect(taken == [1])
        #expect(!mailbox.drain(into: &taken, waitingUntil: nil))
    }

    @Test func `a receiver that waits is woken by close`() {
        let mailbox = Mailbox<Int>(capacity: 5)
        let open = Lock(true)
        let receiver = Lane(name: "receiver") {
            var taken: [Int] = []
            let isOpen = mailbox.drain(into: &taken, waitingUntil: nil)
            open.withLock { $0 = isOpen }
        }
        mailbox.close()
        receiver.join()
        #expect(!open.withLock { $0 })
    }

    @Test func `senders that wait for room lose nothing`() {
        let mailbox = Mailbox<Int>(capacity: 3)
        let senders = (0..<3).map { sender in
            Lane(name: "sender \(sender)") {
                for number in 0..<1000 {
                    _ = mailbox.offer(sender * 1000 + number, waitingMilliseconds: 60_000)
                }
            }
        }
        var received: [Int] = []
        var taken: [Int] = []
        while received.count < 3000, mailbox.drain(into: &taken, waitingUntil: nil) {
            #expect(taken.count <= 3)
            received += taken
        }
        for sender in senders { sender.join() }
        for sender in 0..<3 {
            let own = received.filter { $0 / 1000 == sender }
            #expect(own == (0..<1000).map { sender * 1000 + $0 }, "each sender's order is kept")
        }
    }
}

struct LaneTests {
    /// Stands for jwt-kit's collection of keys, which is an actor without an executor of its own.
    private actor Counter {
        private(set) var count = 0
        func add() { count += 1 }
    }

    @Test func `asynchronous work runs to its end on its own thread, actors included`() {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let isDone = Lock(false)
        let isReleased = Mailbox<Bool>(capacity: 1)
        // Every thread of Swift's pool is busy until the lane has ended.
        for _ in 0..<cores {
            Task.detached {
                var nothing: [Bool] = []
                _ = isReleased.drain(into: &nothing, waitingUntil: nil)
            }
        }
        let work: @Sendable () async -> Void = {
            let counter = Counter()
            for _ in 0..<100 { await counter.add() }
            let count = await counter.count
            isDone.withLock { $0 = count == 100 }
        }
        let lane = Lane(name: "work", running: work)
        lane.join()
        isReleased.close()
        #expect(isDone.withLock { $0 })
    }

    @Test func `asynchronous work hears of other threads`() {
        let (numbers, source) = AsyncStream<Int>.makeStream()
        let sum = Lock(0)
        let add: @Sendable () async -> Void = {
            for await number in numbers { sum.withLock { $0 += number } }
        }
        let lane = Lane(name: "adder", running: add)
        for number in 1...1000 { source.yield(number) }
        source.finish()
        lane.join()
        #expect(sum.withLock { $0 } == 500_500)
    }
}

struct ClockTests {
    @Test func `the clock shows wall time and never runs backwards`() {
        let clock = Clock()
        #expect(abs(clock.wallStepMilliseconds()) < 1000)
        var last = clock.now()
        for _ in 0..<1000 {
            let next = clock.now()
            #expect(next >= last)
            last = next
        }
    }

    @Test func `deadlines become monotonic readings without overflow`() {
        let clock = Clock()
        let reading = clock.monotonic(at: clock.now() + 5000)
        #expect(abs(reading - Clock.monotonic() - 5000) < 1000)
        #expect(clock.monotonic(at: .max) > Clock.monotonic())
        #expect(clock.monotonic(at: .min) == 1)
    }
}
