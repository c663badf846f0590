// The client's picture of a show, held against the server: who followed everything sees what the server
// tells to somebody who has just come.

import Testing
import WireProtocol

@testable import LiveShopClient

/// A client of the console's kind that keeps its picture up to date.
private final class Follower {
    let connection: LiveShopConnection
    private(set) var view = ShowView()

    init(_ shop: Shop, token: String? = nil) throws {
        let address = ServerAddress(host: "127.0.0.1", port: UInt16(shop.port))
        let identity = ClientIdentity(
            show: "spring", token: token, name: token == nil ? "Cleo" : nil)
        connection = try LiveShopConnection(
            LiveShopConnection.Options(server: address, identity: identity, seed: 1))
        let hello = try JSONDocument(parsing: try connection.join())
        view.take(hello: hello.root, in: hello)
    }

    /// Asks, and takes the answer in its place among the messages.
    @discardableResult
    func request(_ type: String, _ data: String) throws -> JSONDocument {
        connection.post(type, data: Array(data.utf8), isRepeatable: true, tag: 1)
        while let item = try connection.next(seconds: 30) {
            guard case .answered(_, let result) = item else {
                try take(item)
                continue
            }
            let reply = try JSONDocument(parsing: try result.get())
            view.take(reply: reply, to: type, sent: try JSONDocument(parsing: data))
            return reply
        }
        throw Client.TimedOut(description: "no answer to \(type)")
    }

    /// Takes what comes within a moment.
    func follow() throws {
        while let item = try connection.next(seconds: 0.05) { try take(item) }
    }

    private func take(_ item: LiveShopConnection.Incoming) throws {
        guard case .message(let bytes) = item else { return }
        let document = try JSONDocument(parsing: bytes)
        switch try #require(ServerMessage(document)) {
        case .event(let fact, let offset): view.take(fact, offset: offset, in: document)
        case .notice(let fact): view.take(fact, offset: nil, in: document)
        case .reply, .error: break
        }
    }

    /// The picture without what only some messages tell.
    var comparable: ShowView {
        var view = view
        view.catalogue.formerTitles = [:]
        for sku in view.catalogue.stock.keys {
            view.catalogue.stock[sku]?.held = nil
            view.catalogue.stock[sku]?.sold = nil
            view.catalogue.stock[sku]?.onHand = nil
        }
        // A fresh one with every hello.
        view.own.token = nil
        return view
    }
}

@Suite(.ownThread)
struct ShowViewTests {
    @Test func `all messages applied to the first snapshot give the later snapshot`() async throws {
        let shop = try await Shop(stock: [("A", 3), ("B", 5), ("C", 1)], isLive: false)
        let host = try shop.host()
        let cleo = try Follower(shop)
        let participant = cleo.view.own.participant

        try lead(host)
        let held = try cleo.request("claim.create", #"{"sku":"A","key":"1","quantity":2}"#)
        let hold = try #require(ClaimAnswer(held).hold)
        try cleo.request("order.place", #"{"holds":["\#(hold.id)"],"key":"2"}"#)
        let order = try #require(cleo.view.own.unpaid.first)
        try cleo.request(
            "order.pay", #"{"order":"\#(order.id)","method":"succeeded","key":"3"}"#)
        try cleo.request("claim.create", #"{"sku":"B","key":"4"}"#)
        let ana = try shop.guest("Ana")
        _ = try ana.claim("C", "1")
        try cleo.request("claim.create", #"{"sku":"C","key":"5"}"#)
        #expect(cleo.view.own.waits.map(\.sku) == ["C"])
        let said = try ana.request("chat.send", #"{"text":"Hello"}"#)
        try ana.request("chat.send", #"{"text":"Good bye"}"#)
        let message = try #require(said["data.message"].text)
        try host.request("chat.delete", #"{"message":"\#(message)"}"#)
        try host.request("participant.timeout", #"{"participant":"\#(participant)"}"#)
        try host.request("show.pause")

        let late = try Follower(shop, token: cleo.connection.identity.token)
        for _ in 0..<200 where cleo.comparable != late.comparable {
            try cleo.follow()
            try late.follow()
        }
        let (followed, told) = (cleo.comparable, late.comparable)
        #expect(followed.position == told.position)
        #expect(followed.headline == told.headline)
        #expect(followed.catalogue == told.catalogue)
        #expect(followed.stage == told.stage)
        #expect(followed.flashSales == told.flashSales)
        #expect(followed.room == told.room)
        #expect(followed.chat == told.chat)
        #expect(followed.own == told.own)
        // And there was something to see.
        #expect(told.stage.pins.map(\.sku) == ["B"] && told.stage.note?.text == "Welcome")
        #expect(Set(told.flashSales.sales.keys) == ["A", "N"])
        #expect(told.own.orders.map(\.status) == ["paid"] && told.own.mutedUntil != nil)
        #expect(told.catalogue.products["gone"] == nil)
        #expect(told.catalogue.price(of: "A") == 500 && told.catalogue.price(of: "C") == 1000)
        #expect(told.chat.messages.map(\.text) == ["Good bye"])
    }

    /// Something of everything that a host may do.
    private func lead(_ host: Client) throws {
        try host.request("show.start")
        for id in ["new", "gone"] {
            let sku = id == "new" ? "N" : "G"
            try host.request(
                "product.add",
                #"{"product":{"id":"\#(id)","title":"New","variants":[{"sku":"\#(sku)","price":700,"on_hand":9,"options":{"Size":"M"},"limit":2}]}}"#
            )
        }
        try host.request("product.update", #"{"product":{"id":"new","title":"Newer"}}"#)
        try host.request("product.remove", #"{"product":"gone"}"#)
        try host.request("queue.set", #"{"products":["new","p1"]}"#)
        try host.request("product.pin", #"{"sku":"N"}"#)
        try host.request("product.pin", #"{"sku":"B","seconds":600}"#)
        try host.request("note.set", #"{"text":"Welcome","seconds":600}"#)
        try host.request("price.set", #"{"sku":"B","price":900}"#)
        try host.request("stock.adjust", #"{"sku":"B","delta":4}"#)
        let terms = #""price":500,"duration_seconds":600,"per_buyer":3"#
        try host.request("flash.start", #"{"sku":"A",\#(terms),"countdown_seconds":0}"#)
        try host.request("flash.start", #"{"sku":"N",\#(terms),"countdown_seconds":300}"#)
        try host.request("flash.start", #"{"sku":"C",\#(terms),"countdown_seconds":0}"#)
        try host.request("flash.stop", #"{"sku":"C"}"#)
        try host.request("room.configure", #"{"hold_seconds":300,"replay_sales":"on"}"#)
    }
}
