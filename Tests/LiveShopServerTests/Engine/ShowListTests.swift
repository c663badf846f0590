// The list of shows is for everybody who asks, as often as they like: it reads no show.

import Testing
import WireProtocol

@testable import LiveShopServer

struct ShowListTests {
    private func room(whoseShowsAreUnreadable isUnreadable: Bool = false) -> TestRoom {
        let archive = EngineArchive()
        archive.isUnreadable = isUnreadable
        archive.create("spring")
        archive.create("hidden", isPrivate: true)
        archive.create("autumn")
        archive.create("winter")
        return TestRoom(archive: archive)
    }

    private func ids(_ text: String) throws -> [String] {
        let json = try JSONDocument(parsing: text)
        let shows = json.elements(try #require(json.member(json.root, "shows")))
        return shows.compactMap { json.member($0, "id").flatMap { json.string($0) } }
    }

    @Test func `the list of shows reads none of them`() throws {
        let room = room(whoseShowsAreUnreadable: true)
        let list = room.get("/v1/shows")
        #expect(list.status == 200)
        #expect(try ids(list.text) == ["spring", "autumn", "winter"])
        #expect(list.text.hasSuffix(#""next":null}"#))
        #expect(room.get("/v1/shows/autumn").status == 503)
    }

    @Test func `the list comes in pages, and no page tells of a private show`() throws {
        let room = room()
        let first = room.get("/v1/shows", query: "limit=1")
        #expect(try ids(first.text) == ["spring"])
        #expect(first.text.contains(#""next":"spring""#))
        let second = room.get("/v1/shows", query: "limit=2&after=spring")
        #expect(try ids(second.text) == ["autumn", "winter"])
        #expect(second.text.contains(#""next":null"#))
        #expect(room.get("/v1/shows", query: "after=hidden").status == 400)
        #expect(
            room.get("/v1/shows", query: "after=hidden").text
                == room.get("/v1/shows", query: "after=nothing").text)
    }

    @Test(arguments: ["limit=0", "limit=1001", "limit=x", "limit", "limit=", "after=%2F", "after"])
    func `a limit or a place of another form is refused`(query: String) {
        #expect(room().get("/v1/shows", query: query).status == 400)
    }

    @Test func `a show that is loaded is listed as it is now`() throws {
        let room = room()
        _ = room.joinHost()
        _ = room.send(#"{"id":2,"type":"show.start"}"#, from: "host")
        let list = room.get("/v1/shows").text
        #expect(list.contains(#""id":"spring","title":"The spring show","status":"live""#))
    }
}
