// Where the program begins: the list of commands, and how errors become exit codes. 0 done, 1 the world
// refused (a command throws CommandFailure), 2 wrong use (one line with the mistake, the right form and
// a near miss; UsageProblem finds what the argument parser does not say well).

import ArgumentParser
import Glibc

/// The root of all commands; a new command is one more line in `subcommands`.
struct LiveShop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "liveshop",
        abstract: "Live shopping: a show, its stock and its viewers, from one program.",
        discussion: """
            Examples:
              liveshop serve --data ./liveshop-data
              liveshop host --show spring
              liveshop watch --show spring --name Ana
              liveshop load --show spring --scenario flash-sale --viewers 500

            Exit codes: 0 done, 1 refused (the reason is on standard error), 2 wrong use.
            """,
        version: version,
        subcommands: [
            ServeCommand.self, ShowCommand.self, ImportCommand.self, HostCommand.self,
            WatchCommand.self, LoadCommand.self,
            TokenCommand.self, EventsCommand.self, OrdersCommand.self, AuditCommand.self,
            BackupCommand.self,
            RestoreCommand.self,
        ])
}

/// Shown by `--version`.
let version = "0.1.0"

@main
enum Program {
    static func main() async {
        // A reader that goes away is no reason to die: writes report it instead (see Output).
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let problem = UsageProblem.structure(of: arguments, root: LiveShop.self) {
            leave(problem)
        }
        do {
            var command = try LiveShop.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            Output.error("liveshop: \(failure.message)")
            exit(1)
        } catch {
            leave(error, arguments)
        }
    }

    private static func leave(_ error: any Error, _ arguments: [String]) -> Never {
        let code = LiveShop.exitCode(for: error)
        guard code == .validationFailure else {
            let text = LiveShop.fullMessage(for: error)
            if code == .success {
                // Help, version, completion script.
                if !text.isEmpty { Output.line(text) }
                exit(0)
            }
            if !(error is ExitCode) {
                Output.error("liveshop: \(oneLine(String(describing: error)))")
            }
            exit(code.rawValue == 0 ? 1 : code.rawValue)
        }
        leave(
            UsageProblem.option(of: arguments, root: LiveShop.self)
                ?? UsageProblem(
                    arguments, root: LiveShop.self, message: oneLine(LiveShop.message(for: error))))
    }

    private static func leave(_ problem: UsageProblem) -> Never {
        Output.error(problem.line)
        exit(2)
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
