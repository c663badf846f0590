// Texts and names of people.

import Testing
import WireProtocol

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
        ("Ana", "ana"), ("Ana", "\u{410}n\u{430}"), ("Ana", "\u{391}n\u{3B1}"),
        ("Ana", " A.n_a! \u{2B50}"),
        ("Ana", "4n@"), ("Ana", "\u{C1}n\u{E0}"), ("Ana", "A\u{301}na"),
        ("Ana", "\u{FF21}\u{FF4E}a"),
        ("Ana", "\u{1D400}\u{1D427}a"), ("Ana", "A\u{200B}n\u{200D}a"), ("Ana", "\u{24B6}na"),
        ("Bob", "B0b"), ("Lily", "1i|Y"), ("Ivan", "lvan"), ("Mark", "\u{41C}\u{430}r\u{43A}"),
        ("Bam", "Barn"), ("Will", "VViII"), ("\u{419}\u{43E}", "\u{439}o"), ("Soe", "S\u{F8}e"),
    ])
    func `names that look alike fold to the same`(one: String, other: String) {
        #expect(NameFold.fold(one) == NameFold.fold(other))
    }

    @Test(arguments: [
        ("Ana", "Anna"), ("Ana", "Eva"), ("\u{738B}", "\u{674E}"), ("\u{1F600}", "\u{1F601}"),
        ("Ana", ""),
        ("Ana 7", "Ana 5"),
    ])
    func `different names stay different`(one: String, other: String) {
        #expect(NameFold.fold(one) != NameFold.fold(other))
    }

    /// The table for ASCII against the rules it was made by: a joiner between letters is dropped, and is
    /// not ASCII.
    @Test func `a name of ASCII folds as any other`() {
        var random = SplitMix(state: 4)
        for _ in 0..<3000 {
            let name = String(
                decoding: (0...Int.random(in: 0...12, using: &random)).map { _ in
                    UInt8.random(in: 0x20...0x7E, using: &random)
                },
                as: UTF8.self)
            let joined = String(name.map { "\($0)\u{200D}" }.joined())
            if NameFold.fold("a" + name) != NameFold.fold("a" + joined) { Issue.record("\(name)") }
        }
        for (name, fold) in [("Burn", "bum"), ("rnrn", "mm"), ("vvv", "wv"), ("H0ST!", "host")] {
            #expect(NameFold.fold(name) == fold)
        }
    }
}
