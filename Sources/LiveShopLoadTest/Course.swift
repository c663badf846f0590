// How a run went as a whole: what the thread that conducted it knows, and no worker.

struct Course: Equatable, Sendable {
    /// The highest offset that any connection had when the end began, by epoch.
    var goal: [String: Int64] = [:]
    /// When the first connections were opened, in milliseconds since 1970.
    var startedAt: Int64 = 0
    /// From the first connection to the last goodbye.
    var seconds = 0.0
    /// Where stock went in the last moments, by SKU.
    var movements: [String: StockMovement] = [:]
    /// Somebody ended the run before the script did.
    var wasInterrupted = false
}
