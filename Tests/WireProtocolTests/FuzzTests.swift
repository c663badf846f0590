// Seeded mutations of real messages: nothing traps, and the reader takes exactly what the reference takes.
// A failure prints its seed and round; give the seed alone in the arguments to see it again.

import Testing
import WireProtocol

/// SplitMix64: small, fast, the same everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

struct FuzzTests {
    private static let corpus: [[UInt8]] =
        RequestSample.all.map { Array($0.message.utf8) }
        + [
            #"{"a":[1,-2.5e+3,0,-0,1e400,9223372036854775808],"b":{"c":null,"d":[true,false]}}"#,
            #"["\u0041\ud83c\udf89\"\\\/\b\f\n\r\t","é€🎉",{"":0," ":{}}]"#,
            #"{"n1":1,"n2":2,"n3":3,"n4":4,"n5":5,"n6":6,"n7":7,"n8":8,"n9":9,"na":0,"nb":0,"nc":0,"nd":0,"ne":0,"nf":0,"ng":0,"nh":0}"#,
            #"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"#,
        ].map { Array($0.utf8) }

    private static let tokens: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\udc00", "\\u0000",
            "\\u0061",
            "null", "true", "NaN", "-", "-0", "0", "00", "1.0", "1e5", "9223372036854775808", "\n",
            " ", "\0", "\"a\":1,", "\"id\":7,", "\u{FEFF}", "\u{2028}", "[[[[[[[[", "]]]]]]]]",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF0, 0x9F]]

    private static func mutated(_ random: inout SplitMix) -> [UInt8] {
        var text = corpus.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...text.count, using: &random)
            let stop = min(text.count, place + Int.random(in: 0...6, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: text.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 1: text.removeSubrange(place..<stop)
            case 2: text.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: place)
            case 3:
                text.replaceSubrange(place..<stop, with: tokens.randomElement(using: &random) ?? [])
            case 4: text.insert(contentsOf: text[place..<stop], at: place)
            default:
                if place < text.count {
                    text[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
        }
        return text
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `mutated messages are taken exactly when the reference takes them`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var decoder = RequestDecoder()
        var document = JSONDocument()
        var taken = 0
        for round in 0..<6000 {
            let text = Self.mutated(&random)
            let expected = ReferenceJSON.accepts(text)
            let accepted = (try? document.parse(text, in: 0..<text.count)) != nil
            if accepted { taken += 1 }
            if accepted != expected {
                Issue.record(
                    "seed \(seed), round \(round): \(String(decoding: text, as: UTF8.self))")
            }
            if accepted { walk(document, document.root) }
            decoder.decodeMessage(text, in: 0..<text.count) { result in
                guard case .success(let request) = result else { return }
                var content = JSONWriter()
                request.writeCanonicalContent(to: &content)
                if !ReferenceJSON.accepts(content.bytes) {
                    Issue.record("seed \(seed), round \(round): content is no JSON")
                }
            }
        }
        // Both sides of the border were visited.
        #expect(taken > 300 && taken < 5700)
    }

    @Test func `random bytes never trap`() {
        var random = SplitMix(state: 99)
        var document = JSONDocument()
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                Self.tokens.randomElement(using: &random) ?? []
            }.flatMap { $0 }
            let lower = Int.random(in: 0...text.count, using: &random)
            let part = lower..<Int.random(in: lower...(text.count + 3), using: &random)
            let expected = ReferenceJSON.accepts(Array(text[part.clamped(to: 0..<text.count)]))
            #expect(((try? document.parse(text, in: part)) != nil) == expected)
        }
    }

    /// Reads everything there is in every way there is, and writes it again.
    private func walk(_ document: JSONDocument, _ node: JSONNode) {
        _ = document.integer(node)
        _ = document.bool(node)
        _ = document.rawBytes(node)
        if let text = document.string(node) {
            var writer = JSONWriter()
            writer.string(text)
            let copy = try? JSONDocument(parsing: writer.bytes)
            let back = copy.flatMap { $0.string($0.root) }
            if back.map({ Array($0.utf8) }) != Array(text.utf8) {
                Issue.record("not the same after writing: \(text.debugDescription)")
            }
        }
        for (name, value) in document.members(node) {
            walk(document, name)
            walk(document, value)
        }
        for element in document.elements(node) { walk(document, element) }
    }
}
