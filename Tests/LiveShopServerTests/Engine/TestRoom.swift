// The engine without sockets: connections are names, messages are JSON text, and what each connection
// was sent is kept as lines. A step is one batch, decided, stored and delivered as the sequencer does it.

import Inventory
import LiveSession
import Testing
import WireProtocol

@testable import LiveShopServer

final class TestRoom {
    private(set) var engine: ShowEngine
    let archive: EngineArchive
    let configuration: EngineConfiguration
    /// 2026-11-21T19:00:00.000Z
    var now = Timestamp(milliseconds: 1_795_287_600_000)
    private(set) var alarms: [String] = []
    /// The close code each connection got.
    private(set) var closed: [String: CloseCode] = [:]
    private var ids: [String: ConnectionID] = [:]
    private var inboxes: [String: [String]] = [:]
    private var frames: [String: Int] = [:]
    private var rooms: [String: RoomID] = [:]
    private var fragments: [String: [UInt8]] = [:]
    /// Connections whose sockets have taken all, and whether none does.
    private var drained: [String] = []
    var isSlow = false
    private var opened: UInt32 = 0
    private var guests = 0
    private var random: UInt64 = 0
    /// Answers of authentication that are held back until `admit`.
    private var waitingAdmissions: [AdmissionRequest] = []
    var holdsAdmissions = false

    init(
        archive: EngineArchive = EngineArchive(), guests: GuestPolicy = .claim,
        testPayment: Bool = true, settings: ShowSettings? = nil, expiresAt: Timestamp? = nil,
        trustedProxies: Set<AddressKey> = [],
        configure: (inout EngineConfiguration) -> Void = { _ in }
    ) {
        if archive.shelves.isEmpty { archive.create("spring") }
        var configuration = EngineConfiguration()
        configuration.guests = guests
        configuration.testPayment = testPayment
        configuration.isTrustedProxy = { trustedProxies.contains($0) }
        var settings = settings ?? archive.settings
        if settings == ShowSettings() {
            settings.requestRate = 0
            settings.addressRequestRate = 0
            settings.guestsPerAddress = 0
            settings.guestUnits = 0
            settings.guestUnitsPerAddress = 0
        }
        configuration.settings = settings
        configure(&configuration)
        archive.settings = settings
        self.archive = archive
        self.configuration = configuration
        engine = TestRoom.engine(archive, configuration) { 0 }
        restart()
    }

    private static func engine(
        _ archive: EngineArchive, _ configuration: EngineConfiguration,
        _ random: @escaping () -> UInt64
    ) -> ShowEngine {
        ShowEngine(
            configuration: configuration,
            environment: EngineEnvironment(
                contentHash: TestRoom.hash, randomBits: random,
                load: { id throws(LoadFailure) in try archive.load(id) },
                listings: { archive.listings() },
                sockets: { _ in ["ws://localhost:8080/v1/socket"] },
                journalEntry: { key, number throws(LoadFailure) in
                    try archive.journalEntry(key, number)
                }))
    }

    /// A public page: its status and its text.
    func get(_ path: String, query: String = "") -> (status: Int, text: String) {
        let answer = engine.respond(to: HTTPRequest(method: .get, path: path, query: query))
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    /// FNV, spread over four words: different contents differ.
    private static func hash(_ content: [UInt8]) -> ContentHash {
        let sum = content.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
        }
        return ContentHash(words: [sum, ~sum, sum &* 3, sum &* 5])
    }

    /// The process dies; a new one starts over what was stored. Every connection is gone.
    func restart() {
        ids = [:]
        inboxes = [:]
        rooms = [:]
        closed = [:]
        engine = TestRoom.engine(archive, configuration) { [unowned self] in
            random += 1
            return random
        }
        // As the sequencer does: what is over is loaded when somebody asks for it.
        for id in archive.shelves.keys.sorted()
        where archive.shelves[id]?.listing?.status != .ended {
            _ = try? engine.room(of: id)
        }
        step { _ in }
    }

    // MARK: Connections

    func open(_ name: String, address: String = "192.0.2.1") {
        opened += 1
        let id = ConnectionID(loop: 0, slot: Int(opened) & 0xFFFF, generation: opened)
        ids[name] = id
        inboxes[name] = []
        var batch = InboundBatch()
        batch.events.append(.opened(id, address: address))
        step { engine in engine.handle(batch, batch.events.indices, at: self.now) }
    }

    func drop(_ name: String) {
        guard let id = ids.removeValue(forKey: name) else { return }
        rooms[name] = nil
        var batch = InboundBatch()
        batch.events.append(.closed(id))
        step { engine in engine.handle(batch, batch.events.indices, at: self.now) }
    }

