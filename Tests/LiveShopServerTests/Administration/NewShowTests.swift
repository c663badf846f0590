// A show made in a data directory, with settings of its own.

import FoundationEssentials
import Inventory
import LiveSession
import Store
import Testing
import WireProtocol

@testable import LiveShopServer

@Suite struct NewShowTests {
    /// Runs `body` with a new directory and removes it.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(
            component: "liveshop-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
    }

    private func create(
        _ id: String, in directory: String, _ settings: [(name: String, value: SettingValue)] = []
    ) throws {
        let data = try LocalData(directory, .create)
        defer { data.close() }
        try data.createShow(
            id, title: "T", currency: #require(Currency("EUR")), scheduledAt: nil,
            isPrivate: false, settings: settings)
    }

    private func show(
        _ id: String, in directory: String, presets: ShowSettings = ShowSettings()
    ) throws -> Show {
        let store = try Store.open(directory: directory, mode: .readOnly)
        defer { store.close() }
        let stored = try ShowRepository(store: store, settings: presets).load(id)
        return try #require(stored).show
    }

    @Test func `its settings outlive it being stored, and win over the server's of another day`()
        throws
    {
        try withDirectory { directory in
            // 600 is the default of today.
            try create(
                "a", in: directory, [("hold_seconds", .integer(600)), ("chat", .text("off"))])
            var presets = ShowSettings()
            presets.stock.holdSeconds = 5
            presets.pins = 3
            let settings = try show("a", in: directory, presets: presets).settings
            #expect(settings.stock.holdSeconds == 600)
            #expect(settings.chat == .off)
            #expect(settings.pins == 3)
        }
    }

    @Test func `the first event tells them`() throws {
        try withDirectory { directory in
            try create("a", in: directory, [("pins", .integer(2))])
            try create("b", in: directory)
            let data = try LocalData(directory, .read)
            defer { data.close() }
            let events = try data.events(show: "a", after: 0, limit: 10)
            #expect(events.map(\.offset) == [1])
            let text = String(decoding: events[0].payload, as: UTF8.self)
            #expect(text.contains(#""data":{"pins":2}"#))
            #expect(try data.events(show: "b", after: 0, limit: 10).isEmpty)
            #expect(try data.audit().differences.isEmpty)
        }
    }

    @Test func `a setting that cannot be makes no show`() throws {
        try withDirectory { directory in
            try create("a", in: directory)
            #expect(throws: ServerFailure.self) {
                try create("b", in: directory, [("pins", .integer(4))])
            }
            let data = try LocalData(directory, .read)
            defer { data.close() }
            #expect(try data.shows().map(\.id) == ["a"])
        }
    }

    @Test func `an import says what it does, in a dry run too, and what the shop calls it`() throws
    {
        try withDirectory { directory in
            try create("a", in: directory)
            let euro = try #require(Currency("EUR"))
            func take(_ rows: String, isDryRun: Bool = false) throws -> LocalData.ImportSummary {
                let text =
                    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,"
                    + "Variant Inventory Qty\n" + rows
                let read = CatalogueImport.read(Array(text.utf8), currency: euro)
                #expect(read.rejected.isEmpty)
                let data = try LocalData(directory, isDryRun ? .read : .write)
                defer { data.close() }
                return try data.importCatalogue(read.products, show: "a", isDryRun: isDryRun)
            }
            let first = "cap,Cap,Size,S,C AP,1,5\ncap,,,M,'007,1,6\n"
            #expect(try take(first, isDryRun: true).units == 11)
            #expect(try show("a", in: directory).productCount == 0)
            #expect(try take(first).units == 11)
            let again = try take("cap,Cap,Size,S,NEW,2,9\ncap,,,L,'008,1,1\n")
            #expect(again.updated == 1 && again.units == 1)
            #expect(
                again.warnings == [
                    "NEW is C-AP in this show, as before: it has the same product and options",
                    "007 of cap is not in the file any more; it stays",
                ])
            let shop = try show("a", in: directory)
            let names = ["C-AP", "007", "008"].map { sku in
                shop.variant(sku: sku).flatMap { shop.shopSKU(of: $0) }
            }
            #expect(names == ["NEW", "007", "008"])
            let data = try LocalData(directory, .read)
            defer { data.close() }
            #expect(try data.audit().differences.isEmpty)
        }
    }
}
