// `liveshop token`: a token signed with the server's secret, for a person or a program.

import ArgumentParser
import LiveShopClient
import LiveShopServer

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Prints a token signed with the server's secret.",
        discussion: """
            Examples:
              liveshop token --sub ana --role viewer --show spring --name Ana
              liveshop token --sub moderator-1 --role moderator --ttl 8h
            """)

    enum Role: String, ExpressibleByArgument, CaseIterable {
        case viewer, moderator, host, admin
    }

    @OptionGroup var data: DataOption

    @Option(help: "Who it is for: the participant's id.")
    var sub: String

    @Option(help: "viewer, moderator, host or admin.")
    var role: Role

    @Option(help: ArgumentHelp("The only show it is good for.", valueName: "id"))
    var show: String?

    @Option(help: "The name others see.")
    var name: String?

    @Option(
        help: ArgumentHelp("How long it is valid: 30m, 12h, 7d.", valueName: "time"),
        transform: parseDuration)
    var ttl = 12 * 3600

    func validate() throws {
        guard (1...128).contains(sub.unicodeScalars.count) else {
            throw ValidationError("--sub takes 1 to 128 characters")
        }
    }

    func run() async throws {
        do {
            Output.line(
                try await LocalTokenMaker(directory: data.data).token(
                    for: sub, name: name, role: role.rawValue, show: show, seconds: ttl))
        } catch let failure as ServerFailure {
            throw CommandFailure(failure.description)
        }
    }
}

@Sendable
private func parseDuration(_ text: String) throws -> Int {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
        count > 0, count <= 3650 * 86_400 / unit
    else {
        throw ValidationError(
            "'\(printable(text, limit: 40))' is no time: write 45s, 30m, 12h or 7d")
    }
    return count * unit
}
