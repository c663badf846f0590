// What everybody is told of stock is bounded for the whole show, whatever moves.

import Inventory
import LiveSession
import Testing

struct NoticeBudgetTests {
    @Test func `so many notices leave in a quarter of a second, and all in the end`() throws {
        let stage = try Stage()
        var variants: [VariantID] = []
        for number in 0..<60 { variants.append(try stage.product("p\(number)")) }
        try stage.pass(seconds: 1)
        stage.clear()
        for variant in variants { _ = try stage.run { try $0.adjustStock(variant, by: 1, at: $1) } }
        try stage.announce()
        #expect(told(stage) == Array(variants.prefix(ShowLimits.sharedNoticesMax)))
        #expect(
            stage.show.nextDeadline
                == stage.now.adding(milliseconds: ShowLimits.sharedNoticesMilliseconds))
        try stage.announce()
        #expect(told(stage).count == ShowLimits.sharedNoticesMax)
        for _ in 0..<2 { try stage.pass(milliseconds: ShowLimits.sharedNoticesMilliseconds) }
        // In the order in which they moved: none is passed over.
        #expect(told(stage) == variants)
    }

    @Test func `a SKU that moves all the time does not keep others waiting`() throws {
        let stage = try Stage()
        var variants: [VariantID] = []
        for number in 0..<40 { variants.append(try stage.product("p\(number)", onHand: 50)) }
        try stage.pass(seconds: 1)
        stage.clear()
        for _ in 0..<4 {
            for variant in variants {
                _ = try stage.run { try $0.adjustStock(variant, by: 1, at: $1) }
            }
            try stage.announce()
            try stage.pass(milliseconds: ShowLimits.sharedNoticesMilliseconds)
        }
        let counts = variants.map { variant in told(stage).count { $0 == variant } }
        #expect(counts.allSatisfy { (2...4).contains($0) }, "\(counts)")
    }

    private func told(_ stage: Stage) -> [VariantID] {
        stage.shared.compactMap { if case .stockChanged(let variant) = $0 { variant } else { nil } }
    }
}
