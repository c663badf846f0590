// What holds for all verbs of the console; each verb's own lines are tested in the folder of its subject.

import LiveShopClient
import Testing
import WireProtocol

@testable import LiveShopConsole

@Suite struct VerbTests {
    @Test(arguments: [
        ("", "nothing"),
        ("   ", "nothing"),
        ("# pin A", "nothing"),
    ])
    func `a right line is understood`(line: String, expected: String) throws {
        #expect(try meaning(line) == expected)
    }

    @Test(arguments: [
        ("strat", "unknown verb 'strat', did you mean 'start'?"),
        ("pni A", "did you mean 'pin'?"),
        ("dance", "unknown verb 'dance' ('help' lists"),
        ("\u{1B}[2J", "unknown verb '\u{FFFD}[2J'"),
    ])
    func `a wrong line is explained with the right form`(line: String, expected: String) {
        let error = #expect(throws: VerbError.self) { try meaning(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }

    @Test func `amounts follow the currency of the show`() throws {
        #expect(try meaning("price A 1990", "JPY").contains(#""price":1990"#))
        #expect(try meaning("price A 1.5", "KWD").contains(#""price":1500"#))
        #expect(throws: VerbError.self) { try meaning("price A 19.9", "JPY") }
        #expect(Currency("EUR")?.text(5) == "0.05 EUR")
        #expect(Currency("EUR")?.text(-1990) == "-19.90 EUR")
        #expect(Currency("JPY")?.text(1990) == "1990 JPY")
        #expect(Currency("KWD")?.text(1500) == "1.500 KWD")
    }

    @Test func `no two verbs have one name`() {
        #expect(Set(VerbTable.rows.map(\.name)).count == VerbTable.rows.count)
    }

    @Test func `each verb names the role that the guide to the protocol asks for`() throws {
        let guide = try #require(projectFile("docs/PROTOCOL.md"))
        for row in VerbTable.rows where row.from != .nobody {
            let shortest = [row.name] + Array(repeating: "1", count: row.words.lowerBound)
            let lines = row.examples.isEmpty ? [shortest.joined(separator: " ")] : row.examples
            for line in lines {
                // "room" alone asks nothing of the server, nor does a "set" say its type.
                guard let type = try meaning(line).split(separator: " ").first,
                    type.contains(".")
                else { continue }
                #expect(role(of: String(type), in: guide) == row.from, "\(line): \(type)")
            }
        }
    }

    /// The second column of the table that has the request in its first: H, M, or no role at all.
    private func role(of type: String, in guide: String) -> VerbRow.Role? {
        let parts = type.split(separator: ".")
        for line in guide.split(separator: "\n") where line.hasPrefix("| `\(parts[0]).") {
            let columns = line.split(separator: "|").map { $0.filter { $0 != " " } }
            let names = columns[0].split(separator: ",")
            guard names.contains("`\(type)`") || names.dropFirst().contains("`.\(parts[1])`") else {
                continue
            }
            return columns[1] == "H" ? .host : columns[1] == "M" ? .moderator : .viewer
        }
        return nil
    }

    @Test func `every verb has a form that begins with its name and an explanation`() {
        for form in VerbTable.rows {
            #expect(form.form.hasPrefix(form.name))
            #expect(!form.about.isEmpty)
            #expect(VerbTable.help(form.name).first == form.form)
            #expect(VerbTable.help(nil).contains { $0.hasSuffix(form.about) })
        }
    }

    @Test func `an awaited event is named whole or by its last part`() {
        let fact = AwaitedFact(type: "sold_out", sku: "A", seconds: 1)
        #expect(fact.matches(type: "product.sold_out", sku: "A"))
        #expect(fact.matches(type: "sold_out", sku: "A"))
        #expect(!fact.matches(type: "product.sold_out", sku: "B"))
        #expect(!fact.matches(type: "product.unsold_out", sku: "A"))
    }
}

@Suite struct ReplyTextTests {
    private func lines(_ json: String) -> [String] {
        ReplyText(currency: .euro).lines(Array(json.utf8))
    }

    @Test func `members become pairs, lists of objects become lines`() {
        #expect(
            lines(#"{"sku":"A","price":1990,"tags":[1,2],"hold":{"id":"h","total":5}}"#)
                == ["sku=A price=19.90 EUR tags=[1,2] hold.id=h hold.total=0.05 EUR"])
        #expect(
            lines(#"{"viewers":[{"name":"Ana B"},{"name":"Ben"}]}"#)
                == ["viewers=2", "  name=\"Ana B\"", "  name=Ben"])
        #expect(lines("{}") == [])
    }

    @Test func `control characters of strangers are not printed`() {
        #expect(lines(#"{"name":"a\u001b[2J\nb"}"#) == ["name=a\u{FFFD}[2J\u{FFFD}b"])
    }
}

@Suite struct ShowContextTests {
    @Test func `a product just added is known by its SKUs`() {
        var context = ShowContext(show: "spring")
        context.take(
            reply: Array(#"{"product":"p9"}"#.utf8),
            to: ConsoleRequest("product.add") {
                $0.key("product")
                $0.raw(Array(#"{"variants":[{"sku":"N"}]}"#.utf8))
            })
        #expect(context.view.catalogue.product("N") == "p9")
    }

    @Test func `the reply to hello fills it`() {
        var context = ShowContext(show: "spring")
        context.take(
            hello: Array(
                #"{"snapshot":{"show":{"title":"Spring\u0007","status":"live","currency":"JPY"},"products":[{"id":"p1","variants":[{"sku":"A"}]}]}}"#
                    .utf8))
        #expect(context.view.headline.currency == Currency("JPY"))
        #expect(context.view.catalogue.product("A") == "p1")
        #expect(context.view.catalogue.product("p1") == "p1")
        #expect(context.view.catalogue.product("unknown") == "unknown")
        #expect(context.line == "show spring · \"Spring\u{FFFD}\" · live · JPY · 1 products")
    }
}
