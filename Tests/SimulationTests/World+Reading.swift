// What left the server and what clients make of it: each object of each message goes to the checker when
// it is decided, and to the real client machine when it arrives.

import LiveSession
import LiveShopClient
import WireProtocol

@testable import LiveShopServer

extension World {
    // MARK: As it leaves the server

    func examine(_ batch: DeliveryBatch, isStoring: Bool, in engine: ShowEngine) throws {
        for step in batch.steps {
            switch step {
            case .message(let payload, let id):
                let key = checker.showKeys[clients[link(id).client].person.show] ?? 0
                for object in payload.split(separator: 0x0A) {
                    try examine(Array(object), to: id, show: key, isStoring: isStoring)
                }
            case .operation(.broadcast(let room, let range, _)):
                guard let key = engine.rooms.first(where: { $0.id == room })?.key else { continue }
                for object in batch.payload(range).split(separator: 0x0A) {
                    try examine(Array(object), to: nil, show: key, isStoring: isStoring)
                }
            case .operation: continue
            }
        }
    }

    private func examine(
        _ object: [UInt8], to id: ConnectionID?, show: Int, isStoring: Bool
    ) throws {
        guard let document = try? JSONDocument(parsing: object),
            let type = document.member(document.root, "type").flatMap(document.string)
        else { throw Violation("the server wrote what cannot be read") }
        note("server: \(id.map { "\($0)" } ?? "all") \(String(decoding: object, as: UTF8.self))")
        switch type {
        case "reply", "error":
            guard let id,
                let number = document.member(document.root, "id").flatMap(document.integer)
            else { return }
            let isError = type == "error"
            guard let node = document.member(document.root, isError ? "error" : "data") else {
                throw Violation("an answer without content")
            }
            let data = Array(document.rawBytes(node))
            if number == 1 { return try examineHello(data, isError, id, show: show) }
            let request = Checker.ConnectionRequest(connection: id, id: Int(number))
            guard let tag = tagOfRequest[request] else {
                throw Violation("an answer to request \(number) of \(id), which was never sent")
            }
            try checker.answer(
                sent[tag], of: clients[sent[tag].client].person, on: request, isError: isError,
                data: data, isStoring: isStoring)
        default:
            if let offset = document.member(document.root, "offset").flatMap(document.integer) {
                try checker.broadcast(event: object, offset: Int(offset), show: show)
                return
            }
            guard let data = JSONValue.parse(object)?["data"] else { return }
            switch type {
            case "chat.message": try checker.chat(data, show: show, isStoring: isStoring)
            case "stock.changed" where id == nil: try checker.stockNotice(data, show: show)
            default: break
            }
        }
    }

    private func examineHello(
        _ data: [UInt8], _ isError: Bool, _ id: ConnectionID, show: Int
    ) throws {
        checker.count(isError ? "hello refused" : "hello")
        guard !isError, let value = JSONValue.parse(data) else { return }
        if let you = value["you"] {
            try checker.hello(you, of: clients[link(id).client].person)
        }
        guard let snapshot = value["snapshot"] else { return }
        try checker.snapshotChat(snapshot["chat"]?.list ?? [], show: show)
        guard let view = PublicView(snapshot: snapshot) else {
            throw Violation("a snapshot cannot be read")
        }
        if let offset = value["offset"]?.int, let known = checker.publicAt[show]?[offset],
            known != view
        {
            throw Violation(
                "the snapshot at \(offset) is not the state: \(view.difference(from: known))")
        }
    }

    // MARK: As it arrives

