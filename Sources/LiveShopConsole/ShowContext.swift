// What a console knows: its picture of the show, the people it has heard of, how fast the show sells, and
// how far the server's clock is from this machine's. Completion, status line and texts are made of it.

import LiveShopClient
import WireProtocol

struct ShowContext: Equatable, Sendable {
    /// As it was asked for.
    let show: String
    private(set) var view = ShowView()
    private(set) var people = People()
    private(set) var claims = ClaimRate()
    /// How far the server's clock is ahead of this machine's.
    private var lead: Int64 = 0

    init(show: String) { self.show = show }

    /// The server's time at a reading of this machine's wall clock.
    func serverTime(at now: Int64) -> Int64 { now &+ lead }

    // MARK: Messages

    /// Takes over the `data` of a reply to `hello`.
    /// - Parameter now: this machine's wall clock in milliseconds; the server's may be another.
    mutating func take(hello data: [UInt8], at now: Int64 = 0) {
        guard let document = try? JSONDocument(parsing: data) else { return }
        let root = document.root
        if let time = document.time("server_time", of: root) { lead = time &- now }
        view.take(hello: root, in: document)
        if let you = document.member(root, "you") { people.take(you, in: document) }
        if let snapshot = document.member(root, "snapshot") {
            for message in document.list("chat", of: snapshot) {
                people.take(message, in: document)
            }
        }
    }

    /// Takes over an event with its offset, or a notice without one.
    mutating func take(_ fact: ServerFact, offset: Int64?, in document: JSONDocument) {
        view.take(fact, offset: offset, in: document)
        claims.take(fact, document)
        if fact.type == "chat.message" { people.take(fact.data, in: document) }
    }

    /// Learns what a reply to the console's own request tells.
    mutating func take(reply: [UInt8], to request: ConsoleRequest) {
        guard let document = try? JSONDocument(parsing: reply),
            let sent = try? JSONDocument(parsing: request.data(key: ""))
        else { return }
        view.take(reply: document, to: request.type, sent: sent)
        if request.type.hasSuffix(".list") { people.take(document.root, in: document) }
    }

    /// Takes over the names in the reply to a list.
    mutating func take(list data: [UInt8]) {
        guard let document = try? JSONDocument(parsing: data) else { return }
        people.take(document.root, in: document)
    }

    /// Holds whose time is over go.
    /// - Parameter now: this machine's wall clock.
    mutating func forgetHolds(at now: Int64) { view.forgetHolds(before: serverTime(at: now)) }

    // MARK: Meanings

    /// The participant meant by a word; an unknown word is taken for an id, the server will say.
    func participant(_ word: String) throws(VerbError) -> String {
        switch people.meaning(of: word) {
        case .participant(let id): return id
        case .nobody: return word
        case .several(let choices):
            throw VerbError(
                message: "several are called '\(printable(word, limit: 40))', name one by id: "
                    + choices.joined(separator: ", "))
        }
    }

    /// The server's refusal of an unknown participant, with the name that was probably meant.
    func hint(_ message: String, about who: String) -> String {
        let text = "\(printable(message, limit: 200)) '\(printable(who, limit: 100))'"
        guard case .nobody(let near?) = people.meaning(of: who) else { return text }
        return text + ", did you mean '\(printable(near, limit: 40))'?"
    }

    // MARK: Lines

    /// One line for the beginning of a session.
    var line: String {
        let (headline, products) = (view.headline, view.catalogue.products)
        let parts = [
            "show \(printable(show))",
            headline.title.isEmpty ? nil : "\"\(printable(headline.title, limit: 100))\"",
            headline.status.isEmpty ? nil : printable(headline.status), headline.currency.code,
            products.isEmpty ? nil : "\(products.count) products",
        ]
        return parts.compactMap { $0 }.joined(separator: " · ")
    }

    /// The settings of the room, one a line.
    var roomLines: [String] {
        view.room.settings.sorted { $0.key < $1.key }.map { name, value in
            printable(name, limit: 60) + " " + printable(value.description, limit: 60)
        }
    }
}
