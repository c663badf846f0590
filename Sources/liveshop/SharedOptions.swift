// Option groups that several commands share, so that a flag means the same everywhere.

import ArgumentParser
import Glibc
import LiveShopClient
import WireProtocol

/// Where the server is, for commands that only speak over the network.
struct ServerOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server: http://HOST:PORT or ws://HOST:PORT/v1/socket.", valueName: "url"),
        transform: serverAddress)
    var server = ServerAddress(host: "127.0.0.1", port: 8080)
}

/// Reads `--server`; the error shows the right form.
@Sendable
func serverAddress(_ text: String) throws -> ServerAddress {
    do throws(ServerAddress.Malformed) {
        return try ServerAddress(text)
    } catch {
        throw ValidationError(error.message)
    }
}

struct ShowOption: ParsableArguments {
    @Option(help: ArgumentHelp("The show's id.", valueName: "id"))
    var show: String

    func validate() throws {
        let isRight = show.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "_"), UInt8(ascii: "-"): index > 0
            default: false
            }
        }
        guard isRight, (1...64).contains(show.utf8.count) else {
            throw ValidationError(
                "'\(printable(show, limit: 100))' is not a show id: 1 to 64 of a-z 0-9 _ -, "
                    + "beginning with a letter or digit")
        }
    }
}

enum OutputForm: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

struct OutputOption: ParsableArguments {
    @Option(help: "text, or json: one object per line, for scripts.")
    var output = OutputForm.text
}

/// Who the command is. First of: --token, --token-file, LIVESHOP_TOKEN, DIR/host.token.
struct TokenOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The token to present (visible in ps; prefer --token-file).",
            valueName: "jwt"))
    var token: String?

    @Option(help: ArgumentHelp("A file that holds the token.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The server's data directory on this machine, for its host.token "
                + "(default: ./liveshop-data).", valueName: "dir"))
    var data: String?

    /// The token for a server; nil when none of the places has one. The one in the data directory may do
    /// everything in every show, so it goes to a server on this machine only.
    func find(
        for server: ServerAddress, defaultDirectory: String = "./liveshop-data"
    ) throws(CommandFailure) -> String? {
        if let presented = try presented(to: server) { return presented }
        let path = (data ?? defaultDirectory) + "/host.token"
        if data == nil, access(path, F_OK) != 0, errno == ENOENT || errno == ENOTDIR { return nil }
        guard server.isLoopback else {
            throw CommandFailure(
                "the token in \(printable(path, limit: 200)) is for a server on this machine only; "
                    + "for \(server) give --token-file FILE or LIVESHOP_TOKEN")
        }
        return try checked(read(path), path)
    }

    /// What was given in so many words: nil leaves the place of `data` to be looked at. Says so when it
    /// would leave this machine for all to read.
    func presented(to server: ServerAddress) throws(CommandFailure) -> String? {
        let token = try presented()
        if token != nil, !server.isLoopback, !server.isSecure {
            Output.error(
                "liveshop: warning: the token goes to \(server) unencrypted, and others on the way can "
                    + "read it")
        }
        return token
    }

    private func presented() throws(CommandFailure) -> String? {
        if let token { return try checked(token, "--token") }
        if let tokenFile { return try checked(read(tokenFile), tokenFile) }
        guard let raw = getenv("LIVESHOP_TOKEN") else { return nil }
        return try checked(String(cString: raw), "LIVESHOP_TOKEN")
    }

    private func checked(_ text: String, _ place: String) throws(CommandFailure) -> String {
        let word = text.split(whereSeparator: \.isWhitespace)
        guard word.count == 1 else {
            throw CommandFailure("\(place) holds no token: one line of text is expected")
        }
        return String(word[0])
    }

    private func read(_ path: String) throws(CommandFailure) -> String {
        do throws(FileFailure) {
            let bytes = try readFile(path, bytesMax: 65_536)
            return String(decoding: ByteOrderMark.dropped(from: bytes), as: UTF8.self)
        } catch {
            throw CommandFailure("cannot read \(printable(path, limit: 200)): \(error.reason)")
        }
    }
}
