// A glance at JSON that a server wrote: where a member's value begins, a number, the ends of a string.
// The load test takes millions of messages a second and needs three fields of each, so it must not
// parse them. It believes that the text is JSON and never traps when it is not. Whoever needs the
// meaning of a message reads it with WireProtocol.JSONDocument.

public enum JSONSkim {
    /// The start of the value of `name` in the object that begins at `object`; nil when there is none.
    public static func member(
        _ name: StaticString, of object: Int, in bytes: Span<UInt8>
    ) -> Int? {
        var members = Members(object, in: bytes)
        while let (key, value) = members.next(in: bytes) {
            if matches(bytes, key, name) { return value }
        }
        return nil
    }

    /// The integer that begins at `index`; nil for anything else.
    public static func integer(at index: Int, in bytes: Span<UInt8>) -> Int64? {
        var index = index
        guard index >= 0, index < bytes.count else { return nil }
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var value: Int64 = 0
        var digits = 0
        while index < bytes.count, bytes[index] &- 0x30 < 10 {
            guard digits < 18 else { return nil }
            value = value * 10 + Int64(bytes[index] &- 0x30)
            digits += 1
            index += 1
        }
        guard digits > 0 else { return nil }
        return isNegative ? -value : value
    }

    /// The bytes between the quotes of the string that begins at `index`, escapes as they stand.
    public static func string(at index: Int, in bytes: Span<UInt8>) -> Range<Int>? {
        guard index >= 0, index < bytes.count, bytes[index] == UInt8(ascii: "\""),
            let end = skipString(bytes, index)
        else { return nil }
        return (index + 1)..<(end - 1)
    }

    /// The text of a string without escapes; nil for other values and for strings with escapes.
    public static func plainText(at index: Int, in bytes: Span<UInt8>) -> String? {
        guard let range = string(at: index, in: bytes) else { return nil }
        let text = Array(bytes.extracting(range))
        return text.contains(UInt8(ascii: "\\")) ? nil : String(decoding: text, as: UTF8.self)
    }

    /// Whether the bytes of a range are exactly a word.
    public static func matches(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ word: StaticString
    ) -> Bool {
        guard range.count == word.utf8CodeUnitCount, range.upperBound <= bytes.count else {
            return false
        }
        return word.withUTF8Buffer { buffer in
            for offset in 0..<buffer.count where bytes[range.lowerBound + offset] != buffer[offset]
            {
                return false
            }
            return true
        }
    }

    /// The index after the value that begins at `start`; nil when the text ends inside it.
    public static func skipValue(_ bytes: Span<UInt8>, _ start: Int) -> Int? {
        guard start >= 0, start < bytes.count else { return nil }
        switch bytes[start] {
        case UInt8(ascii: "\""):
            return skipString(bytes, start)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return skipContainer(bytes, start)
        default:
            var index = start
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): return index
                default: index += 1
                }
            }
            return index
        }
    }

    private static func skipContainer(_ bytes: Span<UInt8>, _ start: Int) -> Int? {
        var depth = 0
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                guard let end = skipString(bytes, index) else { return nil }
                index = end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default:
                break
            }
            index += 1
        }
        return nil
    }

    private static func skipString(_ bytes: Span<UInt8>, _ start: Int) -> Int? {
        var index = start + 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return nil
    }

    /// The members of an object, in the order written.
    struct Members {
        private var index: Int
        /// The value handed out last; it is skipped only when somebody asks for the next member.
        private var value: Int?

        init(_ object: Int, in bytes: Span<UInt8>) {
            let isObject =
                object >= 0 && object < bytes.count && bytes[object] == UInt8(ascii: "{")
            index = isObject ? object + 1 : bytes.count
        }

        mutating func next(in bytes: Span<UInt8>) -> (key: Range<Int>, value: Int)? {
            if let value {
                guard let end = skipValue(bytes, value) else { return nil }
                index = end
            }
            skipBlanks(bytes)
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\""),
                let end = skipString(bytes, index)
            else { return nil }
            let key = (index + 1)..<(end - 1)
            index = end
            skipBlanks(bytes)
            guard index < bytes.count else { return nil }
            value = index
            return (key, index)
        }

        /// Colons and commas count as blanks: the text is believed to be right.
        private mutating func skipBlanks(_ bytes: Span<UInt8>) {
            while index < bytes.count {
                switch bytes[index] {
                case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ":"), UInt8(ascii: ","): index += 1
                default: return
                }
            }
        }
    }
}

