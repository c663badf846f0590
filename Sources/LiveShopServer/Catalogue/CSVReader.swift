// Reads comma-separated values (RFC 4180) row by row from bytes, with line numbers: quoted fields may hold
// commas, doubled quotes and line breaks. Semicolons and tabs separate as well, if the first row has more of
// them than commas. ShopifyCatalogue is its only caller. It copies a field's text
// only when asked for it, and goes on after a broken row, so that all of them can be reported.

/// What is wrong with the quotes of a row, and where the trouble begins.
struct CSVProblem: Hashable {
    var line: Int
    var text: String
}

struct CSVReader {
    private struct Field {
        var start: Int
        var end: Int
        var hasDoubledQuotes: Bool
    }

    private let bytes: [UInt8]
    private let separator: UInt8
    private var position: Int
    private var nextLine = 1
    private var fields: [Field] = []

    /// Where the current row begins.
    private(set) var line = 1
    /// Nil when the current row is sound.
    private(set) var problem: CSVProblem?

    /// `bytes` are UTF-8.
    init(_ bytes: [UInt8], from start: Int = 0) {
        self.bytes = bytes
        position = start
        separator = Self.separator(of: bytes, from: start)
    }

    private static func separator(of bytes: [UInt8], from start: Int) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in bytes[start...] {
            if byte == quote {
                isQuoted.toggle()
            } else if !isQuoted {
                if byte == lineFeed || byte == carriageReturn { break }
                if separators.contains(byte) { counts[byte, default: 0] += 1 }
            }
        }
        // The first of those that there are most of.
        return separators.reduce(comma) { counts[$1] ?? 0 > counts[$0] ?? 0 ? $1 : $0 }
    }

    /// Whether every field of the row is empty or blank, as in rows that a spreadsheet emptied.
    var isRowBlank: Bool {
        fields.allSatisfy { field in
            bytes[field.start..<field.end].allSatisfy { $0 <= 0x20 }
        }
    }

    /// Fields of the current row.
    var count: Int { fields.count }

    /// Goes to the next row that is not an empty line; false at the end.
    mutating func advance() -> Bool {
        while position < bytes.count {
            readRow()
            let isBlank = fields.count == 1 && fields[0].start == fields[0].end
            if !isBlank || problem != nil { return true }
        }
        return false
    }

    /// A field's text; empty when there is no such field.
    func text(_ index: Int) -> String {
        guard fields.indices.contains(index) else { return "" }
        let field = fields[index]
        let raw = bytes[field.start..<field.end]
        guard field.hasDoubledQuotes else { return String(decoding: raw, as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(raw.count)
        var wasQuote = false
        for byte in raw {
            if byte == Self.quote && wasQuote {
                wasQuote = false
                continue
            }
            wasQuote = byte == Self.quote
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let separators = [comma, UInt8(ascii: ";"), UInt8(ascii: "\t")]
    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D

    private mutating func readRow() {
        fields.removeAll(keepingCapacity: true)
        problem = nil
        line = nextLine
        while true {
            if position < bytes.count && bytes[position] == Self.quote {
                readQuoted()
            } else {
                readPlain()
            }
            guard position < bytes.count else { return }
            let end = bytes[position]
            position += 1
            if end == separator { continue }
            if end == Self.carriageReturn, position < bytes.count,
                bytes[position] == Self.lineFeed
            {
                position += 1
            }
            nextLine += 1
            return
        }
    }

    /// Up to the separator or line break that ends the field.
    private mutating func readPlain() {
        let start = position
        skipPlain()
        fields.append(Field(start: start, end: position, hasDoubledQuotes: false))
    }

    private mutating func skipPlain() {
        while position < bytes.count {
            switch bytes[position] {
            case separator, Self.lineFeed, Self.carriageReturn: return
            case Self.quote: report(nextLine, "a quote inside a field that is not quoted")
            default: break
            }
            position += 1
        }
    }

    private mutating func readQuoted() {
        let openingLine = nextLine
        position += 1
        let start = position
        var hasDoubledQuotes = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == Self.quote {
                guard position + 1 < bytes.count, bytes[position + 1] == Self.quote else {
                    fields.append(
                        Field(start: start, end: position, hasDoubledQuotes: hasDoubledQuotes))
                    position += 1
                    let rest = position
                    skipPlain()
                    if position > rest { report(nextLine, "text after a closing quote") }
                    return
                }
                hasDoubledQuotes = true
                position += 1
            } else if byte == Self.lineFeed
                || (byte == Self.carriageReturn
                    && !(position + 1 < bytes.count && bytes[position + 1] == Self.lineFeed))
            {
                nextLine += 1
            }
            position += 1
        }
        fields.append(Field(start: start, end: position, hasDoubledQuotes: hasDoubledQuotes))
        report(openingLine, "a quote that is never closed")
    }

    /// The first problem of a row is the one to mend.
    private mutating func report(_ line: Int, _ text: String) {
        if problem == nil { problem = CSVProblem(line: line, text: text) }
    }
}
