// Wrong use, said in one line: what was wrong, what is right, what was probably meant. The argument
// parser knows most of it; the unknown command, the missing one, and the misspelt option hidden behind
// a missing one are found here by walking the same declarations.

import ArgumentParser
import LiveShopClient
import WireProtocol

struct UsageProblem {
    /// The whole line, with the command's name in front.
    let line: String

    /// A problem that the parser described; the command it belongs to is found in the arguments.
    init(_ arguments: [String], root: any ParsableCommand.Type, message: String) {
        self.init(Place(arguments, root: root), message)
    }

    private init(_ place: Place, _ message: String) {
        let path = place.path.joined(separator: " ")
        line = "\(path): \(printable(message, limit: 600)); see '\(path) --help'"
    }

    /// An unknown or missing command; nil when there is none, or when help is asked for.
    static func structure(
        of arguments: [String], root: any ParsableCommand.Type
    ) -> UsageProblem? {
        let place = Place(arguments, root: root)
        let names = place.command.configuration.subcommands.map(name)
        guard !names.isEmpty, !place.asksForHelp else { return nil }
        if let word = place.rest.first(where: { !$0.hasPrefix("-") }) {
            if word == "help", place.path.count == 1 { return nil }
            let near = NearMiss.of(word, in: names).map { ", did you mean '\($0)'?" } ?? ""
            return UsageProblem(
                place,
                "unknown command '\(word)'\(near) (commands: \(names.joined(separator: ", ")))")
        }
        if place.rest.contains(where: { $0.hasPrefix("-") }) {
            return option(of: arguments, root: root) ?? missing(names, place)
        }
        return missing(names, place)
    }

    private static func missing(_ names: [String], _ place: Place) -> UsageProblem {
        UsageProblem(place, "a command is missing (commands: \(names.joined(separator: ", ")))")
    }

    /// The first option that the command does not have; nil when all are known.
    static func option(
        of arguments: [String], root: any ParsableCommand.Type
    ) -> UsageProblem? {
        let place = Place(arguments, root: root)
        let known = knownOptions(place.command, root)
        for argument in place.rest.prefix(while: { $0 != "--" })
        where argument.hasPrefix("--") && argument.count > 2 {
            let name = String(argument.prefix { $0 != "=" })
            guard !known.contains(name) else { continue }
            let near = NearMiss.of(name, in: known).map { ", did you mean '\($0)'?" } ?? ""
            return UsageProblem(place, "unknown option '\(name)'\(near)")
        }
        return nil
    }

    /// Read off the help, which lists every option at the beginning of a line.
    private static func knownOptions(
        _ command: any ParsableCommand.Type, _ root: any ParsableCommand.Type
    ) -> [String] {
        var known = ["--help", "--version", "--generate-completion-script"]
        for line in root.helpMessage(for: command, columns: 200).split(separator: "\n")
        where line.hasPrefix("  -") {
            for word in line.split(whereSeparator: { " ,/".contains($0) }) {
                guard word.hasPrefix("-") || word.hasPrefix("<") else { break }
                if word.hasPrefix("--") { known.append(String(word)) }
            }
        }
        return known
    }

    private static func name(_ command: any ParsableCommand.Type) -> String {
        command._commandName
    }

    /// The command that arguments lead to.
    private struct Place {
        var command: any ParsableCommand.Type
        /// "liveshop", "show", "create".
        var path: [String]
        /// The arguments after the path.
        var rest: ArraySlice<String>

        init(_ arguments: [String], root: any ParsableCommand.Type) {
            command = root
            path = [UsageProblem.name(root)]
            rest = arguments[...]
            while let word = rest.first,
                let next = command.configuration.subcommands.first(where: {
                    UsageProblem.name($0) == word
                })
            {
                command = next
                path.append(word)
                rest = rest.dropFirst()
            }
        }

        var asksForHelp: Bool {
            rest.prefix { $0 != "--" }.contains {
                ["-h", "--help", "--version"].contains($0)
                    || $0.hasPrefix("--generate-completion-script")
                    || $0.hasPrefix("--experimental-dump-help") || $0 == "---completion"
            }
        }
    }
}
