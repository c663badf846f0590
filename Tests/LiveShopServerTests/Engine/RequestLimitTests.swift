// What is counted, and that it is counted before anything is parsed: per connection before hello, per
// participant afterwards, and for guests per address.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct RequestLimitTests {
    private func room(burst: Int = 5, _ change: (inout ShowSettings) -> Void = { _ in }) -> TestRoom
    {
        var settings = ShowSettings()
        settings.requestRate = 60
        settings.requestBurst = burst
        settings.addressRequestRate = 0
        settings.guestsPerAddress = 0
        change(&settings)
        return TestRoom(settings: settings)
    }

    private func ping(_ id: Int, bytes: Int = 0) -> String {
        let filler = bytes == 0 ? "" : #","x":"\#(String(repeating: "x", count: bytes - 36))""#
        return #"{"id":\#(id),"type":"ping","data":{}\#(filler)}"#
    }

    @Test func `a long message counts as the kilobytes that it has`() {
        let room = room(burst: 8)
        room.join("ana")
        #expect(room.send(ping(1, bytes: 4000), from: "ana").reply != nil)
        #expect(room.send(ping(2, bytes: 3000), from: "ana").reply != nil)
        #expect(room.send(ping(3), from: "ana").reply != nil)
        #expect(room.send(ping(4), from: "ana").refusal == "rate_limited")
    }

    @Test func `a message that is longer than the bucket takes all of it`() {
        let room = room(burst: 3)
        room.join("ana")
        #expect(room.send(ping(1, bytes: 16_000), from: "ana").reply != nil)
        #expect(room.send(ping(2), from: "ana").refusal == "rate_limited")
        room.pass(seconds: 3)
        #expect(room.send(ping(3, bytes: 16_000), from: "ana").reply != nil)
    }

    @Test func `blanks are paid for, too`() {
        let room = room(burst: 16)
        room.join("ana")
        let lines = room.send(String(repeating: "\n", count: 16_384), from: "ana")
        #expect(lines.refusal == "bad_json")
        #expect(room.send(ping(1), from: "ana").refusal == "rate_limited")
    }

    @Test func `a message of thousands of requests is told once that it is too much`() {
        let room = room()
        room.join("ana")
        room.take("ana")
        let junk = Array(repeating: "{}", count: 5000).joined(separator: "\n")
        let lines = room.send(junk, from: "ana")
        #expect(lines.filter { at("error.code", $0) == "bad_request" }.count == 5)
        #expect(lines.filter { at("error.code", $0) == "rate_limited" }.count == 1)
        #expect(lines.count == 6)
    }

    @Test func `over the limit the first few requests of a message are answered by their ids`() {
        let room = room()
        room.join("ana")
        room.take("ana")
        let message = (1...1000).map { ping($0) }.joined(separator: "\n")
        let lines = room.send(message, from: "ana")
        #expect(lines.prefix(5).allSatisfy { at("type", $0) == "reply" })
        #expect(lines.map { at("id", $0) } == (1...37).map { "\($0)" })
        #expect(lines.dropFirst(5).allSatisfy { at("error.code", $0) == "rate_limited" })
    }

    @Test func `over the limit nothing is parsed, and the id is found`() {
        let room = room()
        room.join("ana")
        for number in 1...5 { room.send(ping(number), from: "ana") }
        for text in [#"{"id":7,"type":"ping",,,"#, #"{"id":7,"id":8}"#] {
            let lines = room.send(text, from: "ana")
            #expect(lines.refusal == "rate_limited" && at("id", lines.first) == "7", "\(lines)")
        }
    }

    @Test func `before hello a connection has its own bucket, also for what waits behind hello`() {
        let room = room()
        room.holdsAdmissions = true
        room.open("ana")
        let hello = #"{"id":1,"type":"hello","data":{"show":"spring","token":"u-ana/viewer/Ana"}}"#
        #expect(room.send(hello, from: "ana").isEmpty)
        for number in 2...5 { #expect(room.send(ping(number), from: "ana").isEmpty) }
        let lines = room.send(ping(6), from: "ana")
        #expect(lines.refusal == "rate_limited" && at("id", lines.first) == "6")
        #expect(room.send("", from: "ana").isEmpty)
        room.admit()
        let answers = room.take("ana").filter { at("type", $0) == "reply" }
        #expect(answers.map { at("id", $0) } == ["1", "2", "3", "4", "5"])
    }

    // MARK: Addresses

    private func guests(_ change: (inout ShowSettings) -> Void = { _ in }) -> TestRoom {
        var settings = ShowSettings()
        settings.addressRequestRate = 60
        settings.addressRequestBurst = 10
        settings.guestsPerAddress = 0
        change(&settings)
        return TestRoom(settings: settings)
    }

    private func joinGuest(_ name: String, in room: TestRoom, address: String) -> [String] {
        room.open(name, address: address)
        return room.send(
            #"{"id":1,"type":"hello","data":{"show":"spring","name":"\#(name)"}}"#, from: name)
    }

    @Test func `the guests of one address share a bucket, and nobody else is in it`() {
        let room = guests()
        for number in 0..<5 {
            let name = "guest\(number)"
            #expect(joinGuest(name, in: room, address: "2001:db8:1:2::\(number)").reply != nil)
            for _ in 0..<2 { #expect(room.request("ping", from: name).reply != nil) }
        }
        #expect(room.request("ping", from: "guest0").refusal == "rate_limited")
        // Somebody with a token at that address, and a guest of another one, do not notice.
        room.join("ana", address: "2001:db8:1:2::9")
        #expect(room.request("ping", from: "ana").reply != nil)
        #expect(joinGuest("eve", in: room, address: "2001:db8:1:3::1").reply != nil)
        #expect(room.request("ping", from: "eve").reply != nil)
        room.pass(seconds: 1)
        room.take("guest0")
        #expect(room.request("ping", from: "guest0").reply != nil)
    }

    @Test func `an address that comes back finds its bucket as it left it`() {
        let room = guests()
        _ = joinGuest("eve", in: room, address: "192.0.2.9")
        for _ in 0..<10 { room.request("ping", from: "eve") }
        room.drop("eve")
        for _ in 0..<5 { room.pass(milliseconds: 10) }
        _ = joinGuest("kim", in: room, address: "192.0.2.9")
        #expect(room.request("ping", from: "kim").refusal == "rate_limited")
        room.drop("kim")
        // Forgotten once there is nothing to remember.
        room.pass(seconds: 11)
        room.pass(seconds: 1)
        #expect(room.engine.addresses.count == 0)
    }

    @Test func `what strangers ask besides their first request counts for their address`() {
        let room = guests()
        for number in 0..<3 {
            room.open("s\(number)", address: "192.0.2.9")
            for _ in 0..<4 { room.send("{", from: "s\(number)") }
        }
        room.open("s", address: "192.0.2.9")
        #expect(room.send("{", from: "s").refusal == "bad_json")
        room.send("{", from: "s")
        #expect(room.send("{", from: "s").refusal == "rate_limited")
    }

    @Test func `an address has so many new guests, and may try again`() {
        let room = guests {
            $0.addressRequestRate = 0
            $0.guestsPerAddress = 3
        }
        for number in 0..<3 {
            #expect(joinGuest("g\(number)", in: room, address: "192.0.2.9").reply != nil)
            room.drop("g\(number)")
        }
        let lines = joinGuest("eve", in: room, address: "192.0.2.9")
        #expect(lines.refusal == "rate_limited")
        #expect(at("error.retry_after_ms", lines.first) == "200000")
        #expect(room.closed["eve"] == nil)
        // Those who are known come back, whoever has a token comes in, and another address is another.
        #expect(room.join("g0", token: "g1/guest/G", address: "192.0.2.9").reply != nil)
        #expect(room.join("ana", address: "192.0.2.9").reply != nil)
        #expect(joinGuest("kim", in: room, address: "192.0.2.10").reply != nil)
        room.pass(seconds: 200)
        #expect(room.closed["eve"] == .noHello)
        #expect(joinGuest("eve", in: room, address: "192.0.2.9").reply != nil)
    }

    @Test func `where guests only watch they are not counted`() {
        var settings = ShowSettings()
        settings.guestsPerAddress = 1
        let room = TestRoom(guests: .view, settings: settings)
        for number in 0..<5 {
            #expect(joinGuest("g\(number)", in: room, address: "192.0.2.9").reply != nil)
        }
    }

    @Test func `loopback is spared in development mode as long as nobody set a limit`() {
        func limits(spared: Bool, _ change: (inout ShowSettings) -> Void = { _ in })
            -> AddressLimits
        {
            var settings = ShowSettings()
            settings.sparesLoopback = spared
            change(&settings)
            let loopback = AddressLimits(settings, at: AddressKey(rawValue: 0))
            #expect(spared || loopback == AddressLimits(settings, at: AddressKey(rawValue: 7)))
            return loopback
        }
        #expect(limits(spared: false) == AddressLimits())
        #expect(limits(spared: true).requestRate == 0 && limits(spared: true).guests == 0)
        #expect(limits(spared: true) { $0.guestsPerAddress = 7 }.guests == 7)
        #expect(limits(spared: true) { $0.addressRequestRate = 9 }.requestRate == 9)
    }

    @Test func `a batch that is taken back counts its connections once`() {
        let room = guests()
        room.joinHost()
        room.request("note.set", #"{"text":"x","seconds":1}"#, from: "host")
        room.archive.isFailing = true
        // The note ends in the same batch, which cannot be stored and is decided again.
        room.now = room.now.adding(seconds: 1)
        var batch = InboundBatch()
        batch.events.append(
            .opened(ConnectionID(loop: 1, slot: 1, generation: 1), address: "192.0.2.77"))
        room.step { $0.handle(batch, batch.events.indices, at: room.now) }
        #expect(room.engine.isStorageFailing)
        var addresses = room.engine.addresses
        let place = addresses.enter(AddressKey("192.0.2.77") ?? .unknown)
        #expect(addresses[place].connections == 2)
    }
}
