// `liveshop show`: creates, lists, starts and ends shows. On a data directory that no server uses, or,
// for list, start and end, through a server.

import ArgumentParser
import LiveShopClient
import LiveShopServer
import WireProtocol

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Creates, lists, starts and ends shows.",
        discussion: """
            Examples:
              liveshop show create --show spring --title "Spring sale" --currency EUR
              liveshop show list --data ./liveshop-data
              liveshop show start --show spring --server http://127.0.0.1:8080
            """,
        subcommands: [Create.self, List.self, Start.self, End.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a show to a data directory.",
            discussion: """
                The file of --config holds settings of this show, such as 'hold_seconds: 120'.

                Examples:
                  liveshop show create --show spring --title "Spring sale" --currency EUR \\
                    --at 2026-12-01T18:00:00Z
                  liveshop show create --show night --title "Night sale" --currency USD \\
                    --config night.yaml
                """)

        @OptionGroup var data: DataOption
        @OptionGroup var show: ShowOption
        @OptionGroup var file: ConfigOption
        @OptionGroup var form: OutputOption

        @Option(help: "What people call it.")
        var title: String

        @Option(
            help: ArgumentHelp("ISO 4217, such as EUR.", valueName: "code"),
            transform: parseCurrency)
        var currency: Currency

        @Option(
            help: ArgumentHelp("When it is planned, RFC 3339.", valueName: "time"),
            transform: parseTime)
        var at: Int64?

        @Flag(name: .customLong("private"), help: "Not listed, and only for tokens.")
        var isPrivate = false

        func validate() throws {
            let length = ClientText.clean(title).unicodeScalars.count
            guard WireLimits.titleCharacters.contains(length) else {
                throw ValidationError("--title takes 1 to 255 characters")
            }
        }

        func run() throws {
            let file = try self.file.read()
            let settings = try configuring { () throws(ConfigurationProblem) in
                try file?.showSettings() ?? []
            }
            let data = try self.data.open(.create)
            defer { data.close() }
            try refusing { () throws(ServerFailure) in
                try data.createShow(
                    show.show, title: ClientText.clean(title), currency: currency,
                    scheduledAt: at, isPrivate: isPrivate, settings: settings)
            }
            form.print("created show \(show.show)") { json in
                json.member("show", show.show)
                json.member("status", "scheduled")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists shows.",
            discussion: """
                Examples:
                  liveshop show list
                  liveshop show list --server http://127.0.0.1:8080 --output json
                """)

        @OptionGroup var place: PlaceOptions
        @OptionGroup var form: OutputOption

        func run() throws {
            for show in try place.server == nil ? local() : remote() {
                form.print("\(show.id)\t\(show.status)\t\(show.currency)\t\(show.title)") { json in
                    json.member("show", show.id)
                    json.member("status", show.status)
                    json.member("currency", show.currency)
                    json.member("title", show.title)
                }
            }
        }

        private func local() throws -> [LocalData.ShowSummary] {
            let data = try place.data.open(.read)
            defer { data.close() }
            return try refusing { () throws(ServerFailure) in try data.shows() }
                .map { show in
                    summary(show.id, show.title, show.status, show.currency)
                }
        }

        /// What a database or a server says may be anything.
        private func summary(
            _ id: String, _ title: String, _ status: String, _ currency: String
        ) -> LocalData.ShowSummary {
            LocalData.ShowSummary(
                id: printable(id, limit: 64), title: printable(title, limit: 255),
                status: printable(status, limit: 20), currency: printable(currency, limit: 3))
        }

        private func remote() throws -> [LocalData.ShowSummary] {
            let json = try place.get("/v1/shows")
            guard let list = json.member(json.root, "shows") else { throw place.strangeAnswer }
            return json.elements(list).map { node in
                func text(_ name: StaticString) -> String {
                    json.member(node, name).flatMap(json.string) ?? ""
                }
                return summary(text("id"), text("title"), text("status"), text("currency"))
            }
        }
    }

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Starts a show.",
            discussion: """
                Example:
                  liveshop show start --show spring --server http://127.0.0.1:8080
                """)
        @OptionGroup var step: StepOptions
        func run() throws { try step.take(.start, request: "show.start", done: "started") }
    }

    struct End: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a show; holds, offers and orders go on to their ends.",
            discussion: """
                Example:
                  liveshop show end --show spring --server http://127.0.0.1:8080
                """)
        @OptionGroup var step: StepOptions
        func run() throws { try step.take(.end, request: "show.end", done: "ended") }
    }
}

/// What `show start` and `show end` share.
struct StepOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions
    @OptionGroup var show: ShowOption
    @OptionGroup var form: OutputOption

    func take(_ step: LocalData.Step, request: String, done: String) throws {
        if place.server != nil {
            _ = try place.ask(request, of: show.show, with: try place.token())
        } else {
            let data = try place.data.open(.write, orElse: "give --server URL")
            defer { data.close() }
            try refusing { () throws(ServerFailure) in try data.take(step, show: show.show) }
        }
        form.print("\(done) show \(show.show)") { json in
            json.member("show", show.show)
            json.member("status", step == .start ? "live" : "ended")
        }
    }

}

@Sendable
private func parseCurrency(_ text: String) throws -> Currency {
    guard let currency = Currency(text.uppercased()) else {
        throw ValidationError(
            "'\(printable(text, limit: 20))' is no currency: give its ISO 4217 code, such as EUR")
    }
    return currency
}

@Sendable
private func parseTime(_ text: String) throws -> Int64 {
    guard let time = RFC3339.milliseconds(text) else {
        throw ValidationError(
            "'\(printable(text, limit: 40))' is no time: write it as 2026-12-01T18:00:00Z")
    }
    return time
}
