// Reads the members of an object with their form checked, for requests, HTTP bodies and catalogues. Each
// reader gives nil when the member is absent, throws when it has another form (null included), and
// `require` makes absence an error, too. Texts of people come out cleaned (ClientText).

extension JSONDocument {
    /// A value that must be there.
    public func require<Value>(
        _ value: Value?, _ object: JSONNode, _ name: StaticString
    ) throws(FieldError) -> Value {
        if let value { return value }
        throw FieldError("\(name)", "is required", offset: rawRange(object).lowerBound)
    }

    public func integer(
        in object: JSONNode, _ name: StaticString, _ range: ClosedRange<Int64>
    ) throws(FieldError) -> Int64? {
        guard let node = member(object, name) else { return nil }
        if let value = integer(node), range.contains(value) { return value }
        throw error(
            "\(name)", "must be an integer from \(range.lowerBound) to \(range.upperBound)", node)
    }

    public func bool(in object: JSONNode, _ name: StaticString) throws(FieldError) -> Bool? {
        guard let node = member(object, name) else { return nil }
        if let value = bool(node) { return value }
        throw error("\(name)", "must be true or false", node)
    }

    /// A string that is compared and kept as it is: an identifier, a key, a token.
    public func identifier(
        in object: JSONNode, _ name: StaticString,
        _ characters: ClosedRange<Int> = WireLimits.identifierCharacters
    ) throws(FieldError) -> String? {
        guard let node = member(object, name) else { return nil }
        if let value = string(node), characters.holdsCount(of: value) { return value }
        throw error("\(name)", "must be a string of \(characters.words) characters", node)
    }

    /// Text of a person, cleaned; the length is counted afterwards, in code points. Of a text that is too
    /// long no more is cleaned than shows it.
    public func text(
        in object: JSONNode, _ name: StaticString, _ characters: ClosedRange<Int>,
        keepingLines: Bool = false
    ) throws(FieldError) -> String? {
        guard let node = member(object, name) else { return nil }
        if let value = string(node),
            let cleaned = ClientText.clean(
                value, atMost: characters.upperBound, keepingLines: keepingLines),
            characters.holdsCount(of: cleaned)
        {
            return cleaned
        }
        throw error("\(name)", "must be text of \(characters.words) characters", node)
    }

    /// A SKU: 1…64 printable characters without spaces.
    public func sku(in object: JSONNode, _ name: StaticString) throws(FieldError) -> String? {
        guard let node = member(object, name) else { return nil }
        if let value = string(node), ClientText.isSKU(value) { return value }
        throw error("\(name)", "must be 1 to 64 printable characters without spaces", node)
    }

    /// A show's id: `[a-z0-9][a-z0-9_-]{0,63}`.
    public func showID(in object: JSONNode, _ name: StaticString) throws(FieldError) -> String? {
        guard let node = member(object, name) else { return nil }
        if let value = string(node), ClientText.isShowID(value) { return value }
        throw error("\(name)", "must match [a-z0-9][a-z0-9_-]{0,63}", node)
    }

    /// One of the raw values of an enum.
    public func choice<Choice: RawRepresentable<String> & CaseIterable>(
        in object: JSONNode, _ name: StaticString, _: Choice.Type
    ) throws(FieldError) -> Choice? {
        guard let node = member(object, name) else { return nil }
        // Words of this protocol are plain and short; comparing others with them is not cheap.
        if rawRange(node).count <= 66, let value = string(node).flatMap(Choice.init(rawValue:)) {
            return value
        }
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw error("\(name)", "must be one of \(names)", node)
    }

    /// A member that is an object.
    public func object(in object: JSONNode, _ name: StaticString) throws(FieldError) -> JSONNode? {
        guard let node = member(object, name) else { return nil }
        if kind(node) == .object { return node }
        throw error("\(name)", "must be an object", node)
    }

    /// The elements of a member that is an array of a bounded length.
    public func array(
        in object: JSONNode, _ name: StaticString, _ count: ClosedRange<Int>
    ) throws(FieldError) -> [JSONNode]? {
        guard let node = member(object, name) else { return nil }
        if kind(node) == .array {
            let elements = Array(elements(node))
            if count.contains(elements.count) { return elements }
        }
        throw error("\(name)", "must be an array of \(count.words) elements", node)
    }

    /// A list of different identifiers, in order.
    public func identifiers(
        in object: JSONNode, _ name: StaticString, _ count: ClosedRange<Int>
    ) throws(FieldError) -> [String]? {
        guard let nodes = try array(in: object, name, count) else { return nil }
        var values: [String] = []
        values.reserveCapacity(nodes.count)
        for (index, node) in nodes.enumerated() {
            guard let value = string(node),
                WireLimits.identifierCharacters.holdsCount(of: value)
            else {
                throw error("\(name)[\(index)]", "must be a string of 1 to 128 characters", node)
            }
            values.append(value)
        }
        if let index = firstRepeated(of: nodes) {
            throw error("\(name)[\(index)]", "must not be named twice", nodes[index])
        }
        return values
    }

    /// An error about a value, quoting it.
    public func error(_ field: String, _ requirement: String, _ node: JSONNode) -> FieldError {
        let raw = rawBytes(node).prefix(4 * WireLimits.quotedCharacters)
        return FieldError(
            field, requirement, found: ClientText.quotable(String(decoding: raw, as: UTF8.self)),
            offset: rawRange(node).lowerBound)
    }
}

extension ClosedRange<Int> {
    /// Whether the text has a number of code points in the range.
    func holdsCount(of text: String) -> Bool {
        let bytes = text.utf8.count
        if bytes < lowerBound { return false }
        // Each code point takes one to four bytes, so most texts need not be counted.
        if bytes / 4 > upperBound { return false }
        if bytes <= upperBound, bytes / 4 >= lowerBound { return true }
        return contains(text.unicodeScalars.count)
    }

    fileprivate var words: String {
        lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound) to \(upperBound)"
    }
}
