// A server in this process, on a port of its own and in a directory of its own, with one show in it. Goes
// away with its directory at the end of the test.

import Foundation
import LiveSession
import LiveShopServer
import Logging
import Testing
import WireProtocol

final class Shop {
    let directory: String
    private(set) var server: Server
    private var options: ServerOptions
    private var isRunning = true

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// - Parameters:
    ///   - stock: units by SKU; product `p1` has them as variants, at 10.00 each.
    ///   - settings: as in `--set`.
    init(
        stock: [(sku: String, units: Int)] = [("A", 3), ("B", 5)], settings: [String: Int] = [:],
        isLive: Bool = true, _ configure: (inout ServerOptions) -> Void = { _ in }
    ) async throws {
        directory = try temporaryDirectory()
        var options = ServerOptions(data: directory + "/data")
        options.port = 0
        // Clients of the same thread answer no close frame while the server stops.
        options.shutdownSeconds = 1
        for (name, value) in settings {
            guard let setting = ShowSetting.named(name),
                setting.set(.integer(value), in: &options.settings) == nil
            else { throw Failure(description: "no setting \(name)=\(value)") }
        }
        configure(&options)
        self.options = options
        try dataGate.sync { try Self.fill(options.data, stock, isLive: isLive) }
        server = try await Self.start(options)
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func start(_ options: ServerOptions) async throws -> Server {
        var log = Logger(label: "journey")
        log.logLevel = .critical
        return try await Server.start(options, log: log) { reason in fatalError(reason) }
    }

    private static func fill(
        _ path: String, _ stock: [(sku: String, units: Int)], isLive: Bool
    ) throws {
        let data = try LocalData(path, .create)
        defer { data.close() }
        try data.createShow(
            "spring", title: "Spring", currency: try #require(Currency("EUR")), scheduledAt: nil,
            isPrivate: false)
        let variants = stock.map { sku, units in
            #"{"sku":"\#(sku)","title":"\#(sku)","price":1000,"on_hand":\#(units)}"#
        }
        let json = try JSONDocument(
            parsing: #"{"id":"p1","title":"Tee","variants":[\#(variants.joined(separator: ","))]}"#)
        _ = try data.importCatalogue([ProductInput(json.root, in: json)], show: "spring")
        if isLive { try data.take(.start, show: "spring") }
    }

    // MARK: The server

    var port: Int { server.port }

    func stop() {
        guard isRunning else { return }
        isRunning = false
        dataGate.sync { server.stop() }
    }

    /// Starts the server again, on the same directory and the same port.
    func start() async throws {
        options.port = server.port
        server = try await Self.start(options)
        isRunning = true
    }

    // MARK: Clients

    /// A connection that has not said hello.
    func connection() throws -> Client { try Client(port: port) }

    func guest(_ name: String = "Ana") throws -> Client {
        let client = try connection()
        try client.join(name: name)
        return client
    }

    func host() throws -> Client {
        let client = try connection()
        try client.join(token: try read("host.token"))
        return client
    }

    func read(_ file: String) throws -> String {
        try String(contentsOfFile: options.data + "/" + file, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A token of the server's own making.
    func token(
        _ subject: String = "u1", role: String = "viewer", show: String? = nil, seconds: Int = 600
    ) async throws -> String {
        try await LocalTokenMaker(directory: options.data)
            .token(for: subject, name: subject, role: role, show: show, seconds: seconds)
    }

    /// What the audit finds; empty when all agrees.
    func audit() throws -> [String] {
        let data = try LocalData(options.data, .read)
        defer { data.close() }
        return try data.audit().differences
    }

    /// The event log as it is stored.
    func storedEvents() throws -> [String] {
        let data = try LocalData(options.data, .read)
        defer { data.close() }
        return try data.events(show: "spring", after: 0, limit: 100_000)
            .map { String(decoding: $0.payload, as: UTF8.self) }
    }
}

func temporaryDirectory() throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/liveshop-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}
