// The id of a request that is over the limit: found without parsing, or not at all.

import Testing

@testable import WireProtocol

struct RequestIDSkimTests {
    private func skim(_ text: String) -> RequestID? {
        let bytes = Array(text.utf8)
        return RequestID(skimming: bytes, in: bytes.indices)
    }

    @Test func `wherever it stands, the id is the one that the parser finds`() throws {
        for text in [
            #"{"id":7,"type":"ping"}"#, #"{"type":"ping","id":"a"}"#,
            #" { "id" : 7 , "type":"ping"}"#,
            #"{"data":{"id":1,"a":["}",{"id":2}]},"type":"ping","id":9007199254740991}"#,
            #"{"type":"a\"b\\","id":"é𐌰","data":{}}"#, #"{"type":"ping","id":7 }"#,
            #"{"type":"ping"}"#,
        ] {
            var decoder = RequestDecoder()
            let bytes = Array(text.utf8)
            let id: RequestID? =
                switch decoder.decode(bytes, in: bytes.indices) {
                case .success(let request): request.id
                case .failure(let error): error.id
                }
            #expect(skim(text) == id, "\(text)")
        }
    }

    @Test(arguments: [
        "", "{", "{}", "[]", #"{"id""#, #"{"id":"#, #"{"id":1"#, #"{"id":0}"#, #"{"id":01}"#,
        #"{"id":-1}"#, #"{"id":1.0}"#, #"{"id":1e0}"#, #"{"id":9007199254740992}"#,
        #"{"id":99999999999999999999}"#, #"{"id":null}"#, #"{"id":""}"#, #"{"id":"a}"#,
        #"{"id":"a\n"}"#, #"["id",1]"#, #"{"a":{"id":1}}"#, #"{"a":"id","b":1}"#,
    ])
    func `what has no id of the right form has none`(_ text: String) {
        #expect(skim(text) == nil)
    }

    @Test func `only so many bytes are looked at`() {
        let long = String(repeating: "x", count: RequestID.skimmedBytesMax)
        #expect(skim(#"{"data":{"text":"\#(long)"},"id":7}"#) == nil)
        #expect(skim(#"{"id":7,"data":{"text":"\#(long)"}}"#) == .integer(7))
    }

    @Test func `mutated lines never trap`() {
        var random = SystemRandomNumberGenerator()
        let text = Array(#"{"type":"a\"b","data":{"a":[1,"x"]},"id":"é7"}"#.utf8)
        for _ in 0..<2000 {
            var bytes = text
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255)
            }
            let end = Int.random(in: bytes.indices, using: &random)
            _ = RequestID(skimming: bytes, in: 0..<end)
        }
    }
}
