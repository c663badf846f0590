// The parts of the terminal that need none: keys, the place of the cursor, what may be written.

import Glibc
import Testing

@testable import Terminal

@Suite struct KeyDecoderTests {
    private func keys(_ chunks: [UInt8]..., isFinal: Bool = true) -> String {
        var decoder = KeyDecoder()
        var text = String.UnicodeScalarView()
        for chunk in chunks {
            decoder.feed(chunk)
            while let key = decoder.next(isFinal: false) { text.append(key) }
        }
        while isFinal, let key = decoder.next(isFinal: true) { text.append(key) }
        return String(text)
    }

    @Test func `characters may come in pieces`() {
        #expect(keys(Array("é🎉x".utf8)) == "é🎉x")
        #expect(keys([0xF0, 0x9F], [0x8E], [0x89, 0x78]) == "🎉x")
    }

    @Test func `bytes that are not UTF-8 become a mark each`() {
        #expect(keys([0xFF, 0x41, 0xC3, 0x28, 0x80]) == "\u{FFFD}A\u{FFFD}(\u{FFFD}")
        #expect(keys([0xE2, 0x82]) == "\u{FFFD}\u{FFFD}")
    }

    @Test func `keys with sequences pass as they are`() {
        #expect(keys(Array("\u{1B}[A".utf8)) == "\u{1B}[A")
        #expect(keys(Array("\u{1B}[2".utf8), Array("~".utf8)) == "\u{1B}[2~")
    }

    @Test func `a lone Escape waits for its rest, but not for ever`() {
        #expect(keys([0x1B], isFinal: false) == "")
        #expect(keys([0x1B]) == "\u{1B}")
    }

    @Test func `a pasted text is one line of plain characters`() {
        let pasted = Array("a\u{1B}[200~one\rtwo\n\tthree\u{1B}[31m\u{3}\u{1B}[201~b\r".utf8)
        #expect(keys(pasted) == "aone two  three[31mb\r")
        // The same when it comes byte by byte.
        var decoder = KeyDecoder()
        var text = String.UnicodeScalarView()
        for byte in pasted {
            decoder.feed([byte])
            while let key = decoder.next(isFinal: false) { text.append(key) }
        }
        #expect(String(text) == "aone two  three[31mb\r")
    }
}

@Suite struct ScreenMathTests {
    init() { setlocale(LC_CTYPE, "C.UTF-8") }

    private func place(_ text: String, _ columns: Int) -> [Int] {
        let place = ScreenMath.place(after: text, columns: columns)
        return [place.row, place.column]
    }

    @Test func `the cursor wraps where the terminal wraps`() {
        #expect(place("", 10) == [0, 0])
        #expect(place("123456789", 10) == [0, 9])
        #expect(place("1234567890", 10) == [1, 0])
        #expect(place("12345678901", 10) == [1, 1])
        #expect(place("abc\nd", 10) == [1, 1])
        #expect(place("ab", 0) == [2, 0])
    }

    @Test func `wide characters take two columns and do not fit into one`() {
        #expect(place("日本", 10) == [0, 4])
        #expect(place("123日", 4) == [1, 2])
        #expect(place("12日", 4) == [1, 0])
        #expect(place("e\u{301}", 10) == [0, 1])
        #expect(place("\u{1}", 10) == [0, 2])
    }

    @Test func `a status line is cut and filled to the window`() {
        #expect(ScreenMath.fitted("abc", columns: 5) == "abc  ")
        #expect(ScreenMath.fitted("abcdef", columns: 4) == "abcd")
        #expect(ScreenMath.fitted("abc日", columns: 4) == "abc ")
        #expect(ScreenMath.fitted("abc", columns: 0) == "")
    }

    @Test func `no control character is written`() {
        #expect(
            ScreenMath.harmless("a\u{1B}[2J\u{7}\r\nb\u{9B}é")
                == "a\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}b\u{FFFD}é")
    }
}

@Suite struct ScreenTests {
    @Test func `lines come out in order and once`() {
        let screen = Screen(prompt: "> ")
        _ = screen.take()
        screen.show("one")
        screen.show("two\u{1B}c", .bad)
        screen.status("s")
        let state = screen.take()
        #expect(state?.lines.map(\.text) == ["one", "two\u{FFFD}c"])
        #expect(state?.status == "s")
        #expect(screen.take() == nil)
    }

    @Test func `too many lines lose the oldest, and the loss is counted`() {
        let screen = Screen(prompt: "> ")
        for number in 0...Screen.linesMax { screen.show("\(number)") }
        let state = screen.take()
        #expect(state?.dropped == Screen.linesMax / 2)
        #expect(state?.lines.last?.text == "\(Screen.linesMax)")
    }

    @Test func `a prompt and the end of the session are passed on`() {
        let screen = Screen(prompt: "> ")
        screen.prompt("sure? ", isRemembered: false)
        screen.close()
        let state = screen.take()
        #expect(state?.prompt == Screen.Prompt(text: "sure? ", isRemembered: false))
        #expect(state?.isClosing == true)
    }
}
