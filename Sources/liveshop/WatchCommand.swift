// `liveshop watch`: who the viewer is, and a ViewerConsole on the terminal or on pipes.

import ArgumentParser
import Glibc
import LiveShopClient
import LiveShopConsole

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "A viewer in the terminal: follows a show, chats and buys.",
        discussion: """
            Prints what happens. Typed lines are chat, unless they begin with a slash: /claim SKU,
            /order, /pay, and more that /help lists. Through a pipe it is plain lines; when its
            input ends it goes on watching.

            Examples:
              liveshop watch --show spring --name Ana
              liveshop watch --show spring --name Ana --language fi
              printf '/claim A12\\n/order\\n/pay\\n' | liveshop watch --show spring --name Ana
              liveshop watch --show spring --name log --output json | jq .type
            """)

    @OptionGroup var server: ServerOption
    @OptionGroup var show: ShowOption
    @OptionGroup var form: OutputOption

    @Option(help: ArgumentHelp("A guest's name in the show.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "A token instead of a name (visible in ps; prefer --token-file).", valueName: "jwt"))
    var token: String?

    @Option(help: ArgumentHelp("A file that holds the token.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: "The language: en, fi, el, pl, nl or sv (default: that of the environment).",
        transform: WatchCommand.language)
    var language: Language?

    mutating func validate() throws {
        guard name != nil || token != nil || tokenFile != nil || getenv("LIVESHOP_TOKEN") != nil
        else {
            throw ValidationError(
                "who is watching? Give --name NAME, --token-file FILE or LIVESHOP_TOKEN")
        }
    }

    mutating func run() throws {
        var options = ViewerConsole.Options()
        options.language = language ?? WatchCommand.environmentLanguage
        options.isJSON = form.output == .json
        let identity = try identity()
        let outcome: ViewerConsole.Outcome
        do throws(ClientFailure) {
            let connection = try LiveShopConnection(
                LiveShopConnection.Options(server: server.server, identity: identity))
            let seed = UInt64.random(in: 0...UInt64.max)
            outcome = try ViewerConsole(
                connection, options: options, seed: seed, print: Output.line
            ).run()
        } catch {
            throw CommandFailure(ViewerConsole.text(error, in: options.language))
        }
        if case .failed(let reason) = outcome { throw CommandFailure(reason) }
    }

    /// A name that was given wins over a token that only lies in the environment.
    private func identity() throws -> ClientIdentity {
        if let name, token == nil, tokenFile == nil {
            return ClientIdentity(show: show.show, name: name)
        }
        var tokens = TokenOptions()
        tokens.token = token
        tokens.tokenFile = tokenFile
        return ClientIdentity(show: show.show, token: try tokens.presented(to: server.server))
    }

    @Sendable
    private static func language(_ text: String) throws -> Language {
        guard let language = Language(rawValue: text) else {
            let known = Language.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError(
                "'\(printable(text, limit: 40))' is no language that is spoken here (\(known))")
        }
        return language
    }

    /// As programs choose it: LC_ALL, LC_MESSAGES, LANG; English when it is none of ours.
    private static var environmentLanguage: Language {
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            guard let value = getenv(name), value.pointee != 0 else { continue }
            return Language(locale: String(cString: value)) ?? .english
        }
        return .english
    }
}
