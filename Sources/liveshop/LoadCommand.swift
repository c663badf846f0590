// `liveshop load`: options into a LoadTest, its progress and report onto the terminal. The options are
// in LoadFlags.

import ArgumentParser
import LiveShopClient
import LiveShopLoadTest
import Terminal
import WireProtocol

struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Simulated buyers: plays a scenario and checks the server from outside.",
        discussion: """
            Scenarios:
              flash-sale       all join, then claim the pinned product at the same moment
              chat-storm       chat at a rate; how long until the others have it
              steady           chat and claims at a rate, connections break and come back
              reconnect-storm  all connections are cut at once, come back and resume
              claims           --inflight claims (or pings) per connection, or a rate of them
              FILE.yaml        who does what when; see samples/load/evening.yaml

            Rates are kept whatever the server answers, and latencies count from when a request was
            due. At the end come rates, latencies and a verdict; exit code 1 when an invariant is
            broken, somebody could not join, or all requests of a kind were refused (--expect).
            Ctrl-C or SIGTERM ends a run early: the last answers are awaited, the result is told and
            kept, and the exit code is 130 or 143, or 1 when an invariant is broken.

            Examples:
              liveshop load --show spring --scenario flash-sale --viewers 5000 --sends 2 --json r.json
              liveshop load --show spring --scenario chat-storm --viewers 1000 --rate 100
              liveshop load --show spring --scenario steady --viewers 500 --sku A12 --claim-rate 20
              liveshop load --show spring --scenario claims --viewers 100 --sku A12 --inflight 8
              liveshop load --show spring --scenario samples/load/evening.yaml
            """)

    @OptionGroup var server: ServerOption
    @OptionGroup var show: ShowOption
    @OptionGroup var form: OutputOption
    @OptionGroup var tokens: TokenOptions
    @OptionGroup var flags: LoadFlags

    @Option(
        help: ArgumentHelp("What the buyers do: a scenario's name or a file.", valueName: "name"))
    var scenario = "flash-sale"

    @Option(
        help: ArgumentHelp(
            "Keeps the result, and what was asked, in a file as JSON.", valueName: "file"))
    var json: String?

    func validate() throws {
        guard !isFile else { return }
        let names = ScenarioName.allCases.map(\.rawValue)
        guard ScenarioName(rawValue: scenario) != nil else {
            let near = NearMiss.of(scenario, in: names).map { ", did you mean '\($0)'?" } ?? ""
            throw ValidationError(
                "unknown scenario '\(printable(scenario, limit: 100))'\(near) "
                    + "(scenarios: \(names.joined(separator: ", ")), or a file FILE.yaml)")
        }
        guard flags.viewers != nil else {
            throw ValidationError("how many buyers? --viewers N is missing")
        }
    }

    private var isFile: Bool {
        scenario.contains("/") || scenario.hasSuffix(".yaml") || scenario.hasSuffix(".yml")
    }

    mutating func run() throws {
        let (options, script) = try prepare()
        let (report, signal) = try play(options, script)
        if form.output == .json {
            Output.line(String(decoding: report.json(), as: UTF8.self))
        } else {
            for line in report.lines() { Output.line(line) }
        }
        if let json { try keep(report, json) }
        if let failure = report.failure { throw CommandFailure(failure) }
        if let signal { throw ExitCode(128 + signal) }
    }

    /// What came of the script, and the signal that ended it early.
    private func play(
        _ options: LoadOptions, _ script: Script
    ) throws(CommandFailure) -> (LoadReport, Int32?) {
        var signal: Int32?
        do throws(ClientFailure) {
            let test = try LoadTest(options, playing: script)
            let signals = StopSignals(onlyRequests: true)
            let report = try test.run {
                signal = signal ?? heard(signals)
                return signal != nil
            } progress: { progress in
                if showsProgress { Output.progress(line(progress)) }
            }
            if showsProgress { Output.endProgress() }
            return (report, signal)
        } catch {
            throw CommandFailure(error)
        }
    }

    private func keep(_ report: LoadReport, _ path: String) throws(CommandFailure) {
        do throws(FileFailure) {
            try writeFile(path, report.json() + [0x0A])
        } catch {
            throw CommandFailure("cannot write \(printable(path, limit: 200)): \(error.reason)")
        }
    }

    private var showsProgress: Bool { Output.errorIsTerminal && form.output == .text }

    /// The first signal ends the run early, the next one the program.
    private func heard(_ signals: StopSignals) -> Int32? {
        guard let number = signals.take() else { return nil }
        signals.release()
        if showsProgress { Output.endProgress() }
        Output.error("liveshop: stopping, the last answers are awaited; once more ends at once")
        return number
    }

    private func prepare() throws -> (LoadOptions, Script) {
        let file = isFile ? try readScenario() : nil
        guard let viewers = flags.viewers ?? file?.viewers else {
            throw ValidationError(
                "\(printable(scenario, limit: 200)) does not say how many viewers there are: "
                    + "write viewers, or give --viewers N")
        }
        var options = LoadOptions(server: server.server, show: show.show, viewers: viewers)
        flags.fill(&options, file)
        options.version = version
        options.given = given
        let script = file?.script ?? ScenarioName(rawValue: scenario)?.script(options)
        guard let script else { throw CommandFailure("unknown scenario") }
        if script.needsHost {
            guard let token = try tokens.find(for: server.server) else {
                throw CommandFailure(
                    "the scenario has a host: give --token-file FILE, LIVESHOP_TOKEN or --data DIR "
                        + "(the server writes DIR/host.token)")
            }
            options.hostToken = token
        }
        return (options, script)
    }

    /// The words after `load`. What is kept is shown about, so a token is not kept.
    private var given: [String] {
        let words = Array(CommandLine.arguments.dropFirst(2))
        guard let token = tokens.token, !token.isEmpty else { return words }
        return words.map { $0.replacing(token, with: "…") }
    }

    private func readScenario() throws -> ScenarioFile {
        let name = printable(scenario, limit: 200)
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try readFile(scenario, bytesMax: ScenarioFile.bytesMax)
        } catch {
            throw CommandFailure("cannot read \(name): \(error.reason)")
        }
        do throws(ScenarioProblem) {
            return try ScenarioFile(path: name, bytes: bytes)
        } catch {
            throw ValidationError(error.message)
        }
    }

    private func line(_ progress: LoadProgress) -> String {
        "\(progress.phase): joined \(progress.joined)/\(progress.viewers), answered "
            + "\(progress.requestsAnswered)/\(progress.requestsSent), granted "
            + "\(progress.granted), messages \(progress.messages)"
            + (progress.away > 0 ? ", away \(progress.away)" : "")
            + (progress.lost > 0 ? ", lost \(progress.lost)" : "")
    }
}
