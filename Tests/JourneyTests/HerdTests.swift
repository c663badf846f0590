// Everybody at once: one hundred units, many buyers, each claim sent twice. 500 buyers in the ordinary run;
// LIVESHOP_BIG=1 makes it 5,000, if the descriptor limit allows.

import Foundation
import LiveShopClient
import Testing

@Suite(.ownThread)
struct HerdTests {
    private static let stock = 100

    private static var buyers: Int {
        ProcessInfo.processInfo.environment["LIVESHOP_BIG"] == "1" ? 5000 : 500
    }

    @Test func `a hundred units go to a hundred claims, everybody else waits in order`()
        async throws
    {
        let shop = try await Shop(stock: [("A", Self.stock)])
        let watcher = try shop.guest("Watcher")
        let herd = try Herd(Self.buyers, port: shop.port)
        try herd.join()
        try herd.claim("A")

        #expect(herd.refusals == [])
        #expect(herd.answers.allSatisfy { $0.count == 2 && $0[0] == $0[1] })
        let claims = try herd.answers.map { try #require(Message(Array($0[0].utf8))) }
        let held = claims.filter { $0["outcome"].text == "held" }
        #expect(held.count == Self.stock)
        #expect(held.allSatisfy { $0["hold.quantity"].number == 1 })
        #expect(Set(held.map { $0["hold.hold"].text }).count == Self.stock)
        let seqs = claims.compactMap { $0["seq"].number }
        #expect(Set(seqs).count == Self.buyers)

        // First come, first served: the first hundred in the order of decisions, then places 1, 2, 3 …
        let ordered = claims.sorted { ($0["seq"].number ?? 0) < ($1["seq"].number ?? 0) }
        #expect(ordered.prefix(Self.stock).allSatisfy { $0["outcome"].text == "held" })
        #expect(
            ordered.dropFirst(Self.stock).map { $0["waitlist.place"].number }
                == (1...(Self.buyers - Self.stock)).map { $0 })

        let last = try watcher.next("the last stock") {
            $0.type == "stock.changed" && $0["data.held"].number == Self.stock
        }
        #expect(last["data.available"].number == 0)
        _ = try watcher.next("the last grants") {
            $0.type == "claim.held" && $0["data.totals.0.units"].number == Self.stock
        }
        for stock in herd.stock + watcher.waiting("stock.changed") {
            let parts = ["available", "held", "sold"].compactMap { stock["data.\($0)"].number }
            #expect(parts.reduce(0, +) == Self.stock)
            #expect(parts.allSatisfy { $0 >= 0 })
        }
        let units = watcher.events.filter { $0.type == "claim.held" }
            .map { $0["data.totals.0.units"].number ?? -1 }
        #expect(units == units.sorted())
        #expect(units.last == Self.stock)
        let announced = watcher.events.flatMap { $0["data.claims"].each("seq").map(\.number) }
        #expect(Set(announced) == Set(held.map { $0["seq"].number }))
        #expect(watcher.gaps == [])
        #expect(herd.gaps == [])
        #expect(try shop.audit() == [])
    }
}

/// Many guests on one thread, each of whom wants one unit.
private final class Herd: ClientLoopOwner {
    private let loop: ClientLoop
    private let count: Int
    private var joined = 0
    private var offsets: [Int?]
    /// The data of each buyer's answers, in the order they came.
    private(set) var answers: [[String]]
    private(set) var refusals: [String] = []
    private(set) var stock: [Message] = []
    private(set) var gaps: [String] = []

    init(_ count: Int, port: Int) throws {
        self.count = count
        answers = Array(repeating: [], count: count)
        offsets = Array(repeating: nil, count: count)
        let address = ServerAddress(host: "127.0.0.1", port: UInt16(port))
        loop = try ClientLoop(
            try Endpoint.reachable(address, seconds: 10), authority: address.authority, seed: 1)
    }

    func join() throws {
        var opened = 0
        try turn("joins") {
            // Claims come all at once, joins need not: each has to be done within ten seconds.
            while opened < count, opened - joined < 200 {
                loop.connect(opened)
                opened += 1
            }
            return joined == count
        }
    }

    /// Every buyer sends the same claim twice; returns when all answers are there.
    func claim(_ sku: String) throws {
        for buyer in 0..<count {
            for id in ["2", "3"] {
                let claim =
                    #"{"id":\#(id),"type":"claim.create","data":{"sku":"\#(sku)","key":"k"}}"#
                loop.send(Array(claim.utf8).span, on: buyer)
            }
        }
        try turn("answers") { answers.allSatisfy { $0.count == 2 } || !refusals.isEmpty }
    }

    private func turn(_ what: String, until isDone: () -> Bool) throws {
        let end = ContinuousClock.now + .seconds(120)
        while !isDone() {
            guard ContinuousClock.now < end, gaps.isEmpty else {
                throw Client.TimedOut(description: "no \(what): \(gaps.prefix(3))")
            }
            loop.turn(milliseconds: 20, self)
        }
    }

    func opened(_ slot: Int, in loop: ClientLoop) {
        let hello = #"{"id":1,"type":"hello","data":{"show":"spring","name":"Buyer \#(slot)"}}"#
        loop.send(Array(hello.utf8).span, on: slot)
    }

    func ended(_ slot: Int, _ ending: ConnectionEnding, in loop: ClientLoop) {
        gaps.append("connection \(slot) ended: \(ending)")
    }

    func received(_ message: Span<UInt8>, on slot: Int, in loop: ClientLoop) {
        forEachObject(in: message) { object in
            guard let glance = MessageGlance(object) else { return gaps.append("unreadable") }
            switch glance.kind {
            case .event(let offset):
                let expected = (offsets[slot] ?? 0) + 1
                if Int(offset) != expected {
                    gaps.append("connection \(slot): event \(offset) where \(expected) was due")
                }
                offsets[slot] = Int(offset)
            case .notice:
                if JSONSkim.matches(object, glance.type, "stock.changed"), slot == 0,
                    let notice = Message(Array(object))
                {
                    stock.append(notice)
                }
            case .reply, .error:
                answer(object, glance, slot)
            }
        }
    }

    private func answer(_ object: Span<UInt8>, _ glance: MessageGlance, _ slot: Int) {
        guard let message = Message(Array(object)) else { return gaps.append("not JSON") }
        guard message.type == "reply" else { return refusals.append(message.text) }
        if glance.id == 1 {
            joined += 1
            offsets[slot] = message["data.offset"].number
        } else if let data = message["data"].json {
            answers[slot].append(data)
        }
    }
}
