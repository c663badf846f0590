// Which names are too close to each other.

import Testing
import WireProtocol

struct NameFoldTests {
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
        "Ho\u{FB06}", "\u{210B}ost", "\u{210C}ost", "\u{210D}ost", "\u{1D34}ost",
        "\u{29C}\u{1D0F}\u{A731}\u{1D1B}", "H\u{1D0F}st", "H\u{585}st", "\u{13BB}ost",
        "\u{A4E7}ost", "Ho\u{24AE}t", "Host\u{3164}", "Host\u{FFA0}", "Host\u{115F}",
        "\u{1D573}\u{1D594}\u{1D598}\u{1D599}", "H\u{2092}st", "\u{24BD}\u{24DE}\u{24E2}\u{24E3}",
        "\u{FF28}\u{FF4F}\u{FF53}\u{FF54}", "\u{1F157}\u{1F15E}\u{1F162}\u{1F163}",
        "\u{1F1ED}\u{1F1F4}\u{1F1F8}\u{1F1F9}", "\u{41D}\u{43E}\u{455}\u{442}",
        "\u{397}\u{3BF}st", "\u{43D}ost", "H\u{301}o\u{336}s\u{334}t", "H0ST", "h o s t",
        "Hos\u{1E6B}", "Ho\u{17F}t", "Ho\u{E0073}st", "\u{2605}Host\u{2605}", "\u{1F451} Host",
        "Host (host)", "[Official] Host", "Host - official", "The Real Host",
        "Host\u{1F1EB}\u{1F1EE}",
    ])
    func `a name that looks like Host is too close to it`(name: String) {
        #expect(NameFold.fold(name) == NameFold.fold("Host"))
        #expect(NameFold.isTooClose(name, to: Set(NameFold.folds("Host"))))
    }

    @Test(arguments: [
        "Ana (host)", "Ana [Host]", "Ana | official", "ana_official", "Ana \u{2013} moderator",
        "\u{2605}Ana\u{2605}", "(co-host) Ana", "Ana \u{2714}\u{FE0F}", "Ana \u{FF08}host\u{FF09}",
        "Ana (h\u{43E}st)", "\u{1F451}Ana\u{1F451}", "Admin: Ana", "~Ana~", "Ana\u{1F1EB}\u{1F1EE}",
    ])
    func `decorations do not make another name`(name: String) {
        #expect(NameFold.fold(name) == NameFold.fold("Ana"))
    }

    @Test(arguments: [
        ("\u{39C}\u{3B1}\u{3C1}\u{3AF}\u{3B1}", "\u{3BC}\u{3B1}\u{3C1}\u{3AF}\u{3B1}"),
        ("\u{417}\u{43E}\u{44F}", "\u{437}\u{43E}\u{44F}"), ("\u{1E9E}a", "ssa"),
        ("\u{54D}\u{561}", "\u{57D}\u{561}"), ("\u{D55C}", "\u{1112}\u{1161}\u{11AB}"),
        ("\u{13A0}\u{13BB}", "\u{AB70}\u{AB8B}"), ("Team Ana", "team ana"),
    ])
    func `case and composition make no difference`(one: String, other: String) {
        #expect(NameFold.isTooClose(other, to: Set(NameFold.folds(one))))
        #expect(NameFold.isTooClose(one, to: Set(NameFold.folds(other))))
    }

    @Test(arguments: [
        ("Ana", "Anna"), ("Ana", "Eva"), ("\u{738B}", "\u{674E}"), ("\u{1F600}", "\u{1F601}"),
        ("Ana", ""),
        ("Ana 7", "Ana 5"), ("Ana", "Host"), ("Ana", "Ana Maria"), ("Ana", "Hostana"),
        ("Host", "Ana"),
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
