// Random requests, many of them damaged, from a host and viewers, with failing commits and restarts in
// between. Nothing traps, nothing is oversold, and a restart finds the show as it was.

import Inventory
import LiveSession
import Testing

@testable import LiveShopServer

struct EngineRandomTests {
    private static let samples: [String] = [
        #""claim.create","data":{"sku":"MUG","key":"K","quantity":2}"#,
        #""claim.create","data":{"sku":"CUP","key":"K","partial":false}"#,
        #""claim.create","data":{"sku":"CUP","key":"K","waitlist":false,"unit_price":100}"#,
        #""hold.release","data":{"hold":"hN"}"#, #""hold.extend","data":{"hold":"hN","key":"K"}"#,
        #""waitlist.leave","data":{"sku":"MUG"}"#,
        #""waitlist.accept","data":{"sku":"MUG","key":"K"}"#,
        #""order.place","data":{"holds":["hN"],"key":"K"}"#,
        #""order.place","data":{"holds":["hN","h1"],"key":"K"}"#,
        #""order.pay","data":{"order":"o_0000000000000001000000000000000N","key":"K","method":"succeeded"}"#,
        #""order.cancel","data":{"order":"o_0000000000000001000000000000000N","key":"K"}"#,
        #""chat.send","data":{"text":"hello \u00e9","reply_to":"mN"}"#,
        #""product.get","data":{"product":"mug"}"#, #""ping""#,
        #""hello","data":{"show":"spring"}"#,
        #""show.pause""#, #""show.resume""#, #""show.end""#, #""show.start""#,
        #""product.pin","data":{"sku":"MUG","seconds":5}"#, #""product.unpin""#,
        #""queue.set","data":{"products":["mug","cup"]}"#, #""queue.next""#,
        #""stock.adjust","data":{"sku":"MUG","delta":-N}"#,
        #""stock.adjust","data":{"sku":"CUP","delta":N}"#,
        #""stock.set","data":{"sku":"MUG","on_hand":9,"expected":N}"#,
        #""price.set","data":{"sku":"CUP","price":N00}"#,
        #""product.add","data":{"product":{"title":"T","variants":[{"sku":"SN","price":5,"on_hand":N}]}}"#,
        #""product.update","data":{"product":{"id":"cup","title":"N","variants":[{"sku":"CUP","price":N0}]}}"#,
        #""product.remove","data":{"product":"pN"}"#,
        #""flash.start","data":{"sku":"MUG","price":1000,"countdown_seconds":1,"duration_seconds":3,"quantity":N}"#,
        #""flash.stop","data":{"sku":"MUG"}"#, #""note.set","data":{"text":"N","seconds":N}"#,
        #""chat.delete","data":{"message":"mN"}"#, #""room.configure","data":{"hold_seconds":N}"#,
        #""room.configure","data":{"pins":2,"claim_feed":"counts"}"#,
        #""participant.timeout","data":{"participant":"u-ana","seconds":N}"#,
        #""participant.set_role","data":{"participant":"u-ben","role":"moderator"}"#,
        #""holds.list""#, #""waitlist.list""#, #""orders.list""#, #""viewers.list""#,
    ]

    @Test(arguments: 0..<24 as Range<UInt64>)
    func `random requests neither trap nor oversell, and a restart changes nothing`(
        _ seed: UInt64
    ) throws {
        var random = RequestDice(seed: seed)
        let room = TestRoom.live(onHand: 6)
        room.addProduct("cup", onHand: 2)
        let people = ["host", "ana", "ben", "cleo"]
        func joinAll() {
            room.joinHost()
            for name in people.dropFirst() { room.join(name) }
        }
        for name in people.dropFirst() { room.join(name) }
        for step in 0..<300 {
            let messages = (0...random.below(4)).map { _ in
                (name: people[random.below(4)], text: Self.message(&random, step))
            }
            room.archive.isFailing = random.below(25) == 0
            room.sendAll(messages)
            if room.engine.isStorageFailing { try room.resumeStorage() }
            room.archive.isFailing = false
            if random.below(6) == 0 { room.pass(milliseconds: random.below(200_000)) }
            try check(room)
            guard random.below(40) == 0 else { continue }
            room.pass(seconds: 1)
            // What was said while nothing could be stored is not found again.
            let said = try room.show().chat.newest(50).filter { message in
                room.archive.shelves["spring"]?.chat.contains { $0.number == message.number }
                    == true
            }
            let before = try picture(of: room.show())
            room.restart()
            let changed = try zip(before, picture(of: room.show())).filter { $0 != $1 }
            #expect(changed.isEmpty, "seed \(seed), step \(step)")
            #expect(try Array(room.show().chat.newest(50)).suffix(said.count) == said[...])
            joinAll()
        }
        for name in people { #expect(room.request("ping", from: name).reply != nil) }
    }

    private static func message(_ random: inout RequestDice, _ step: Int) -> String {
        let sample = samples[random.below(samples.count)]
            .replacing("K", with: "k\(random.below(40))").replacing(
                "N", with: "\(random.below(10))")
        var bytes = Array(#"{"id":\#(step + 1),"type":\#(sample)}"#.utf8)
        guard random.below(4) == 0 else { return String(decoding: bytes, as: UTF8.self) }
        for _ in 0...random.below(2) where !bytes.isEmpty {
            let place = random.below(bytes.count)
            switch random.below(4) {
            case 0: bytes[place] = UInt8(random.below(128))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8(ascii: "9"), at: place)
            default: bytes.append(contentsOf: bytes.suffix(random.below(40)))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What has to be true after every batch.
    private func check(_ room: TestRoom) throws {
        let show = try room.show()
        let held = show.ledger.recountHeld()
        for (index, level) in show.ledger.levels.enumerated() where !level.isRemoved {
            #expect(level.brokenInvariant == nil && level.held == held[index])
            let unserved = level.waitlist.inOrder.filter { $0.unserved > 0 }
            #expect(level.available == 0 || unserved.isEmpty, "units are free while somebody waits")
            let stored = room.archive.shelves["spring"]?.stock[level.sku]
            #expect(stored?.onHand == level.onHand && stored?.held == level.held)
            #expect(stored?.sold == level.sold)
        }
        #expect(show.log.lastOffset == room.archive.shelves["spring"]?.events.count)
    }
}

/// What a restart has to find again, a line per thing.
private func picture(of show: Show) -> [String] {
    var lines = [
        "\(show.status)", "\(show.settings)", "\(show.pins)", "\(show.queue)",
        "seq \(show.lastSeq) offset \(show.log.lastOffset)", "\(show.flashSales)",
        "\(show.ledger.openHolds())", "\(show.snapshotProducts())",
    ]
    for level in show.ledger.levels {
        lines.append(
            "\(level.sku) \(level.price) \(level.onHand) \(level.held) \(level.sold) "
                + "\(Array(level.waitlist.inOrder))")
    }
    lines += (0..<show.ledger.orderCount).map { "\(show.ledger.order(at: $0))" }
    return lines
}

/// Random numbers from a seed, the same on every machine (SplitMix64).
private struct RequestDice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
