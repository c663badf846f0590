// Members of a message by name and kind, for ShowView and for all who read a message beside it. A member
// that is missing or of another kind is nil, or an empty list.

public import WireProtocol

extension JSONDocument {
    public func text(_ name: StaticString, of node: JSONNode) -> String? {
        member(node, name).flatMap(string)
    }

    public func integer(_ name: StaticString, of node: JSONNode) -> Int64? {
        member(node, name).flatMap(integer)
    }

    public func flag(_ name: StaticString, of node: JSONNode) -> Bool? {
        member(node, name).flatMap(bool)
    }

    /// Milliseconds since 1970.
    public func time(_ name: StaticString, of node: JSONNode) -> Int64? {
        text(name, of: node).flatMap(RFC3339.milliseconds)
    }

    public func list(_ name: StaticString, of node: JSONNode) -> [JSONNode] {
        member(node, name).map { Array(elements($0)) } ?? []
    }

    public func texts(_ name: StaticString, of node: JSONNode) -> [String] {
        list(name, of: node).compactMap(string)
    }
}
