// Reading what the server wrote, for the checker and the simulated people.

public import WireProtocol

extension JSONValue {
    static func parse(_ bytes: some Collection<UInt8>) -> JSONValue? {
        guard let document = try? JSONDocument(parsing: Array(bytes)) else { return nil }
        return try? JSONValue(document.root, in: document)
    }

    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }
    var int: Int? { if case .integer(let number) = self { Int(number) } else { nil } }
    var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    var list: [JSONValue] { if case .array(let values) = self { values } else { [] } }
    var members: [Member] { if case .object(let members) = self { members } else { [] } }
    var time: Int64? { text.flatMap { RFC3339.milliseconds($0) } }

    var bytes: [UInt8] {
        var writer = JSONWriter(capacity: 128)
        write(to: &writer)
        return writer.bytes
    }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    static func make(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { Member(name: $0.0, value: $0.1) })
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension DeliveryBatch {
    /// The text of a frame, its header left out.
    func payload(_ range: Range<Int>) -> ArraySlice<UInt8> {
        let header =
            switch bytes[range.lowerBound + 1] {
            case 126: 4
            case 127: 10
            default: 2
            }
        return bytes[(range.lowerBound + header)..<range.upperBound]
    }
}