/// What kind of message an object is, and where its parts begin, without having read it.
public struct MessageGlance: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case reply, error
        case event(offset: Int64)
        case notice
    }

    public var kind: Kind
    /// The type's name inside the object's bytes.
    public var type: Range<Int>
    /// Of replies and errors, when it is an integer.
    public var id: Int64?
    /// Where `data` (or `error`) begins, when it was passed on the way.
    public var data: Int?

    /// Reads no further than needed. Nil when the bytes are not an object with a `type`.
    @inline(__always)
    public init?(_ bytes: Span<UInt8>) {
        if let broadcast = MessageGlance(broadcast: bytes) {
            self = broadcast
        } else {
            self.init(any: bytes)
        }
    }

    // The bytes of `{"type":`, `,"show":`, `,"offset` and `,"time":` as numbers, the first the lowest.
    private static var typeWord: UInt64 { 0x3A22_6570_7974_227B }
    private static var showWord: UInt64 { 0x3A22_776F_6873_222C }
    private static var offsetWord: UInt64 { 0x7465_7366_666F_222C }
    private static var timeWord: UInt64 { 0x3A22_656D_6974_222C }

    /// An event or notice whose members stand in the order that LiveShop writes: `type`, `show`, then
    /// `offset` (of events) or `time`. Nearly everything a load test gets is one, so this looks at words
    /// instead of bytes and believes that nothing of interest comes later.
    private init?(broadcast bytes: Span<UInt8>) {
        guard bytes.count > 8, word(bytes, at: 0) == MessageGlance.typeWord,
            bytes[8] == UInt8(ascii: "\"")
        else {
            return nil
        }
        let typeEnd = index(of: UInt8(ascii: "\""), in: bytes, from: 9)
        guard word(bytes, at: typeEnd + 1) == MessageGlance.showWord else { return nil }
        let showEnd = index(of: UInt8(ascii: "\""), in: bytes, from: typeEnd + 10)
        switch word(bytes, at: showEnd + 1) {
        case MessageGlance.offsetWord:
            guard let offset = JSONSkim.integer(at: showEnd + 11, in: bytes) else { return nil }
            kind = .event(offset: offset)
        case MessageGlance.timeWord:
            kind = .notice
        default:
            return nil
        }
        type = 9..<typeEnd
    }

    private init?(any bytes: Span<UInt8>) {
        var type: Range<Int>?
        var offset: Int64?
        var kind: Kind?
        var members = JSONSkim.Members(0, in: bytes)
        while let (key, value) = members.next(in: bytes) {
            switch key.count {
            case 4 where JSONSkim.matches(bytes, key, "type"):
                guard let name = JSONSkim.string(at: value, in: bytes) else { return nil }
                type = name
                if JSONSkim.matches(bytes, name, "reply") { kind = .reply }
                if JSONSkim.matches(bytes, name, "error") { kind = .error }
            case 2 where JSONSkim.matches(bytes, key, "id"):
                id = JSONSkim.integer(at: value, in: bytes)
            case 6 where JSONSkim.matches(bytes, key, "offset"):
                offset = JSONSkim.integer(at: value, in: bytes)
            case 4 where JSONSkim.matches(bytes, key, "data"):
                data = value
            case 5 where JSONSkim.matches(bytes, key, "error"):
                data = value
            default:
                break
            }
            if type != nil, offset != nil, kind == nil { break }
            if kind != nil, id != nil, data != nil { break }
        }
        guard let type else { return nil }
        self.type = type
        self.kind = kind ?? offset.map { .event(offset: $0) } ?? .notice
    }

    /// Where `data` begins, looked for if need be.
    public func dataStart(in bytes: Span<UInt8>) -> Int? {
        data ?? JSONSkim.member(kind == .error ? "error" : "data", of: 0, in: bytes)
    }
}

/// Calls `each` with every object of a message (one per line, blank lines skipped).
public func forEachObject(in message: Span<UInt8>, _ each: (Span<UInt8>) -> Void) {
    var start = 0
    while start < message.count {
        let end = index(of: 0x0A, in: message, from: start)
        if end > start { each(message.extracting(start..<end)) }
        start = end + 1
    }
}
