// How a run went as a whole: what the thread that conducted it knows, and no worker.

struct Course: Equatable, Sendable {
    /// The highest offset that any connection had when the end began, by epoch.
    var goal: [String: Int64] = [:]
    /// From the first connection to the last goodbye.
    var seconds = 0.0
    /// Somebody ended the run before the script did.
    var wasInterrupted = false
}