    func read(_ object: [UInt8], _ client: SimulatedClient) throws {
        let action = client.machine.received(object.span)
        let value = JSONValue.parse(object) ?? .null
        switch action {
        case .joined(let joined):
            let data = value["data"] ?? .null
            if let snapshot = data["snapshot"] { client.view = PublicView(snapshot: snapshot) }
            noteHers(data["you"] ?? .null, client)
            if joined.isResumed, client.view == nil { throw Violation("resumed without a state") }
            try compareView(client)
            for tag in joined.lost { sent[tag].isAnswered = true }
            for message in joined.resend {
                guard let tag = tagOfPending(message, client) else {
                    throw Violation("a request to repeat that was never made")
                }
                send(message, tag: tag, from: client)
            }
        case .refused: break
        case .answered(let tag, let isError, _):
            guard !sent[tag].isAnswered else { throw Violation("a client got two answers to one") }
            sent[tag].isAnswered = true
            if !isError { learn(sent[tag].asked, value["data"] ?? .null, client) }
        case .event:
            guard let type = value["type"]?.text, client.view != nil,
                client.view?.apply(type, value["data"] ?? .null) == true
            else {
                throw Violation("an event makes no sense: \(value.string)")
            }
            try compareView(client)
        case .notice: try hearNotice(value, client)
        case .complaint: break
        case .fault(let fault): throw Violation("client \(client.number): \(fault.message)")
        }
    }

    private func tagOfPending(_ message: [UInt8], _ client: SimulatedClient) -> Int? {
        guard let id = JSONValue.parse(message)?["id"]?.int else { return nil }
        return tagOfMessage[.init(client: client.number, id: id)]
    }

    /// Snapshot and later events give the server's state.
    private func compareView(_ client: SimulatedClient) throws {
        guard let view = client.view, let position = client.machine.position,
            let key = checker.showKeys[client.person.show],
            let state = checker.publicAt[key]?[Int(position.offset)]
        else { return }
        guard view == state else {
            throw Violation(
                "client \(client.number) at event \(position.offset) believes otherwise: "
                    + view.difference(from: state))
        }
        checker.count("views compared")
    }

    private func noteHers(_ you: JSONValue, _ client: SimulatedClient) {
        let holds = (you["holds"]?.list ?? []).compactMap { $0["hold"]?.text }
        client.holds = Set(holds)
        let person = client.person
        person.openHolds = holds
        for hold in holds where !person.holds.contains(hold) { person.holds.append(hold) }
        for order in (you["orders"]?.list ?? []).compactMap({ $0["order"]?.text })
        where !person.orders.contains(order) { person.orders.append(order) }
    }

    private func hearNotice(_ value: JSONValue, _ client: SimulatedClient) throws {
        guard let type = value["type"]?.text, let data = value["data"] else { return }
        let hold = data["hold"]?.text ?? ""
        switch type {
        case "hold.created":
            client.holds?.insert(hold)
            if !client.person.openHolds.contains(hold) { client.person.openHolds.append(hold) }
            if !client.person.holds.contains(hold) { client.person.holds.append(hold) }
        case "waitlist.offered": client.person.offers.append(data["sku"]?.text ?? "")
        case "hold.released" where data["remaining"]?.int ?? 0 > 0: break
        case "hold.expired", "hold.released":
            client.person.openHolds.removeAll { $0 == hold }
            guard client.holds == nil || client.holds?.remove(hold) != nil else {
                throw Violation(
                    "client \(client.number) hears \(type) of \(hold), which it has not")
            }
        case "order.placed":
            if let id = data["order"]?["order"]?.text, !client.person.orders.contains(id) {
                client.person.orders.append(id)
            }
            // The notice does not name the holds: another connection may have ordered them.
            client.holds = nil
        default: break
        }
    }

    private func learn(_ asked: Asked, _ data: JSONValue, _ client: SimulatedClient) {
        let person = client.person
        switch asked.type {
        case "order.place":
            let ordered = (asked.data["holds"]?.list ?? []).compactMap(\.text)
            person.openHolds.removeAll { ordered.contains($0) }
            if let id = data["order"]?["order"]?.text, !person.orders.contains(id) {
                person.orders.append(id)
            }
        case "product.add":
            for variant in asked.data["product"]?["variants"]?.list ?? [] {
                if let sku = variant["sku"]?.text {
                    knownSKUs[person.show, default: []].append(sku)
                }
            }
            if let id = data["product"]?.text { knownProducts[person.show, default: []].append(id) }
        case "product.remove":
            knownProducts[person.show]?.removeAll { $0 == data["product"]?.text }
        default: break
        }
    }
}
