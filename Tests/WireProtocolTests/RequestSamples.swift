// One well-formed request of every type that is carried out, with its canonical `data`. The tests of
// decoding, of canonical contents and the fuzz test all begin here.

import Testing
import WireProtocol

struct RequestSample: Sendable, CustomTestStringConvertible {
    let type: RequestType
    let data: String
    let canonical: String

    init(_ type: RequestType, _ data: String, _ canonical: String? = nil) {
        self.type = type
        self.data = data
        self.canonical = canonical ?? data
    }

    var message: String { #"{"id":7,"type":"\#(type.rawValue)","data":\#(data)}"# }
    var testDescription: String { message }

    static let product =
        #"{"description":"Long\nand wide","id":"p1","media":["https://a.b/c.jpg","/m/d.png"],"sponsored":false,"title":"T","variants":[{"limit":2,"on_hand":5,"options":{"Color":"Red","Size":"S"},"price":1990,"sku":"A","title":"S"}]}"#

    static let all: [RequestSample] = [
        .init(
            .hello, #"{"show":"spring","name":" Ana ","resume":{"epoch":"k3f9","offset":120}}"#,
            #"{"name":"Ana","show":"spring"}"#),
        .init(
            .claimCreate, #"{"sku":"A12","key":"k1"}"#,
            #"{"partial":true,"quantity":1,"sku":"A12","waitlist":true}"#),
        .init(
            .claimCreate,
            #"{"waitlist":false,"partial":false,"unit_price":1990,"quantity":3,"sku":"A","key":"k"}"#,
            #"{"partial":false,"quantity":3,"sku":"A","waitlist":false}"#),
        .init(.holdRelease, #"{"hold":"h1"}"#), .init(.holdExtend, #"{"hold":"h1"}"#),
        .init(.waitlistLeave, #"{"sku":"A12"}"#),
        .init(.waitlistAccept, #"{"sku":"A12","key":"k","unit_price":5}"#, #"{"sku":"A12"}"#),
        .init(
            .orderPlace, #"{"key":"k","holds":["h2","h1"],"coupon":"C"}"#,
            #"{"coupon":"C","holds":["h2","h1"]}"#),
        .init(
            .orderPay, #"{"order":"o1","key":"k","method":"failed"}"#,
            #"{"method":"failed","order":"o1"}"#),
        .init(.orderCancel, #"{"order":"o1","key":"k"}"#, #"{"order":"o1"}"#),
        .init(
            .chatSend, #"{"text":"  hi\tthere ","reply_to":"m1","product":"p1"}"#,
            #"{"product":"p1","reply_to":"m1","text":"hi there"}"#),
        .init(.productOpen, #"{"product":"p1"}"#), .init(.productRequest, #"{"sku":"A"}"#),
        .init(.productGet, #"{"product":"p1","sku":"A"}"#), .init(.receiptGet, #"{"seq":41}"#),
        .init(.tokenRefresh, #"{"token":"a.b.c"}"#), .init(.ping, "{}"), .init(.showStart, "{}"),
        .init(.showPause, "{}"), .init(.showResume, "{}"), .init(.showEnd, "{}"),
        .init(.rehearsalStart, "{}"), .init(.rehearsalEnd, "{}"),
        .init(.productAdd, #"{"product":\#(product)}"#),
        .init(
            .productAdd,
            #"{"product":{"title":"T","variants":[{"sku":"A","price":1,"on_hand":0,"options":{"Size":"S","Color":"Red"}}]}}"#,
            #"{"product":{"description":"","media":[],"sponsored":false,"title":"T","variants":[{"on_hand":0,"options":{"Color":"Red","Size":"S"},"price":1,"sku":"A","title":"S / Red"}]}}"#
        ),
        .init(
            .productUpdate,
            #"{"product":{"variants":[{"sku":"A","price":7}],"id":"p1","title":"New"}}"#,
            #"{"product":{"id":"p1","title":"New","variants":[{"price":7,"sku":"A"}]}}"#),
        .init(.productRemove, #"{"product":"p1"}"#),
        .init(.productRemove, #"{"product":{"id":"p1"}}"#, #"{"product":"p1"}"#),
        .init(.productPin, #"{"product":"p1","seconds":60,"sku":"A"}"#),
        .init(.productUnpin, "{}"), .init(.productUnpin, #"{"product":"p1"}"#),
        .init(.queueSet, #"{"products":["p2","p1"]}"#), .init(.queueSet, #"{"products":[]}"#),
        .init(.queueNext, "{}"), .init(.stockAdjust, #"{"delta":-5,"sku":"A"}"#),
        .init(.stockSet, #"{"expected":4,"on_hand":9,"sku":"A"}"#),
        .init(.priceSet, #"{"price":0,"sku":"A"}"#),
        .init(
            .flashStart, #"{"sku":"A","price":1490}"#,
            #"{"countdown_seconds":10,"duration_seconds":60,"per_buyer":1,"price":1490,"sku":"A"}"#
        ),
        .init(
            .flashStart,
            #"{"countdown_seconds":0,"duration_seconds":9,"fair_window_ms":500,"per_buyer":2,"price":1,"quantity":3,"sku":"A"}"#
        ),
        .init(.flashStop, #"{"sku":"A"}"#), .init(.flashStop, #"{"flash":"f1"}"#),
        .init(.noteSet, #"{"seconds":30,"text":"Free shipping"}"#), .init(.noteClear, "{}"),
        .init(.chatDelete, #"{"message":"m1"}"#), .init(.chatSpotlight, #"{"message":"m1"}"#),
        .init(.participantTimeout, #"{"participant":"g1","reason":"spam","seconds":300}"#),
        .init(
            .participantUntimeout, #"{"participant":"g1","seconds":5}"#,
            #"{"participant":"g1","reason":""}"#),
        .init(
            .participantBan, #"{"participant":"g1"}"#, #"{"participant":"g1","reason":""}"#),
        .init(.participantUnban, #"{"participant":"g1","reason":""}"#),
        .init(.participantRestrict, #"{"participant":"g1","reason":"x","seconds":1209600}"#),
        .init(.participantUnrestrict, #"{"participant":"g1","reason":"x"}"#),
        .init(.participantShadowBan, #"{"participant":"g1","reason":"x"}"#),
        .init(.participantSetRole, #"{"participant":"g1","role":"co_host"}"#),
        .init(
            .roomConfigure,
            #"{"slow_mode_seconds":10,"key":"k","block_links":true,"blocked_words":["a","b"],"auto_replies":[{"text":"T","keywords":["k"]}]}"#,
            #"{"auto_replies":[{"keywords":["k"],"text":"T"}],"block_links":true,"blocked_words":["a","b"],"slow_mode_seconds":10}"#
        ),
        .init(.ordersMine, #"{"after":"7","limit":5}"#, "{}"), .init(.viewersList, "{}"),
        .init(.holdsList, "{}"), .init(.waitlistList, #"{"sku":"A"}"#),
        .init(.ordersList, #"{"status":"paid","limit":1000}"#, "{}"), .init(.showReport, "{}"),
    ]
}

/// Decodes one message that holds one object.
func decode(_ message: String) -> Result<Request, RequestError> {
    var decoder = RequestDecoder()
    let bytes = Array(message.utf8)
    return decoder.decode(bytes, in: 0..<bytes.count)
}

func canonical(_ message: String) throws -> String {
    var writer = JSONWriter()
    try decode(message).get().writeCanonicalContent(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}
