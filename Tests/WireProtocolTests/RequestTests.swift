// The envelope of a request and the arguments of each type: what is taken, what is refused, in which words.

import Testing
import WireProtocol

struct RequestTests {
    @Test(arguments: RequestSample.all)
    func `a well-formed request is taken`(sample: RequestSample) throws {
        let request = try decode(sample.message).get()
        #expect(request.id == .integer(7))
        #expect(request.type == sample.type)
        let body = try request.body.get()
        #expect(body != .unsupported)
        #expect(request.key == (sample.data.contains("\"key\"") ? request.key ?? "absent" : nil))
    }

    @Test func `every type has a sample or is not carried out yet`() throws {
        let sampled = Set(RequestSample.all.map(\.type))
        for type in RequestType.allCases where !sampled.contains(type) {
            let request = try decode(#"{"type":"\#(type.rawValue)"}"#).get()
            #expect(request.body == .success(.unsupported), "\(type)")
        }
    }

    @Test func `types are found by their wire names and ranked by role`() {
        for type in RequestType.allCases {
            #expect(RequestType.named(type.rawValue) == type)
        }
        #expect(RequestType.named("claim.destroy") == nil)
        #expect(RequestType.claimCreate.minimumRole == .viewer)
        #expect(RequestType.roomConfigure.minimumRole == .moderator)
        #expect(RequestType.participantSetRole.minimumRole == .host)
        #expect(RequestRole.viewer < .moderator && RequestRole.moderator < .host)
        #expect(
            RequestType.allCases.filter(\.keyIsRequired).map(\.rawValue) == [
                "claim.create", "waitlist.accept", "order.place", "order.pay", "order.cancel",
                "auction.bid",
            ])
    }

