// Texts and names of people.

import Testing
@testable import WireProtocol

struct ClientTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("  a b  ", "a b"), ("a\u{7}\u{0}\u{1B}[31mb", "a[31mb"),
        ("a\nb\tc\r\nd", "a b c  d"), ("\u{202E}evil\u{2066}\u{2069}\u{FEFF}", "evil"),
        ("\u{A0}\u{3000}x\u{200B}\u{2003}", "x"), ("a\u{85}b\u{9F}c\u{2028}d", "a bc d"),
        ("\u{1F468}\u{200D}\u{1F467}", "\u{1F468}\u{200D}\u{1F467}"), ("", ""), (" \u{200B} ", ""),
        ("\u{5D0}\u{200F}!", "\u{5D0}\u{200F}!"),
    ])
    func `cleaning removes what nobody should print`(text: String, expected: String) {
        #expect(ClientText.clean(text) == expected)
        #expect(ClientText.clean(expected) == expected)
    }

    @Test func `a description keeps its lines`() {
        #expect(ClientText.clean(" a\r\n\u{7}b\n", keepingLines: true) == "a\nb")
    }

    @Test func `lengths are counted in code points`() {
        #expect(ClientText.length("e\u{301}\u{1F468}\u{200D}\u{1F467}") == 5)
    }

    @Test(arguments: ["A", "a-b_c.d/e#", "\u{E9}\u{4E2D}", String(repeating: "x", count: 64)])
    func `these are SKUs`(text: String) { #expect(ClientText.isSKU(text)) }

    @Test(arguments: [
        "", " ", "a b", "a\t", "a\u{A0}b", "\u{200B}", "\u{202E}a", "\u{0}", "\u{E000}",
        "a\u{2028}",
        String(repeating: "x", count: 65), String(repeating: "\u{E9}", count: 65),
    ])
    func `these are no SKUs`(text: String) { #expect(!ClientText.isSKU(text)) }

    @Test func `show ids follow their pattern`() {
        for id in ["a", "0", "spring-2026_x", String(repeating: "a", count: 64)] {
            #expect(ClientText.isShowID(id))
        }
        for id in ["", "-a", "_a", "A", "a b", "a.b", "\u{E9}", String(repeating: "a", count: 65)] {
            #expect(!ClientText.isShowID(id))
        }
    }

    @Test(arguments: [
        "\u{200B}", "\u{200C}", "\u{200D}", "\u{200E}", "\u{2060}", "\u{AD}", "\u{34F}",
        "\u{61C}", "\u{115F}", "\u{1160}", "\u{17B4}", "\u{180E}", "\u{2800}", "\u{3164}",
        "\u{FFA0}", "\u{FE0F}", "\u{FFFC}", "\u{E0041}", "\u{E0100}", "\u{1D159}", "\u{13441}",
        "\u{301}", "\u{20DD}", "\u{93E}", "\u{E000}", "\u{F8FF}", "\u{FFFE}", "\u{100000}",
        "\u{3164} \u{2800}\u{301}\u{E0041}\u{E007F}", "\u{1BCA0}", "\u{2065}", "\u{1D173}",
    ])
    func `a text of which nothing can be seen is empty`(text: String) {
        #expect(ClientText.clean(text) == "")
        #expect(ClientText.clean(" \(text)\n", keepingLines: true) == "")
        #expect(ClientText.clean("a" + text).unicodeScalars.first == "a")
        #expect(!ClientText.isSKU(text))
    }

    @Test(arguments: [
        "a", "\u{E9}", "e\u{301}", "\u{4E2D}", "\u{D55C}", "\u{1F600}", "\u{2764}\u{FE0F}", "!",
        "\u{915}\u{93E}", "1\u{FE0F}\u{20E3}", "\u{FFFD}", "\u{1F1EB}\u{1F1EE}", "\u{1FAE9}",
        "\u{3164}x",
    ])
    func `one character that can be seen is enough`(text: String) {
        #expect(ClientText.clean(text) == text)
    }

    @Test func `a text fits when it does so without its blanks and without what is removed`() {
        let blanks = String(repeating: " \u{3000}\n", count: 1000)
        #expect(ClientText.clean(blanks + "abc" + blanks, atMost: 3) == "abc")
        #expect(ClientText.clean("a\u{7}\u{202E}bc\u{FEFF}", atMost: 3) == "abc")
        #expect(ClientText.clean("a  c", atMost: 4) == "a  c")
        #expect(ClientText.clean("a  c", atMost: 3) == nil)
        #expect(ClientText.clean("a" + blanks + "c", atMost: 100) == nil)
        #expect(ClientText.clean("abc", atMost: 3) == "abc")
        #expect(ClientText.clean("abcd", atMost: 3) == nil)
        #expect(ClientText.clean("\u{E9}\u{E9}\u{E9}", atMost: 3) == "\u{E9}\u{E9}\u{E9}")
        #expect(ClientText.clean("\u{E9}\u{E9}\u{E9}\u{E9}", atMost: 3) == nil)
    }

    @Test func `of a text that is too long no more is read than shows it`() {
        for letter in ["a", "\u{E9}", "\u{4E2D}", "\u{1F600}", "\u{E0041}"] {
            let text = String(repeating: letter, count: 4000) + " "
            var cleaner = TextCleaner(limit: 40, keepingLines: false)
            #expect(cleaner.clean(text) == nil)
            #expect(cleaner.bytesRead <= 50 * 4)
        }
    }
}
