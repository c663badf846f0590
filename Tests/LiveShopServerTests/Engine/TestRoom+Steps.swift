// Steps that many tests share: a show that is live with a product, and requests in one line.

import Inventory
import LiveSession
import Testing

@testable import LiveShopServer

extension TestRoom {
    /// A live show with a host and the product `mug`, whose only variant is `MUG` at 15.00.
    static func live(
        onHand: Int = 3, limit: Int? = nil, archive: EngineArchive = EngineArchive(),
        guests: GuestPolicy = .claim, testPayment: Bool = true,
        configure: (inout EngineConfiguration) -> Void = { _ in }
    ) -> TestRoom {
        let room = TestRoom(
            archive: archive, guests: guests, testPayment: testPayment, configure: configure)
        room.joinHost()
        room.addProduct("mug", onHand: onHand, limit: limit)
        room.request("show.start", from: "host")
        room.takeAll()
        return room
    }

    func addProduct(_ id: String, price: Int = 1500, onHand: Int = 3, limit: Int? = nil) {
        let limit = limit.map { #","limit":\#($0)"# } ?? ""
        let variant =
            #"{"sku":"\#(id.uppercased())","price":\#(price),"on_hand":\#(onHand)\#(limit)}"#
        let lines = request(
            "product.add",
            #"{"product":{"id":"\#(id)","title":"The \#(id)","variants":[\#(variant)]}}"#,
            from: "host")
        #expect(lines.refusal == nil, "\(lines)")
    }

    /// Sends a request and gives what came back, the reply or error among it.
    @discardableResult
    func request(
        _ type: String, _ data: String = "{}", from name: String, id: String = "7"
    ) -> [String] {
        send(#"{"id":\#(id),"type":"\#(type)","data":\#(data)}"#, from: name)
    }

    @discardableResult
    func claim(
        _ sku: String = "MUG", _ quantity: Int = 1, key: String, more: String = "",
        from name: String
    ) -> [String] {
        request(
            "claim.create",
            #"{"sku":"\#(sku)","quantity":\#(quantity),"key":"\#(key)"\#(more)}"#, from: name)
    }

    /// The counters of a SKU: available, held, sold, on hand.
    func counters(_ sku: String = "MUG") throws -> [Int] {
        let show = try show()
        let level = show.ledger.level(try #require(show.ledger.variant(sku: sku)))
        return [level.available, level.held, level.sold, level.onHand]
    }
}
