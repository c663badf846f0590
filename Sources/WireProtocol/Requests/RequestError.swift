// What is said to a client whose request cannot be used: which field, what would be right, what was there.

/// An argument of the wrong form: answered `bad_request`. Also used for bodies of HTTP requests and for
/// catalogues, where the path begins elsewhere.
public struct FieldError: Error, Hashable, Sendable {
    /// The path, such as `data.product.variants[2].price`.
    public var field: String
    /// What is right, such as `must be an integer from 1 to 999`.
    public let requirement: String
    /// What was there, at most 100 characters, harmless to print; nil when nothing was there.
    public let found: String?
    /// Where the value, or the object that lacks it, stands in the document's bytes.
    public let offset: Int

    public init(_ field: String, _ requirement: String, found: String? = nil, offset: Int = 0) {
        self.field = field
        self.requirement = requirement
        self.found = found
        self.offset = offset
    }

    /// The same error seen from the enclosing value.
    public func within(_ path: String) -> FieldError {
        var error = self
        error.field =
            field.isEmpty ? path : field.hasPrefix("[") ? path + field : "\(path).\(field)"
        return error
    }

    /// One line in English for developers, such as
    /// `data.quantity: must be an integer from 1 to 999, not "x"`.
    public var message: String {
        let subject = field.isEmpty ? "" : "\(field): "
        return found.map { "\(subject)\(requirement), not \($0)" } ?? subject + requirement
    }
}

/// What came is no request at all, or one of unknown type.
public struct RequestError: Error, Hashable, Sendable {
    /// `bad_json`, `bad_request` or `unknown_type`.
    public let code: ErrorCode
    /// One line in English for developers.
    public let message: String
    /// Only ever there with `unknown_type`.
    public let id: RequestID?
    /// A well-formed request without `id` is refused in silence.
    public let isSilent: Bool

    public init(_ code: ErrorCode, _ message: String, id: RequestID? = nil, isSilent: Bool = false)
    {
        self.code = code
        self.message = message
        self.id = id
        self.isSilent = isSilent
    }
}
