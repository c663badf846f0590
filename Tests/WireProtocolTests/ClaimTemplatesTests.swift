// Claims that are known by their form: the same as if they were parsed, whatever stands in the blanks and
// around them.

import Testing

@testable import WireProtocol

struct ClaimTemplatesTests {
    private static let claims = [
        #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}}"#,
        #"{"data":{"key":"k-1","quantity":2,"sku":"MUG","partial":false},"type":"claim.create","id":7}"#,
        #" { "type" : "claim.create", "id" : 7 , "data" : { "sku" : "MUG", "key" : "k" } } "#,
        #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"k","unit_price":5,"id":1}}"#,
        #"{"id":7,"type":"claim.create","data":{"sku":"M\u0055G","key":"k-1","key2":"\u006b"},"x":[1]}"#,
    ]

    private func parsed(_ text: [UInt8]) -> Result<Request, RequestError> {
        var fresh = RequestDecoder()
        return fresh.decode(text, in: 0..<text.count)
    }

    /// Templates that have seen the claim.
    private func templates(_ text: String) throws -> ClaimTemplates {
        let bytes = Array(text.utf8)
        var templates = ClaimTemplates()
        templates.note(try parsed(bytes).get(), in: try JSONDocument(parsing: bytes))
        return templates
    }

    private func known(_ text: String, by templates: ClaimTemplates) -> Request? {
        // Not at the beginning, as in a batch.
        let bytes = Array("....\(text)....".utf8)
        return templates.request(in: bytes, 4..<bytes.count - 4)
    }

    @Test(arguments: claims)
    func `another id and another key make the same claim`(claim: String) throws {
        let templates = try templates(claim.trimmed)
        for id in ["1", "9", "10", "12345678", "9007199254740991"] {
            for key in ["x", "12345678", "7f3c2a9e-1d4b-4c6a-9b1e-0a2b3c4d5e6f"] {
                let other = claim.trimmed.replacing(":7", with: ":\(id)")
                    .replacing(" 7", with: " \(id)").replacing(#""k-1""#, with: "\"\(key)\"")
                    .replacing(#""k" }"#, with: "\"\(key)\" }")
                    .replacing(#""k","unit"#, with: "\"\(key)\",\"unit")
                let request = try #require(known(other, by: templates), "\(other)")
                #expect(request.key == key && request.id == .integer(Int64(id) ?? 0))
                #expect(.success(request) == parsed(Array(other.utf8)))
            }
        }
    }

    @Test(arguments: [
        #"{"id":0,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}}"#,
        #"{"id":07,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}}"#,
        #"{"id":-7,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}}"#,
        #"{"id":7.0,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}}"#,
        #"{"id":,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}}"#,
        #"{"id":"7","type":"claim.create","data":{"sku":"MUG","key":"k-1"}}"#,
        #"{"id":9007199254740992,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}}"#,
        #"{"id":18446744073709551617,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}}"#,
        #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":""}}"#,
        #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"a\"b"}}"#,
        #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"ä"}}"#,
        "{\"id\":7,\"type\":\"claim.create\",\"data\":{\"sku\":\"MUG\",\"key\":\"a\u{1}\"}}",
        "{\"id\":7,\"type\":\"claim.create\",\"data\":{\"sku\":\"MUG\",\"key\":\""
            + String(repeating: "k", count: 129) + "\"}}",
        #"{"id":7,"type":"claim.create","data":{"sku":"CUP","key":"k-1"}}"#,
        #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}"#,
        #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"k-1"}}}"#,
        #"{"id":7,"type":"claim.create","data":{"sku":"MUG","key":"k-1"#, #"{"id":7"#, #"{"id":"#,
        "",
    ])
    func `what is not quite alike is parsed`(text: String) throws {
        #expect(known(text, by: try templates(Self.claims[0])) == nil)
    }

    @Test func `only claims with a number and a key are kept, the newest few`() throws {
        for other in [
            #"{"id":7,"type":"ping"}"#, #"{"type":"claim.create","data":{"sku":"MUG","key":"k"}}"#,
            #"{"id":"a","type":"claim.create","data":{"sku":"MUG","key":"k"}}"#,
            #"{"id":7,"type":"claim.create","data":{"sku":"MUG"}}"#,
            #"{"id":7,"type":"chat.send","data":{"text":"hello","key":"k"}}"#,
        ] {
            #expect(known(other, by: try templates(other)) == nil, "\(other)")
        }
        var templates = ClaimTemplates()
        func claim(_ number: Int) -> String {
            #"{"id":7,"type":"claim.create","data":{"sku":"MUG-\#(number)","key":"k"}}"#
        }
        for number in 0..<6 {
            let bytes = Array(claim(number).utf8)
            templates.note(try parsed(bytes).get(), in: try JSONDocument(parsing: bytes))
        }
        // What is known already, and what will never be known, push nothing out.
        for key in ["k", "other", #"\u006b"#, "ä", #"a\/b"#] {
            let bytes = Array(claim(5).replacing(#""k""#, with: "\"\(key)\"").utf8)
            templates.note(try parsed(bytes).get(), in: try JSONDocument(parsing: bytes))
        }
        #expect(
            (0..<6).map { known(claim($0), by: templates) != nil } == [false, false]
                + .init(repeating: true, count: 4))
    }

    /// A decoder that has seen claims takes and refuses what a new one does, and in the same words.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `changed claims are taken as if no other had come before`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var decoder = RequestDecoder()
        let pieces = [
            "7", "0", "1", "\"", "\\", "k", "\"k\"", "ä", " ", ",", "}", "{", ".", "-", "\u{7F}",
            "MUG",
            "\"id\":7,", "\n", "00", "123456789",
        ].map { Array($0.utf8) }
        var taken = 0
        for round in 0..<6000 {
            var text = Array((Self.claims.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                let stop = min(text.count, place + Int.random(in: 0...3, using: &random))
                text.replaceSubrange(
                    place..<stop, with: pieces.randomElement(using: &random) ?? [])
            }
            let result = decoder.decode(text, in: 0..<text.count)
            if case .success = result { taken += 1 }
            if result != parsed(text) {
                Issue.record(
                    "seed \(seed), round \(round): \(String(decoding: text, as: UTF8.self))")
            }
        }
        #expect(taken > 1500 && taken < 5000)
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
