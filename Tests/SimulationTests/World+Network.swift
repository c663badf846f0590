// The network: messages of one connection keep their order, those of different connections do not.
// Connections break at any time, and each side learns of it when it learns of it.

import Inventory
import LiveSession
import LiveShopClient
import WireProtocol

@testable import LiveShopServer

extension World {
    func link(_ id: ConnectionID) -> Link { links[id.slot] }

    // MARK: Client to server

    func connect(_ client: SimulatedClient) {
        guard !client.hasEnded, client.link == nil else { return }
        client.machine.connecting()
        let id = ConnectionID(loop: 0, slot: links.count, generation: 1)
        client.link = id
        links.append(Link(client: client.number, life: life))
        guard decider != nil else {
            return plan(
                .toClient(
                    id, .closed(.failed(.unreachable(address: "", reason: ""))), sentAt: now),
                after: chance.milliseconds(1...100))
        }
        sendToServer(id, .opened(address: "10.0.0.\(client.number)"))
        sendToClient(id, .opened)
    }

    func sendToServer(_ id: ConnectionID, _ arrival: ServerArrival) {
        let place = id.slot
        links[place].serverHearsAt = max(links[place].serverHearsAt, now + delay())
        agenda.plan(.toServer(id, arrival, sentAt: now), at: links[place].serverHearsAt)
    }

    func sendToClient(_ id: ConnectionID, _ arrival: ClientArrival) {
        let place = id.slot
        links[place].clientHearsAt = max(links[place].clientHearsAt, now + delay())
        agenda.plan(.toClient(id, arrival, sentAt: now), at: links[place].clientHearsAt)
    }

    private func delay() -> Int64 {
        chance.percent(90) ? chance.milliseconds(0...30) : chance.milliseconds(30...800)
    }

    /// Sends a client's message, remembering which request it is.
    func send(_ message: [UInt8], tag: Int?, from client: SimulatedClient) {
        guard let id = client.link else { return }
        if let tag, let number = JSONValue.parse(message)?["id"]?.int {
            tagOfRequest[.init(connection: id, id: number)] = tag
        }
        sendToServer(id, .message(message))
    }

    /// The server's side of a connection.
    func hear(_ id: ConnectionID, _ arrival: ServerArrival, _ sentAt: Int64) {
        let place = id.slot
        guard links[place].life == life, links[place].cutAt.map({ sentAt <= $0 }) ?? true else {
            return
        }
        var batch = InboundBatch()
        switch arrival {
        case .opened(let address):
            links[place].isOpenAtServer = true
            batch.events.append(.opened(id, address: address))
        case .message(let bytes):
            guard links[place].isOpenAtServer else { return }
            batch.append(message: bytes, from: id)
        case .drained:
            guard links[place].isOpenAtServer else { return }
            batch.events.append(.drained(id))
        case .closed:
            guard links[place].isOpenAtServer else { return }
            links[place].isOpenAtServer = false
            links[place].room = nil
            batch.events.append(.closed(id))
        }
        receive(.inbound(batch))
    }

    // MARK: Breaking

    /// The connection is gone; both sides hear of it some time.
    func cut(_ id: ConnectionID, _ ending: ConnectionEnding) {
        let place = id.slot
        guard links[place].cutAt == nil else { return }
        links[place].cutAt = now
        links[place].serverHearsAt = max(
            links[place].serverHearsAt, now + chance.milliseconds(0...3000))
        agenda.plan(.toServer(id, .closed, sentAt: now), at: links[place].serverHearsAt)
        // What is under way may arrive or not.
        let heard = now + chance.milliseconds(0...2000)
        agenda.plan(.toClient(id, .closed(ending), sentAt: now), at: heard)
    }

    // MARK: Server to client

    func deliver(_ batch: DeliveryBatch) {
        for step in batch.steps {
            guard case .operation(let operation) = step else {
                if case .message(let payload, let id) = step { send(payload[...], to: id) }
                continue
            }
            switch operation {
            case .send, .sendShared: continue
            case .reportDrained(let id):
                if link(id).isOpenAtServer { sendToServer(id, .drained) }
            case .join(let id, let room):
                if link(id).isOpenAtServer { links[id.slot].room = room }
            case .broadcast(let room, let range, _):
                for place in links.indices where links[place].room == room {
                    send(
                        batch.payload(range), to: ConnectionID(loop: 0, slot: place, generation: 1))
                }
            case .close(let id, let code, let reason):
                guard link(id).isOpenAtServer else { continue }
                sendToClient(id, .closed(.closed(code: code.rawValue, reason: reason)))
                links[id.slot].room = nil
                agenda.plan(
                    .toServer(id, .closed, sentAt: 0), at: now + chance.milliseconds(1...50))
            case .respond: continue
            }
        }
    }

    private func send(_ payload: ArraySlice<UInt8>, to id: ConnectionID) {
        guard link(id).isOpenAtServer, link(id).cutAt == nil else { return }
        sendToClient(id, .message(Array(payload)))
    }

    /// The client's side of a connection.
    func hear(_ id: ConnectionID, _ arrival: ClientArrival, _ sentAt: Int64) throws {
        let place = id.slot
        let client = clients[links[place].client]
        guard !links[place].isClosedAtClient, client.link == id else { return }
        switch arrival {
        case .opened:
            guard links[place].cutAt.map({ sentAt <= $0 }) ?? true else { return }
            send(client.machine.opened(), tag: nil, from: client)
        case .message(let bytes):
            for object in bytes.split(separator: 0x0A) { try read(Array(object), client) }
        case .closed(let ending):
            links[place].isClosedAtClient = true
            client.link = nil
            client.holds = nil
            switch client.machine.closed(ending, at: now) {
            case .connect(let at):
                // Some load the page again: all that is left is the token.
                if !isCalm, chance.percent(15) { return replace(client) }
                agenda.plan(.clientConnects(client.number), at: at)
            case .end(let failure):
                note("client \(client.number) ended: \(failure)")
                replace(client)
            }
        }
    }

    // MARK: Authentication

    func authenticate(_ requests: [AdmissionRequest]) {
        for request in requests {
            let delay =
                chance.percent(90) ? chance.milliseconds(0...20) : chance.milliseconds(20...900)
            plan(
                .admitted(request.connection, admission(for: request), life: life), after: delay)
        }
    }

    private func admission(for request: AdmissionRequest) -> Admission {
        if let token = request.token {
            guard let identity = tokens[token], identity.expiresAt.milliseconds > now else {
                return .refused("the token is not good")
            }
            links[request.connection.slot].tokenEnds = identity.expiresAt.milliseconds
            return .accepted(identity)
        }
        let person = clients[link(request.connection).client].person
        let token = "guest-\(person.subject)-\(tokens.count)"
        let identity = Identity(
            subject: person.subject, name: request.name, role: .viewer,
            capabilities: Capabilities(of: .viewer), isGuest: true, show: request.show,
            expiresAt: .never, issuedToken: token)
        tokens[token] = identity
        return .accepted(identity)
    }
}
