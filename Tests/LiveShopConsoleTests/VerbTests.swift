// Every verb of the console: the request it becomes, and what is said about a wrong line.

import Testing
import WireProtocol

@testable import LiveShopConsole

private func context(_ currency: String = "EUR") -> ShowContext {
    var context = ShowContext(show: "spring")
    context.currency = Currency(currency) ?? .euro
    context.products = ["p1", "p2"]
    context.productOfSKU = ["A": "p1", "B": "p2"]
    return context
}

/// "type data", or what else the verb is.
private func meaning(_ line: String, _ currency: String = "EUR") throws(VerbError) -> String {
    switch try VerbParser.parse(line, in: context(currency)) {
    case nil: return "nothing"
    case .request(let request):
        return "\(request.type) \(String(decoding: request.data(key: "k"), as: UTF8.self))"
    case .setStock(let sku, let onHand, let expected):
        return "set \(sku) to \(onHand) from \(expected.map(String.init) ?? "nil")"
    case .measure(let measure):
        let request = measure.request(participant: "<\(measure.who)>")
        return "\(request.type) \(String(decoding: request.data(key: "k"), as: UTF8.self))"
    case .room: return "room"
    case .watch(let level): return "watch \(level)"
    case .run(let path): return "run \(path)"
    case .wait(let seconds): return "wait \(seconds)"
    case .waitFor(let fact): return "for \(fact.type) \(fact.sku ?? "-") \(fact.seconds)"
    case .help(let name): return "help \(name ?? "")"
    case .quit: return "quit"
    }
}

