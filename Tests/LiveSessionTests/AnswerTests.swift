// Keys and what was answered to them.

import Inventory
import Testing

@testable import LiveSession

struct AnswerTests {
    @Test func `no two keys of any two participants are taken for each other`() {
        var seen: Set<KeyDigest> = []
        var count = 0
        let letters = (0x21...0x7E).map { String(UnicodeScalar(UInt8($0))) }
        for participant in 0..<300 {
            for key in letters.flatMap({ [$0, "\($0)-0001", "k\($0)"] }) {
                seen.insert(KeyDigest(key, of: ParticipantID(participant)))
                count += 1
            }
        }
        #expect(seen.count == count)
    }

    /// Journals of earlier versions have these.
    @Test func `a key is told by the same 128 bits for ever`() {
        for (key, participant, high, low) in [
            (
                "7f3c2a9e-1d4b-4c6a-9b1e-0a2b3c4d5e6f", 41, 0xec4b_90ce_26a9_8aa0,
                0xa6f4_a877_78d8_57ea
            ),
            ("ä", 0, 0xc5e0_943d_2bfe_adcb, 0xc7e8_0624_a25b_0946),
        ] as [(String, Int, UInt64, UInt64)] {
            let digest = KeyDigest(key, of: ParticipantID(participant))
            #expect(digest.high == high && digest.low == low, "\(key): \(digest)")
        }
    }

    /// Keys are read eight bytes at a time: those that differ in length only, in one place only, or by
    /// what stands for a length.
    @Test func `long keys differ wherever they differ`() {
        var seen: Set<KeyDigest> = []
        var count = 0
        func see(_ key: String) {
            seen.insert(KeyDigest(key, of: ParticipantID(1)))
            count += 1
        }
        for length in 0...130 {
            for letter in ["a", "\0", "\u{1}"] { see(String(repeating: letter, count: length + 1)) }
            for place in 0..<length {
                see(
                    String(repeating: "k", count: place) + "K"
                        + String(repeating: "k", count: length - place))
            }
        }
        for count in 1...7 { see("12345678" + String(repeating: "\0", count: count) + "a") }
        #expect(seen.count == count)
    }

    @Test func `claims, new replies and written ones are all found under their keys`() throws {
        let stage = try Stage()
        let mug = try stage.product("mug", onHand: 2000)
        var book = AnswerBook()
        for number in 0..<1500 {
            let key = Idempotency(
                key: KeyDigest("\(number)", of: stage.ana),
                content: ContentHash(words: [UInt64(number), 0, 0, 0]))
            if number.isMultiple(of: 2) {
                if number == 1000 { book.endEntry() }
                let entry = number < 1000 ? 1 : 2
                book.remember([UInt8(truncatingIfNeeded: number)], in: entry, key)
            } else {
                let who = stage.show.connect(
                    Participant(subject: "b\(number)", name: "B", isGuest: true, role: .viewer))
                book.remember(try stage.claim(who, of: mug), key)
            }
        }
        for number in 0..<1500 {
            let answer = book.answer(to: KeyDigest("\(number)", of: stage.ana))
            #expect(answer?.content == ContentHash(words: [UInt64(number), 0, 0, 0]))
            switch answer {
            case .reply(let bytes, _):
                #expect(number.isMultiple(of: 2) && bytes == [UInt8(truncatingIfNeeded: number)])
                #expect(number >= 1000)
            case .stored(let entry, _):
                #expect(number.isMultiple(of: 2) && number < 1000 && entry == 1)
            case .claim: #expect(!number.isMultiple(of: 2))
            case nil: Issue.record("\(number) is not found")
            }
        }
        #expect(book.answer(to: KeyDigest("1500", of: stage.ana)) == nil)
    }

    @Test func `a reply is found in its entry by its key`() throws {
        let stage = try Stage()
        func key(_ text: String) -> Idempotency {
            Idempotency(
                key: KeyDigest(text, of: stage.ana), content: ContentHash(words: [1, 2, 3, 4]))
        }
        var writer = ByteWriter()
        for (seq, text) in ["a", "b", "c"].enumerated() {
            ShowFact.noteCleared.write(to: &writer)
            ShowFact.answered(seq: seq, key(text), reply: Array(text.utf8)).write(to: &writer)
        }
        let facts = writer.bytes
        #expect(try ShowFact.reply(to: key("b").key, in: facts) == Array("b".utf8))
        #expect(try ShowFact.reply(to: key("d").key, in: facts) == nil)
        #expect(throws: DecodingDefect.self) {
            try ShowFact.reply(to: key("d").key, in: Array(facts.dropLast()))
        }
    }

    @Test func `content hashes differ when one word does`() {
        let hash = ContentHash(words: [1, .max, 0x0123_4567_89AB_CDEF, 0])
        #expect(hash == ContentHash(words: [1, .max, 0x0123_4567_89AB_CDEF, 0]))
        #expect(hash != ContentHash(words: [1, .max, 0x0123_4567_89AB_CDEF, 1]))
    }
}
