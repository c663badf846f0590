// The strict reader: what it takes, what it refuses and where, and that reading never traps.

import Testing
@testable import WireProtocol

struct JSONDocumentTests {
    @Test func `reads the members of a request`() throws {
        let document = try JSONDocument(
            parsing:
                #" {"id":7, "type":"claim.create","data":{"sku":"A12","partial":false,"n":null}} "#)
        let data = try #require(document.member(document.root, "data"))
        #expect(document.member(document.root, "id").flatMap(document.integer) == 7)
        #expect(
            document.member(document.root, "type").map { document.isString($0, "claim.create") }
                == true)
        #expect(document.member(data, "sku").flatMap(document.string) == "A12")
        #expect(document.member(data, "partial").flatMap(document.bool) == false)
        #expect(document.member(data, "n").map(document.kind) == .null)
        #expect(document.member(data, "absent") == nil)
        #expect(document.member(document.root, named: "type") != nil)
        #expect(
            String(decoding: document.rawBytes(data), as: UTF8.self)
                == #"{"sku":"A12","partial":false,"n":null}"#)
        #expect(
            document.members(document.root).compactMap { document.string($0.name) }
                == ["id", "type", "data"])
    }

    @Test func `iterates nested arrays in order`() throws {
        let document = try JSONDocument(parsing: "[[1,2],[],{\"a\":[3]},4]")
        let outer = Array(document.elements(document.root))
        #expect(outer.count == 4)
        #expect(document.elements(outer[0]).compactMap(document.integer) == [1, 2])
        #expect(document.integer(outer[3]) == 4)
        #expect(document.rawBytes(outer[2]).elementsEqual(#"{"a":[3]}"#.utf8))
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u20AC\uD83C\uDF89""#, "A\u{E9}\u{20AC}\u{1F389}"),
        (#""a\u0000b""#, "a\0b"), (#""""#, ""),
        ("\"\u{E9}\u{1F389}\u{7F}\"", "\u{E9}\u{1F389}\u{7F}"),
    ])
    func `decodes strings`(text: String, expected: String) throws {
        let document = try JSONDocument(parsing: text)
        #expect(document.string(document.root).map { Array($0.utf8) } == Array(expected.utf8))
    }

    @Test(arguments: [
        ("0", Int64(0)), ("-1", -1), ("9007199254740991", 9_007_199_254_740_991),
        ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775808", nil),
        ("-9223372036854775809", nil), ("99999999999999999999999999", nil), ("1.0", nil),
        ("1e0", nil),
        ("-0", nil), ("1e400", nil), ("0.5", nil), ("-0.0", nil), ("1E+2", nil), ("\"1\"", nil),
        ("true", nil), ("null", nil), ("[1]", nil),
    ])
    func `takes only integers that fit as integers`(text: String, expected: Int64?) throws {
        let document = try JSONDocument(parsing: text)
        #expect(document.integer(document.root) == expected)
    }

    @Test(arguments: [
        ("", JSONError.Reason.unexpectedEnd), ("  ", .unexpectedEnd), ("{", .unexpectedEnd),
        ("{\"a\"", .unexpectedEnd), ("{\"a\":", .unexpectedEnd), ("[1,", .unexpectedEnd),
        ("\"abc", .unexpectedEnd), ("\"\\", .unexpectedEnd), ("\"\\u12", .unexpectedEnd),
        ("{a:1}", .unexpectedByte), ("{'a':1}", .unexpectedByte), ("[1,]", .unexpectedByte),
        ("{\"a\":1,}", .unexpectedByte), ("[1 2]", .unexpectedByte), ("NaN", .unexpectedByte),
        ("Infinity", .unexpectedByte), ("nul", .unexpectedByte), ("True", .unexpectedByte),
        ("// c\n1", .unexpectedByte), ("\u{FEFF}{}", .unexpectedByte), ("+1", .unexpectedByte),
        (".5", .unexpectedByte), ("01", .badNumber), ("-", .badNumber), ("-01", .badNumber),
        ("1.", .badNumber), ("1e", .badNumber), ("1e+", .badNumber), ("-a", .badNumber),
        ("{} {}", .trailingData), ("1 1", .trailingData), ("{}x", .trailingData),
        ("0x10", .trailingData),
        ("\"a\nb\"", .controlCharacter), ("\"a\0\"", .controlCharacter), ("\"\\x41\"", .badEscape),
        ("\"\\u00g0\"", .badEscape), ("\"\\uD800\"", .loneSurrogate),
        ("\"\\uDC00\"", .loneSurrogate),
        ("\"\\uD800\\u0041\"", .loneSurrogate), ("\"\\uD800\\uD800\"", .loneSurrogate),
        ("\"\\uD83Cx\"", .loneSurrogate), ("{\"a\":1,\"a\":2}", .duplicateName),
        ("{\"a\":1,\"\\u0061\":2}", .duplicateName), ("{\"x\":{\"\":1,\"\":2}}", .duplicateName),
        ("{\"\\uD83C\\uDF89\":1,\"\u{1F389}\":2}", .duplicateName),
    ])
    func `refuses what is not strict JSON`(text: String, reason: JSONError.Reason) {
        let error = #expect(throws: JSONError.self) { try JSONDocument(parsing: text) }
        #expect(error?.reason == reason)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0xAF],
            [0xE2, 0x82],
            [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0xAF], [0xF0, 0x9F, 0x8E],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE],
        ] as [[UInt8]])
    func `refuses text that is not UTF-8`(text: [UInt8]) {
        let error = #expect(throws: JSONError.self) {
            try JSONDocument(parsing: [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")])
        }
        #expect(error?.reason == .invalidUTF8)
        #expect(error?.offset == 1)
    }

    @Test func `32 levels are enough, 33 are too many`() {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(throws: Never.self) { try JSONDocument(parsing: nested(32)) }
        #expect(throws: JSONError(.tooDeep, at: 32)) { try JSONDocument(parsing: nested(33)) }
        #expect(throws: JSONError(.tooDeep, at: 32)) { try JSONDocument(parsing: nested(8000)) }
    }

    @Test func `names that are only canonically equal are different names`() throws {
        let document = try JSONDocument(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(document.member(document.root, named: "e\u{301}").flatMap(document.integer) == 2)
    }

    @Test func `finds the one duplicate among thousands of names`() throws {
        let names = (0..<3000).map { "\"n\($0)\":\($0)" }
        let unique = try JSONDocument(parsing: "{" + names.joined(separator: ",") + "}")
        #expect(unique.member(unique.root, "n2999").flatMap(unique.integer) == 2999)
        let error = #expect(throws: JSONError.self) {
            try JSONDocument(parsing: "{" + names.joined(separator: ",") + ",\"n\\u0031\":0}")
        }
        #expect(error?.reason == .duplicateName)
    }

    @Test(arguments: [("", 2), ("\\n", 2), ("\\u0061", 16), ("\\n", 17), ("a", 2000)])
    func `names are compared once each, however many there are`(start: String, count: Int) throws {
        let name = String(repeating: "a", count: 14_000 / count)
        let names = (0..<count).map { "\"\(start)\(name)\($0 + 10_000)\":1" }
        let text = Array(("{" + names.joined(separator: ",") + "}").utf8)
        var parser = JSONParser(text, in: 0..<text.count)
        try parser.document()
        // Sixteen are compared in pairs, of which there are seven and a half for each.
        #expect(parser.names.comparedBytes <= 8 * text.count)
        // Those of two, at least, are counted.
        if count <= 16, !start.isEmpty { #expect(parser.names.comparedBytes > 0) }
    }

    @Test func `two names are the same when their letters are, not when they look alike`() throws {
        let twice = "{\"\\u006be\":1,\"ke\":2}"
        #expect(throws: JSONError(.duplicateName, at: 13)) { try JSONDocument(parsing: twice) }
        let composed = try JSONDocument(parsing: "{\"\u{E9}\\n\":1,\"e\u{301}\\n\":2}")
        #expect(Array(composed.members(composed.root)).count == 2)
        let escaped = try JSONDocument(
            parsing: "{\"\\u0074ype\":1,\"typ\\u0065s\":2,\"i\\u0064\":3}")
        #expect(escaped.member(escaped.root, "type").flatMap(escaped.integer) == 1)
        #expect(escaped.member(escaped.root, "types").flatMap(escaped.integer) == 2)
        #expect(escaped.member(escaped.root, "id").flatMap(escaped.integer) == 3)
        #expect(escaped.member(escaped.root, "typ") == nil)
    }

    @Test func `parses a part of an array and is empty after an error`() throws {
        let bytes = Array("xx{\"a\":1}yy".utf8)
        var document = JSONDocument()
        try document.parse(bytes, in: 2..<9)
        #expect(document.rawRange(document.root) == 2..<9)
        let stale = try #require(document.member(document.root, "a"))
        #expect(throws: JSONError(.trailingData, at: 7)) { try document.parse(bytes, in: 2..<11) }
        #expect(document.kind(document.root) == .null)
        #expect(document.integer(stale) == nil)
        #expect(document.rawBytes(stale).isEmpty)
        #expect(throws: JSONError.self) { try document.parse(bytes, in: 20..<30) }
    }
}
