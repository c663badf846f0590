// Fields of CSV files: whole for programs, harmless in spreadsheets.

import Testing
import WireProtocol

struct CSVTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("a;b", "\"a;b\""),
        ("a\"b", "\"a\"\"b\""),
        ("a,\u{301}b", "\"a,\u{301}b\""), ("a\"\u{301},=1", "\"a\"\"\u{301},=1\""),
        (",\u{200D},", "\",\u{200D},\""), ("\u{E9}", "\u{E9}"), (" a", "\" a\""),
        ("e\u{301}", "e\u{301}"),
    ])
    func `a field is quoted where a comma or a quote is, marked or not`(text: String, field: String)
    {
        #expect(CSVText.field(text) == field)
        #expect(Array(CSVText.field(text).utf8) == Array(field.utf8))
    }

    @Test(arguments: [
        "=1+1", "+1", "-1", "@x", "=\u{301}x", "=\u{200D}x", "=\u{FE0F}x", "\u{FF1D}1", "\u{FF0B}1",
        "\u{FF0D}1", "\u{FF20}1", "\t=1", "\r=1", "\n1", "\tx", " =1", "\u{200B}=1", "\u{3164}=1",
        "\u{301}=1",
    ])
    func `what a spreadsheet may run begins with an apostrophe`(text: String) {
        let field = CSVText.field(text)
        let cell = field.hasPrefix("\"") ? field.dropFirst() : field[...]
        #expect(cell.unicodeScalars.first == "'")
    }

    @Test(arguments: ["a\u{1B}[31mb", "a\u{7}b", "a\nb", "a\u{9B}b", "a\u{202E}b", "a\u{2028}b"])
    func `control characters are no part of a field`(text: String) {
        let field = CSVText.field(text)
        #expect(field.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0 ~= $0.value) })
        #expect(field.unicodeScalars.contains("\u{FFFD}"))
    }
}
