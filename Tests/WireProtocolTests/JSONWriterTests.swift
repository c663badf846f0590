// The writer's text, read back by the strict reader.

import Testing
import WireProtocol

struct JSONWriterTests {
    @Test func `puts commas where they belong`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("a", 1)
        writer.key("b")
        writer.beginArray()
        writer.integer(-2)
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.endArray()
        writer.member("c", "x")
        writer.key(string: "d\"")
        writer.raw(Array("{\"e\":0}".utf8))
        writer.endObject()
        writer.newline()
        writer.beginObject()
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "{\"a\":1,\"b\":[-2,true,null,{},[]],\"c\":\"x\",\"d\\\"\":{\"e\":0}}\n{}")
    }

    @Test(arguments: [
        "", "plain", "\"quoted\" \\ back", "\u{0}\u{1}\n\r\t\u{1F}\u{7F}",
        "\u{2028}\u{2029}\u{2027}\u{2030}",
        "\u{E9}\u{20AC}\u{1F389}", "\u{20AC}\"", "ends with \u{E2}",
    ])
    func `strings come back as they were`(text: String) throws {
        var writer = JSONWriter()
        writer.string(text)
        let document = try JSONDocument(parsing: writer.bytes)
        #expect(document.string(document.root).map { Array($0.utf8) } == Array(text.utf8))
        let raw = String(decoding: writer.bytes, as: UTF8.self).unicodeScalars
        #expect(raw.allSatisfy { $0.value >= 0x20 && $0 != "\u{2028}" && $0 != "\u{2029}" })
    }

    /// Eight bytes are looked at together, and what is left over at the end in its own way.
    @Test func `strings of every length come back, whatever has to be escaped and wherever`() throws
    {
        for count in 0...40 {
            for special in ["x", "\"", "\\", "\u{1F}", "\u{7F}", "\u{E9}", "\u{2028}"] {
                for place in 0...count {
                    let letters = (0..<count).map { String(UnicodeScalar(UInt8(97 + $0 % 26))) }
                    let text = (letters[..<place] + [special] + letters[place...]).joined()
                    var writer = JSONWriter()
                    writer.beginObject()
                    writer.member("text", text)
                    writer.key(string: text)
                    writer.string(text)
                    writer.endObject()
                    let document = try JSONDocument(parsing: writer.bytes)
                    for name in ["text", text] {
                        let node = try #require(document.member(document.root, named: name))
                        try #require(document.string(node) == text)
                    }
                }
            }
        }
    }

    @Test func `names of every length are written in full`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("a", 1)
        writer.member("ab", -2)
        writer.member("abc", "x")
        writer.member("abcd", "h", 3)
        writer.member("abcde", true)
        writer.member("abcdef", Int64.min)
        writer.member("abcdefg", "1234567")
        writer.member("abcdefgh", "12345678")
        writer.member("abcdefghi", "123456789")
        writer.member("abcdefghijklmnopq", 4)
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "{\"a\":1,\"ab\":-2,\"abc\":\"x\",\"abcd\":\"h3\",\"abcde\":true,"
                + "\"abcdef\":-9223372036854775808,\"abcdefg\":\"1234567\","
                + "\"abcdefgh\":\"12345678\",\"abcdefghi\":\"123456789\","
                + "\"abcdefghijklmnopq\":4}")
    }

    /// The last two are remembered.
    @Test func `times are right in any order`() {
        let times: [Int64] = [0, 1, 0, 1, 2, 1, 0, 253_402_300_799_999, 2, .max, 2, .min, -1]
        var writer = JSONWriter()
        writer.beginArray()
        for time in times { writer.time(time) }
        writer.endArray()
        let expected = times.map { "\"\(RFC3339.string($0))\"" }.joined(separator: ",")
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[\(expected)]")
    }

    @Test(arguments: [0, 9, 10, -1, 1234567890, Int64.max, Int64.min])
    func `integers are written in full`(value: Int64) {
        var writer = JSONWriter()
        writer.integer(value)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == String(value))
    }

    @Test func `names of things and hashes are strings`() {
        var writer = JSONWriter()
        writer.beginArray()
        writer.string("h", 12)
        writer.string(hex: [1, .max, 0x0123_4567_89AB_CDEF, 0])
        writer.endArray()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "[\"h12\",\"0000000000000001ffffffffffffffff0123456789abcdef"
                + "0000000000000000\"]")
    }

    @Test func `hashes are right in any order, wherever they differ`() {
        let a: [4 of UInt64] = [1, 2, 3, 4]
        var hashes = [a, a, [9, 2, 3, 4], a, [1, 9, 3, 4], a, [1, 2, 9, 4], a, [1, 2, 3, 9], a]
        hashes.append([0, 0, 0, 0])
        var writer = JSONWriter()
        for hash in hashes {
            writer.removeAll()
            writer.string(hex: hash)
            let digits = hash.indices.map { place in
                let text = String(hash[place], radix: 16)
                return String(repeating: "0", count: 16 - text.count) + text
            }
            #expect(
                String(decoding: writer.bytes, as: UTF8.self) == "\"\(digits.joined())\"")
        }
    }

    @Test func `a writer is used again, and gives the end of what it wrote`() {
        var writer = JSONWriter(capacity: 3)
        for text in ["a longer text than there was room for", "x"] {
            writer.removeAll()
            #expect(writer.isEmpty)
            writer.beginObject()
            let start = writer.count
            writer.member("t", text)
            writer.endObject()
            #expect(
                String(decoding: writer.bytes(from: start), as: UTF8.self) == "\"t\":\"\(text)\"}")
        }
    }
}