    /// Opens a connection and says hello. A token reads `subject/role/Name`, or
    /// `subject/role/Name/capability,…`.
    @discardableResult
    func join(
        _ name: String, token: String? = nil, resume: String? = nil,
        address: String = "192.0.2.1"
    ) -> [String] {
        open(name, address: address)
        let token = token ?? "u-\(name)/viewer/\(name.prefix(1).uppercased())\(name.dropFirst())"
        let resume = resume.map { #","resume":\#($0)"# } ?? ""
        return send(
            #"{"id":"hello","type":"hello","data":{"show":"spring","token":"\#(token)"\#(resume)}}"#,
            from: name)
    }

    @discardableResult
    func joinHost() -> [String] { join("host", token: "u-host/host/Hilda") }

    /// Sends a message and gives what its sender was sent since she last looked.
    @discardableResult
    func send(_ text: String, from name: String) -> [String] {
        sendAll([(name, text)])
        return take(name)
    }

    /// Sends several messages that are decided in one batch.
    func sendAll(_ messages: [(name: String, text: String)]) {
        var batch = InboundBatch()
        for (name, text) in messages {
            guard let id = ids[name] else {
                Issue.record("nobody is called \(name)")
                continue
            }
            batch.append(message: text.utf8, from: id)
        }
        step { engine in engine.handle(batch, batch.events.indices, at: self.now) }
    }

    /// The lines the connection was sent since the last call.
    @discardableResult
    func take(_ name: String) -> [String] {
        defer {
            inboxes[name] = []
            frames[name] = 0
        }
        return inboxes[name] ?? []
    }

    /// In how many frames they came.
    func frameCount(_ name: String) -> Int { frames[name] ?? 0 }

    func takeAll() { for name in inboxes.keys { take(name) } }

    // MARK: Time

    /// Lets time pass; what is due happens at its end.
    func pass(milliseconds: Int) {
        now = now.adding(milliseconds: milliseconds)
        step { _ in }
    }

    func pass(seconds: Int) { pass(milliseconds: seconds * 1000) }

    // MARK: Batches

    /// One batch, as the sequencer runs it.
    func step(_ decide: (inout ShowEngine) -> Void) {
        engine.begin(at: now)
        decide(&engine)
        engine.finish(at: now)
        let defects = engine.takeDefects()
        if !defects.isEmpty {
            rollBack()
            for defect in defects {
                guard let sku = defect.sku, engine.quarantine(sku, inShow: defect.show) else {
                    Issue.record("a defect without a sku: \(defect.sentence)")
                    return
                }
                alarms.append(defect.sentence)
            }
            return step(decide)
        }
        let records = engine.takeRecords()
        if !engine.isStorageFailing, !records.isEmpty {
            if archive.isFailing {
                rollBack()
                engine.suspendStorage()
                return step(decide)
            }
            archive.commit(records)
        }
        deliver(engine.takeDeliveries())
        reportDrained()
        alarms += engine.takeAlarms()
        waitingAdmissions += engine.takeAdmissions()
        if !holdsAdmissions { admit() }
    }

    /// The sockets have taken what they were sent.
    func drain(_ name: String) {
        drained = [name]
        reportDrained()
    }

    private func reportDrained() {
        guard !drained.isEmpty else { return }
        var batch = InboundBatch()
        batch.events += drained.compactMap { ids[$0] }.map(InboundBatch.Event.drained)
        drained = []
        step { $0.handle(batch, batch.events.indices, at: self.now) }
    }

    /// Authentication speaks.
    func admit() {
        let requests = waitingAdmissions
        waitingAdmissions = []
        for request in requests {
            let admission = authenticate(request)
            step { $0.handle(admission, of: request.connection, at: self.now) }
        }
    }

    private func rollBack() {
        do {
            try engine.rollBack()
        } catch {
            Issue.record("\(error)")
        }
    }

    /// The disk works again.
    func resumeStorage() throws {
        archive.isFailing = false
        try engine.resumeStorage()
        step { _ in }
    }

    /// Breaks something, for tests of what happens then.
    func meddle(_ body: (inout ShowEngine) -> Void) { body(&engine) }

    private func authenticate(_ request: AdmissionRequest) -> Admission {
        guard let token = request.token else {
            guests += 1
            return .accepted(
                Identity(
                    subject: "g\(guests)", name: request.name, role: .viewer,
                    capabilities: Capabilities(of: .viewer), isGuest: true, show: request.show,
                    expiresAt: now.adding(seconds: 30 * 86_400),
                    issuedToken: "g\(guests)/guest/\(request.name)"))
        }
        let parts = token.split(separator: "/").map(String.init)
        guard parts.count >= 3 else { return .refused("the token is not valid") }
        let isGuest = parts[1] == "guest"
        guard let role = isGuest ? .viewer : Role(rawValue: parts[1]) else {
            return .refused("the token is not valid")
        }
        var capabilities = Capabilities(of: role)
        var expiresAt = now.adding(seconds: 86_400)
        var show: String?
        for part in parts.dropFirst(3) {
            if let seconds = Int(part) {
                expiresAt = now.adding(seconds: seconds)
            } else if part.hasPrefix("show=") {
                show = String(part.dropFirst(5))
            } else {
                let names = part.split(separator: ",").map(String.init)
                capabilities = Capabilities(
                    Capabilities.names.filter { names.contains($0.name) }.map(\.value))
            }
        }
        return .accepted(
            Identity(
                subject: parts[0], name: parts[2], role: role, capabilities: capabilities,
                isGuest: isGuest, show: show, expiresAt: expiresAt))
    }

    // MARK: Delivery

    /// Does what the event loops do with a batch.
    private func deliver(_ batch: DeliveryBatch) {
        for operation in batch.operations {
            switch operation {
            case .send(let id, let range):
                if let name = name(of: id) { receive(batch.bytes[range], name) }
            case .sendShared(let id, let bytes):
                if let name = name(of: id) { receive(bytes[...], name) }
            case .reportDrained(let id):
                if let name = name(of: id), !isSlow { drained.append(name) }
            case .join(let id, let room):
                if let name = name(of: id) { rooms[name] = room }
            case .broadcast(let room, let range, _):
                for name in ids.keys where rooms[name] == room {
                    receive(batch.bytes[range], name)
                }
            case .close(let id, let code, _):
                guard let name = name(of: id) else { continue }
                closed[name] = code
                rooms[name] = nil
            case .respond: continue
            }
        }
    }

    private func name(of id: ConnectionID) -> String? { ids.first { $0.value == id }?.key }

    private func receive(_ frame: ArraySlice<UInt8>, _ name: String) {
        var rest = frame
        while let kind = rest.first.flatMap(Frame.Kind.init) {
            let header: Int
            let length: Int
            switch rest[rest.startIndex + 1] {
            case 126:
                (header, length) = (4, rest.dropFirst(2).prefix(2).reduce(0) { $0 << 8 | Int($1) })
            case 127:
                (header, length) = (10, rest.dropFirst(2).prefix(8).reduce(0) { $0 << 8 | Int($1) })
            case let short: (header, length) = (2, Int(short))
            }
            fragments[name, default: []] += rest.dropFirst(header).prefix(length)
            rest = rest.dropFirst(header + length)
            guard kind == .text || kind == .lastContinuation else { continue }
            let text = String(decoding: fragments.removeValue(forKey: name) ?? [], as: UTF8.self)
            inboxes[name, default: []] += text.split(separator: "\n").map(String.init)
            frames[name, default: 0] += 1
        }
        #expect(rest.isEmpty)
    }

    // MARK: Reading

    /// A show's state, for what cannot be seen on the wire.
    func show(_ id: String = "spring") throws -> Show {
        let index = try #require(try engine.room(of: id))
        return engine.rooms[index].show
    }
}

// MARK: Reading lines

/// What stands at a path such as `data.holds.0.sku`: a string's text, else the JSON; nil when nothing.
func at(_ path: String, _ line: String?) -> String? {
    guard let line, let json = try? JSONDocument(parsing: line) else { return nil }
    var node = json.root
    for part in path.split(separator: ".").map(String.init) {
        if let index = Int(part), json.kind(node) == .array {
            let elements = Array(json.elements(node))
            guard elements.indices.contains(index) else { return nil }
            node = elements[index]
        } else {
            guard let member = json.member(node, named: part) else { return nil }
            node = member
        }
    }
    return json.string(node) ?? String(decoding: json.rawBytes(node), as: UTF8.self)
}

extension [String] {
    /// The first line of a type.
    func first(_ type: String) -> String? { first { at("type", $0) == type } }
    func all(_ type: String) -> [String] { filter { at("type", $0) == type } }
    var types: [String] { map { at("type", $0) ?? "?" } }
    /// The code of the first error.
    var refusal: String? { at("error.code", first("error")) }
    var reply: String? { first("reply") }

    /// As one text, with hashes as `H`, to compare with a transcript.
    var transcript: String {
        map { line in
            line.replacing(/"content_hash":"[0-9a-f]{64}"/, with: #""content_hash":"H""#)
        }.joined(separator: "\n")
    }
}
