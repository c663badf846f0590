// Commands that read a data directory: the events of a show, and the audit of everything.

import ArgumentParser
import LiveShopClient
import LiveShopServer
import WireProtocol

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Prints the public events of a show, in order.",
        discussion: """
            One JSON object per line, as clients received it; --format json makes one array.

            Examples:
              liveshop events --show spring | head -5
              liveshop events --show spring --after 120 --format json
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case lines, json }

    @OptionGroup var data: DataOption
    @OptionGroup var show: ShowOption
    @OptionGroup var form: OutputOption

    @Option(help: "Events that follow this offset.")
    var after: Int64 = 0

    @Option(help: "At most so many.")
    var limit: Int?

    @Option(help: "lines or json.")
    var format = Format.lines

    func validate() throws {
        guard after >= 0, limit.map({ $0 >= 0 }) ?? true else {
            throw ValidationError("--after and --limit take whole numbers from 0")
        }
    }

    func run() throws {
        let data = try self.data.open(.read)
        defer { data.close() }
        var position = after
        var remaining = limit ?? .max
        var isFirst = true
        if format == .json { Output.line("[") }
        while remaining > 0 {
            let page = try refusing { () throws(ServerFailure) in
                try data.events(show: show.show, after: position, limit: min(1000, remaining))
            }
            guard let last = page.last else { break }
            for event in page {
                let text = String(decoding: event.payload, as: UTF8.self)
                Output.line(format == .json && !isFirst ? ",\(text)" : text)
                isFirst = false
            }
            position = last.offset
            remaining -= page.count
        }
        if format == .json { Output.line("]") }
    }
}

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Replays every journal and compares it with the tables.",
        discussion: """
            Prints each difference; exit code 1 if there is any. Works beside a running server and on a
            backup (give the file as --data).

            Examples:
              liveshop audit
              liveshop audit --data /backups/liveshop-2026-11-21.db
            """)

    @OptionGroup var data: DataOption
    @OptionGroup var form: OutputOption

    func run() throws {
        let data = try self.data.open(.read)
        defer { data.close() }
        let audit = try refusing { () throws(ServerFailure) in try data.audit() }
        for difference in audit.differences {
            form.print(printable(difference, limit: 1000)) { json in
                json.member("difference", difference)
            }
        }
        guard audit.differences.isEmpty else {
            let count = audit.differences.count
            throw CommandFailure("audit: \(count) difference\(count == 1 ? "" : "s")")
        }
        form.print(
            "audit: \(audit.shows) shows, \(audit.entries) journal entries, \(audit.events) events: "
                + "no differences"
        ) { json in
            json.member("shows", audit.shows)
            json.member("entries", audit.entries)
            json.member("events", audit.events)
            json.member("differences", 0)
        }
    }
}
