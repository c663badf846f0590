// Comma-separated values: quotes, line ends, line numbers, and rows that are broken.

import Testing

@testable import LiveShopServer

struct CSVReaderTests {
    private func rows(_ text: String) -> [String] {
        var reader = CSVReader(Array(text.utf8))
        var rows: [String] = []
        while reader.advance() {
            let fields = (0..<reader.count).map { reader.text($0) }.joined(separator: "|")
            let problem = reader.problem.map { " !\($0.line) \($0.text)" } ?? ""
            rows.append("\(reader.line) \(fields)\(problem)")
        }
        return rows
    }

    @Test(arguments: [
        ("a,b\nc,d\n", ["1 a|b", "2 c|d"]), ("a,b\r\nc,d", ["1 a|b", "2 c|d"]),
        ("a\rb\r", ["1 a", "2 b"]), ("", []), ("\n\r\n\n", []), ("\n\na", ["3 a"]),
        (",\n,,", ["1 |", "2 ||"]), ("\"a,b\",\"c\"\"d\"", ["1 a,b|c\"d"]),
        ("\"x\ny\r\nz\",1\nb", ["1 x\ny\r\nz|1", "4 b"]), ("\"x\ry\"\nb", ["1 x\ry", "3 b"]),
        ("\"\",\"\"\n", ["1 |"]), ("\"\"\"\"", ["1 \""]), ("a,\"\"\"b\"\"\"", ["1 a|\"b\""]),
        ("\"\"\"\"\"\"", ["1 \"\""]), ("a,", ["1 a|"]),
    ])
    func `sound rows are read with their lines`(text: String, expected: [String]) {
        #expect(rows(text) == expected)
    }

    @Test(arguments: [
        ("a\nb,\"c\nd,e\n", ["1 a", "2 b|c\nd,e\n !2 a quote that is never closed"]),
        ("a,b\"c\nd", ["1 a|b\"c !1 a quote inside a field that is not quoted", "2 d"]),
        ("\"a\"b,c\nd", ["1 a|c !1 text after a closing quote", "2 d"]),
        ("\"a\n\"b\nd", ["1 a\n !2 text after a closing quote", "3 d"]),
        ("\"", ["1  !1 a quote that is never closed"]),
    ])
    func `a broken row is named and the next one read`(text: String, expected: [String]) {
        #expect(rows(text) == expected)
    }

    @Test func `a field that is not there is empty`() {
        var reader = CSVReader(Array("a,b".utf8))
        let found = reader.advance()
        #expect(found && reader.text(9) == "" && reader.text(-1) == "")
    }

    @Test(arguments: [("a;b,c;d", 3), ("a\tb\tc,", 3), ("a,b;c", 2), ("\"a;b;c\",d", 2), ("a", 1)])
    func `the first row tells what separates`(row: String, count: Int) {
        var reader = CSVReader(Array((row + "\nx;y,z").utf8))
        let found = reader.advance()
        #expect(found && reader.count == count)
    }
}
