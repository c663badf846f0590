// What the interactive console is made of, without a terminal: examples that hold, completion, names,
// the status line, what is printed of what happens.

import LiveShopClient
import Terminal
import Testing
import WireProtocol

@testable import LiveShopConsole

private func context() -> ShowContext {
    var context = ShowContext(show: "spring")
    context.take(
        hello: Array(
            #"""
            {"server_time":"2026-11-21T19:00:00.000Z","you":{"participant":"h","name":"Host"},
            "snapshot":{"show":{"title":"Spring","status":"live","currency":"EUR",
            "started_at":"2026-11-21T18:59:00.000Z"},"pinned":[{"product":"mug"}],"queue":["bowl"],
            "products":[{"id":"mug","title":"Blue mug","variants":[{"sku":"MUG-S","price":1990,
            "available":5},{"sku":"MUG-L","price":2490,"available":3}]},{"id":"bowl",
            "title":"Moon bowl","variants":[{"sku":"BOWL","price":3800,"available":1}]}],
            "flash":[],"viewers":3,"room":{"slow_mode_seconds":0,"chat":"everyone"},
            "chat":[{"participant":"g1","name":"Ana Maria"},{"participant":"g2","name":"Ben"}]}}
            """#.utf8), at: 1_000)
    return context
}

private func taking(_ json: String, _ context: ShowContext) throws -> ShowContext {
    let document = try JSONDocument(parsing: json)
    var context = context
    switch try #require(ServerMessage(document)) {
    case .event(let fact, let offset): context.take(fact, offset: offset, in: document)
    case .notice(let fact): context.take(fact, offset: nil, in: document)
    case .reply, .error: Issue.record("no fact")
    }
    return context
}

@Suite struct HelpTests {
    @Test func `every example in help is a right line`() throws {
        for form in VerbTable.rows {
            for example in form.examples {
                #expect(throws: Never.self) { _ = try VerbParser.parse(example, in: context()) }
            }
        }
    }

    @Test func `only what cannot be taken back is asked about`() throws {
        let lines = VerbTable.rows.flatMap(\.examples) + ["start", "end", "unban A", "quit"]
        let asked = try lines.filter { try VerbParser.parse($0, in: context())?.question != nil }
        #expect(asked == ["ban Ana spam", "ban Ana 7d spam", "end"])
    }
}

@Suite struct CompletionTests {
    @Test(arguments: [
        ("", VerbTable.rows.map(\.name).sorted()),
        ("pa", ["pause"]), ("p", ["pause", "pin", "price"]), ("pin M", ["MUG-L", "MUG-S"]),
        ("pin mug-l", ["MUG-L"]), ("queue bowl m", ["MUG-L", "MUG-S", "mug"]),
        ("flash MUG-S 1.00 60s l", ["limit"]), ("flash st", ["stop"]), ("pin MUG-S 6", []),
        ("ban b", ["Ben"]), ("ban a", [#""Ana Maria""#]), (#"ban "Ana M"#, [#""Ana Maria""#]),
        ("role Ben m", ["moderator"]), ("room sl", ["slow", "slow_mode_seconds"]),
        ("help fl", ["flash"]), ("watch c", ["chat", "claims"]), ("dance x", []),
    ])
    func `Tab offers what may stand there`(before: String, expected: [String]) {
        #expect(HostCompletion.of(before, in: context()).candidates == expected)
    }

    @Test func `what is replaced is the word as it was typed`() {
        #expect(HostCompletion.of(#"ban "Ana M"#, in: context()).replaces == 6)
        #expect(HostCompletion.of("ban ", in: context()).replaces == 0)
    }
}

@Suite struct PeopleTests {
    @Test func `a name means the one who bears it, an id itself`() throws {
        #expect(try context().participant("ben") == "g2")
        #expect(try context().participant("@Ben") == "g2")
        #expect(try context().participant("g1") == "g1")
        #expect(try context().participant("somebody") == "somebody")
        #expect(
            context().hint("no such participant", about: "Bne").hasSuffix("did you mean 'Ben'?"))
    }

    @Test func `a name that several bear is ambiguous, and their ids are said`() throws {
        var context = context()
        context.take(list: Array(#"{"viewers":[{"participant":"g3","name":"BEN"}]}"#.utf8))
        let error = #expect(throws: VerbError.self) { _ = try context.participant("Ben") }
        #expect(error?.message.hasSuffix("by id: Ben is g2, BEN is g3") == true)
    }

    @Test func `who was heard of first is forgotten first`() {
        var people = People()
        for number in 0...People.max { people.add("p\(number)", name: "n") }
        #expect(people.names["p0"] == nil)
        #expect(people.names["p\(People.max)"] == "n")
        #expect(people.names.count <= People.max)
    }
}

@Suite struct StatusLineTests {
    private let now: Int64 = 1_000

    private func line(_ context: ShowContext) -> String {
        StatusLine.text(context, isConnected: true, at: now)
    }

    @Test func `it tells time, viewers, claims, pin and what is next`() {
        #expect(
            line(context())
                == " LIVE 1:00 │ 3 viewers │ 0 claims/min │ Blue mug 8 left │ next: Moon bowl")
    }

    @Test func `stock is a bar once on hand is known`() throws {
        var context = try taking(
            #"{"type":"product.pinned","offset":1,"data":{"product":"bowl"}}"#, context())
        context = try taking(
            #"{"type":"product.unpinned","offset":2,"data":{"product":"mug"}}"#, context)
        context = try taking(
            #"{"type":"stock.changed","data":{"sku":"BOWL","available":2,"on_hand":4}}"#, context)
        #expect(line(context).contains("Moon bowl ▓▓▓▓▓░░░░░ 2/4 left"))
    }

    @Test func `a running flash sale shows the time it has left`() throws {
        let context = try taking(
            #"{"type":"flash.started","offset":1,"data":{"sku":"MUG-S","ends_at":"2026-11-21T19:00:50.000Z"}}"#,
            context())
        #expect(line(context).contains("Blue mug 8 left ⚡0:50"))
    }

    @Test func `without a connection it says so`() {
        let text = StatusLine.text(context(), isConnected: false, at: now)
        #expect(text.hasPrefix(" NOT CONNECTED │"))
    }

    @Test func `a single unit and a full shelf can be told from none and from one less`() {
        #expect(StatusLine.bar(0, of: 100) == "░░░░░░░░░░")
        #expect(StatusLine.bar(1, of: 100) == "▓░░░░░░░░░")
        #expect(StatusLine.bar(100, of: 100) == "▓▓▓▓▓▓▓▓▓▓")
        #expect(StatusLine.bar(5, of: 0) == "▓▓▓▓▓▓▓▓▓▓")
        #expect(StatusLine.bar(.max, of: .max) == "▓▓▓▓▓▓▓▓▓▓")
    }

    @Test func `claims of the last minute are counted from running totals`() {
        var rate = ClaimRate()
        rate.take("A", total: 40, at: 0)
        rate.take("A", total: 45, at: 10_000)
        rate.take("B", total: 1, at: 20_000)
        #expect(rate.perMinute(at: 30_000) == 6)
        #expect(rate.perMinute(at: 75_000) == 1)
        #expect(rate.perMinute(at: 90_000) == 0)
    }
}

@Suite struct WatchLevelTests {
    @Test func `each level prints its part, and counters never`() {
        for level in WatchLevel.allCases { #expect(!level.shows("stock.changed")) }
        #expect(WatchLevel.chat.shows("chat.message"))
        #expect(!WatchLevel.chat.shows("claim.held"))
        #expect(WatchLevel.claims.shows("product.sold_out"))
        #expect(!WatchLevel.claims.shows("chat.message"))
        #expect(WatchLevel.all.shows("note.set"))
        #expect(!WatchLevel.off.shows("chat.message"))
    }
}
