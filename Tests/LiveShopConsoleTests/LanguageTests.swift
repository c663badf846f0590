// The texts of `watch`: complete in every language, with right plural forms, every value in its place.

import LiveShopClient
import Testing
import WireProtocol

@testable import LiveShopConsole

/// What `{…}` stands in a text.
private func holes(_ text: String) -> [String] {
    text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().map {
        String($0.prefix { $0 != "}" })
    }
}

private func names(_ text: String) -> Set<String> {
    Set(holes(text).map { String($0.prefix { $0 != ":" }) })
}

@Suite struct LanguageTests {
    @Test(arguments: Language.allCases)
    func `every text has the values of the English one`(language: Language) {
        for phrase in Phrase.allCases {
            let text = language.text(phrase)
            #expect(!text.isEmpty)
            #expect(names(text) == names(Language.english.text(phrase)), "\(phrase): \(text)")
        }
    }

    @Test(arguments: Language.allCases)
    func `every plural has as many forms as the language, each with the number`(
        language: Language
    ) {
        for phrase in Phrase.allCases {
            for hole in holes(language.text(phrase)) {
                let parts = hole.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                let forms = parts[1].split(separator: "|", omittingEmptySubsequences: false)
                #expect(forms.count == (language == .polish ? 3 : 2), "\(phrase): \(hole)")
                for form in forms { #expect(form.contains("#"), "\(phrase): \(hole)") }
            }
        }
    }

    @Test(arguments: Language.allCases.filter { $0 != .english })
    func `texts are translated`(language: Language) {
        let same = Phrase.allCases.filter {
            language.text($0) == Language.english.text($0)
        }
        // Names, numbers and words that are the same in both.
        #expect(same.count <= 3, "\(same)")
    }

    @Test(arguments: [
        (Language.english, [0: "0 viewers", 1: "1 viewer", 2: "2 viewers", 21: "21 viewers"]),
        (.finnish, [0: "0 katsojaa", 1: "1 katsoja", 2: "2 katsojaa"]),
        (.greek, [0: "0 θεατές", 1: "1 θεατής", 5: "5 θεατές"]),
        (
            .polish,
            [0: "0 widzów", 1: "1 widz", 2: "2 widzów", 5: "5 widzów", 22: "22 widzów"]
        ),
        (.dutch, [1: "1 kijker", 3: "3 kijkers"]),
        (.swedish, [1: "1 tittare", 3: "3 tittare"]),
    ])
    func `numbers take their form`(language: Language, expected: [Int64: String]) {
        for (number, text) in expected {
            #expect(language.text(.viewersCount, ["viewers": .number(number)]) == text)
        }
    }

    @Test func `Polish counts to four in its own way`() {
        let forms: [(Int64, Language.PluralForm)] = [
            (0, .other), (1, .one), (2, .few), (4, .few), (5, .other), (11, .other), (12, .other),
            (14, .other), (21, .other), (22, .few), (24, .few), (25, .other), (112, .other),
            (122, .few), (.max, .other),
        ]
        for (number, form) in forms {
            #expect(Language.polish.pluralForm(number) == form, "\(number)")
        }
        let pieces = [1, 3, 5].map {
            Language.polish.text(.stockChanged, ["sku": .text("A"), "available": .number($0)])
        }
        #expect(pieces == ["A: została 1 sztuka.", "A: zostały 3 sztuki.", "A: zostało 5 sztuk."])
    }

    @Test func `a locale names a language`() {
        #expect(Language(locale: "pl_PL.UTF-8") == .polish)
        #expect(Language(locale: "sv") == .swedish)
        #expect(Language(locale: "C.UTF-8") == nil)
        #expect(Language(locale: "") == nil)
    }

    @Test func `every status of a show has a word`() {
        for status in ["scheduled", "rehearsal", "live", "paused", "ended"] {
            #expect(Phrase(rawValue: "status." + status) != nil)
        }
        #expect(Language.english.status("new") == "new")
    }

    /// The server's mapping is the one place that names all it sends, so a new message cannot come
    /// without its words.
    @Test func `every event and notice that the server sends has a text`() throws {
        let source = try #require(
            projectFile("Sources/LiveShopServer/Engine/WireMapping.swift"))
        let types = Set(source.split(separator: "\"").map(String.init).filter(isType))
        #expect(types.count > 30)
        for type in types { #expect(Phrase(rawValue: type) != nil, "\(type)") }
    }

    private func isType(_ word: String) -> Bool {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.allSatisfy { $0 == "_" || $0.isLowercase && $0.isASCII }
            }
    }
}

