// What is on the screen, and what comes next.

import Inventory
import Testing

@testable import LiveSession

struct PinTests {
    private func stage(_ status: ShowStatus = .live, pins: Int = 1) throws -> Stage {
        var settings = ShowSettings()
        settings.pins = pins
        let stage = try Stage(status, settings: settings)
        for id in ["a", "b", "c", "d"] { try stage.product(id) }
        return stage
    }

    private func pin(_ id: String, seconds: Int? = nil, on stage: Stage) throws {
        _ = try stage.run {
            try $0.pin(product: id, sku: nil, seconds: seconds, at: $1)
        }.get()
    }

    @Test func `pinning a second product unpins the first in the same batch`() throws {
        let stage = try stage()
        try pin("a", on: stage)
        try pin("b", on: stage)
        #expect(stage.eventNames == ["pinned a", "unpinned a", "pinned b"])
        #expect(stage.show.pins.map(\.product) == ["b"])
    }

    @Test func `with three pins the oldest gives way`() throws {
        let stage = try stage(pins: 3)
        for id in ["a", "b", "c", "d"] { try pin(id, on: stage) }
        #expect(stage.show.pins.map(\.product) == ["b", "c", "d"])
        #expect(stage.eventNames.suffix(2) == ["unpinned a", "pinned d"])
    }

    @Test func `pinning again makes a pin the newest and unpins nothing`() throws {
        let stage = try stage(pins: 2)
        for id in ["a", "b", "a"] { try pin(id, on: stage) }
        #expect(stage.eventNames == ["pinned a", "pinned b", "pinned a"])
        try pin("c", on: stage)
        #expect(stage.show.pins.map(\.product) == ["a", "c"])
    }

    @Test func `fewer pins take effect with the next one`() throws {
        let stage = try stage(pins: 3)
        for id in ["a", "b", "c"] { try pin(id, on: stage) }
        _ = try stage.run { show, _ in try show.configure([("pins", .integer(1))]) }
        #expect(stage.show.pins.count == 3)
        try pin("d", on: stage)
        #expect(stage.show.pins.map(\.product) == ["d"])
    }

    @Test func `a pin with a time goes by itself, not a millisecond early`() throws {
        let stage = try stage()
        try pin("a", seconds: 5, on: stage)
        try stage.announce()
        stage.clear()
        #expect(stage.show.nextDeadline != nil)
        try stage.pass(milliseconds: 4999)
        #expect(stage.events.isEmpty)
        try stage.pass(milliseconds: 1)
        #expect(stage.eventNames == ["unpinned a"])
        #expect(stage.show.pins.isEmpty)
    }

    @Test func `nothing is pinned in a show that has ended`() throws {
        let stage = try stage(.ended)
        guard
            case .failure(let refusal) = try stage.run({
                try $0.pin(product: "a", sku: nil, seconds: nil, at: $1)
            })
        else {
            Issue.record("was pinned")
            return
        }
        #expect(refusal.kind == "ended")
    }

    @Test func `unpin takes one, or all, and says when there is none`() throws {
        let stage = try stage(pins: 3)
        for id in ["a", "b", "c"] { try pin(id, on: stage) }
        stage.clear()
        #expect(try stage.run { show, _ in try show.unpin(product: "b") } == nil)
        #expect(try stage.run { show, _ in try show.unpin(product: "b") }?.kind == "invalidState")
        #expect(try stage.run { show, _ in try show.unpin(product: nil) } == nil)
        #expect(try stage.run { show, _ in try show.unpin(product: nil) }?.kind == "invalidState")
        #expect(stage.eventNames == ["unpinned b", "unpinned a", "unpinned c"])
    }

    @Test func `the queue names each product once, and only products`() throws {
        let stage = try stage()
        func set(_ ids: [String]) throws -> String? {
            try stage.run { show, _ in try show.setQueue(ids) }?.kind
        }
        #expect(try set(["a", "a"]) == "badRequest")
        #expect(try set(["a", "z"]) == "unknown")
        #expect(try set(["b", "a"]) == nil)
        #expect(stage.eventNames == ["queue b a"])
    }

    @Test func `next pins the head of the queue`() throws {
        let stage = try stage()
        _ = try stage.run { show, _ in try show.setQueue(["b", "a"]) }
        try pin("c", on: stage)
        stage.clear()
        let pinned = try stage.run { try $0.pinNext(at: $1) }.get()
        #expect(pinned.product == "b")
        #expect(stage.eventNames == ["queue a", "unpinned c", "pinned b"])
        _ = try stage.run { try $0.pinNext(at: $1) }.get()
        guard case .failure(let refusal) = try stage.run({ try $0.pinNext(at: $1) }) else {
            Issue.record("pinned from an empty queue")
            return
        }
        #expect(refusal.kind == "invalidState")
    }

    @Test func `a snapshot shows what is pinned, queued or in a sale first`() throws {
        let stage = try stage()
        for number in 1...600 { try stage.product("x\(number)") }
        try pin("d", on: stage)
        _ = try stage.run { show, _ in try show.setQueue(["x600", "c"]) }
        let sold = try #require(stage.show.ledger.variant(sku: "X599"))
        _ = try stage.run { show, now in
            try show.startFlashSale(FlashSaleDraft(variant: sold, price: 400), at: now)
        }.get()
        let chosen = stage.show.snapshotProducts().map(\.id)
        #expect(chosen.count == 500)
        #expect(chosen.prefix(6) == ["d", "x600", "c", "x599", "a", "b"])
    }
}
