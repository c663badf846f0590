/// Why a text is not strict JSON, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Sendable, CaseIterable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "unexpected character"
        case trailingData = "more text after the value"
        case tooDeep = "nested deeper than 32 levels"
        case controlCharacter = "control character inside a string"
        case badEscape = "unknown escape in a string"
        case loneSurrogate = "half of a surrogate pair"
        case invalidUTF8 = "invalid UTF-8"
        case badNumber = "malformed number"
        case duplicateName = "member name used twice"
        case tooLarge = "text longer than 2 GiB"
    }

    public let reason: Reason
    /// Bytes from the beginning of the parsed range.
    public let offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// One line in English for developers; quotes nothing of the input.
    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}
