// A slow reader of strict JSON, written from RFC 8259 without a look at the real one: whether a text is
// acceptable, nothing more. It works on Unicode scalars of a validated string, the real one on bytes.

struct ReferenceJSON {
    private var rest: ArraySlice<Unicode.Scalar>

    static func accepts(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        var reader = ReferenceJSON(rest: Array(text.unicodeScalars)[...])
        reader.space()
        guard reader.value(depth: 0) != nil else { return false }
        reader.space()
        return reader.rest.isEmpty
    }

    private mutating func space() {
        while let scalar = rest.first, " \t\r\n".unicodeScalars.contains(scalar) {
            rest.removeFirst()
        }
    }

    private mutating func eat(_ word: String) -> Bool {
        guard rest.starts(with: word.unicodeScalars) else { return false }
        rest.removeFirst(word.unicodeScalars.count)
        return true
    }

    private mutating func value(depth: Int) -> Void? {
        if let scalar = rest.first, scalar == "{" || scalar == "[" {
            if depth == 32 { return nil }
            rest.removeFirst()
            return scalar == "{" ? object(depth: depth + 1) : array(depth: depth + 1)
        }
        if rest.first == "\"" { return string().map { _ in () } }
        if eat("true") || eat("false") || eat("null") { return () }
        return number()
    }

    private mutating func object(depth: Int) -> Void? {
        var names: Set<[Unicode.Scalar]> = []
        space()
        if eat("}") { return () }
        repeat {
            space()
            guard let name = string(), names.insert(name).inserted else { return nil }
            space()
            guard eat(":") else { return nil }
            space()
            guard value(depth: depth) != nil else { return nil }
            space()
        } while eat(",")
        return eat("}") ? () : nil
    }

    private mutating func array(depth: Int) -> Void? {
        space()
        if eat("]") { return () }
        repeat {
            space()
            guard value(depth: depth) != nil else { return nil }
            space()
        } while eat(",")
        return eat("]") ? () : nil
    }

    private mutating func string() -> [Unicode.Scalar]? {
        guard eat("\"") else { return nil }
        var units: [UInt16] = []
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"":
                // Half a pair does not survive the way through UTF-16.
                let text = String(decoding: units, as: UTF16.self)
                return Array(text.utf16) == units ? Array(text.unicodeScalars) : nil
            case "\\":
                guard let letter = rest.popFirst() else { return nil }
                let plain: [Unicode.Scalar: UInt16] = [
                    "\"": 34, "\\": 92, "/": 47, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
                ]
                if let unit = plain[letter] {
                    units.append(unit)
                } else if letter == "u" {
                    let digits = String(String.UnicodeScalarView(rest.prefix(4)))
                    guard digits.utf8.count == 4, digits.first != "+", digits.first != "-",
                        let unit = UInt16(digits, radix: 16)
                    else { return nil }
                    rest.removeFirst(4)
                    units.append(unit)
                } else {
                    return nil
                }
            case "\0"..<" ": return nil
            default: units.append(contentsOf: String(scalar).utf16)
            }
        }
        return nil
    }

    private mutating func number() -> Void? {
        _ = eat("-")
        if !eat("0") {
            guard let first = rest.first, "1"..."9" ~= first else { return nil }
            digits()
        }
        if eat(".") { guard digits() > 0 else { return nil } }
        if eat("e") || eat("E") {
            if !eat("+") { _ = eat("-") }
            guard digits() > 0 else { return nil }
        }
        return ()
    }

    @discardableResult
    private mutating func digits() -> Int {
        var count = 0
        while let scalar = rest.first, "0"..."9" ~= scalar {
            rest.removeFirst()
            count += 1
        }
        return count
    }
}
