/// What the client chose to recognise the reply by: an integer 1…2^53−1 or a string of 1…64 characters.
public enum RequestID: Hashable, Sendable, CustomStringConvertible {
    case integer(Int64)
    case string(String)

    /// Nil when the value has another form.
    public init?(_ node: JSONNode, in document: JSONDocument) {
        if let integer = document.integer(node) {
            guard 1...WireLimits.integerMax ~= integer else { return nil }
            self = .integer(integer)
        } else if let string = document.string(node),
            WireLimits.requestIDCharacters.contains(string.unicodeScalars.count)
        {
            self = .string(string)
        } else {
            return nil
        }
    }

    /// Writes the value as the client wrote it.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .integer(let value): writer.integer(value)
        case .string(let value): writer.string(value)
        }
    }

    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .string(let value): value
        }
    }
}
