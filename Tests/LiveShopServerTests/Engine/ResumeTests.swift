// Snapshot and resume: nothing is missed and nothing comes twice.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct ResumeTests {
    private func offsets(_ lines: [String]) -> [Int] {
        lines.compactMap { at("offset", $0).flatMap(Int.init) }
    }

    @Test func `who was away gets exactly the missed events, in order`() throws {
        let room = TestRoom.live(onHand: 1000)
        room.join("ana")
        room.drop("ana")
        let left = try room.show().log.lastOffset
        for number in 1...500 {
            room.request("price.set", #"{"sku":"MUG","price":\#(1000 + number)}"#, from: "host")
        }
        room.pass(seconds: 90)
        let lines = room.join("ana", resume: #"{"epoch":"k3f9","offset":\#(left)}"#)
        #expect(at("data.resumed", lines.reply) == "true")
        #expect(at("data.snapshot", lines.reply) == nil)
        #expect(at("data.offset", lines.reply) == "\(left + 500)")
        #expect(offsets(lines) == Array(left + 1...left + 500))
        #expect(lines.all("price.changed").count == 500)
        // Then the live ones.
        room.request("price.set", #"{"sku":"MUG","price":1}"#, from: "host")
        #expect(offsets(room.take("ana")) == [left + 501])
    }

    @Test func `nothing missed is a resume with nothing`() {
        let room = TestRoom.live()
        let lines = room.join("ana", resume: #"{"epoch":"k3f9","offset":2}"#)
        #expect(at("data.resumed", lines.reply) == "true")
        #expect(lines.allSatisfy { at("offset", $0) == nil })
    }

    @Test(arguments: [
        #"{"epoch":"other","offset":1}"#, #"{"epoch":"k3f9","offset":3}"#,
        #"{"epoch":"k3f9","offset":9007199254740991}"#,
    ])
    func `a wrong epoch or a future offset gives a snapshot and no replay`(_ resume: String) {
        let room = TestRoom.live()
        let lines = room.join("ana", resume: resume)
        #expect(at("data.resumed", lines.reply) == "false")
        #expect(at("data.snapshot.show.status", lines.reply) == "live")
        #expect(lines.allSatisfy { at("offset", $0) == nil })
    }

    @Test func `after a restart, too, what is in memory is resumed, and more gives a snapshot`()
        throws
    {
        let archive = EngineArchive()
        archive.recentEvents = 10
        let room = TestRoom.live(archive: archive)
        for number in 1...100 {
            room.request("price.set", #"{"sku":"MUG","price":\#(number)}"#, from: "host")
        }
        room.restart()
        let lines = room.join("ana", resume: #"{"epoch":"k3f9","offset":92}"#)
        #expect(at("data.resumed", lines.reply) == "true")
        #expect(offsets(lines) == Array(93...102))
        let older = room.join("ben", resume: #"{"epoch":"k3f9","offset":91}"#)
        #expect(at("data.resumed", older.reply) == "false")
        #expect(at("data.snapshot.products.0.variants.0.price", older.reply) == "100")
    }

    // MARK: Pages

    /// A room whose pages hold an event or two, and a connection that missed `missed` events.
    private func paged(missed: Int) throws -> (room: TestRoom, left: Int) {
        let room = TestRoom.live(onHand: 1000) { $0.pageBytes = 300 }
        room.join("ana")
        room.drop("ana")
        let left = try room.show().log.lastOffset
        setPrices(1...missed, in: room)
        return (room, left)
    }

    private func setPrices(_ prices: ClosedRange<Int>, in room: TestRoom) {
        for price in prices {
            room.request("price.set", #"{"sku":"MUG","price":\#(price)}"#, from: "host")
        }
    }

    @Test func `what was missed comes in pages, each when the socket has taken the last`() throws {
        let (room, left) = try paged(missed: 9)
        room.isSlow = true
        var heard = offsets(room.join("ana", resume: #"{"epoch":"k3f9","offset":\#(left)}"#))
        #expect(heard.first == left + 1 && heard.count < 4)
        // What happens meanwhile is heard in its place, once.
        setPrices(10...12, in: room)
        #expect(room.take("ana").isEmpty)
        var pages = 1
        while heard.count < 12, pages < 20 {
            room.drain("ana")
            heard += offsets(room.take("ana"))
            pages += 1
        }
        #expect(heard == Array(left + 1...left + 12))
        #expect(pages == 4)
        setPrices(13...13, in: room)
        #expect(offsets(room.take("ana")) == [left + 13])
        // Nothing is left to be told.
        room.drain("ana")
        #expect(room.take("ana").isEmpty)
    }

    @Test func `who asks meanwhile is answered, and hears chat and stock at the end`() throws {
        let (room, left) = try paged(missed: 9)
        room.isSlow = true
        room.join("ana", resume: #"{"epoch":"k3f9","offset":\#(left)}"#)
        #expect(room.claim(key: "k", from: "ana").reply != nil)
        room.request("chat.send", #"{"text":"hello"}"#, from: "host")
        room.pass(seconds: 1)
        #expect(room.take("ana").all("chat.message").isEmpty)
        room.isSlow = false
        room.drain("ana")
        let lines = room.take("ana")
        #expect(lines.all("chat.message").map { at("data.replayed", $0) } == ["true"])
        #expect(lines.all("stock.changed").map { at("data.available", $0) } == ["999"])
    }

    @Test func `who does not take what was missed within thirty seconds is closed`() throws {
        let (room, left) = try paged(missed: 9)
        room.isSlow = true
        room.join("ana", resume: #"{"epoch":"k3f9","offset":\#(left)}"#)
        room.pass(milliseconds: 29_999)
        #expect(room.closed["ana"] == nil)
        room.pass(milliseconds: 1)
        #expect(room.closed["ana"] == .tooSlow)
        // And who took it is not.
        room.isSlow = false
        room.join("ben", resume: #"{"epoch":"k3f9","offset":\#(left)}"#)
        room.pass(seconds: 40)
        #expect(room.closed["ben"] == nil)
    }

    @Test func `pages go on after a batch that could not be stored`() throws {
        let (room, left) = try paged(missed: 9)
        room.request("note.set", #"{"text":"x","seconds":1}"#, from: "host")
        room.isSlow = true
        var heard = offsets(room.join("ana", resume: #"{"epoch":"k3f9","offset":\#(left)}"#))
        // The note ends in the batch of the next page, which is decided again.
        room.archive.isFailing = true
        room.now = room.now.adding(seconds: 1)
        room.drain("ana")
        #expect(room.engine.isStorageFailing)
        heard += offsets(room.take("ana"))
        try room.resumeStorage()
        room.isSlow = false
        room.drain("ana")
        heard += offsets(room.take("ana"))
        #expect(heard == Array(left + 1...left + 11))
    }

    @Test func `more than ten thousand events, or than one may ask for now, give a snapshot`()
        throws
    {
        let room = TestRoom.live(onHand: 9)
        room.meddle { engine in
            for number in 1...9_998 {
                engine.rooms[0].show.append(event: Array("{\(number)}".utf8))
            }
        }
        let last = try room.show().log.lastOffset
        #expect(last == 10_000)
        let all = room.join("ana", resume: #"{"epoch":"k3f9","offset":0}"#)
        #expect(at("data.resumed", all.reply) == "true")
        room.meddle { $0.rooms[0].show.append(event: [0x7B, 0x7D]) }
        let more = room.join("ben", resume: #"{"epoch":"k3f9","offset":0}"#)
        #expect(at("data.resumed", more.reply) == "false")
    }

    @Test func `a long resume costs as many requests as it has pages`() {
        var settings = ShowSettings()
        settings.requestBurst = 20
        settings.addressRequestRate = 0
        let room = TestRoom(settings: settings) { $0.pageBytes = 100 }
        room.joinHost()
        for number in 1...15 {
            room.request("note.set", #"{"text":"\#(number)"}"#, from: "host")
        }
        let resume = #"{"epoch":"k3f9","offset":0}"#
        #expect(at("data.resumed", room.join("ana", resume: resume).reply) == "true")
        let again = room.join("ana2", token: "u-ana/viewer/Ana", resume: resume)
        #expect(at("data.resumed", again.reply) == "false")
        #expect(at("data.resumed", room.join("ben", resume: resume).reply) == "true")
        let short = room.join(
            "ana3", token: "u-ana/viewer/Ana", resume: #"{"epoch":"k3f9","offset":15}"#)
        #expect(at("data.resumed", short.reply) == "true")
    }

    // MARK: Large snapshots

    private func large() -> TestRoom {
        let room = TestRoom.live(onHand: 1000) { $0.sharedSnapshotBytes = 1000 }
        for number in 1...10 { room.addProduct("x\(number)") }
        return room
    }

    @Test func `a large snapshot stands for a second, and what happened since follows it`() throws {
        let room = large()
        room.join("ben")
        let first = room.join("ana")
        let offset = try room.show().log.lastOffset
        #expect(at("data.offset", first.reply) == "\(offset)")
        room.claim(key: "k", from: "ben")
        room.pass(milliseconds: 300)
        let second = room.join("cleo")
        #expect(at("data.offset", second.reply) == "\(offset)")
        #expect(at("data.snapshot.products.0.variants.0.available", second.reply) == "1000")
        #expect(offsets(second) == [offset + 1])
        #expect(second.all("stock.changed").map { at("data.available", $0) } == ["999"])
        #expect(at("data.snapshot.viewers", second.reply) == "4")
        room.pass(milliseconds: 700)
        let third = room.join("dan")
        #expect(at("data.offset", third.reply) == "\(offset + 1)")
        #expect(at("data.snapshot.products.0.variants.0.available", third.reply) == "999")
    }

    @Test func `a large snapshot is made anew when more changed than counts`() throws {
        let room = large()
        room.join("ana")
        room.request("note.set", #"{"text":"new"}"#, from: "host")
        #expect(at("data.snapshot.note.text", room.join("ben").reply) == "new")
        room.join("kim", token: "u-kim/co_host/Kim")
        #expect(at("data.snapshot.show.hosts.1.name", room.join("dan").reply) == "Kim")
    }

    @Test func `a snapshot has at most 512 KiB, and says how many products there are`() throws {
        let room = TestRoom.live()
        let title = String(repeating: "t", count: 255)
        let options = (1...3).map { #""option\#($0)":"\#(String(repeating: "o", count: 200))""# }
            .joined(separator: ",")
        for number in 1...490 {
            room.request(
                "product.add",
                #"{"product":{"id":"p\#(number)","title":"\#(title)","variants":[{"sku":"P\#(number)","title":"\#(title)","options":{\#(options)},"price":1,"on_hand":1}]}}"#,
                from: "host")
        }
        for _ in 1...50 {
            room.request(
                "chat.send", #"{"text":"\#(String(repeating: "€", count: 200))"}"#, from: "host")
        }
        room.request("queue.set", #"{"products":["p490"]}"#, from: "host")
        let reply = try #require(room.join("ana").reply)
        #expect(reply.utf8.count < 512 << 10)
        #expect(reply.utf8.count > 300 << 10)
        #expect(at("data.snapshot.products_total", reply) == "491")
        #expect(at("data.snapshot.products.0.id", reply) == "p490")
        #expect(at("data.snapshot.chat.49.text", reply) != nil)
    }

    @Test func `the epoch and the offsets go on after a restart`() throws {
        let room = TestRoom.live()
        room.join("ana")
        room.claim(key: "k", from: "ana")
        let before = try room.show().log.lastOffset
        room.restart()
        let lines = room.join("ana", resume: #"{"epoch":"k3f9","offset":1}"#)
        #expect(at("data.epoch", lines.reply) == "k3f9")
        #expect(offsets(lines) == Array(2...before))
    }

    @Test func `missed chat of two minutes comes marked as replayed`() {
        let room = TestRoom.live()
        room.join("ben")
        for text in ["old", "older"] {
            room.request("chat.send", #"{"text":"\#(text)"}"#, from: "ben")
        }
        room.pass(seconds: 121)
        room.request("chat.send", #"{"text":"new"}"#, from: "ben")
        room.pass(seconds: 60)
        let lines = room.join("ana", resume: #"{"epoch":"k3f9","offset":2}"#)
        let chat = lines.all("chat.message")
        #expect(chat.map { at("data.text", $0) } == ["new"])
        #expect(chat.allSatisfy { at("data.replayed", $0) == "true" })
        room.pass(seconds: 61)
        let later = room.join("cleo", resume: #"{"epoch":"k3f9","offset":2}"#)
        #expect(later.all("chat.message").isEmpty)
        #expect(room.take("ben").all("chat.message").allSatisfy { at("data.replayed", $0) == nil })
    }

    @Test func `deleted chat is not replayed and is in no snapshot`() {
        let room = TestRoom.live()
        room.join("ben")
        room.request("chat.send", #"{"text":"nasty"}"#, from: "ben")
        room.request("chat.send", #"{"text":"nice"}"#, from: "ben")
        #expect(
            room.request("chat.delete", #"{"message":"m1"}"#, from: "host").first("chat.deleted")
                != nil)
        let resumed = room.join("ana", resume: #"{"epoch":"k3f9","offset":2}"#)
        #expect(resumed.all("chat.message").map { at("data.message", $0) } == ["m2"])
        let fresh = room.join("cleo")
        #expect(at("data.snapshot.chat.0.text", fresh.reply) == "nice")
        #expect(at("data.snapshot.chat.1", fresh.reply) == nil)
        room.restart()
        let again = room.join("dan")
        #expect(at("data.snapshot.chat.0.message", again.reply) == "m2")
    }

    @Test func `who resumes gets the latest stock of what moved`() throws {
        let room = TestRoom.live(onHand: 9)
        room.addProduct("cup", onHand: 9)
        room.addProduct("pot", onHand: 9)
        room.join("ana")
        room.join("ben")
        room.claim("MUG", key: "a", from: "ben")
        room.pass(seconds: 1)
        room.drop("ana")
        let left = try room.show().log.lastOffset
        for number in 1...3 {
            room.claim("CUP", key: "b\(number)", from: "ben")
            room.pass(milliseconds: 500)
        }
        let lines = room.join("ana", resume: #"{"epoch":"k3f9","offset":\#(left)}"#)
        let stock = lines.all("stock.changed")
        let ofCup = stock.filter { at("data.sku", $0) == "CUP" }
        #expect(ofCup.count == 1)
        #expect(at("data.available", ofCup.first) == "6")
        #expect(at("data.on_hand", ofCup.first) == "9")
        #expect(at("data.held", ofCup.first) == "3" && at("data.sold", ofCup.first) == "0")
        #expect(!stock.contains { at("data.sku", $0) == "POT" })
    }

    @Test func `a snapshot and the events after it give the server's state`() throws {
        let room = TestRoom.live(onHand: 9)
        room.addProduct("cup")
        room.join("ana")
        room.request("price.set", #"{"sku":"MUG","price":1400}"#, from: "host")
        room.request("product.pin", #"{"product":"cup"}"#, from: "host")
        room.claim(key: "k", from: "ana")
        let first = room.join("ben")
        // Prices, stock and pins of the first snapshot are those of now.
        #expect(at("data.snapshot.products.0.id", first.reply) == "cup")
        #expect(at("data.snapshot.products.1.variants.0.price", first.reply) == "1400")
        #expect(at("data.snapshot.products.1.variants.0.available", first.reply) == "8")
        // The next snapshot is as right as the first.
        room.request("price.set", #"{"sku":"MUG","price":1300}"#, from: "host")
        let second = room.join("cleo")
        #expect(at("data.snapshot.products.1.variants.0.price", second.reply) == "1300")
        room.join("kim", token: "u-kim/co_host/Kim")
        let third = room.join("dan")
        #expect(at("data.snapshot.show.hosts.1.name", third.reply) == "Kim")
    }

    @Test func `a snapshot has at most five hundred products and fifty messages`() {
        let room = TestRoom.live()
        for number in 1...520 { room.addProduct("x\(number)") }
        for number in 1...60 {
            room.request("chat.send", #"{"text":"\#(number)"}"#, from: "host")
        }
        room.request("queue.set", #"{"products":["x520"]}"#, from: "host")
        let reply = room.join("ana").reply
        #expect(at("data.snapshot.products.499.id", reply) == "x498")
        #expect(at("data.snapshot.products.500", reply) == nil)
        #expect(at("data.snapshot.products.0.id", reply) == "x520")
        #expect(at("data.snapshot.products.0.description", reply) == nil)
        #expect(at("data.snapshot.products_total", reply) == "521")
        #expect(at("data.snapshot.chat.0.text", reply) == "11")
        #expect(at("data.snapshot.chat.49.text", reply) == "60")
        #expect(at("data.snapshot.chat.50", reply) == nil)
    }

    @Test func `own holds, places, offers and orders come with every hello`() throws {
        let room = TestRoom.live(onHand: 2)
        room.join("ana")
        room.join("ben")
        room.claim(key: "1", from: "ana")
        room.claim(key: "2", from: "ana")
        room.request("order.place", #"{"holds":["h2"],"key":"3"}"#, from: "ana")
        room.claim("MUG", 2, key: "1", from: "ben")
        room.request("hold.release", #"{"hold":"h1"}"#, from: "ana")
        let ben = room.join("ben2", token: "u-ben/viewer/Ben").reply
        #expect(
            at("data.you.waitlist", ben) == #"""
                [{"sku":"MUG","quantity":2,"place":1,"offer":{"quantity":1,"unit_price":1500,"expires_at":"2026-11-21T19:05:00.000Z"}}]
                """#)
        let ana = room.join(
            "ana2", token: "u-ana/viewer/Ana", resume: #"{"epoch":"k3f9","offset":1}"#
        )
        .reply
        #expect(at("data.you.holds", ana) == "[]")
        #expect(at("data.you.orders.0.status", ana) == "placed")
        #expect(at("data.resumed", ana) == "true")
    }
}
