/// A JSON value taken out of its document: the settings of `room.configure` and the like, whose shape only
/// the receiver knows. Numbers are integers, as everywhere on this wire; members keep their order.
public indirect enum JSONValue: Hashable, Sendable {
    public struct Member: Hashable, Sendable {
        public var name: String
        public var value: JSONValue

        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// Copies a value; strings are cleaned as texts of people are. Throws for a number that is no
    /// integer of 64 bits.
    public init(_ node: JSONNode, in document: JSONDocument) throws(FieldError) {
        switch document.kind(node) {
        case .null: self = .null
        case .bool: self = .bool(document.bool(node) ?? false)
        case .string: self = .string(ClientText.clean(document.string(node) ?? ""))
        case .number:
            guard let value = document.integer(node) else {
                throw document.error("", "must be an integer", node)
            }
            self = .integer(value)
        case .array:
            var values: [JSONValue] = []
            for element in document.elements(node) {
                values.append(try JSONValue(element, in: document))
            }
            self = .array(values)
        case .object:
            var members: [Member] = []
            for (name, value) in document.members(node) {
                members.append(
                    Member(
                        name: document.string(name) ?? "",
                        value: try JSONValue(value, in: document)))
            }
            self = .object(members)
        }
    }

    /// Writes the value; `sorted` puts the members of objects into the order of their names' bytes.
    public func write(to writer: inout JSONWriter, sorted: Bool = false) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .integer(let value): writer.integer(value)
        case .string(let value): writer.string(value)
        case .array(let values):
            writer.beginArray()
            for value in values { value.write(to: &writer, sorted: sorted) }
            writer.endArray()
        case .object(let members):
            JSONValue.write(members, to: &writer, sorted: sorted)
        }
    }

    /// Writes an object of these members.
    public static func write(
        _ members: [Member], to writer: inout JSONWriter, sorted: Bool = false
    ) {
        writer.beginObject()
        let ordered =
            sorted
            ? members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } : members
        for member in ordered {
            writer.key(string: member.name)
            member.value.write(to: &writer, sorted: sorted)
        }
        writer.endObject()
    }
}
