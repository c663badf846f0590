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
            line. SKUs that exist get title, price and options; their stock is left alone.

            Examples:
              liveshop import --show spring products_export.csv
              liveshop import --show spring --dry-run catalogue.json
            """)

    /// The largest catalogue, as over HTTP.
    private static let bytesMax = 16 << 20
    private static let notesMax = 20

    @OptionGroup var data: DataOption
    @OptionGroup var show: ShowOption
    @OptionGroup var form: OutputOption

    @Flag(help: "Reads and checks everything, and changes nothing.")
    var dryRun = false

    @Argument(help: ArgumentHelp("The catalogue; - is standard input.", valueName: "file"))
    var file: String

    func run() throws {
        let data = try self.data.open(dryRun ? .read : .write)
        defer { data.close() }
        let currency = try refusing { () throws(ServerFailure) in
            try data.currency(ofShow: show.show)
        }
        let catalogue = CatalogueImport.read(try bytes(), format: format, currency: currency)
        report(catalogue.rejected, "error")
        report(catalogue.warnings, "warning")
        guard catalogue.rejected.isEmpty else {
            let count = catalogue.rejected.count
            throw CommandFailure(
                "\(name): \(count) bad row\(count == 1 ? "" : "s"); nothing was imported")
        }
        let shared = try refusing { () throws(ServerFailure) in
            try data.sharedSKUs(of: catalogue.products, show: show.show)
        }
        for sku in shared.prefix(Self.notesMax) {
            Output.error(
                "warning: \(printable(sku, limit: 200)) has stock, too; each show sells its own")
        }
        if dryRun {
            summarize(
                "would import", catalogue.products.count, catalogue.variantCount, updated: nil)
            return
        }
        let summary = try refusing { () throws(ServerFailure) in
            try data.importCatalogue(catalogue.products, show: show.show)
        }
        summarize("imported", summary.products, summary.variants, updated: summary.updated)
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

    private func report(_ notes: [RowNote], _ kind: String) {
        for note in notes.prefix(Self.notesMax) {
            Output.error("\(kind): \(name): \(printable(note.description, limit: 300))")
        }
        if notes.count > Self.notesMax {
            Output.error("\(kind): \(name): and \(notes.count - Self.notesMax) more")
        }
    }

    private func summarize(_ verb: String, _ products: Int, _ variants: Int, updated: Int?) {
        let known = updated.map { $0 > 0 ? ", \($0) existed: updated, stock left alone" : "" } ?? ""
        form.print("\(verb) \(products) products, \(variants) variants\(known)") { json in
            json.member("products", products)
            json.member("variants", variants)
            if let updated { json.member("updated", updated) }
            json.member("dry_run", dryRun)
        }
    }
}
