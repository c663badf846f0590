// docs/PROTOCOL.md held to the code: what a stranger reads there is what the server says and takes.

import Foundation
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

@Suite struct ProtocolGuideTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private let guide: String
    private let lines: [Substring]

    init() throws {
        guide = try String(
            contentsOf: Self.root.appendingPathComponent("docs/PROTOCOL.md"), encoding: .utf8)
        lines = guide.split(separator: "\n")
    }

    /// The frames that stand whole on a line, after an arrow.
    private func frames(_ arrow: Character) -> [String] {
        lines.compactMap { line in
            let text = line.drop { $0 == " " }
            guard text.first == arrow else { return nil }
            let frame = text.dropFirst().drop { $0 == " " }
            return frame.hasSuffix("}") ? String(frame) : nil
        }
    }

    @Test func `every request that the guide shows is one that the server takes`() throws {
        let requests = frames("→")
        #expect(requests.count >= 6)
        for request in requests {
            var decoder = RequestDecoder()
            let bytes = Array(request.utf8)
            let decoded = try decoder.decode(bytes, in: bytes.indices).get()
            #expect(throws: Never.self, "\(request)") { try decoded.body.get() }
        }
    }

    @Test func `every message that the guide shows has the shape of one that the server sent`()
        throws
    {
        let sent = Set(try Self.conversation().map(shape))
        let shown = frames("←")
        #expect(shown.count >= 15)
        for message in shown where at("type", message) != "error" {
            let isSent = sent.contains(shape(message))
            #expect(isSent, "\(message) \(shape(message))")
        }
    }

    @Test func `the guide names every request, code and close code`() {
        for type in RequestType.allCases {
            // Of several of one noun the later ones stand as `.verb`.
            let verb = type.rawValue.drop { $0 != "." }
            let isNamed = guide.contains("`\(type.rawValue)`") || guide.contains("`\(verb)`")
            #expect(isNamed, "\(type.rawValue)")
        }
        for code in ErrorCode.allCases {
            let isNamed = guide.contains("`\(code.rawValue)`")
            #expect(isNamed, "\(code.rawValue)")
        }
        for code in CloseCode.allCases where code != .protocolError {
            let isNamed = guide.contains("\(code.rawValue)")
            #expect(isNamed, "\(code.rawValue)")
        }
    }

    @Test func `the guide's table of settings has each with its scope and default`() throws {
        for setting in ShowSetting.all {
            let row = try #require(
                lines.first { line in
                    line.split(separator: "|").first?.contains("`\(setting.name)`") == true
                        && ["show", "chat", "server"].contains { line.contains("| \($0) |") }
                },
                "\(setting.name)")
            let cells = row.split(separator: "|").map {
                $0.replacingOccurrences(of: "`", with: "").trimmingCharacters(in: .whitespaces)
            }
            let names = cells[0].components(separatedBy: ", ")
            let place = try #require(names.firstIndex(of: setting.name))
            let value = setting.value(in: ShowSettings()).description
            let defaults = cells[2].components(separatedBy: ", ")
                .map { $0.replacingOccurrences(of: ",", with: "") }
            #expect(cells[1] == "\(setting.scope)", "\(setting.name)")
            #expect(defaults[place] == value, "\(setting.name)")
        }
    }

    /// What a small show sends, each kind of message once at least.
    private static func conversation() throws -> [String] {
        let room = TestRoom.live()
        var heard: [String] = []
        heard += room.join("ana")
        heard += room.join("ben")
        heard += room.request("product.pin", #"{"sku":"MUG"}"#, from: "host")
        heard +=
            room.request("show.pause", from: "host") + room.request("show.resume", from: "host")
        heard += room.claim(key: "1", from: "ana")
        room.pass(milliseconds: 300)
        heard += room.take("ana") + room.take("ben")
        heard += room.claim(key: "2", from: "ana")
        // One of three is left: the next buyer gets a part and waits for the rest.
        heard += room.claim("MUG", 2, key: "1", from: "ben")
        heard += room.request("hold.release", #"{"hold":"h1"}"#, from: "ana")
        room.pass(milliseconds: 300)
        heard += room.take("ben")
        heard += room.request("waitlist.accept", #"{"sku":"MUG","key":"2"}"#, from: "ben")
        heard += room.request("order.place", #"{"holds":["h3","h4"],"key":"3"}"#, from: "ben")
        heard += room.request("price.set", #"{"sku":"MUG","price":1400}"#, from: "host")
        heard += room.request("stock.adjust", #"{"sku":"MUG","delta":1}"#, from: "host")
        heard += room.request("chat.send", #"{"text":"Lucky me!"}"#, from: "ben")
        room.pass(milliseconds: 300)
        heard += room.take("ana") + room.take("host")
        heard += room.request("show.end", from: "host") + room.request("show.start", from: "host")
        heard += room.take("ana")
        room.drop("ben")
        let epoch = try room.show().headline.epoch
        heard += room.join("ben", resume: #"{"epoch":"\#(epoch)","offset":1}"#)
        return heard
    }

    /// The names of all members, in place of their values; of a list, its first element.
    private func shape(_ message: String) -> String {
        guard let data = message.data(using: .utf8),
            let value = try? JSONSerialization.jsonObject(with: data)
        else { return "no JSON: \(message)" }
        return "\(at("type", message) ?? "") \(shape(of: value))"
    }

    private func shape(of value: Any) -> String {
        if let object = value as? [String: Any] {
            let members = object.keys.sorted().map { "\($0):\(shape(of: object[$0] ?? ""))" }
            return "{\(members.joined(separator: ","))}"
        }
        if let list = value as? [Any] { return "[\(list.first.map(shape(of:)) ?? "")]" }
        return "·"
    }
}
