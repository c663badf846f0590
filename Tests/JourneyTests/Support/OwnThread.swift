// Journeys are told one step after the other and block while they wait, as clients do. The server in the
// same process has tasks of its own, which must not wait for a thread that a journey occupies: so each
// journey gets a thread to itself.

import Dispatch
import Testing

struct OwnThreadTrait: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await withTaskExecutorPreference(OwnThread(named: test.name)) {
            try await function()
        }
    }
}

extension Trait where Self == OwnThreadTrait {
    /// Runs each test on a thread that it may block.
    static var ownThread: Self { Self() }
}

private final class OwnThread: TaskExecutor {
    private let queue: DispatchQueue

    init(named name: String) { queue = DispatchQueue(label: name) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