    @Test(arguments: [
        (#"{"id":7"#, ErrorCode.badJSON), ("", .badJSON),
        (#"{"id":7,"id":8,"type":"ping"}"#, .badJSON),
        (#"{"id":7,"type":"ping"} {}"#, .badJSON), ("[]", .badRequest), ("7", .badRequest),
        ("{}", .badRequest), (#"{"id":7}"#, .badRequest), (#"{"id":7,"type":5}"#, .badRequest),
        (#"{"id":7,"type":null}"#, .badRequest), (#"{"id":0,"type":"ping"}"#, .badRequest),
        (#"{"id":-1,"type":"ping"}"#, .badRequest), (#"{"id":1.0,"type":"ping"}"#, .badRequest),
        (#"{"id":-0,"type":"ping"}"#, .badRequest), (#"{"id":null,"type":"ping"}"#, .badRequest),
        (#"{"id":true,"type":"ping"}"#, .badRequest), (#"{"id":"","type":"ping"}"#, .badRequest),
        (#"{"id":9007199254740992,"type":"ping"}"#, .badRequest),
        (#"{"id":9223372036854775808,"type":"ping"}"#, .badRequest),
        (#"{"id":{},"type":"nope"}"#, .badRequest),
        ("{\"id\":\"\(String(repeating: "x", count: 65))\",\"type\":\"ping\"}", .badRequest),
    ])
    func `what is no request is refused without an id`(message: String, code: ErrorCode) {
        guard case .failure(let error) = decode(message) else {
            Issue.record("taken: \(message)")
            return
        }
        #expect(error.code == code)
        #expect(error.id == nil)
        #expect(!error.isSilent)
    }

    @Test func `ids of both forms come back as they were`() throws {
        let long = String(repeating: "\u{E9}", count: 64)
        for id in ["1", "9007199254740991", "\"a\"", "\"\(long)\""] {
            let request = try decode(#"{"id":\#(id),"type":"ping"}"#).get()
            var writer = JSONWriter()
            try #require(request.id).write(to: &writer)
            #expect(String(decoding: writer.bytes, as: UTF8.self) == id)
        }
    }

    @Test func `an unknown type is refused with the id, or in silence without one`() {
        guard case .failure(let loud) = decode(#"{"id":"a","type":"claim.destroy"}"#),
            case .failure(let silent) = decode(#"{"type":"claim.destroy"}"#)
        else {
            Issue.record("taken")
            return
        }
        #expect(loud.code == .unknownType && loud.id == .string("a") && !loud.isSilent)
        #expect(silent.isSilent)
        #expect(loud.message == "unknown type \"claim.destroy\"")
    }

    @Test func `a missing data is an empty object, another kind is wrong`() throws {
        #expect(try decode(#"{"type":"ping"}"#).get().body == .success(.ping))
        let claim = try decode(#"{"id":1,"type":"claim.create"}"#).get()
        #expect(throws: FieldError.self) { try claim.body.get() }
        for data in ["null", "[]", "5", "\"x\""] {
            let request = try decode(#"{"id":1,"type":"ping","data":\#(data)}"#).get()
            let error = #expect(throws: FieldError.self) { try request.body.get() }
            #expect(error?.message == "data: must be an object, not \(data)")
        }
    }

    @Test(arguments: [
        (RequestType.claimCreate, #"{"key":"k"}"#, "data.sku: is required"),
        (.claimCreate, #"{"sku":"A"}"#, "data.key: is required"),
        (
            .claimCreate, #"{"sku":"A","key":""}"#,
            "data.key: must be a string of 1 to 128 characters, not \"\""
        ),
        (
            .claimCreate, #"{"sku":"A","key":5}"#,
            "data.key: must be a string of 1 to 128 characters, not 5"
        ),
        (
            .claimCreate, #"{"sku":"A B","key":"k"}"#,
            "data.sku: must be 1 to 64 printable characters without spaces, not \"A B\""
        ),
        (
            .claimCreate, #"{"sku":"","key":"k"}"#,
            "data.sku: must be 1 to 64 printable characters without spaces, not \"\""
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","quantity":0}"#,
            "data.quantity: must be an integer from 1 to 999, not 0"
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","quantity":1000}"#,
            "data.quantity: must be an integer from 1 to 999, not 1000"
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","quantity":1.0}"#,
            "data.quantity: must be an integer from 1 to 999, not 1.0"
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","quantity":1e0}"#,
            "data.quantity: must be an integer from 1 to 999, not 1e0"
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","quantity":-0}"#,
            "data.quantity: must be an integer from 1 to 999, not -0"
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","quantity":"1"}"#,
            "data.quantity: must be an integer from 1 to 999, not \"1\""
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","quantity":true}"#,
            "data.quantity: must be an integer from 1 to 999, not true"
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","quantity":null}"#,
            "data.quantity: must be an integer from 1 to 999, not null"
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","quantity":9223372036854775808}"#,
            "data.quantity: must be an integer from 1 to 999, not 9223372036854775808"
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","partial":1}"#,
            "data.partial: must be true or false, not 1"
        ),
        (
            .claimCreate, #"{"sku":"A","key":"k","unit_price":-1}"#,
            "data.unit_price: must be an integer from 0 to 1000000000000, not -1"
        ),
        (.hello, #"{"name":"A"}"#, "data.show: is required"),
        (
            .hello, #"{"show":"No Show","name":"A"}"#,
            "data.show: must match [a-z0-9][a-z0-9_-]{0,63}, not \"No Show\""
        ),
        (
            .hello, #"{"show":"s","name":" \u202e\u0007 "}"#,
            "data.name: must be text of 1 to 40 characters, not \" \\u202e\\u0007 \""
        ),
        (
            .hello, #"{"show":"s","name":"A","resume":{"epoch":"e","offset":-1}}"#,
            "data.resume.offset: must be an integer from 0 to 9007199254740991, not -1"
        ),
        (
            .hello, #"{"show":"s","name":"A","resume":{"epoch":"e","offset":9007199254740992}}"#,
            "data.resume.offset: must be an integer from 0 to 9007199254740991, not 9007199254740992"
        ),
        (
            .hello, #"{"show":"s","name":"A","resume":{"offset":1}}"#,
            "data.resume.epoch: is required"
        ),
        (
            .hello, #"{"show":"s","name":"A","resume":"x"}"#,
            "data.resume: must be an object, not \"x\""
        ),
        (
            .orderPlace, #"{"holds":[],"key":"k"}"#,
            "data.holds: must be an array of 1 to 1000 elements, not []"
        ),
        (
            .orderPlace, #"{"holds":["h","h"],"key":"k"}"#,
            "data.holds[1]: must not be named twice, not \"h\""
        ),
        (
            .orderPlace, #"{"holds":["h",1],"key":"k"}"#,
            "data.holds[1]: must be a string of 1 to 128 characters, not 1"
        ),
        (
            .orderPay, #"{"order":"o","key":"k","method":"cash"}"#,
            "data.method: must be one of succeeded, failed, timeout, not \"cash\""
        ),
        (
            .chatSend, #"{"text":" \n "}"#,
            "data.text: must be text of 1 to 4000 characters, not \" \\n \""
        ),
        (.productGet, "{}", "data.product: or sku is required"),
        (
            .holdRelease, #"{"hold":"h1","quantity":0}"#,
            "data.quantity: must be an integer from 1 to 999, not 0"
        ),
        (
            .productAdd, #"{"product":{"title":"T","first_paid":true,"variants":[]}}"#,
            "data.product.first_paid: is not available yet; leave it out, or give false, not true"
        ),
        (
            .productUpdate, #"{"product":{"id":"p","sponsored":true}}"#,
            "data.product.sponsored: is not available yet; leave it out, or give false, not true"
        ),
        (
            .productAdd, #"{"product":{"title":"T","variants":[]}}"#,
            "data.product.variants: must be an array of 1 to 10000 elements, not []"
        ),
        (
            .productAdd,
            #"{"product":{"title":"T","variants":[{"sku":"A","price":1,"on_hand":1},{"sku":"A","price":1,"on_hand":1}]}}"#,
            "data.product.variants[1].sku: must not be used twice, not \"A\""
        ),
        (
            .productAdd, #"{"product":{"title":"T","variants":[{"sku":"A","price":1}]}}"#,
            "data.product.variants[0].on_hand: is required"
        ),
        (
            .productAdd, #"{"product":{"title":"T","variants":["A"]}}"#,
            "data.product.variants[0]: must be an object, not \"A\""
        ),
        (
            .productAdd,
            #"{"product":{"title":"T","media":["javascript:alert(1)"],"variants":[]}}"#,
            "data.product.media[0]: must be an https or http address or a path beginning with /, not \"javascript:alert(1)\""
        ),
        (.productUpdate, #"{"product":{"title":"T"}}"#, "data.product.id: is required"),
        (.stockAdjust, #"{"sku":"A"}"#, "data.delta: is required"),
        (.stockSet, #"{"sku":"A","on_hand":1}"#, "data.expected: is required"),
        (
            .flashStart, #"{"sku":"A","price":1,"duration_seconds":0}"#,
            "data.duration_seconds: must be an integer from 1 to 1200, not 0"
        ),
        (.flashStop, "{}", "data.sku: is required"),
        (
            .participantTimeout, #"{"participant":"g","seconds":0}"#,
            "data.seconds: must be an integer from 1 to 1209600, not 0"
        ),
        (
            .participantSetRole, #"{"participant":"g","role":"host"}"#,
            "data.role: must be one of viewer, moderator, co_host, not \"host\""
        ),
        (.roomConfigure, "{}", "data: must name at least one setting"),
        (
            .roomConfigure, #"{"slow_mode_seconds":1.5}"#,
            "data.slow_mode_seconds: must be an integer, not 1.5"
        ),
    ])
    func `a wrong argument is named with the right form`(
        type: RequestType, data: String, message: String
    ) throws {
        let request = try decode(#"{"id":1,"type":"\#(type.rawValue)","data":\#(data)}"#).get()
        let error = #expect(throws: FieldError.self) { try request.body.get() }
        #expect(error?.message == message)
    }

    @Test func `a key is known even when other arguments are wrong`() throws {
        let request = try decode(
            #"{"id":1,"type":"claim.create","data":{"sku":"A","key":"k9","quantity":"x"}}"#
        ).get()
        #expect(request.key == "k9")
        #expect(throws: FieldError.self) { try request.body.get() }
    }

    @Test func `an error quotes at most 100 harmless characters`() throws {
        let long = "\u{202E}" + String(repeating: "\u{1F389}", count: 3000)
        let request = try decode(
            #"{"id":1,"type":"claim.create","data":{"sku":"A","key":"k","quantity":"\#(long)"}}"#
        ).get()
        guard case .failure(let error) = request.body, let found = error.found else {
            Issue.record("taken")
            return
        }
        #expect(found.unicodeScalars.count <= 103)
        #expect(!found.unicodeScalars.contains("\u{202E}"))
    }

    @Test func `a configuration has at most 1,000 names and values`() throws {
        func configuration(_ values: Int) -> String {
            let list = Array(repeating: "1", count: values - 2).joined(separator: ",")
            return #"{"id":1,"type":"room.configure","data":{"x":[\#(list)]}}"#
        }
        #expect(throws: Never.self) { try decode(configuration(1000)).get().body.get() }
        #expect(throws: FieldError("data", "must have at most 1000 names and values")) {
            try decode(configuration(1001)).get().body.get()
        }
    }

    @Test func `a choice or a type of any length is refused as any other`() throws {
        let long = String(repeating: "\u{327}\u{301}", count: 3000)
        let pay = #"{"id":1,"type":"order.pay","data":{"order":"o","key":"k","method":"\#(long)"}}"#
        #expect(throws: FieldError.self) { try decode(pay).get().body.get() }
        guard case .failure(let error) = decode(#"{"id":1,"type":"\#(long)"}"#) else {
            Issue.record("taken")
            return
        }
        #expect(error.code == .unknownType)
    }

    @Test func `a token wins over any name, and other fields are ignored`() throws {
        let request = try decode(
            #"{"type":"hello","role":"host","data":{"show":"s","token":"t","name":"","role":"host"}}"#
        ).get()
        guard case .success(.hello(let hello)) = request.body else {
            Issue.record("refused")
            return
        }
        #expect(hello.token == "t" && hello.name == nil)
    }

    @Test func `a message gives its objects in order, an empty one an error`() {
        var decoder = RequestDecoder()
        func results(_ text: String) -> [String] {
            let bytes = Array("..\(text)..".utf8)
            var found: [String] = []
            decoder.decodeMessage(bytes, in: 2..<(bytes.count - 2)) { result in
                switch result {
                case .success(let request): found.append(request.type.rawValue)
                case .failure(let error): found.append(error.code.rawValue)
                }
            }
            return found
        }
        #expect(results("") == ["bad_json"])
        #expect(results("\n \n") == ["bad_json"])
        #expect(
            results("{\"type\":\"ping\"}\n\n{\"type\":\"x\"}\n{\n{\"type\":\"show.end\"}\n") == [
                "ping", "unknown_type", "bad_json", "show.end",
            ])
    }
}
