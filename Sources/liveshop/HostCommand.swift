// `liveshop host`: finds the token, connects, and gives the lines to the console.

import ArgumentParser
import Glibc
import LiveShopClient
import LiveShopConsole

struct HostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host",
        abstract: "The host's console: runs a show with one verb per line.",
        discussion: """
            On a terminal: a prompt with history, Tab completion and a status line; what happens
            in the show appears above it. From a pipe or --script: carries out one verb per line,
            echoes each with its reply and stops at the first error. The verb help lists the verbs.

            Examples:
              liveshop host --show spring
              liveshop host --show spring --script run-of-show.txt
              liveshop host --show spring --script run-of-show.txt --dry-run
              printf 'start\\npin A12\\n' | liveshop host --show spring
              ssh -t shop.example sudo -u liveshop liveshop host --show spring --data /var/lib/liveshop
            """)

    @OptionGroup var server: ServerOption
    @OptionGroup var show: ShowOption
    @OptionGroup var tokens: TokenOptions
    @OptionGroup var form: OutputOption

    @Option(help: ArgumentHelp("A file of verbs; - is standard input.", valueName: "file"))
    var script: String?

    @Flag(help: "Goes on after an error; the exit code is still 1.")
    var keepGoing = false

    @Flag(help: "Answers yes to every question.")
    var yes = false

    @Flag(help: "Checks every verb and says what it would send, but changes nothing.")
    var dryRun = false

    mutating func run() throws {
        guard let token = try tokens.find(for: server.server) else {
            throw CommandFailure(
                "no host token: give --token-file FILE, LIVESHOP_TOKEN or --data DIR "
                    + "(the server writes DIR/host.token)")
        }
        let identity = ClientIdentity(show: show.show, token: token)
        if script == nil, form.output == .text, HostConsole.isPossible {
            try runConsole(try connection(identity))
        } else {
            let lines = try lines()
            try run(lines, on: try connection(identity))
        }
    }

    private func connection(
        _ identity: ClientIdentity
    ) throws(CommandFailure) -> LiveShopConnection {
        do throws(ClientFailure) {
            return try LiveShopConnection(
                LiveShopConnection.Options(server: server.server, identity: identity))
        } catch {
            throw CommandFailure(error)
        }
    }

    private func runConsole(_ connection: LiveShopConnection) throws(CommandFailure) {
        var options = HostConsole.Options()
        options.saysYes = yes
        options.isDryRun = dryRun
        options.historyFile = historyFile()
        let seed = UInt64.random(in: 0...UInt64.max)
        let outcome: HostConsole.Outcome
        do throws(ClientFailure) {
            let console = try HostConsole(connection, options: options, seed: seed)
            outcome = console.run()
        } catch {
            throw CommandFailure(error)
        }
        if case .failed(let reason) = outcome { throw CommandFailure(reason) }
    }

    private func run(
        _ lines: consuming LineReader, on connection: LiveShopConnection
    ) throws(CommandFailure) {
        var options = ConsoleScript.Options()
        options.keepGoing = keepGoing
        options.isJSON = form.output == .json
        options.isDryRun = dryRun
        var console = ConsoleScript(
            connection, options: options, seed: UInt64.random(in: 0...UInt64.max),
            print: Output.line)
        if case .failed(let reason) = console.run(lines) { throw CommandFailure(reason) }
    }

    private func lines() throws -> LineReader {
        guard let script, script != "-" else {
            return LineReader(descriptor: STDIN_FILENO, closes: false)
        }
        let descriptor = open(script, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(
                "cannot read \(printable(script, limit: 200)): \(String(cString: strerror(errno)))")
        }
        return LineReader(descriptor: descriptor, closes: true)
    }
}