@Suite struct VerbTests {
    @Test(arguments: [
        ("start", #"show.start {"key":"k"}"#),
        ("  pause  ", #"show.pause {"key":"k"}"#),
        ("resume", #"show.resume {"key":"k"}"#),
        ("end", #"show.end {"key":"k"}"#),
        ("pin A", #"product.pin {"sku":"A","key":"k"}"#),
        ("pin A 60s", #"product.pin {"sku":"A","seconds":60,"key":"k"}"#),
        ("pin A 2m", #"product.pin {"sku":"A","seconds":120,"key":"k"}"#),
        ("unpin", #"product.unpin {"key":"k"}"#),
        ("unpin B", #"product.unpin {"product":"p2","key":"k"}"#),
        ("queue A p2 X", #"queue.set {"products":["p1","p2","X"],"key":"k"}"#),
        ("next", #"queue.next {"key":"k"}"#),
        (#"add {"title":"T"}"#, #"product.add {"product":{"title":"T"},"key":"k"}"#),
        (#"add {"product":{"a":1}}"#, #"product.add {"product":{"a":1},"key":"k"}"#),
        ("price A 19.90", #"price.set {"sku":"A","price":1990,"key":"k"}"#),
        ("price A 19.9", #"price.set {"sku":"A","price":1990,"key":"k"}"#),
        ("price A 0", #"price.set {"sku":"A","price":0,"key":"k"}"#),
        ("stock A +5", #"stock.adjust {"sku":"A","delta":5,"key":"k"}"#),
        ("stock A -5", #"stock.adjust {"sku":"A","delta":-5,"key":"k"}"#),
        ("stock A =20", "set A to 20 from nil"),
        (#"say  hello  "you"  "#, #"chat.send {"text":"hello  \"you\"  ","key":"k"}"#),
        ("viewers", "viewers.list {}"),
        ("holds", "holds.list {}"),
        ("orders", "orders.list {}"),
        ("holds A", #"holds.list {"sku":"A"}"#),
        ("waitlist A", #"waitlist.list {"sku":"A"}"#),
        ("waitlist", "waitlist.list {}"),
        (
            "flash A 14.90 60s",
            #"flash.start {"sku":"A","price":1490,"duration_seconds":60,"key":"k"}"#
        ),
        (
            "flash A 14.90 2m countdown 0s x50 limit 2",
            #"flash.start {"sku":"A","price":1490,"duration_seconds":120,"per_buyer":2,"#
                + #""quantity":50,"countdown_seconds":0,"key":"k"}"#
        ),
        ("flash stop A", #"flash.stop {"sku":"A","key":"k"}"#),
        (#"note "Last ten!" 60s"#, #"note.set {"text":"Last ten!","seconds":60,"key":"k"}"#),
        ("note Last  ten 60s", #"note.set {"text":"Last ten","seconds":60,"key":"k"}"#),
        ("note Only 60", #"note.set {"text":"Only 60","key":"k"}"#),
        (#"note "a \"b\" \\ c""#, #"note.set {"text":"a \"b\" \\ c","key":"k"}"#),
        ("note clear", #"note.clear {"key":"k"}"#),
        (#"note "clear""#, #"note.set {"text":"clear","key":"k"}"#),
        ("delete m12", #"chat.delete {"message":"m12","key":"k"}"#),
        ("delete 12", #"chat.delete {"message":"m12","key":"k"}"#),
        (
            "timeout Ana 5m be kind",
            #"participant.timeout {"participant":"<Ana>","seconds":300,"reason":"be kind","key":"k"}"#
        ),
        (
            #"timeout "Ana Maria" 3 strikes"#,
            #"participant.timeout {"participant":"<Ana Maria>","reason":"3 strikes","key":"k"}"#
        ),
        ("ban Ana", #"participant.ban {"participant":"<Ana>","key":"k"}"#),
        ("unban Ana", #"participant.unban {"participant":"<Ana>","key":"k"}"#),
        (
            "restrict Ana no shows",
            #"participant.restrict {"participant":"<Ana>","reason":"no shows","key":"k"}"#
        ),
        (
            "role Ana co-host",
            #"participant.set_role {"participant":"<Ana>","role":"co_host","key":"k"}"#
        ),
        ("room", "room"),
        ("room slow 10s", #"room.configure {"slow_mode_seconds":10,"key":"k"}"#),
        ("room slow off", #"room.configure {"slow_mode_seconds":0,"key":"k"}"#),
        ("room hold_seconds 5m", #"room.configure {"hold_seconds":300,"key":"k"}"#),
        ("room pins 2", #"room.configure {"pins":2,"key":"k"}"#),
        ("room chat off", #"room.configure {"chat":"off","key":"k"}"#),
        ("watch claims", "watch claims"),
        ("run a.txt", "run a.txt"),
        ("wait 10s", "wait 10.0"),
        ("wait 1.5", "wait 1.5"),
        ("wait 250ms", "wait 0.25"),
        ("wait sold_out A", "for sold_out A 60.0"),
        ("wait sold_out A 5s", "for sold_out A 5.0"),
        ("wait product.pinned", "for product.pinned - 60.0"),
        ("help", "help "),
        ("help pin", "help pin"),
        ("quit", "quit"),
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
        ("pin", "pin: something is missing; write: pin SKU [60s]"),
        ("pin A B C", "'C' is too much"),
        ("pin A soon", "'soon' is not a time in whole seconds"),
        ("pin A 0s", "not a time in whole seconds"),
        ("pin A 1.5s", "not a time in whole seconds"),
        ("start now", "'now' is too much"),
        ("queue", "something is missing"),
        ("add", "something is missing"),
        ("add {oops}", "that is not JSON"),
        ("add [1]", "a product is a JSON object"),
        ("price A", "something is missing"),
        ("price A 19,90", "is not an amount in EUR such as 19.90 EUR"),
        ("price A 19.999", "is not an amount"),
        ("price A -1", "is not an amount"),
        ("price A 1e3", "is not an amount"),
        ("price A 99999999999999999999", "is not an amount"),
        ("stock A 5", "'5' is neither +5, -5 nor =20"),
        ("stock A +", "is neither"),
        ("stock A +-5", "is neither"),
        ("stock A =99999999999999999999", "is neither"),
        ("say", "something is missing"),
        ("waitlist A B", "'B' is too much"),
        ("flash A 14.90", "flash: something is missing"),
        ("flash A 14.90 60s limit", "something is missing after 'limit'"),
        ("flash A 14.90 60s limit x", "'x' is not a number that is possible there"),
        ("flash A 14.90 60s x0", "'0' is not a number"),
        ("flash A 14.90 60s fast", "'fast' is neither limit, x50 nor countdown"),
        ("flash A dear 60s", "'dear' is not an amount"),
        ("flash stop", "something is missing"),
        ("note", "something is missing"),
        (#"note "open"#, "a quote is not closed"),
        (#"note "a" soon"#, "'soon' is not a time"),
        ("timeout", "something is missing"),
        ("timeout Ana 0s", "not a time in whole seconds"),
        ("role Ana king", "'king' is no role that can be given"),
        ("room slow", "something is missing"),
        ("watch everything", "'everything' is none of these"),
        ("wait", "something is missing"),
        ("wait 99999999s", "is neither a time"),
        ("wait Sold!", "is neither a time such as 10s nor an event"),
        ("wait sold_out A B", "is neither"),
        ("help pni", "did you mean 'pin'?"),
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

    @Test func `every verb has a form that begins with its name and an explanation`() {
        for form in VerbForm.all {
            #expect(form.form.hasPrefix(form.name))
            #expect(!form.about.isEmpty)
            #expect(VerbForm.help(form.name).first == form.form)
            #expect(VerbForm.help(nil).contains { $0.hasSuffix(form.about) })
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
        context.takeAdded(
            Array(#"{"product":{"variants":[{"sku":"N"}]}}"#.utf8),
            reply: Array(#"{"product":"p9"}"#.utf8))
        #expect(context.product("N") == "p9")
    }

    @Test func `the reply to hello fills it`() {
        var context = ShowContext(show: "spring")
        context.take(
            hello: Array(
                #"{"snapshot":{"show":{"title":"Spring\u0007","status":"live","currency":"JPY"},"products":[{"id":"p1","variants":[{"sku":"A"}]}]}}"#
                    .utf8))
        #expect(context.currency == Currency("JPY"))
        #expect(context.product("A") == "p1")
        #expect(context.product("p1") == "p1")
        #expect(context.product("unknown") == "unknown")
        #expect(context.line == "show spring · \"Spring\u{FFFD}\" · live · JPY · 1 products")
    }
}