@Suite struct FactTextTests {
    private func lines(_ json: String, _ language: Language = .english) throws -> [String] {
        var context = ShowContext(show: "spring")
        context.take(
            hello: Array(
                #"{"snapshot":{"show":{"currency":"EUR"},"products":[{"id":"mug","title":"Blue mug","variants":[{"sku":"A","price":1990,"available":2}]}]}}"#
                    .utf8))
        let document = try JSONDocument(parsing: json)
        switch try #require(ServerMessage(document)) {
        case .event(let fact, _), .notice(let fact):
            return FactText(language: language, view: context.view).lines(fact, document)
        case .reply, .error: return []
        }
    }

    @Test(arguments: [
        (#"{"type":"show.started","offset":1,"data":{"status":"live"}}"#, "The show has begun."),
        (
            #"{"type":"product.pinned","offset":1,"data":{"product":"mug"}}"#,
            "On screen: Blue mug (A 19.90 EUR)"
        ),
        (
            #"{"type":"price.changed","offset":1,"data":{"sku":"A","price":1500,"prior_price":1990}}"#,
            "A costs 15.00 EUR now (before: 19.90 EUR)."
        ),
        (
            #"{"type":"claim.held","offset":1,"data":{"claims":[{"name":"Ana","sku":"A","quantity":1,"seq":1},{"name":"Ben","sku":"A","quantity":2,"seq":2},{"name":"C","sku":"A","quantity":1,"seq":3}],"totals":[]}}"#,
            "Ana gets 1 piece of A. Ben gets 2 pieces of A. … and 1 more claim."
        ),
        (
            #"{"type":"claim.held","offset":1,"data":{"totals":[{"sku":"A","claims":3,"units":4}]}}"#,
            "A: 4 pieces claimed so far."
        ),
        (
            #"{"type":"hold.created","time":"2026-11-21T19:00:00.000Z","data":{"hold":"h1","sku":"A","quantity":1,"unit_price":1990,"expires_at":"2026-11-21T19:05:00.000Z"}}"#,
            "Held for you: 1 piece of A at 19.90 EUR, for 5:00. Order: /order"
        ),
        (
            #"{"type":"order.paid","data":{"order":{"order":"o1","status":"paid","total":1990}}}"#,
            "Order o1 is paid: 19.90 EUR. Thank you!"
        ),
        (
            #"{"type":"participant.restricted","data":{"restricted":false,"reason":""}}"#,
            "You may claim again."
        ),
        (
            #"{"type":"participant.timed_out","time":"2026-11-21T19:00:00.000Z","data":{"until":"2026-11-21T19:00:30.000Z","reason":""}}"#,
            "You may not write for 0:30."
        ),
        (
            #"{"type":"participant.timed_out","time":"2026-11-21T19:00:00.000Z","data":{"until":"2026-11-21T19:00:00.000Z","reason":""}}"#,
            "You may write again."
        ),
        (
            #"{"type":"room.configured","offset":1,"data":{"slow_mode_seconds":10,"chat":"off"}}"#,
            "Settings of the room: slow_mode_seconds 10, chat off"
        ),
        (
            #"{"type":"queue.changed","offset":1,"data":{"products":[]}}"#,
            "Nothing is queued any more."
        ),
        (
            #"{"type":"queue.changed","offset":1,"data":{"products":["mug","x"]}}"#,
            "Coming up: Blue mug, x"
        ),
        (
            #"{"type":"chat.message","data":{"message":"m1","name":"Ana\u001b[2J","role":"moderator","text":"a\u202eb {sku}"}}"#,
            "[moderator] Ana\u{FFFD}[2J: a\u{FFFD}b {sku}"
        ),
    ])
    func `it says what happened`(json: String, expected: String) throws {
        #expect(try lines(json) == [expected])
    }

    @Test func `what this version does not know is left out`() throws {
        #expect(try lines(#"{"type":"carpet.rolled","offset":1,"data":{}}"#) == [])
    }

    @Test(arguments: Language.allCases)
    func `broken data gives a text with holes, never a crash`(language: Language) throws {
        for phrase in Phrase.allCases {
            let json =
                #"{"type":"\#(phrase.rawValue)","offset":1,"data":{"order":[],"product":7,"until":"x","price":1e400,"claims":[3],"products":{}}}"#
            #expect(throws: Never.self) { _ = try lines(json, language) }
        }
    }
}
