// The names that guests may not take, in their file: from tokens that were made, and from staff that came.

import Foundation
import Inventory
import LiveSession
import Store
import Testing
import WireProtocol

@testable import LiveShopServer

final class StaffNamesTests {
    private let path: String
    private let directory: DataDirectory
    private let now = Timestamp(milliseconds: 1_795_287_600_123)

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/names-\(UUID().uuidString)"
        directory = try DataDirectory(creating: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func hello(
        token: String? = nil, name: String = "", show: String = "spring"
    ) -> AdmissionRequest {
        AdmissionRequest(
            connection: ConnectionID(loop: 0, slot: 1, generation: 1), show: show, token: token,
            name: name, now: now)
    }

    @Test func `the names of the local tokens are taken from the beginning`() {
        let names = StaffNames(directory)
        #expect(names.isTaken("host", in: "spring") && names.isTaken("Admin", in: "summer"))
        #expect(!names.isTaken("Hostess", in: "spring"))
    }

    @Test func `a name is taken in its show, at once for others and after a restart`() throws {
        let (here, there) = (StaffNames(directory), StaffNames(directory))
        #expect(!there.isTaken("Marta", in: "spring"))
        try here.reserve("Marta", in: "spring")
        try here.reserve("Mo", in: nil)
        try here.reserve("Marta", in: "spring")
        for names in [here, there, StaffNames(directory)] {
            #expect(names.isTaken("MARTA", in: "spring") && !names.isTaken("Marta", in: "summer"))
            #expect(names.isTaken("mo", in: "spring") && names.isTaken("mo", in: "summer"))
        }
        let text = try String(contentsOfFile: path + "/staff.names", encoding: .utf8)
        #expect(text.split(separator: "\n") == ["spring\tMarta", "*\tMo"])
    }

    @Test func `what a crash left of a line costs that line alone`() throws {
        let names = StaffNames(directory)
        try names.reserve("Marta", in: "spring")
        let handle = try #require(FileHandle(forWritingAtPath: path + "/staff.names"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("spr".utf8))
        try handle.close()
        try names.reserve("Mo", in: "spring")
        let again = StaffNames(directory)
        #expect(again.isTaken("Marta", in: "spring") && again.isTaken("Mo", in: "spring"))
    }

    @Test func `a token made for staff keeps its name before it is used`() async throws {
        let maker = try LocalTokenMaker(directory: path)
        for (subject, name, role) in [
            ("m1", "Marta", "moderator"), ("zoe", nil, "host"), ("v1", "Ana", "viewer"),
        ] as [(String, String?, String)] {
            _ = try await maker.token(
                for: subject, name: name, role: role, show: "spring", seconds: 60)
        }
        let names = StaffNames(directory)
        #expect(names.isTaken("Marta", in: "spring") && names.isTaken("Zoe", in: "spring"))
        #expect(!names.isTaken("Ana", in: "spring") && !names.isTaken("Marta", in: "summer"))
    }

    @Test func `staff who came once keep their name from new guests, and from nobody else`() async {
        let secret = "a secret of some length, for this"
        let first = await Authenticator(secret: secret, staffNames: StaffNames(directory))
        func refused(_ admission: Admission) -> Bool {
            if case .nameTaken = admission { true } else { false }
        }
        let early = await first.admit(hello(name: "Marta"))
        guard case .accepted(let guest) = early else {
            Issue.record("no guest")
            return
        }
        let token = first.token(
            for: "m1", name: "Marta", role: .moderator, show: nil, seconds: 60, at: now)
        _ = await first.admit(hello(token: token))
        for authenticator in [
            first, await Authenticator(secret: secret, staffNames: StaffNames(directory)),
        ] {
            #expect(refused(await authenticator.admit(hello(name: "marta"))))
            #expect(!refused(await authenticator.admit(hello(name: "Marta", show: "summer"))))
            #expect(!refused(await authenticator.admit(hello(token: guest.issuedToken))))
        }
    }
}
