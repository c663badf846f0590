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

    @Test func `old events come from the store, the newest from memory`() throws {
        let archive = EngineArchive()
        archive.recentEvents = 10
        let room = TestRoom.live(archive: archive)
        for number in 1...1500 {
            room.request("price.set", #"{"sku":"MUG","price":\#(number)}"#, from: "host")
        }
        room.restart()
        let lines = room.join("ana", resume: #"{"epoch":"k3f9","offset":0}"#)
        #expect(at("data.resumed", lines.reply) == "true")
        #expect(offsets(lines) == Array(1...1502))
        #expect(archive.historyReads >= 2)
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
