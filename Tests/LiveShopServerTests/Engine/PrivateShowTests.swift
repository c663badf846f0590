// A private show is for tokens that are good for it. To everybody else it does not exist.

import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

struct PrivateShowTests {
    private func answer(_ data: String, _ guests: GuestPolicy) -> (String, CloseCode?) {
        let archive = EngineArchive()
        archive.create("spring", isPrivate: true)
        let room = TestRoom(archive: archive, guests: guests)
        room.open("eve")
        let lines = room.send(#"{"id":1,"type":"hello","data":\#(data)}"#, from: "eve")
        return (lines.joined(), room.closed["eve"])
    }

    @Test(
        arguments: [
            #""name":"Eve""#, #""name":"Eve","resume":{"epoch":"k3f9","offset":0}"#, #""x":1"#,
            #""token":"g1/guest/Eve""#, #""token":"g1/guest/Eve/show=spring""#, #""token":"bad""#,
            #""token":"u-eve/viewer/Eve/show=summer""#, #""token":"u-eve/host/Eve/show=summer""#,
        ], [GuestPolicy.claim, .deny])
    func `those without a good token get the answer for a show that is not there`(
        _ who: String, _ guests: GuestPolicy
    ) {
        let (answered, code) = answer(#"{"show":"spring",\#(who)}"#, guests)
        #expect(at("error.code", answered) == "not_found")
        #expect(code == .showNotFound)
        let (missing, other) = answer(#"{"show":"autumn",\#(who)}"#, guests)
        #expect(answered == missing && code == other)
    }

    @Test(arguments: ["u-ana/viewer/Ana", "u-ana/viewer/Ana/show=spring", "u-host/host/Hilda"])
    func `a good token is let in`(_ token: String) {
        let archive = EngineArchive()
        archive.create("spring", isPrivate: true)
        let room = TestRoom(archive: archive)
        #expect(room.join("ana", token: token).reply != nil)
    }
}
