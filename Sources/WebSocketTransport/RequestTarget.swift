// The address that a request asks for, judged as the client wrote it, before anything decodes or tidies
// it. A proxy in front may let some paths through and others not; so a path means here what its bytes
// say, and a spelling that two programs could read differently is refused.

/// Path and query of a request, both percent-encoded in one form, whatever the client escaped.
struct RequestTarget: Equatable {
    let path: String
    let query: String

    /// Refuses what is no path, and what a program behind or in front could take for another path:
    /// control characters in any spelling, dot segments, empty segments, broken escapes.
    init(_ target: Span<UInt8>) throws(Refusal) {
        guard !target.isEmpty, target[0] == UInt8(ascii: "/") else {
            throw Refusal(status: 400, message: "the address of a request begins with /")
        }
        var end = 0
        while end < target.count, target[end] != UInt8(ascii: "?") { end += 1 }
        let path = try Self.path(target.extracting(first: end))
        query = end == target.count ? "" : try Self.query(target.extracting((end + 1)...))
        self.path = path
    }

    private static func path(_ bytes: Span<UInt8>) throws(Refusal) -> String {
        var written: [UInt8] = []
        var decoded: [UInt8] = []
        var segment = 0
        var place = 1
        written.append(UInt8(ascii: "/"))
        while place < bytes.count {
            let isEscaped = bytes[place] == UInt8(ascii: "%")
            let byte = try unit(bytes, &place)
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") {
                guard decoded.count > segment else {
                    throw Refusal(status: 400, message: "a path has no empty segments")
                }
                try refuseDots(decoded[segment...])
                segment = decoded.count + 1
            }
            decoded.append(byte)
            if byte == UInt8(ascii: "/"), !isEscaped {
                written.append(byte)
            } else {
                PercentEncoding.append(byte, keeping: PercentEncoding.pathCharacters, to: &written)
            }
        }
        if segment <= decoded.count { try refuseDots(decoded[segment...]) }
        guard String(validating: decoded, as: UTF8.self) != nil else {
            throw Refusal(status: 400, message: "a path is UTF-8")
        }
        return String(decoding: written, as: UTF8.self)
    }

    /// `.` and `..`, also with a parameter behind (`..;x`), which some servers leave out.
    private static func refuseDots(_ segment: ArraySlice<UInt8>) throws(Refusal) {
        let name = segment.prefix { $0 != UInt8(ascii: ";") }
        guard name.isEmpty || name.count > 2 || name.contains(where: { $0 != UInt8(ascii: ".") })
        else { throw Refusal(status: 400, message: "a path has no dot segments") }
    }

    private static func query(_ bytes: Span<UInt8>) throws(Refusal) -> String {
        var written: [UInt8] = []
        var isInValue = false
        var place = 0
        while place < bytes.count {
            let raw = bytes[place]
            let byte = try unit(bytes, &place)
            switch raw {
            case UInt8(ascii: "&"):
                isInValue = false
                if let last = written.last, last != raw { written.append(raw) }
            case UInt8(ascii: "=") where !isInValue:
                isInValue = true
                written.append(raw)
            case UInt8(ascii: "+"): PercentEncoding.append(0x20, keeping: [], to: &written)
            default: PercentEncoding.append(byte, keeping: [], to: &written)
            }
        }
        if written.last == UInt8(ascii: "&") { written.removeLast() }
        return String(decoding: written, as: UTF8.self)
    }

    /// The character at `place`, unescaped, and on to the next one.
    private static func unit(_ bytes: Span<UInt8>, _ place: inout Int) throws(Refusal) -> UInt8 {
        let byte = bytes[place]
        guard byte == UInt8(ascii: "%") else {
            guard 0x21...0x7E ~= byte, byte != UInt8(ascii: "#"), byte != UInt8(ascii: "\\") else {
                throw Refusal(
                    status: 400, message: "an address has a character that must be percent-encoded")
            }
            place += 1
            return byte
        }
        guard place + 2 < bytes.count, let high = PercentEncoding.digit(bytes[place + 1]),
            let low = PercentEncoding.digit(bytes[place + 2])
        else { throw Refusal(status: 400, message: "an address has a % without two hex digits") }
        let decoded = high << 4 | low
        guard decoded >= 0x20, decoded != 0x7F else {
            throw Refusal(status: 400, message: "an address has no control characters")
        }
        place += 3
        return decoded
    }
}

enum PercentEncoding {
    /// What stands for itself in a path, besides letters, digits and `-._~`.
    static let pathCharacters = Array(":@!$&'()*+,;=".utf8)

    static func append(_ byte: UInt8, keeping kept: [UInt8], to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            text.append(byte)
        default:
            if kept.contains(byte) { return text.append(byte) }
            text.append(UInt8(ascii: "%"))
            for half in [byte >> 4, byte & 15] {
                text.append(half < 10 ? UInt8(ascii: "0") + half : UInt8(ascii: "A") + half - 10)
            }
        }
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
