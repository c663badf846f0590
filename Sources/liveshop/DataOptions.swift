// Option groups of the commands that work on a data directory, or on a server instead.

import ArgumentParser
import LiveShopClient
import LiveShopServer
import WireProtocol

struct DataOption: ParsableArguments {
    @Option(help: ArgumentHelp("The data directory.", valueName: "dir"))
    var data = "./liveshop-data"

    /// - Parameter alternative: what helps, besides stopping it, when a server uses the directory.
    func open(
        _ access: LocalData.Access, orElse alternative: String? = nil
    ) throws(CommandFailure) -> LocalData {
        try refusing { () throws(ServerFailure) in
            try LocalData(data, access, orElse: alternative)
        }
    }
}

/// A data directory, or a server.
struct PlaceOptions: ParsableArguments {
    @OptionGroup var data: DataOption
    @OptionGroup var tokens: PresentedToken

    @Option(
        help: ArgumentHelp("A server, instead of a data directory.", valueName: "url"),
        transform: serverAddress)
    var server: ServerAddress?

    /// The JSON of a public page of the server.
    func get(_ path: String) throws(CommandFailure) -> JSONDocument {
        guard let server else { throw CommandFailure("--server is needed") }
        let response: HTTPClient.Response
        do throws(ClientFailure) {
            response = try HTTPClient(server).send(HTTPClient.Request("GET", path))
        } catch {
            throw CommandFailure(error)
        }
        guard response.status == 200, let json = try? JSONDocument(parsing: response.body) else {
            throw CommandFailure("\(path): the server answered \(response.status)")
        }
        return json
    }

    /// The token to present to the server. Asked for before anything goes there.
    func token() throws(CommandFailure) -> String {
        guard let server else { throw CommandFailure("--server is needed") }
        guard let token = try tokens.find(for: server, besides: data.data) else {
            throw CommandFailure("no host token: give --token-file FILE or LIVESHOP_TOKEN")
        }
        return token
    }

    /// Joins a show as host and asks one thing; the `data` of the reply.
    func ask(
        _ request: String, of show: String, with token: String
    ) throws(CommandFailure) -> [UInt8] {
        guard let server else { throw CommandFailure("--server is needed") }
        do throws(ClientFailure) {
            let connection = try LiveShopConnection(
                LiveShopConnection.Options(
                    server: server, identity: ClientIdentity(show: show, token: token)))
            defer { connection.close() }
            _ = try connection.join()
            return try connection.request(request, data: Array("{}".utf8), isRepeatable: false)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The same for a list, whose pages are asked for until there are no more.
    func pages(
        of list: String, of show: String, with token: String
    ) throws(CommandFailure) -> [JSONDocument] {
        guard let server else { throw CommandFailure("--server is needed") }
        var pages: [JSONDocument] = []
        do throws(ClientFailure) {
            let connection = try LiveShopConnection(
                LiveShopConnection.Options(
                    server: server, identity: ClientIdentity(show: show, token: token)))
            defer { connection.close() }
            _ = try connection.join()
            var after: String?
            repeat {
                let answer = try connection.request(
                    list, data: pageData(after: after), isRepeatable: false)
                guard let page = try? JSONDocument(parsing: answer) else { break }
                after = page.member(page.root, "next").flatMap(page.string)
                pages.append(page)
            } while after != nil
        } catch {
            throw CommandFailure(error)
        }
        return pages
    }

    private func pageData(after: String?) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("limit", 1_000)
        if let after { writer.member("after", after) }
        writer.endObject()
        return writer.bytes
    }

    var strangeAnswer: CommandFailure { CommandFailure("the server's answer is not understood") }
}

/// A token for a server, when one is needed.
struct PresentedToken: ParsableArguments {
    @Option(help: ArgumentHelp("The token to present.", valueName: "jwt"))
    var token: String?

    @Option(help: ArgumentHelp("A file that holds the token.", valueName: "file"))
    var tokenFile: String?

    func find(
        for server: ServerAddress, besides data: String
    ) throws(CommandFailure) -> String? {
        var options = TokenOptions()
        options.token = token
        options.tokenFile = tokenFile
        options.data = nil
        return try options.find(for: server, defaultDirectory: data)
    }
}

/// Turns a refusal of the server's library into one of the command.
func refusing<T>(_ body: () throws(ServerFailure) -> T) throws(CommandFailure) -> T {
    do throws(ServerFailure) {
        return try body()
    } catch {
        throw CommandFailure(error.description)
    }
}

extension OutputOption {
    /// One line of text, or one object.
    func print(_ text: String, _ members: (inout JSONWriter) -> Void) {
        switch output {
        case .text: Output.line(text)
        case .json:
            var json = JSONWriter(capacity: 128)
            json.beginObject()
            members(&json)
            json.endObject()
            Output.line(String(decoding: json.bytes, as: UTF8.self))
        }
    }
}
