// The public pages: what they tell, and that reading them loads nothing.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct PublicPageTests {
    /// A shop with a live show, one that is over, one to come and a private one.
    private func shop() -> TestRoom {
        let archive = EngineArchive()
        for id in ["autumn", "spring", "winter"] { archive.create(id) }
        archive.create("secret", isPrivate: true)
        let room = TestRoom(archive: archive)
        room.joinHost()
        room.addProduct("mug")
        room.request("show.start", from: "host")
        room.open("old")
        room.send(
            #"{"id":1,"type":"hello","data":{"show":"autumn","token":"u-kim/host/Kim"}}"#,
            from: "old")
        for type in ["show.start", "show.end"] { room.request(type, from: "old") }
        room.drop("old")
        return room
    }

    @Test func `a list of shows loads none and tells what the shows themselves would`() {
        let room = shop()
        let before = room.get("/v1/shows").text
        room.restart()
        let loads = room.archive.loads
        let after = room.get("/v1/shows").text
        #expect(room.archive.loads == loads)
        #expect((0..<4).map { at("shows.\($0).id", after) } == ["autumn", "spring", "winter", nil])
        #expect(at("shows.0.status", after) == "ended")
        #expect(at("shows.0.hosts.0.name", after) == "Kim")
        #expect(at("shows.0", after) == at("shows.0", before))
        #expect(at("shows.1.status", after) == "live")
        // One that is over tells of itself without being loaded, too; a private one is not there.
        #expect(at("products_total", room.get("/v1/shows/autumn").text) == "0")
        #expect(room.get("/v1/shows/secret").status == 404)
        #expect(room.get("/v1/shows/nothing").status == 404)
        #expect(room.archive.loads == loads)
    }

    @Test func `a list tells of a change at once`() {
        let room = shop()
        #expect(at("shows.1.status", room.get("/v1/shows").text) == "live")
        room.request("show.pause", from: "host")
        #expect(at("shows.1.status", room.get("/v1/shows").text) == "paused")
        room.join("kim", token: "u-kim/co_host/Kim")
        #expect(at("shows.1.hosts.1.name", room.get("/v1/shows").text) == "Kim")
    }

    @Test func `a row of an older program is completed once`() {
        let archive = EngineArchive()
        archive.create("spring")
        let room = TestRoom(archive: archive)
        room.joinHost()
        room.addProduct("mug")
        for type in ["show.start", "show.end"] { room.request(type, from: "host") }
        archive.forgetDetails()
        room.restart()
        let loads = archive.loads
        #expect(at("shows.0.started_at", room.get("/v1/shows").text) == "null")
        #expect(archive.loads == loads)
        #expect(at("products_total", room.get("/v1/shows/spring").text) == "1")
        #expect(at("products_total", room.get("/v1/shows/spring").text) == "1")
        #expect(archive.loads == loads + 1)
    }

    @Test func `a show that is over and left alone is unloaded, and is there again for who asks`() {
        let room = shop()
        // The last count of viewers is told first.
        room.pass(seconds: 2)
        let loads = room.archive.loads
        room.pass(seconds: 601)
        room.pass(seconds: 61)
        #expect(room.engine.loadedRoom(of: "autumn") == nil)
        #expect(room.engine.loadedRoom(of: "spring") != nil)
        #expect(room.engine.loadedRoom(of: "winter") != nil)
        #expect(at("shows.0.status", room.get("/v1/shows").text) == "ended")
        #expect(room.archive.loads == loads)
        room.open("late")
        let reply = room.send(
            #"{"id":1,"type":"hello","data":{"show":"autumn","token":"u-ana/viewer/Ana"}}"#,
            from: "late"
        ).reply
        #expect(at("data.snapshot.show.status", reply) == "ended")
        #expect(room.archive.loads == loads + 1)
        // It stays while somebody is there.
        room.pass(seconds: 700)
        room.pass(seconds: 61)
        #expect(room.request("ping", from: "late").reply != nil)
        #expect(room.request("product.pin", #"{"product":"mug"}"#, from: "host").reply != nil)
    }

    @Test func `health does not depend on shows`() {
        let room = shop()
        #expect(room.get("/healthz").status == 200 && room.get("/readyz").status == 200)
    }
}
