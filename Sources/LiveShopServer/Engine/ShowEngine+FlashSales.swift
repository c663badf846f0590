// Flash sales over the wire.

import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    mutating func startFlashSale(
        _ flash: FlashStart, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        guard (flash.fairWindowMilliseconds ?? 0) == 0 else {
            throw .refused(
                Refusal(.badRequest, "data.fair_window_ms: fair windows are not offered yet"))
        }
        let draft = FlashSaleDraft(
            variant: try variant(flash.sku, call), price: Money(flash.price),
            countdownSeconds: Int(flash.countdownSeconds),
            durationSeconds: Int(flash.durationSeconds), perBuyer: Units(flash.perBuyer),
            quantity: flash.quantity.map { Units($0) })
        let sale = try unwrap(call) { show throws(LedgerDefect) in
            try show.startFlashSale(draft, at: call.now)
        }
        write(sale, call, &data)
    }

    mutating func stopFlashSale(
        _ flash: String?, _ sku: String?, _ call: Call, _ data: inout JSONWriter
    ) throws(CallFailure) {
        let show = self[show: call.room]
        let sale: FlashSale?
        if let flash {
            sale = show.flashSales.first { $0.id == flash }
        } else {
            sale = show.flashSale(of: try variant(sku ?? "", call))
        }
        guard let sale else { throw .refused(Refusal(.notFound, "no such flash sale")) }
        let ended = try unwrap(call) { show throws(LedgerDefect) in
            try show.stopFlashSale(sale.number, at: call.now)
        }
        write(ended, call, &data)
    }

    private func write(_ sale: FlashSale, _ call: Call, _ data: inout JSONWriter) {
        data.beginObject()
        WireMapping.writeMembers(sale, of: self[show: call.room], to: &data)
        data.endObject()
    }
}
