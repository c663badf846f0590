// Who comes, with which tokens, and how a request is put: with new keys, old keys, and old keys for
// something else.

import Inventory
import LiveSession
import LiveShopClient
import WireProtocol

@testable import LiveShopServer

extension World {
    /// Everybody of a show.
    func invite(to show: String) {
        add("host", .host, show)
        add("mod", .moderator, show)
        for number in 1...chance.number(2...8) { add("buyer\(number)", .viewer, show) }
        for number in 1...chance.number(1...2) {
            add("guest\(number)", .viewer, show, isGuest: true)
        }
    }

    private func add(_ name: String, _ role: Role, _ show: String, isGuest: Bool = false) {
        let person = Person(
            subject: "\(show)-\(name)", name: name, role: role, isGuest: isGuest, show: show)
        people.append(person)
        addClient(of: person)
        // Some have the show open twice.
        if !isGuest, chance.percent(25) { addClient(of: person) }
    }

    @discardableResult
    private func addClient(of person: Person, token kept: String? = nil) -> SimulatedClient {
        let client = SimulatedClient(
            number: clients.count, person: person,
            token: person.isGuest ? kept : token(of: person), seed: chance.bits())
        clients.append(client)
        return client
    }

    private func token(of person: Person) -> String {
        let ends =
            chance.percent(20)
            ? Timestamp(milliseconds: now + chance.milliseconds(2000...40_000)) : .never
        let token = "token-\(tokens.count)"
        tokens[token] = Identity(
            subject: person.subject, name: person.name, role: person.role,
            capabilities: Capabilities(of: person.role), isGuest: false, show: nil, expiresAt: ends)
        return token
    }

    /// A client ends for good; its person comes back with a new one that knows nothing.
    func replace(_ client: SimulatedClient) {
        client.hasEnded = true
        let kept = client.person.isGuest && chance.percent(70) ? client.machine.identity.token : nil
        let fresh = addClient(of: client.person, token: kept)
        plan(.clientConnects(fresh.number), after: chance.milliseconds(100...4000))
    }

    // MARK: Asking

    func ask(
        _ person: Person, _ type: String, _ members: [(String, JSONValue)], keyed: Bool? = nil
    ) {
        var members = members
        var key: String?
        if keyed ?? chance.percent(50) {
            key = "k\(person.nextKey)"
            person.nextKey += 1
        }
        if let key { members.append(("key", .string(key))) }
        contents += 1
        let asked = Asked(type: type, data: .make(members), key: key, content: contents)
        if key != nil { person.keyed.append(asked) }
        ask(person, asked)
        // Impatient, or connected twice: the same again at once.
        if key != nil, chance.percent(10) { ask(person, asked) }
    }

    func ask(_ person: Person, _ asked: Asked) {
        let own = clients.filter { $0.person === person && !$0.hasEnded }
        guard let client = chance.pick(own) else { return }
        let tag = sent.count
        sent.append(Sent(asked: asked, client: client.number))
        let isRepeatable = asked.key != nil || reading.contains(asked.type)
        let message = client.machine.request(
            asked.type, data: asked.data.bytes, isRepeatable: isRepeatable, tag: tag)
        let id = client.nextID
        client.nextID += 1
        tagOfMessage[ClientMessage(client: client.number, id: id)] = tag
        note("ask: client \(client.number) \(asked.type) \(asked.data.string)")
        if let message { send(message, tag: tag, from: client) }
    }

    /// An old key: for the same, as after a lost answer, or for something else.
    func askAgain(_ person: Person) {
        guard let old = chance.pick(person.keyed.suffix(12).map { $0 }) else { return }
        if chance.percent(75) { return ask(person, old) }
        // The other content of a key is always the same: it may be asked for again, too.
        let members: [JSONValue.Member]
        if old.type == "claim.create" {
            members =
                old.data.members.filter { $0.name != "quantity" }
                + [.init(name: "quantity", value: 17)]
        } else {
            members = [
                .init(name: "text", value: "something else"),
                .init(name: "key", value: .string(old.key ?? "")),
            ]
        }
        ask(
            person,
            Asked(
                type: old.type == "claim.create" ? old.type : "chat.send",
                data: .object(members), key: old.key, content: -old.content))
    }
}

/// Requests that change nothing.
private let reading: Set<String> = [
    "ping", "product.get", "viewers.list", "holds.list", "waitlist.list", "orders.list",
]
