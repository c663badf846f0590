// The idempotency comparison: the same wish in another spelling is the same, another wish is not.

import Testing
import WireProtocol

struct CanonicalContentTests {
    @Test(arguments: RequestSample.all)
    func `a request has its stable canonical content`(sample: RequestSample) throws {
        #expect(
            try canonical(sample.message)
                == #"{"data":\#(sample.canonical),"type":"\#(sample.type.rawValue)"}"#)
    }

    @Test(arguments: RequestSample.all)
    func `members stand in the order of their names at every level`(sample: RequestSample) throws {
        let document = try JSONDocument(parsing: try canonical(sample.message))
        func check(_ node: JSONNode) {
            let names = document.members(node).compactMap { document.string($0.name) }
            #expect(names == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            for (_, value) in document.members(node) { check(value) }
            for value in document.elements(node) { check(value) }
        }
        check(document.root)
    }

    @Test(arguments: [
        #"{"sku":"A12","key":"other","quantity":1}"#, #"{"quantity":1,"key":"k","sku":"A12"}"#,
        #"{"sku":"\u004112","key":"k","partial":true,"waitlist":true}"#,
        #"{"sku":"A12","key":"k","unit_price":5,"future_field":[1,2]}"#,
    ])
    func `another spelling of a claim is the same claim`(data: String) throws {
        let first = try canonical(#"{"id":1,"type":"claim.create","data":{"sku":"A12","key":"k"}}"#)
        #expect(try canonical(#"{"id":"b","type":"claim.create","data":\#(data),"x":1}"#) == first)
    }

    @Test(arguments: [
        #"{"sku":"A13","key":"k"}"#, #"{"sku":"A12","key":"k","quantity":2}"#,
        #"{"sku":"A12","key":"k","partial":false}"#, #"{"sku":"A12","key":"k","waitlist":false}"#,
        #"{"sku":"A12","key":"k","quantity":"1"}"#,
    ])
    func `another claim is another content`(data: String) throws {
        let first = try canonical(#"{"id":1,"type":"claim.create","data":{"sku":"A12","key":"k"}}"#)
        #expect(try canonical(#"{"id":1,"type":"claim.create","data":\#(data)}"#) != first)
    }

    @Test func `content is appended to what is there`() throws {
        var writer = JSONWriter()
        writer.newline()
        try decode(#"{"type":"ping"}"#).get().writeCanonicalContent(to: &writer)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == "\n" + #"{"data":{},"type":"ping"}"#)
    }
}
