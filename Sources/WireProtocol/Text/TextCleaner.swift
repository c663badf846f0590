// One pass over a text of a person, which is how ClientText cleans: linear whatever the text is, over as
// soon as the text is certainly too long, and without a copy as long as nothing has to change.

struct TextCleaner {
    private let limit: Int
    private let keepingLines: Bool
    /// What was kept so far, once something was removed or changed.
    private var kept: [UInt8]?
    /// Where the first letter stands, and the end of the last, in the text and in `kept`.
    private var start = 0
    private var end = 0
    private var keptEnd = 0
    /// Code points up to `end`, and blanks after it, which count when another letter follows.
    private var count = 0
    private var blankCount = 0
    private var isSeen = false
    /// How many bytes of the text were looked at; tests hold it against the limit.
    private(set) var bytesRead = 0

    init(limit: Int, keepingLines: Bool) {
        self.limit = limit
        self.keepingLines = keepingLines
    }

    /// The clean text; nil when it has more code points than the limit.
    mutating func clean(_ source: String) -> String? {
        var source = source
        source.makeContiguousUTF8()
        guard read(source.utf8.span) else { return nil }
        if !isSeen { return "" }
        if let kept { return String(decoding: kept[..<keptEnd], as: UTF8.self) }
        if start == 0, end == source.utf8.count { return source }
        let first = source.utf8.index(source.startIndex, offsetBy: start)
        return String(source[first..<source.utf8.index(first, offsetBy: end - start)])
    }

    /// False when the text is too long.
    private mutating func read(_ text: Span<UInt8>) -> Bool {
        var place = 0
        defer { bytesRead = place }
        while place < text.count {
            let letters = Self.plainLetters(text, from: place, atMost: limit)
            if letters > 0 {
                isSeen = true
                guard keep(text, place..<(place + letters), letters) else { return false }
                place += letters
                continue
            }
            let length = Self.length(text[unchecked: place])
            let next = place + length
            guard next <= text.count else { break }
            let scalar = Self.scalar(text, at: place, length)
            switch standing(of: scalar) {
            case .nowhere: change(text, at: place)
            case .between: keepBlank(scalar, text, place..<next)
            case .everywhere:
                if !isSeen { isSeen = ClientText.isVisible(scalar) }
                guard keep(text, place..<next, 1) else { return false }
            }
            place = next
        }
        return true
    }

    /// How many letters and signs of ASCII stand there, not many more than the limit.
    @inline(__always)
    private static func plainLetters(
        _ text: Span<UInt8>, from start: Int, atMost limit: Int
    ) -> Int {
        var place = start
        while place <= text.count - EightBytes.count, place - start <= limit {
            let plain = EightBytes(of: text, uncheckedAt: place)
                .plainCount(bound: 0x21, 0x7F, 0x7F)
            place += plain
            if plain < EightBytes.count { return place - start }
        }
        while place < text.count, place - start <= limit, 0x21...0x7E ~= text[unchecked: place] {
            place += 1
        }
        return place - start
    }

    /// False when the text is too long with these letters.
    private mutating func keep(_ text: Span<UInt8>, _ range: Range<Int>, _ letters: Int) -> Bool {
        if count == 0, kept == nil { start = range.lowerBound }
        count += blankCount + letters
        blankCount = 0
        if count > limit { return false }
        end = range.upperBound
        if kept != nil {
            for place in range { kept?.append(text[unchecked: place]) }
            keptEnd = kept?.count ?? 0
        }
        return true
    }

    private mutating func keepBlank(
        _ scalar: Unicode.Scalar, _ text: Span<UInt8>, _ range: Range<Int>
    ) {
        // Those at the beginning are not kept, and more than the limit need not be.
        if count == 0 { return }
        blankCount += 1
        if blankCount > limit { return }
        switch scalar.value {
        case 0x0A where keepingLines: kept?.append(0x0A)
        case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029:
            change(text, at: range.lowerBound)
            kept?.append(0x20)
        default:
            if kept != nil { for place in range { kept?.append(text[unchecked: place]) } }
        }
    }

    /// From here on what is kept is not what stood there.
    private mutating func change(_ text: Span<UInt8>, at place: Int) {
        if kept != nil || count == 0 { return }
        var copy: [UInt8] = []
        copy.reserveCapacity(min(text.count - start, 4 * min(limit, text.count)))
        for place in start..<place { copy.append(text[unchecked: place]) }
        keptEnd = end - start
        kept = copy
    }

    /// Where a scalar may stand in a clean text.
    private enum Standing {
        case nowhere, everywhere
        /// White space, and what looks like it.
        case between
    }

    @inline(__always)
    private func standing(of scalar: Unicode.Scalar) -> Standing {
        switch scalar.value {
        case 0x0D where keepingLines: .nowhere
        case 0x09, 0x0A, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200B, 0x2028, 0x2029, 0x202F,
            0x205F, 0x3000:
            .between
        case 0..<0x20, 0x7F..<0xA0: .nowhere
        case 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: .nowhere
        default: .everywhere
        }
    }

    /// How many bytes a code point has that begins with this one.
    @inline(__always)
    private static func length(_ lead: UInt8) -> Int {
        lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    }

    @inline(__always)
    private static func scalar(
        _ text: Span<UInt8>, at place: Int, _ length: Int
    ) -> Unicode.Scalar {
        let lead = UInt32(text[unchecked: place])
        if length == 1 { return Unicode.Scalar(UInt8(truncatingIfNeeded: lead)) }
        var value = lead & (0x7F >> UInt32(length))
        for next in (place + 1)..<(place + length) {
            value = value << 6 | UInt32(text[unchecked: next] & 0x3F)
        }
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }
}
