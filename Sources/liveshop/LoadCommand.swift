// `liveshop load`: options into a LoadTest, its progress and report onto the terminal.

import ArgumentParser
import LiveShopClient
import LiveShopLoadTest
import WireProtocol

struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Simulated buyers: plays a scenario and checks the server from outside.",
        discussion: """
            flash-sale: all viewers join, then claim the pinned product at the same moment. At the
            end come rates, latencies and a verdict; exit code 1 when an invariant is broken.

            Examples:
              liveshop load --show spring --scenario flash-sale --viewers 500
              liveshop load --show spring --scenario flash-sale --viewers 5000 --sends 2 --json r.json
              liveshop load --show spring --scenario flash-sale --viewers 200 --order-share 0.7 \\
                --pay-share 0.9 --accept-share 1 --duration 20
            """)

    @OptionGroup var server: ServerOption
    @OptionGroup var show: ShowOption
    @OptionGroup var form: OutputOption

    @Option(help: ArgumentHelp("What the buyers do: flash-sale.", valueName: "name"))
    var scenario = "flash-sale"

    @Option(help: ArgumentHelp("How many buyers, each with a connection.", valueName: "n"))
    var viewers: Int

    @Option(
        help: ArgumentHelp(
            "The SKU to claim (default: the first available of the pinned product).",
            valueName: "sku"))
    var sku: String?

    @Flag(help: "Claims --sku as soon as all have joined, pinned or not.")
    var unpinned = false

    @Option(help: ArgumentHelp("Repeats a run: names, keys, chances.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Keeps the result in a file.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Opens the connections over this time.", valueName: "seconds"))
    var ramp = 0.0

    @Option(
        help: ArgumentHelp(
            "Loopback source addresses (127.0.0.2 …); each has about 20,000 ports.",
            valueName: "n"))
    var sources: Int?

    @Option(help: ArgumentHelp("Threads that share the connections.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("Units per claim.", valueName: "n"))
    var quantity = 1

    @Option(help: ArgumentHelp("How often each claim is sent with the same key.", valueName: "n"))
    var sends = 1

    @Option(
        name: .customLong("inflight"),
        help: ArgumentHelp("Unanswered requests per buyer.", valueName: "n"))
    var inFlight = 2

    @Option(
        help: ArgumentHelp(
            "Stays this long after the claims, for expiries, offers, payments.",
            valueName: "seconds"))
    var duration = 0.0

    @Option(help: ArgumentHelp("Gives up after this long without progress.", valueName: "seconds"))
    var timeout = 60.0

    @Flag(help: "Reopens broken connections, resumes, and repeats what was not answered.")
    var reconnect = false

    @Flag(help: "Others may buy the same stock: the sums are checked as limits only.")
    var shared = false

    @Option(help: ArgumentHelp("Of the holders, how many order (0 to 1).", valueName: "share"))
    var orderShare = 0.0

    @Option(help: ArgumentHelp("Of those who order, how many pay (0 to 1).", valueName: "share"))
    var payShare = 0.0

    @Option(help: ArgumentHelp("Of waitlist offers, how many are accepted.", valueName: "share"))
    var acceptShare = 0.0

    @Option(
        help: ArgumentHelp("The longest pause before a buyer's next step.", valueName: "seconds"))
    var think = 0.5

    func validate() throws {
        let names = ScenarioName.allCases.map(\.rawValue)
        guard ScenarioName(rawValue: scenario) != nil else {
            let near = NearMiss.of(scenario, in: names).map { ", did you mean '\($0)'?" } ?? ""
            throw ValidationError(
                "unknown scenario '\(printable(scenario, limit: 100))'\(near) "
                    + "(scenarios: \(names.joined(separator: ", ")))")
        }
        try within("viewers", viewers, 1...LoadOptions.viewersMax)
        try within("threads", threads, 1...LoadOptions.threadsMax)
        try within("sends", sends, 1...LoadOptions.sendsMax)
        try within("inflight", inFlight, 1...100)
        try within("quantity", quantity, 1...999)
        if let sources { try within("sources", sources, 1...250) }
        try within("ramp", ramp, 0...86_400)
        try within("duration", duration, 0...86_400)
        try within("timeout", timeout, 1...86_400)
        try within("think", think, 0...3_600)
        try within("order-share", orderShare, 0...1)
        try within("pay-share", payShare, 0...1)
        try within("accept-share", acceptShare, 0...1)
        if unpinned, sku == nil { throw ValidationError("--unpinned needs --sku SKU") }
    }

    private func within<Number: Comparable>(
        _ option: String, _ value: Number, _ range: ClosedRange<Number>
    ) throws {
        guard range.contains(value) else {
            throw ValidationError(
                "--\(option) must be \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
    }

    mutating func run() throws {
        let showsProgress = Output.errorIsTerminal && form.output == .text
        let report: LoadReport
        do throws(ClientFailure) {
            report = try LoadTest.run(options) { progress in
                if showsProgress { Output.progress(line(progress)) }
            }
        } catch {
            throw CommandFailure(error)
        }
        if showsProgress { Output.endProgress() }
        if form.output == .json {
            Output.line(String(decoding: report.json(), as: UTF8.self))
        } else {
            for line in report.lines() { Output.line(line) }
        }
        if let json {
            do throws(FileFailure) {
                try writeFile(json, report.json() + [0x0A])
            } catch {
                throw CommandFailure(
                    "cannot write \(printable(json, limit: 200)): \(error.reason)")
            }
        }
        if let failure = report.failure { throw CommandFailure(failure) }
    }

    private var options: LoadOptions {
        var options = LoadOptions(server: server.server, show: show.show, viewers: viewers)
        options.scenario = ScenarioName(rawValue: scenario) ?? .flashSale
        options.sku = sku
        options.claimsUnpinned = unpinned
        options.seed = seed
        options.rampSeconds = ramp
        options.sources = sources
        options.threads = min(threads, viewers)
        options.quantity = quantity
        options.sends = sends
        options.inFlight = inFlight
        options.durationSeconds = duration
        options.timeoutSeconds = timeout
        options.reconnects = reconnect
        options.isShared = shared
        options.orderShare = orderShare
        options.payShare = payShare
        options.acceptShare = acceptShare
        options.thinkSeconds = think
        return options
    }

    private func line(_ progress: LoadProgress) -> String {
        "\(progress.phase): joined \(progress.joined)/\(progress.viewers), claims "
            + "\(progress.claimsAnswered)/\(progress.claimsSent), granted \(progress.granted), "
            + "messages \(progress.messages)" + (progress.lost > 0 ? ", lost \(progress.lost)" : "")
    }
}
