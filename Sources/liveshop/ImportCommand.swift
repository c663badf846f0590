// `liveshop import`: a catalogue into a show, all of it or nothing.

import ArgumentParser
import LiveShopClient
import LiveShopServer
import WireProtocol

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Imports a catalogue: a Shopify product CSV or JSON.",
        discussion: """
            All or nothing: with one bad row nothing is imported, and every bad row is named with its
            line. SKUs that exist get title, price and options; their stock is left alone. A variant with
            the product and options of an existing one is that one, whatever its SKU.

            Examples:
              liveshop import --show spring products_export.csv
              liveshop import --show spring --dry-run catalogue.json
            """)

    enum Encoding: String, ExpressibleByArgument, CaseIterable {
        case windows1252 = "windows-1252"
        case utf16 = "utf-16"
    }

    /// The largest catalogue, as over HTTP.
    private static let bytesMax = 16 << 20
    private static let errorsMax = 20
    private static let warningsMax = 10

    @OptionGroup var data: DataOption
    @OptionGroup var show: ShowOption
    @OptionGroup var form: OutputOption

    @Flag(help: "Reads and checks everything, and changes nothing.")
    var dryRun = false

    @Option(help: "What the file is in, if not UTF-8: windows-1252 or utf-16.")
    var encoding: Encoding?

    @Argument(help: ArgumentHelp("The catalogue; - is standard input.", valueName: "file"))
    var file: String

    func run() throws {
        let data = try self.data.open(dryRun ? .read : .write)
        defer { data.close() }
        let currency = try refusing { () throws(ServerFailure) in
            try data.currency(ofShow: show.show)
        }
        let catalogue = CatalogueImport.read(
            try bytes(), format: format,
            encoding: encoding.flatMap { CatalogueEncoding(rawValue: $0.rawValue) },
            currency: currency)
        report(catalogue.rejected.map(\.description), "error", atMost: Self.errorsMax)
        report(catalogue.warnings.map(\.description), "warning", atMost: Self.warningsMax)
        guard catalogue.rejected.isEmpty else {
            let count = catalogue.rejected.count
            throw CommandFailure(
                "\(name): \(count) bad row\(count == 1 ? "" : "s"); nothing was imported")
        }
        let shared = try refusing { () throws(ServerFailure) in
            try data.sharedSKUs(of: catalogue.products, show: show.show)
        }
        report(
            shared.map { "\($0) has stock, too; each show sells its own" }, "warning",
            atMost: Self.warningsMax)
        let summary = try refusing { () throws(ServerFailure) in
            try data.importCatalogue(catalogue.products, show: show.show, isDryRun: dryRun)
        }
        report(summary.warnings, "warning", atMost: Self.warningsMax)
        summarize(dryRun ? "would import" : "imported", summary)
    }

    private var name: String { printable(file, limit: 200) }

    private var format: CatalogueImport.Format? {
        let lower = file.lowercased()
        return lower.hasSuffix(".json") ? .json : lower.hasSuffix(".csv") ? .csv : nil
    }

    private func bytes() throws(CommandFailure) -> [UInt8] {
        do throws(FileFailure) {
            return try readFile(file, bytesMax: Self.bytesMax)
        } catch {
            throw CommandFailure("cannot read \(name): \(error.reason)")
        }
    }

    private func report(_ notes: [String], _ kind: String, atMost limit: Int) {
        for note in notes.prefix(limit) {
            Output.error("\(kind): \(name): \(printable(note, limit: 300))")
        }
        if notes.count > limit {
            Output.error("\(kind): \(name): and \(notes.count - limit) more")
        }
    }

    private func summarize(_ verb: String, _ summary: LocalData.ImportSummary) {
        let known =
            summary.updated > 0 ? ", \(summary.updated) existed: updated, stock left alone" : ""
        form.print(
            "\(verb) \(summary.products) products, \(summary.variants) variants, "
                + "\(summary.units) units\(known)"
        ) { json in
            json.member("products", summary.products)
            json.member("variants", summary.variants)
            json.member("units", summary.units)
            json.member("updated", summary.updated)
            json.member("dry_run", dryRun)
        }
    }
}
