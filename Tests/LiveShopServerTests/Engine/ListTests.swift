// Lists come in pages: nothing twice, nobody missed, and no answer that is too long.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct ListTests {
    private func room() -> TestRoom {
        var settings = ShowSettings()
        settings.requestRate = 0
        settings.stock.activeHolds = 0
        settings.connectionsPerParticipant = 0
        let room = TestRoom(settings: settings)
        room.joinHost()
        room.addProduct("mug", onHand: 1000)
        room.request("show.start", from: "host")
        return room
    }

    /// All pages of a list: what stands at `path` in each entry, and the length of each page.
    private func pages(
        _ type: String, _ path: String, limit: Int, more: String = "", from name: String = "host",
        in room: TestRoom
    ) -> (values: [String], lengths: [Int]) {
        let list = type == "orders.mine" ? "orders" : String(type.prefix { $0 != "." })
        var values: [String] = []
        var lengths: [Int] = []
        var after = ""
        for _ in 0..<200 {
            let reply = room.request(
                type, #"{"limit":\#(limit)\#(after)\#(more)}"#, from: name
            ).reply
            var count = 0
            while let value = at("data.\(list).\(count).\(path)", reply) {
                values.append(value)
                count += 1
            }
            lengths.append(count)
            guard let next = at("data.next", reply), next != "null" else { break }
            after = #","after":"\#(next)""#
        }
        return (values, lengths)
    }

    private func order(_ count: Int, by name: String, in room: TestRoom, paying: Bool = false) {
        for _ in 0..<count {
            let number = (try? room.show().ledger.holdCount + 1) ?? 0
            room.claim(key: "c\(number)", from: name)
            room.request(
                "order.place", #"{"holds":["h\#(number)"],"key":"o\#(number)"}"#, from: name)
            guard paying, let show = try? room.show() else { continue }
            let order = show.ledger.order(at: show.ledger.orderCount - 1).id
            room.request(
                "order.pay", #"{"order":"\#(order)","method":"succeeded","key":"p\#(number)"}"#,
                from: name)
        }
    }

    @Test func `every list gives all of its entries, in pages of the length asked for`() {
        let room = room()
        for number in 0..<7 {
            room.join("b\(number)")
            room.claim(key: "k", from: "b\(number)")
        }
        room.claim("MUG", 900, key: "all", from: "b0")
        for number in 0..<7 { room.claim("MUG", 100, key: "w", from: "b\(number)") }
        let viewers = pages("viewers.list", "participant", limit: 3, in: room)
        #expect(viewers.values == ["u-host"] + (0..<7).map { "u-b\($0)" })
        #expect(viewers.lengths == [3, 3, 2])
        let holds = pages("holds.list", "hold", limit: 4, in: room)
        #expect(holds.values.prefix(8) == ["h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8"])
        let waitlist = pages("waitlist.list", "place", limit: 2, in: room)
        #expect(waitlist.values == (1...waitlist.values.count).map { "\($0)" })
        #expect(waitlist.lengths.dropLast().allSatisfy { $0 == 2 })
        order(5, by: "b1", in: room)
        #expect(pages("orders.list", "order", limit: 5, in: room).lengths == [0])
    }

    @Test func `who leaves between two pages hides nobody`() {
        let room = room()
        room.join("big")
        room.claim("MUG", 999, key: "a", from: "big")
        room.claim("MUG", 1, key: "b", from: "big")
        for number in 0..<6 {
            room.join("b\(number)")
            room.claim(key: "k", from: "b\(number)")
        }
        let first = room.request("waitlist.list", #"{"limit":3}"#, from: "host").reply
        let next = at("data.next", first) ?? "?"
        room.request("waitlist.leave", #"{"sku":"MUG"}"#, from: "b0")
        let second = room.request(
            "waitlist.list", #"{"after":"\#(next)","limit":9}"#, from: "host"
        ).reply
        #expect(
            (0..<3).map { at("data.waitlist.\($0).participant", second) } == [
                "u-b3", "u-b4", "u-b5",
            ])
        room.request("waitlist.leave", #"{"sku":"MUG"}"#, from: "b2")
        let again = room.request(
            "waitlist.list", #"{"after":"\#(next)","limit":9}"#, from: "host"
        ).reply
        #expect(at("data.waitlist.0.participant", again) == "u-b1")
        #expect(at("data.waitlist.3.participant", again) == "u-b5")
    }

    @Test func `orders are listed by status, and own ones newest first`() {
        let room = room()
        room.join("ana")
        room.join("ben")
        order(4, by: "ana", in: room, paying: true)
        order(2, by: "ben", in: room)
        order(3, by: "ana", in: room)
        #expect(pages("orders.list", "participant", limit: 4, in: room).lengths == [4, 4, 1])
        let paid = pages("orders.list", "status", limit: 3, more: #","status":"paid""#, in: room)
        #expect(paid.values == ["paid", "paid", "paid", "paid"])
        let mine = pages("orders.mine", "status", limit: 2, from: "ana", in: room)
        #expect(mine.values == ["placed", "placed", "placed", "paid", "paid", "paid", "paid"])
        #expect(mine.lengths == [2, 2, 2, 1])
        #expect(
            at("data.orders.0.participant", room.request("orders.mine", from: "ana").reply) == nil)
    }

    @Test func `hello brings the open orders and the newest fifty of the others`() {
        let room = room()
        room.join("ana")
        order(2, by: "ana", in: room)
        order(60, by: "ana", in: room, paying: true)
        let reply = room.join("ana2", token: "u-ana/viewer/Ana").reply
        let statuses = (0..<60).compactMap { at("data.you.orders.\($0).status", reply) }
        #expect(statuses == ["placed", "placed"] + Array(repeating: "paid", count: 50))
    }

    @Test func `no answer with a list is longer than 256 KiB`() {
        let room = room()
        let title = String(repeating: "€", count: 250)
        room.request(
            "product.add",
            #"{"product":{"id":"x","title":"\#(title)","variants":[{"sku":"X","price":1,"on_hand":9000}]}}"#,
            from: "host")
        room.join("ana")
        order(0, by: "ana", in: room)
        for number in 1...300 {
            room.claim("X", key: "c\(number)", from: "ana")
            room.request(
                "order.place", #"{"holds":["h\#(number)"],"key":"o\#(number)"}"#, from: "ana")
        }
        let reply = room.request("orders.mine", #"{"limit":1000}"#, from: "ana").reply ?? ""
        #expect(reply.utf8.count <= 256 << 10)
        #expect(reply.utf8.count > 250 << 10)
        let all = pages("orders.mine", "order", limit: 1000, from: "ana", in: room)
        #expect(Set(all.values).count == 300 && all.values.count == 300)
    }

    @Test(arguments: [
        #"{"limit":0}"#, #"{"limit":1001}"#, #"{"limit":"5"}"#, #"{"after":7}"#, #"{"after":""}"#,
        #"{"after":"x"}"#, #"{"after":"-1"}"#, #"{"after":"99999999999999999999"}"#,
        #"{"status":"open"}"#,
    ])
    func `a wrong page is refused`(_ data: String) {
        let room = room()
        #expect(room.request("orders.list", data, from: "host").refusal == "bad_request")
    }

    @Test(arguments: ["viewers.list", "holds.list", "waitlist.list", "orders.list", "orders.mine"])
    func `a place behind the end is an empty page`(_ type: String) {
        let room = room()
        let reply = room.request(type, #"{"after":"9007199254740991"}"#, from: "host").reply
        #expect(at("data.next", reply) == "null")
    }
}
