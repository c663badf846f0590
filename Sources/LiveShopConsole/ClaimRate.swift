// How fast a show sells, for the status line. Pure.

import LiveShopClient
import WireProtocol

/// Claims of the last minute, counted from the running totals of `claim.held`.
struct ClaimRate: Equatable, Sendable {
    private struct Step: Equatable, Sendable {
        var time: Int64
        var claims: Int64
    }

    private static let spanMilliseconds: Int64 = 60_000
    private var totals: [String: Int64] = [:]
    private var steps: [Step] = []

    mutating func take(_ fact: ServerFact, _ document: JSONDocument) {
        guard fact.type == "claim.held" else { return }
        let time = fact.time.flatMap(RFC3339.milliseconds) ?? 0
        for total in document.list("totals", of: fact.data) {
            guard let sku = document.text("sku", of: total),
                let count = document.integer("claims", of: total)
            else { continue }
            take(sku, total: count, at: time)
        }
    }

    /// The first total of a SKU only tells where counting begins, unless it says 1.
    mutating func take(_ sku: String, total: Int64, at time: Int64) {
        let before = totals.updateValue(total, forKey: sku)
        let claims = total &- (before ?? (total == 1 ? 0 : total))
        steps.removeAll { $0.time &+ ClaimRate.spanMilliseconds <= time }
        guard claims > 0 else { return }
        if let last = steps.last, last.time / 1000 == time / 1000 {
            steps[steps.count - 1].claims = last.claims &+ claims
        } else {
            steps.append(Step(time: time, claims: claims))
        }
    }

    /// - Parameter time: by the server's clock.
    func perMinute(at time: Int64) -> Int64 {
        steps.reduce(0) { sum, step in
            step.time &+ ClaimRate.spanMilliseconds > time ? sum &+ step.claims : sum
        }
    }
}
