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
