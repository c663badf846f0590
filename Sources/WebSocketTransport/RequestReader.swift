// Reads the header of a request from bytes (RFC 9112), strictly: what two programs could read
// differently is refused, since a proxy in front may be the other one. Pure; no sockets here.

internal import WireProtocol

/// A whole header: the request line and its fields.
struct RequestReader {
    private let bytes: [UInt8]
    private let fields: [(name: Range<Int>, value: Range<Int>)]
    let method: String
    let target: RequestTarget
    let isHTTP11: Bool

    /// How many bytes it took, the empty line included.
    var length: Int { bytes.count }

    /// Nil while the empty line is still to come. Throws as soon as it can be nothing good.
    init?(_ input: UnsafeRawBufferPointer) throws(Refusal) {
        let input = input.bindMemory(to: UInt8.self)
        guard let lines = try Self.lines(in: input) else { return nil }
        let bytes = Array(input[..<lines.end])
        let line = bytes.span.extracting(lines.ranges[0])
        let words = try Self.words(line)
        let method = Self.text(line.extracting(words[0]))
        switch Self.text(line.extracting(words[2])) {
        case "HTTP/1.1": isHTTP11 = true
        case "HTTP/1.0": isHTTP11 = false
        default: throw Refusal(status: 505, message: "this server speaks HTTP/1.1")
        }
        var fields: [(name: Range<Int>, value: Range<Int>)] = []
        for range in lines.ranges.dropFirst() { fields.append(try Self.field(bytes.span, range)) }
        guard HTTPRequest.Method(rawValue: method) != nil else {
            throw Refusal(status: 501, message: "this method is not implemented")
        }
        let target = try RequestTarget(line.extracting(words[1]))
        self.bytes = bytes
        self.method = method
        self.fields = fields
        self.target = target
        try refuseAmbiguity()
    }

    /// All values of a field, joined; `name` in lower case. Nil when it is not there.
    func value(_ name: StaticString) -> String? {
        var text: String?
        for field in fields where isName(field.name, name) {
            let value = Self.text(bytes.span.extracting(field.value))
            text = text.map { $0 + ", " + value } ?? value
        }
        return text
    }

    /// All fields, their names in lower case.
    func dictionary() -> [String: String] {
        var all: [String: String] = [:]
        for field in fields {
            let name = Self.text(bytes.span.extracting(field.name)).lowercased()
            let value = Self.text(bytes.span.extracting(field.value))
            if let before = all[name] {
                all[name] = before + (name == "cookie" ? "; " : ", ") + value
            } else {
                all[name] = value
            }
        }
        return all
    }

    /// Whether a field of such a name is there, or with `asPrefix` one whose name begins so.
    func has(_ name: StaticString, asPrefix: Bool = false) -> Bool {
        fields.contains {
            isName(asPrefix ? $0.name.prefix(name.utf8CodeUnitCount) : $0.name, name)
        }
    }

    /// Whether there stands a name whose letters are given small, in whatever case.
    private func isName(_ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { wanted in
            for (place, letter) in zip(range, wanted) {
                let byte = bytes[place]
                let isCapital = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                if (isCapital ? byte | 0x20 : byte) != letter { return false }
            }
            return true
        }
    }

    /// Two programs must not differ about where a request ends or for whom it is.
    private func refuseAmbiguity() throws(Refusal) {
        func count(_ name: StaticString) -> Int { fields.count { isName($0.name, name) } }
        guard count("host") <= 1, count("content-length") <= 1, count("transfer-encoding") <= 1
        else {
            throw Refusal(
                status: 400, message: "Host, Content-Length or Transfer-Encoding is there twice")
        }
        guard let host = value("host") else {
            guard isHTTP11 else { return }
            throw Refusal(status: 400, message: "Host is missing")
        }
        // Some write an IPv6 address without brackets.
        guard host.isEmpty || Authority(host) != nil || NetworkAddress(host) != nil else {
            throw Refusal(status: 400, message: "Host is no host name")
        }
    }

    // MARK: Bytes

    /// Method, target and version, a single space between.
    private static func words(_ line: Span<UInt8>) throws(Refusal) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start = 0
        for place in line.indices where line[place] == UInt8(ascii: " ") {
            words.append(start..<place)
            start = place + 1
        }
        words.append(start..<line.count)
        guard words.count == 3, words.allSatisfy({ !$0.isEmpty }),
            isToken(line.extracting(words[0]))
        else {
            throw Refusal(status: 400, message: "a request begins with METHOD /path HTTP/1.1")
        }
        return words
    }

    /// Where the lines are, without their ends, and where the header ends.
    private static func lines(
        in input: UnsafeBufferPointer<UInt8>
    ) throws(Refusal) -> (ranges: [Range<Int>], end: Int)? {
        var ranges: [Range<Int>] = []
        var start = 0
        // An empty line in front is passed over (RFC 9112 §2.2).
        if input.count >= 2, input[0] == 0x0D, input[1] == 0x0A { start = 2 }
        var place = start
        while place < input.count {
            let byte = input[place]
            place += 1
            guard byte < 0x20 || byte == 0x7F else { continue }
            if byte == 0x09 { continue }
            if byte == 0x0D, place == input.count { break }
            guard byte == 0x0D, input[place] == 0x0A else {
                throw Refusal(
                    status: 400, message: "a header is lines of text, each ended by CR LF")
            }
            if place - 1 == start {
                guard !ranges.isEmpty else {
                    throw Refusal(status: 400, message: "a request begins with its request line")
                }
                if place + 1 > TransportLimits.headerBytesMax { throw tooLarge }
                return (ranges, place + 1)
            }
            ranges.append(start..<(place - 1))
            place += 1
            start = place
            guard ranges.count <= TransportLimits.headerLinesMax else { throw tooLarge }
        }
        if input.count > TransportLimits.headerBytesMax { throw tooLarge }
        return nil
    }

    static let tooLarge = Refusal(
        status: 431,
        message: "a request's header has at most \(TransportLimits.headerBytesMax) bytes "
            + "and \(TransportLimits.headerLinesMax) lines")

    private static func field(
        _ bytes: Span<UInt8>, _ line: Range<Int>
    ) throws(Refusal) -> (name: Range<Int>, value: Range<Int>) {
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        let name = line.lowerBound..<colon
        guard colon < line.upperBound, isToken(bytes.extracting(name)) else {
            throw Refusal(
                status: 400, message: "a header line is NAME: VALUE, and is not continued")
        }
        var (first, last) = (colon + 1, line.upperBound)
        while first < last, isBlank(bytes[first]) { first += 1 }
        while last > first, isBlank(bytes[last - 1]) { last -= 1 }
        return (name, first..<last)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func text(_ bytes: Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ bytes: Span<UInt8>) -> Bool {
        guard !bytes.isEmpty else { return false }
        for place in bytes.indices {
            switch bytes[place] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                continue
            case let byte where tokenMarks.contains(byte): continue
            default: return false
            }
        }
        return true
    }

    private static let tokenMarks = Array("!#$%&'*+-.^_`|~".utf8)
}
