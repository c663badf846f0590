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

/// What a batch does, with each message to one connection put together from its frames.
enum DeliveryStep {
    case message([UInt8], to: ConnectionID)
    case operation(DeliveryBatch.Operation)
}

extension DeliveryBatch {
    var steps: [DeliveryStep] {
        var steps: [DeliveryStep] = []
        var begun: [UInt8] = []
        for operation in operations {
            switch operation {
            case .send(let id, let range):
                begun += payload(range)
                let kind = Frame.Kind(rawValue: bytes[range.lowerBound])
                guard kind == .text || kind == .lastContinuation else { continue }
                steps.append(.message(begun, to: id))
                begun = []
            case .sendShared(_, let frames):
                var rest = frames[...]
                while !rest.isEmpty {
                    let length = Self.frameLength(rest)
                    begun += Self.payload(rest.prefix(length))
                    rest = rest.dropFirst(length)
                }
            default: steps.append(.operation(operation))
            }
        }
        return steps
    }

    /// The text of a frame, its header left out.
    func payload(_ range: Range<Int>) -> ArraySlice<UInt8> { Self.payload(bytes[range]) }

    private static func payload(_ frame: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        frame.dropFirst(headerLength(frame))
    }

    private static func headerLength(_ frame: ArraySlice<UInt8>) -> Int {
        switch frame[frame.startIndex + 1] {
        case 126: 4
        case 127: 10
        default: 2
        }
    }

    /// The length of the first frame, header included.
    private static func frameLength(_ frames: ArraySlice<UInt8>) -> Int {
        let header = headerLength(frames)
        let size =
            header == 2
            ? Int(frames[frames.startIndex + 1])
            : frames.dropFirst(2).prefix(header - 2).reduce(0) { $0 << 8 | Int($1) }
        return header + size
    }
}
